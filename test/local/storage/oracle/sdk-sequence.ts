import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { type Clients, type Given, openClients, SDK_OPERATIONS } from './sdk-operations.ts';

interface SdkStep extends Given {
  readonly operation: string;
}

const small = fc.nat(3);
export const sdkSteps: fc.Arbitrary<SdkStep[]> = fc.array(
  fc.record({ operation: fc.constantFrom(...Object.keys(SDK_OPERATIONS)), one: small, other: small }),
  { minLength: 1, maxLength: 30, size: 'max' },
);

/** What an SDK makes of an answer: a value, or the status and the code of its error. */
async function outcomeOf(clients: Clients, { operation, ...given }: SdkStep): Promise<unknown> {
  try {
    return { value: await SDK_OPERATIONS[operation]?.(clients, given) };
  } catch (error) {
    const { statusCode, code, details, message } = error as {
      statusCode?: number;
      code?: string;
      message: string;
      details?: { errorCode?: string; odataError?: { code?: string } };
    };
    if (statusCode === undefined) return { failed: message };
    // As in the list of differences: of a copy whose source is not there, the documentation has another code.
    if (operation === 'copy') return { refused: statusCode };
    return { refused: [statusCode, code ?? details?.errorCode ?? details?.odataError?.code] };
  }
}

/** Asks both services the same through the SDKs. @throws {Error} with the way to the first outcome that differs */
export async function runSdkSequence(
  connections: { readonly azurite: string; readonly ours: string },
  steps: readonly SdkStep[],
): Promise<void> {
  const space = `sdk${randomBytes(6).toString('hex')}`;
  const azurite = await openClients(connections.azurite, space);
  const ours = await openClients(connections.ours, space);
  const story: string[] = [];
  for (const step of steps) {
    const [theirs, own] = await Promise.all([outcomeOf(azurite, step), outcomeOf(ours, step)]);
    story.push(`${JSON.stringify(step)} -> ${JSON.stringify(own, bigs)}`);
    if (isDeepStrictEqual(theirs, own)) continue;
    throw new Error(`After\n  ${story.join('\n  ')}\nAzurite's outcome was ${JSON.stringify(theirs, bigs)}`);
  }
}

const bigs = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
