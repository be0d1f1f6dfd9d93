import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { silentLog } from '../../../src/domain/ports.ts';
import type { Child } from '../../support/stack.ts';
import { examine, examineRest, settled } from '../invariant.ts';
import { pick, seeded } from '../random.ts';
import type { SceneFormat } from '../standin/scene.ts';
import { FAULTS, type Fault } from '../wire/faults.ts';
import { mischiefMaker } from '../wire/mischief.ts';
import { type Dropped, until, World } from '../world.ts';

interface SoakOptions {
  readonly images: number;
  /** Milliseconds between two kills, on average. */
  readonly killEveryMs: number;
  /** Share of all requests that meet a fault, 0 to 1. */
  readonly faults: number;
  readonly seed: number;
  /** Kills that must have happened before it ends, however soon the images are done. */
  readonly minKills?: number;
  /** Longest time until every image must have its row. */
  readonly limitMs: number;
  readonly say: (line: string) => void;
}

/** The figures of a soak. `wrong` is empty where the invariant held. */
interface SoakReport {
  accepted: number;
  rows: number;
  lost: number;
  wrong: string[];
  steps: Record<string, Record<string, number>>;
  kills: Record<Part, number>;
  /** Messages and events that were delivered a second time by the test. */
  duplicates: number;
  /** Events that were never sent, so that the reconciler had to find the image. */
  eventsLost: number;
  requests: number;
  faults: number;
  enrolledTwice: number;
  orphansSwept: number;
  /** Highest resident memory of one process, in megabytes; absent where the platform does not tell. */
  peakMb: { host?: number; engine?: number };
  minutes: number;
}

type Part = 'host' | 'engine' | 'emulator';

/** Images under way at most: as many as keep the host busy. */
const IN_FLIGHT = 60;

/** One stall holds a worker for half a minute: it comes less often than the other faults. */
const KINDS: readonly Fault[] = [...FAULTS, ...FAULTS, ...FAULTS].filter(
  (kind, index) => kind !== 'stall' || index < FAULTS.length,
);

