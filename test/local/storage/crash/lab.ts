import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../../../../src/domain/ports.ts';
import { seeded } from '../../../reliability/random.ts';
import type { Lane } from './lane.ts';
import { BlobLane, QueueLane, TableLane } from './lanes.ts';
import { Life } from './lives.ts';

/** Where a service kills itself: see `StoragePoint`. */
export const POINTS = ['content-written', 'before-commit', 'committed', 'checkpoint'] as const;

/** How a round ends: at a named point, or at a moment that nobody chose. */
export type Kill = (typeof POINTS)[number] | 'any moment';

interface Figures {
  rounds: number;
  /** Writes that were answered, and looked for after each kill. */
  answered: number;
  kills: Record<Kill, number>;
  slowestStartMs: number;
}

const LIFE_MS = 400;
/** A point that is not come to in this time is given up. */
const POINT_LIMIT_MS = 3000;
/** A service kills itself when it comes to a point for one of the first so many times. */
const POINT_WITHIN = 25;

/** A folder on which a service lives, works and is killed, again and again; after each kill everything is looked for. */
export class StorageCrashLab {
  readonly figures: Figures = {
    ...{ rounds: 0, answered: 0, slowestStartMs: 0 },
    kills: { 'content-written': 0, 'before-commit': 0, committed: 0, checkpoint: 0, 'any moment': 0 },
  };
  readonly folder: string;
  readonly #random: Random;
  readonly #lanes: readonly Lane[];

  private constructor(folder: string, seed: number, lanes: readonly Lane[]) {
    this.folder = folder;
    this.#random = seeded(seed);
    this.#lanes = lanes;
  }

  static async open(seed: number, each = 3): Promise<StorageCrashLab> {
    const folder = await mkdtemp(join(tmpdir(), 'imaginem-storage-crash-'));
    const lanes = (
      process.env.KINDS === 'qb' ? [QueueLane, BlobLane] : [QueueLane, BlobLane, TableLane]
    ).flatMap((Kind, kind) =>
      Array.from(
        { length: each },
        (_, lane) => new Kind(`lane-${kind}-${lane}`, seeded(seed + 1 + kind * 100 + lane)),
      ),
    );
    return new StorageCrashLab(folder, seed, lanes);
  }

  /** One life: everything is looked for, then lanes work until the service is killed. @throws where something is wrong */
  async round(kill: Kill): Promise<void> {
    const life = await this.#begin();
    if (kill !== 'any moment') {
      life.arm({ point: kill, n: kill === 'checkpoint' ? 1 : 1 + Math.floor(this.#random() * POINT_WITHIN) });
    }
    const work = Promise.all(this.#lanes.map((lane) => lane.run(life.client, () => life.isOver)));
    const ms = kill === 'any moment' ? this.#random() * LIFE_MS : POINT_LIMIT_MS;
    // Lanes see their connections break before the end of the process is known here.
    await Promise.race([pause(ms), life.ended, work.then(() => Promise.race([pause(1000), life.ended]))]);
    // A point that was not come to in time: then this was any moment.
    this.figures.kills[life.isOver ? kill : 'any moment'] += 1;
    await life.kill();
    await work;
    this.#check(life);
    this.figures.rounds += 1;
    this.figures.answered = this.#lanes.reduce((sum, { answered }) => sum + answered, 0);
  }

  /** Looks for everything once more. */
  async finish(): Promise<void> {
    const life = await this.#begin();
    await life.kill();
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A new life, once everything has been looked for in it. */
  async #begin(): Promise<Life> {
    const life = await Life.begin(this.folder);
    this.figures.slowestStartMs = Math.max(this.figures.slowestStartMs, life.startMs);
    const wrong: string[] = [];
    for (const lane of this.#lanes) {
      await lane.prepare(life.client);
      wrong.push(...(await lane.verify(life.client)));
    }
    this.#check(life);
    if (wrong.length === 0) return life;
    await life.kill();
    throw new Error(`After round ${this.figures.rounds}:\n${wrong.join('\n')}`);
  }

  #check({ unexpected }: Life): void {
    if (unexpected.length > 0) throw new Error(`Unexpected:\n${unexpected.join('\n')}`);
  }
}
