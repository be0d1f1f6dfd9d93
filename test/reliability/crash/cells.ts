import { enquiryBatch } from '../../../src/domain/enquiry-batch.ts';
import type { Child } from '../../support/stack.ts';
import { examineEnquiry, openEnquiry } from '../enquiries.ts';
import { examine, examineRest, settled } from '../invariant.ts';
import { seeded } from '../random.ts';
import { mischiefMaker } from '../wire/mischief.ts';
import { type Dropped, World } from '../world.ts';

/** How the queues behave in a cell. */
export const MODES = ['plain', 'duplicated', 'reordered'] as const;
export type QueueMode = (typeof MODES)[number];

/** How a switch of models ends in a cell, and what is counted until the process that carries it through is killed. */
export const SWITCH_MODES = [
  'finish-requests',
  'abandon-requests',
  'finish-statements',
  'abandon-statements',
] as const;
export type SwitchMode = (typeof SWITCH_MODES)[number];

export const ALL_MODES = [...MODES, ...SWITCH_MODES] as const;
export type Mode = QueueMode | SwitchMode;

export const isSwitch = (cell: Cell): cell is Cell & { mode: SwitchMode } =>
  SWITCH_MODES.includes(cell.mode as SwitchMode);

/** One experiment: three fresh photographs, and a host that is killed at its n-th request. */
export interface Cell {
  readonly n: number;
  /** Only requests of this name count. */
  readonly name?: string;
  readonly when: 'before' | 'after';
  readonly mode: Mode;
}

/** How a cell is named on the command line and in the file of progress. */
export const keyOf = ({ mode, n, when }: Cell): string => `${mode}:${when}:${n}`;

/** What a cell showed: the requests until the images were done where no kill came in between. */
export interface CellResult {
  readonly killed: boolean;
  readonly requests: number;
  /** Their names, as they came. */
  readonly names?: readonly string[];
}

/** No job makes this many requests: a cell whose host is never killed. */
export const NEVER = 1_000_000;

/**
 * A world in which many cells are run one after the other: the same emulator and engine, a host that lives until a
 * cell kills it. A cell has three photographs: two people and much text in one, which needs a rendition; one of the two
 * people in the other; nobody in the third, whose last steps have nothing to do.
 */
export class CrashLab {
  readonly world: World;
  readonly images: Dropped[] = [];
  readonly #seed: number;
  readonly #lane: number;
  #host: Child | undefined;
  #cells = 0;
  hostLives = 0;

  private constructor(world: World, seed: number, lane: number) {
    this.world = world;
    this.#seed = seed;
    this.#lane = lane;
  }

  static async open(seed: number, lane = 0): Promise<CrashLab> {
    // No maintenance: it would move faces about between cells, and has a crash suite of its own.
    return new CrashLab(await World.open({ env: { FACE_FRESH_LIMIT: '60000' } }), seed, lane);
  }

  /** Runs one cell. @throws when the invariant does not hold, naming the cell */
  async run(cell: Cell & { readonly mode: QueueMode }): Promise<CellResult> {
    const { world } = this;
    this.#cells += 1;
    const person = this.#lane * 1_000_000 + this.#cells * 10;
    const batch = `cell-${this.#cells}-${cell.mode}-${cell.when}-${cell.n}`;
    const host = await this.#livingHost();
    const chances = { plain: [0, 0], duplicated: [1, 0], reordered: [1, 0.5] }[cell.mode] as [number, number];
    const mischief = mischiefMaker(() => world.emulator.connectionString, {
      duplicate: chances[0],
      delay: chances[1],
      maxSeconds: cell.mode === 'plain' ? 0 : 2,
      random: seeded(
        this.#seed + 6 * cell.n + 2 * MODES.indexOf(cell.mode) + (cell.when === 'after' ? 1 : 0),
      ),
    });
    world.wire.onAnswer(async (request, answer) => mischief.onAnswer(request, answer));
    const name = cell.name !== undefined && { name: cell.name };
    world.wire.arm({ n: cell.n, ...name, when: cell.when, kill: () => host.stop('SIGKILL') });
    // In every other cell the second photograph is one of an enquiry: its pair with the first is a candidate.
    const enquiry = this.#cells % 2 === 0 ? await openEnquiry(world) : undefined;
    const second = enquiry === undefined ? batch : enquiryBatch(enquiry);
    const images = [
      await world.drop(`${batch}/one.jpg`, {
        scene: { people: [person, person + 1], muchText: true },
        format: 'turned',
      }),
      await world.drop(`${second}/two.jpg`, { scene: { people: [person] } }),
      await world.drop(`${batch}/three.jpg`, { scene: { people: [] } }),
    ];
    this.images.push(...images);
    if (cell.mode !== 'plain') for (const image of images) await world.announce(image);
    const what = `${cell.mode}, killed ${cell.when} request ${cell.n}${cell.name === undefined ? '' : ` of "${cell.name}"`}`;
    try {
      await settled(world, images, { orElse: () => world.wire.sprung && this.#isDead(host) });
      const { names, sprung } = world.wire.disarm();
      if (sprung) {
        await this.#livingHost();
        await settled(world, images);
      }
      const findings = await examine(world, images);
      const wrong = [...findings.lost.map((name) => `${name} is lost`), ...findings.wrong];
      if (enquiry !== undefined) wrong.push(...(await examineEnquiry(world, enquiry, images)));
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
      return { killed: sprung, requests: names.length, names };
    } catch (error) {
      throw new Error(
        `Cell "${what}" (seed ${this.#seed}): ${error instanceof Error ? error.message : error}`,
        { cause: error },
      );
    }
  }

  /** Checks what all cells together have left. @returns sentences about what is wrong */
  async finish(): Promise<string[]> {
    const { wrong } = await examineRest(this.world, this.images);
    // Whatever was killed between a save and the folding of its counts, or within that.
    for (const { kind, images, faces } of await (await this.world.observer.results()).counts.recount())
      wrong.push(`the counts of a ${kind} were wrong by ${images} images and ${faces} faces`);
    return wrong;
  }

  close(): Promise<void> {
    return this.world.close();
  }

  #isDead(host: Child): boolean {
    return host.process.exitCode !== null || host.process.signalCode !== null;
  }

  async #livingHost(): Promise<Child> {
    if (!this.#host || this.#isDead(this.#host)) {
      this.#host = await this.world.startHost();
      this.hostLives += 1;
    }
    return this.#host;
  }
}