/**
 * Lets images flow while host, engine and emulator are killed and restarted at random and requests meet faults; then
 * counts everything from outside. The emulator is told to end (SIGTERM): it keeps what it acknowledged in memory for
 * seconds, so that killing it would test its durability instead of ours.
 */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { seed, say } = options;
  const world = await World.open({ durable: true, env: { FACE_FRESH_LIMIT: '200' } });
  const run = new Soak(world, options);
  try {
    return await run.report();
  } catch (error) {
    say(`The hosts said:\n${world.output()}`);
    throw new Error(`Soak with seed ${seed}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  } finally {
    await world.close();
  }
}

class Soak {
  readonly #world: World;
  readonly #options: SoakOptions;
  readonly #images: Dropped[] = [];
  readonly #unannounced: Dropped[] = [];
  readonly #kills: Record<Part, number> = { host: 0, engine: 0, emulator: 0 };
  readonly #peaks: { host: number; engine: number } = { host: 0, engine: 0 };
  readonly #started = Date.now();
  #host: Child | undefined;
  #doubledEvents = 0;
  #done = false;

  constructor(world: World, options: SoakOptions) {
    this.#world = world;
    this.#options = options;
  }

  async report(): Promise<SoakReport> {
    const { seed, faults, limitMs, say } = this.#options;
    const world = this.#world;
    const mischief = mischiefMaker(() => world.emulator.connectionString, {
      duplicate: 0.05,
      delay: 0.1,
      maxSeconds: 4,
      random: seeded(seed + 1),
    });
    // The emulator may be down at that moment; then there is no mischief.
    world.wire.onAnswer((request, answer) => mischief.onAnswer(request, answer).catch(() => {}));
    this.#host = await world.startHost();
    if (faults > 0) world.wire.weather({ rate: faults, kinds: KINDS, random: seeded(seed + 2) });
    const killing = this.#killAtRandom();
    await this.#dropAll();
    await this.#rowsOf(() => this.#images.length, limitMs);
    this.#done = true;
    await killing;
    const met = world.wire.faults;
    world.wire.weather(undefined);
    say(`All rows are there after ${this.#minutes()} minutes; waiting for the queues to run dry.`);
    await settled(world, this.#images, { limitMs });
    this.#measure();
    const findings = await examine(
      world,
      this.#images,
      (_, state, code) => state === 'done' || code !== undefined,
    );
    const rest = await examineRest(world, this.#images);
    return {
      accepted: findings.accepted,
      rows: findings.rows,
      lost: findings.lost.length,
      wrong: [...findings.lost.map((name) => `${name} is lost`), ...findings.wrong, ...rest.wrong],
      steps: findings.steps,
      kills: this.#kills,
      duplicates: mischief.duplicated + this.#doubledEvents,
      eventsLost: this.#unannounced.length,
      requests: world.wire.count(/./),
      faults: met,
      enrolledTwice: rest.enrolledTwice,
      orphansSwept: rest.orphansSwept,
      peakMb: {
        ...(this.#peaks.host > 0 && { host: this.#peaks.host }),
        ...(this.#peaks.engine > 0 && { engine: this.#peaks.engine }),
      },
      minutes: this.#minutes(),
    };
  }

  #minutes = () => Math.round((Date.now() - this.#started) / 6000) / 10;

  /** Drops one image after the other, as fast as they are worked on. */
  async #dropAll(): Promise<void> {
    const { images, seed, limitMs, say } = this.#options;
    const random = seeded(seed);
    const formats: readonly SceneFormat[] = ['jpeg', 'jpeg', 'jpeg', 'png', 'webp', 'turned'];
    const people = Math.max(2, Math.floor(images / 2));
    for (let index = 0; index < images; index += 1) {
      await this.#rowsOf(() => index - IN_FLIGHT, limitMs);
      const name = `batch-${index % 7}/${index}`;
      const somebody = () => 1 + Math.floor(random() * people);
      const shown = [...new Set(Array.from({ length: Math.floor(random() * 3) }, somebody))];
      const content =
        random() < 0.02
          ? { bytes: Buffer.from(`Not a photograph, number ${index}.`) }
          : { scene: { people: shown, muchText: random() < 0.1 }, format: pick(formats, random) };
      const lost = random() < 0.03;
      const doubled = random() < 0.1;
      const image = await this.#insist(() => this.#world.put(name, content));
      this.#images.push(image);
      if (lost) this.#unannounced.push(image);
      else await this.#insist(() => this.#world.announce(image));
      if (doubled) {
        await this.#insist(() => this.#world.announce(image));
        this.#doubledEvents += 1;
      }
      if (index > 0 && index % 100 === 0)
        say(`${index} images dropped, ${this.#killCount()} kills, ${this.#minutes()} minutes`);
    }
    // What no event announced, the reconciler finds; it announces anew what is under way, too.
    await this.#insist(() => this.#world.observer.reconciler(Number.NEGATIVE_INFINITY).run(silentLog));
  }

  /** Waits until there are so many rows; the unannounced cannot have theirs before the reconciler has run. */
  async #rowsOf(count: () => number, limitMs: number): Promise<void> {
    const results = await this.#world.app.results();
    const expected = () => count() - (count() === this.#options.images ? 0 : this.#unannounced.length);
    await until(
      'The images are worked on',
      async () => {
        if (expected() <= 0) return true;
        const batches = await results.batches();
        return batches.reduce((sum, batch) => sum + batch.images, 0) >= expected();
      },
      { limitMs, state: () => this.#world.output() },
    );
  }

  /** The emulator is away at times: whoever drops an image tries again, too. */
  async #insist<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (attempt >= 100) throw error;
        await pause(200);
      }
    }
  }

  #killCount = () => Object.values(this.#kills).reduce((sum, count) => sum + count, 0);

  async #killAtRandom(): Promise<void> {
    const { seed, killEveryMs, minKills = 0 } = this.#options;
    const random = seeded(seed + 3);
    while (!this.#done || this.#killCount() < minKills) {
      const end = Date.now() + killEveryMs * (0.5 + random());
      while (Date.now() < end && !this.#done) await pause(100);
      if (this.#done && this.#killCount() >= minKills) return;
      const drawn = random();
      const part: Part = drawn < 0.6 ? 'host' : drawn < 0.8 ? 'engine' : 'emulator';
      this.#measure();
      if (part === 'host') {
        await this.#host?.stop('SIGKILL');
        this.#host = await this.#insist(() => this.#world.startHost());
      } else if (part === 'engine') {
        await this.#world.restartEngine(random() * 2000);
      } else {
        await this.#world.restartEmulator(random() * 2000);
      }
      this.#kills[part] += 1;
    }
  }

  #measure(): void {
    this.#peaks.host = Math.max(this.#peaks.host, peakOf(this.#host));
    this.#peaks.engine = Math.max(this.#peaks.engine, peakOf(this.#world.engine));
  }
}

/** Highest resident memory of a living process in megabytes, 0 where it cannot be known. */
function peakOf(child: Child | undefined): number {
  try {
    const status = readFileSync(`/proc/${child?.process.pid}/status`, 'utf8');
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}
