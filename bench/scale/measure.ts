import { setTimeout as delay } from 'node:timers/promises';
import { figure } from '../report.ts';
import { quantile } from '../stats.ts';

export interface Operation {
  name: string;
  readsAll?: true;
  /** Times it is done at most; as often as is asked for without it. */
  most?: number;
  run(round: number): Promise<unknown>;
}

/** An archive, opened, and what is done with it. */
export interface Side {
  operations: readonly Operation[];
  /** Requests to storage since it was asked last; absent where it makes none. */
  requests?(): number;
  close(): Promise<void>;
}

export interface Figures {
  /** Milliseconds. */
  median: number;
  p95: number;
  /** Median of what it took of a processor in this process, in milliseconds: the storage service's share is not in it. */
  own: number;
  /** Longest time in which nobody else in this process had a turn, in milliseconds ... */
  longestTurn: number;
  /** ... and the most of it that this process was at work itself: on a machine that others use the rest was waiting for a processor. */
  busiestTurn: number;
  /** Requests to storage, of one time at most. */
  requests?: number;
}

/** One operation, in the small archive and in the large one. */
export interface Measured {
  name: string;
  /** It was asked to read everything. */
  readsAll: boolean;
  few: Figures;
  many: Figures;
  /** Why it was not done as often as it was to be, in words. */
  failed?: string;
}

/** Milliseconds between two looks at whether this process still gives others a turn. */
const LOOK_MS = 1;

/**
 * Does each operation in both archives in turn, so that what else the machine does falls on both alike. One that fails costs
 * the others nothing: filling what is measured takes longer than all of them.
 *
 * @param only names of operations that are left out where it does not fit them
 */
export async function measureSides(
  { few, many }: { few: Side; many: Side },
  { turns, only }: { turns: number; only?: RegExp },
  say: (words: string) => void,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const [index, one] of few.operations.entries()) {
    const other = many.operations[index];
    if (other?.name !== one.name) throw new Error(`${one.name} is not measured in both archives.`);
    if (only && !only.test(one.name)) continue;
    const sides = [new Measurement(few, one), new Measurement(many, other)] as const;
    const rounds = Math.min(turns, one.most ?? turns);
    // What reads everything takes too long to be done for nothing.
    const failed = await refusalOf(async () => {
      for (let round = one.readsAll ? 1 : 0; round <= rounds; round += 1)
        for (const side of sides) await side.run(round);
    });
    const figures = { few: sides[0].figures(), many: sides[1].figures() };
    say(`${one.name}: ${failed ?? `${inWords(figures.few)} | ${inWords(figures.many)}`}`);
    measured.push({
      ...{ name: one.name, readsAll: one.readsAll === true, ...figures },
      ...(failed !== undefined && { failed }),
    });
  }
  return measured;
}

async function refusalOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const inWords = ({ median, p95, own, longestTurn, busiestTurn, requests }: Figures): string =>
  `${figure(median)} ms, p95 ${figure(p95)}, own ${figure(own)}, turn ${figure(longestTurn)} (${figure(busiestTurn)} at work)${requests === undefined ? '' : `, ${requests} requests`}`;

/** One operation in one archive. */
class Measurement {
  readonly #side: Side;
  readonly #operation: Operation;
  readonly #took: number[] = [];
  readonly #own: number[] = [];
  #longestTurn = 0;
  #busiestTurn = 0;
  #requests = 0;

  constructor(side: Side, operation: Operation) {
    this.#side = side;
    this.#operation = operation;
  }

  /** @param round 0: to warm up */
  async run(round: number): Promise<void> {
    this.#side.requests?.();
    const isOver = new AbortController();
    const watching = this.#watch(isOver.signal);
    const [began, busy] = [performance.now(), busyMs()];
    try {
      await this.#operation.run(round);
    } finally {
      isOver.abort();
    }
    const [took, own] = [performance.now() - began, busyMs() - busy];
    const turns = await watching;
    const requests = this.#side.requests?.() ?? 0;
    if (round === 0) return;
    this.#took.push(took);
    this.#own.push(own);
    this.#longestTurn = Math.max(this.#longestTurn, turns.longest);
    this.#busiestTurn = Math.max(this.#busiestTurn, turns.busiest);
    this.#requests = Math.max(this.#requests, requests);
  }

  async #watch(isOver: AbortSignal): Promise<{ longest: number; busiest: number }> {
    let [longest, busiest] = [0, 0];
    let [last, lastBusy] = [performance.now(), busyMs()];
    while (!isOver.aborted) {
      await delay(LOOK_MS);
      const [now, busy] = [performance.now(), busyMs()];
      longest = Math.max(longest, now - last - LOOK_MS);
      busiest = Math.max(busiest, busy - lastBusy);
      [last, lastBusy] = [now, busy];
    }
    return { longest, busiest };
  }

  figures(): Figures {
    return {
      median: quantile(this.#took, 0.5),
      p95: quantile(this.#took, 0.95),
      own: quantile(this.#own, 0.5),
      longestTurn: this.#longestTurn,
      busiestTurn: this.#busiestTurn,
      ...(this.#side.requests && { requests: this.#requests }),
    };
  }
}

/** Of this thread alone. */
function busyMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
