import { atOnce } from '../domain/at-once.ts';
import { jobKey } from '../domain/job-id.ts';
import { tables } from '../storage/names.ts';
import type { Table } from '../storage/tables.ts';
import type { ErasureParts } from './place.ts';

/** Of fewer faces than these all are looked at every night, whether they are due or not. */
const LOOKED_AT = 20_000;
/** Where the keys of jobs are parted, which are hashes: in so many nights all faces have been looked at. */
const PARTS = ['', '25', '49', '6e', '92', 'b7', 'db'].map((from, night, all) => {
  const below = all[night + 1];
  return below === undefined ? { from } : { from, below };
});
/** A face may be enrolled so much later than its image was admitted, in milliseconds; one that is later waits for its night. */
const LATE_MS = 2 * 24 * 3_600_000;
/** Jobs whose faces are read at once. */
const AT_ONCE = 16;

const ROW = ['faceprints', 'due'] as const;

/** What the nights before have left, in table `reconcile`. */
interface Progress {
  /** Days before that of this moment have been read: milliseconds since the epoch. */
  through: number;
  /** The part of all faces whose turn it is. */
  part: number;
}

type App = Pick<ErasureParts, 'gallery' | 'journal' | 'storage' | 'results'>;

/**
 * Faces that were enrolled before a moment and may have to go. A face that is kept because somebody matches it would
 * be read again every night: so the days that have come due since the last night are read, by the links of the journal, and
 * of all others a seventh, for a match may have been rejected since.
 */
export class FaceprintsDue {
  readonly #app: App;
  readonly #before: number;
  readonly #most: number;
  readonly #table: Table;
  #next: Progress | undefined;

  /** @param before milliseconds since the epoch */
  constructor(app: App, { before, most = LOOKED_AT }: { before: number; most?: number }) {
    this.#app = app;
    this.#before = before;
    this.#most = most;
    this.#table = app.storage.tables.table(tables.reconcile);
  }

  /** Their keys; one may come twice. */
  async *faces(signal: AbortSignal): AsyncGenerator<string> {
    const last = await this.#read();
    const isOld = ({ at }: { at: number }) => at <= this.#before;
    const isWhole = last === undefined || (await this.#areFew());
    const jobs = isWhole ? undefined : PARTS[last.part];
    const until = Math.max(0, this.#before);
    for await (const face of this.#app.gallery().enrolled({ until, ...(jobs && { jobs }) })) {
      signal.throwIfAborted();
      if (isOld(face)) yield face.key;
    }
    // What is due by its day is among all there are.
    if (!isWhole) yield* this.#ofDays(last.through, isOld, signal);
    this.#next = { through: until, part: isWhole ? 0 : (last.part + 1) % PARTS.length };
  }

  async #areFew(): Promise<boolean> {
    const { counts } = await this.#app.results();
    return (await counts.faces()) <= this.#most;
  }

  /** What was given out has been done. */
  async done(): Promise<void> {
    if (!this.#next) return;
    const { through, part } = this.#next;
    await this.#table.upsert(...ROW, { through: String(through), part: String(part) });
  }

  async *#ofDays(
    through: number,
    isOld: (face: { at: number }) => boolean,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const iso = (ms: number) => new Date(Math.max(0, ms)).toISOString();
    let jobs: string[] = [];
    const look = async () => {
      signal.throwIfAborted();
      const found: string[] = [];
      await atOnce(AT_ONCE, jobs, async (job) => {
        found.push(...(await this.#app.gallery().enrolledOf(job)).filter(isOld).map(({ key }) => key));
      });
      jobs = [];
      return found;
    };
    const { days } = this.#app.journal.links;
    for await (const { id } of days.admittedBefore(iso(this.#before), iso(through - LATE_MS))) {
      jobs.push(jobKey(id));
      if (jobs.length >= AT_ONCE) yield* await look();
    }
    yield* await look();
  }

  /** Undefined of an account without links by day, or of nights that this process cannot read: all is looked at. */
  async #read(): Promise<Progress | undefined> {
    const columns = (await this.#app.journal.links.isDated())
      ? (await this.#table.get(...ROW))?.columns
      : undefined;
    const [through, part] = [Number(columns?.through), Number(columns?.part)];
    // A clock that was wrong, or a setting that was raised.
    const isLater = through > this.#before + LATE_MS;
    return Number.isFinite(through) && !isLater && PARTS[part] ? { through, part } : undefined;
  }
}
