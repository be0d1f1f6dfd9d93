import { randomBytes } from 'node:crypto';
import type { ServiceName } from '../wire/account.ts';
import type { WireClient } from '../wire/client.ts';
import type { WireRequest } from '../wire/request.ts';
import { allowed, DIFFERENCES } from './differences.ts';
import { Memory } from './memory.ts';
import { Normaliser, type PlainAnswer } from './normalise.ts';
import type { Language, Session, Step } from './operation.ts';
import type { Pair } from './pair.ts';

/** A service under comparison in one sequence. */
class Side {
  readonly #client: WireClient;
  readonly #session: Session;
  readonly #normaliser: Normaliser;
  readonly #endpoint: string;

  constructor(client: WireClient, service: ServiceName, space: string) {
    this.#client = client;
    this.#endpoint = client.account.endpoints[service];
    this.#session = { space, memory: new Memory() };
    this.#normaliser = new Normaliser(space, this.#endpoint.replace(/\/[^/]+$/, ''));
  }

  async take<S extends Step>(step: S, language: Language<S>): Promise<PlainAnswer> {
    const request = this.#addressed(language.request(step, this.#session));
    const answer = await this.#client.send(request);
    language.note(step, answer, this.#session);
    return this.#normaliser.plain(answer);
  }

  /** Some requests name other resources by their whole address. */
  #addressed(request: WireRequest): WireRequest {
    const fill = (text: string) => text.replaceAll('{endpoint}', this.#endpoint);
    return {
      ...request,
      ...(typeof request.body === 'string' && { body: fill(request.body) }),
      headers: Object.fromEntries(
        Object.entries(request.headers ?? {}).map(([name, value]) => [name, fill(value)]),
      ),
    };
  }
}

/** A difference that is not in the list, with the way to it. */
class Divergence extends Error {
  override readonly name = 'Divergence';
}

export interface Oracle {
  readonly azurite: WireClient;
  readonly ours: WireClient;
}

/** A name that no other sequence has, short enough for every resource. */
const freshSpace = (): string => `s${randomBytes(5).toString('hex')}-x`;

/**
 * Asks both services the same, step by step, and compares each answer.
 *
 * @throws {Divergence} where one differs in a way that is not allowed
 */
export async function runSequence<S extends Step>(
  { azurite, ours }: Oracle,
  language: Language<S>,
  service: ServiceName,
  steps: readonly S[],
  space = freshSpace(),
): Promise<void> {
  const sides = [new Side(azurite, service, space), new Side(ours, service, space)] as const;
  const story: string[] = [];
  for (const step of steps) {
    const [theirs, own] = await Promise.all([sides[0].take(step, language), sides[1].take(step, language)]);
    const pair: Pair = { service, step: step as Pair['step'], azurite: theirs, ours: own };
    story.push(`${JSON.stringify(step)} -> ${own.status}`);
    if (DIFFERENCES.some(({ parts }) => parts?.(pair))) return;
    const different = compare(allowed(pair));
    if (different.length > 0) {
      throw new Divergence(
        `After\n  ${story.join('\n  ')}\nAzurite and ours differ:\n  ${different.join('\n  ')}`,
      );
    }
  }
}

/** @returns a line for each thing that is not the same */
function compare({ azurite: wanted, ours: own }: Pair): string[] {
  const lines: string[] = [];
  const add = (what: string, theirs: unknown, mine: unknown) => {
    if (theirs !== mine) lines.push(`${what}: ${theirs ?? '(absent)'} | ${mine ?? '(absent)'}`);
  };
  add('status', wanted.status, own.status);
  for (const name of new Set([...Object.keys(wanted.headers), ...Object.keys(own.headers)])) {
    add(name, wanted.headers[name], own.headers[name]);
  }
  add('body', wanted.body, own.body);
  return lines;
}
