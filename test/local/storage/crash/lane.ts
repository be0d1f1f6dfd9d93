import { createHash } from 'node:crypto';
import type { Random } from '../../../../src/domain/ports.ts';
import { pick } from '../../../reliability/random.ts';
import type { WireClient } from '../wire/client.ts';
import type { WireAnswer, WireRequest } from '../wire/request.ts';

/** A request that did not come to its answer. */
class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/**
 * The things that one client owns: it changes them one after the other, so that at a kill at most one request of it
 * is without an answer. A thing is named, and its state told as text.
 */
export abstract class Lane {
  protected readonly name: string;
  protected readonly random: Random;
  /** What was answered. */
  protected readonly known = new Map<string, string>();
  /** What the request under way would make of the things it names. */
  #pending = new Map<string, string | undefined>();
  /** Requests that were answered. */
  answered = 0;

  constructor(name: string, random: Random) {
    this.name = name;
    this.random = random;
  }

  /** Makes what the lane needs; may be repeated. */
  abstract prepare(client: WireClient): Promise<void>;
  /** Changes something. */
  abstract step(client: WireClient): Promise<void>;
  /** What is there now. */
  abstract look(client: WireClient): Promise<Map<string, string>>;

  /** Changes things until the service is gone. */
  async run(client: WireClient, isOver: () => boolean): Promise<void> {
    try {
      while (!isOver()) await this.step(client);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
    }
  }

  /** Compares what is there with what was answered, and takes it for known. @returns sentences about what is wrong */
  async verify(client: WireClient): Promise<string[]> {
    const found = await this.look(client);
    const wrong: string[] = [];
    const pending = [...this.#pending];
    // All that one request changes is there, or nothing of it.
    const kept = pending.filter(
      ([thing, after]) => found.get(thing) === after && this.known.get(thing) !== after,
    );
    const undone = pending.filter(
      ([thing, after]) => found.get(thing) === this.known.get(thing) && this.known.get(thing) !== after,
    );
    if (kept.length > 0 && undone.length > 0)
      wrong.push(`${this.name}: half of one request is there: ${kept[0]?.[0]}`);
    for (const thing of new Set([...this.known.keys(), ...found.keys(), ...this.#pending.keys()])) {
      const is = found.get(thing);
      if (is === this.known.get(thing)) continue;
      if (this.#pending.has(thing) && is === this.#pending.get(thing)) continue;
      wrong.push(
        `${this.name}: ${thing} is ${is ?? 'not there'}, answered was ${this.known.get(thing) ?? 'nothing'}${this.#pending.has(thing) ? `, under way ${this.#pending.get(thing) ?? 'its deletion'}` : ''}`,
      );
    }
    this.#pending = new Map();
    this.known.clear();
    for (const [thing, state] of found) this.known.set(thing, state);
    return wrong;
  }

  /** Sends what changes things to these states. @throws {Unanswered} @throws where the answer is not of `statuses` */
  protected async change(
    client: WireClient,
    request: WireRequest,
    things: readonly (readonly [thing: string, after: string | undefined])[],
    statuses: readonly number[],
  ): Promise<WireAnswer> {
    this.#pending = new Map(things);
    const answer = await this.ask(client, request, statuses);
    for (const [thing, after] of things) {
      if (after === undefined) this.known.delete(thing);
      else this.known.set(thing, after);
    }
    this.#pending = new Map();
    this.answered += 1;
    return answer;
  }

  protected async ask(
    client: WireClient,
    request: WireRequest,
    statuses: readonly number[],
  ): Promise<WireAnswer> {
    const answer = await client.send(request).catch((error: unknown) => {
      throw new Unanswered(String(error));
    });
    if (!statuses.includes(answer.status)) {
      throw new Error(
        `${this.name}: ${request.method} ${request.path} was answered ${answer.status}: ${answer.body}`,
      );
    }
    return answer;
  }

  protected number(below: number): number {
    return Math.floor(this.random() * below);
  }

  protected pick<T>(items: readonly T[]): T {
    return pick(items, this.random);
  }
}

export const digest = (bytes: Buffer | string): string =>
  createHash('sha256').update(bytes).digest('hex').slice(0, 16);
