import { get } from 'node:http';
import { z } from 'zod';
import { OUTPUT_STEP } from '../domain/step-name.ts';
import { CliError } from './errors.ts';
import { printable } from './format/printable.ts';

const LIMIT_MS = 3000;
const answerSchema = z.object({ steps: z.array(z.object({ name: z.string() })) });

/** The steps that a running host has loaded, or undefined where it does not say. */
export function stepsOfHost(port: number): Promise<ReadonlySet<string> | undefined> {
  return new Promise((resolve) => {
    const asked = get({ host: '127.0.0.1', port, path: '/api/pipeline', timeout: LIMIT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(namesIn(text)));
    });
    asked.on('timeout', () => asked.destroy()).on('error', () => resolve(undefined));
  });
}

function namesIn(text: string): ReadonlySet<string> | undefined {
  try {
    return new Set(answerSchema.parse(JSON.parse(text)).steps.map(({ name }) => name));
  } catch {
    return undefined;
  }
}

/**
 * What this command line knows and what runs may be of two builds: a message to a step that the host does not have
 * would wait where nobody takes it, or end its image as one with a bad pipeline.
 *
 * @throws {CliError} where the host that runs does not know one of the steps
 */
export async function requireKnownToHost(
  steps: readonly string[],
  connection: { hostSteps(): Promise<ReadonlySet<string> | undefined> },
): Promise<void> {
  if (steps.length === 0) return;
  const known = await connection.hostSteps();
  const stranger = known && steps.find((step) => step !== OUTPUT_STEP && !known.has(step));
  if (stranger === undefined) return;
  throw new CliError(
    `What runs does not know the step "${printable(stranger)}": restart "npm start", which was started before this step was built. Nothing was sent.`,
  );
}
