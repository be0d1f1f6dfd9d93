import { atOnce } from '../domain/at-once.ts';
import { jobKey } from '../domain/job-id.ts';
import { tables } from '../storage/names.ts';
import type { Table } from '../storage/tables.ts';
import type { IndexPlace } from '../vision/gallery/galleries.ts';
import type { ErasureParts } from './place.ts';

/** Faces that a night looks at whether they are due or not: of fewer than these all are. */
const LOOKED_AT = 20_000;
/** Nights in which all faces have been looked at. */
const NIGHTS = 7;
/** A face may be enrolled so much later than its image was admitted, in milliseconds; one that is later waits for its night. */
const LATE_MS = 2 * 24 * 3_600_000;
/** Jobs whose faces are read at once. */
const AT_ONCE = 16;

const ROW = ['faceprints', 'due'] as const;

/** What the nights before have left, in table `reconcile`. */
interface Progress {
  /** Days before that of this moment have been read: milliseconds since the epoch. */
  through: number;
  /** Where the look at all faces goes on; at the beginning where absent. */
  place?: IndexPlace;
  /** Faces that it has seen since it began ... */
  seen: number;
  /** ... and those that the last whole look has seen; absent before the first. */
  all?: number;
}

type App = Pick<ErasureParts, 'gallery' | 'journal' | 'storage'>;

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
    const share = last.all === undefined ? Number.POSITIVE_INFINITY : Math.ceil(last.all / NIGHTS);
    const most = Math.max(this.#most, share);
    let seen = 0;
    let place: IndexPlace | undefined;
    for await (const face of this.#app.gallery().enrolled(last.place)) {
      signal.throwIfAborted();
      seen += 1;
      if (isOld(face)) yield face.key;
      if (seen >= most) {
        place = face.place;
        break;
      }
    }
    const all = last.seen + seen;
    // What is due by its day is among all there are.
    if (place || last.place) yield* this.#ofDays(last.through, isOld, signal);
    const through = Math.max(0, this.#before);
    this.#next = place
      ? { through, place, seen: all, ...(last.all !== undefined && { all: last.all }) }
      : { through, seen: 0, all };
  }

  /** What was given out has been done. */
  async done(): Promise<void> {
    if (!this.#next) return;
    const { through, place, seen, all } = this.#next;
    await this.#table.upsert(...ROW, {
      through: String(through),
      place: place ? JSON.stringify(place) : '',
      seen: String(seen),
      all: String(all ?? ''),
    });
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

  /** Nothing is known of an account without links by day, or of nights that this process cannot read: all is looked at. */
  async #read(): Promise<Progress> {
    const columns = (await this.#app.journal.links.isDated())
      ? (await this.#table.get(...ROW))?.columns
      : undefined;
    const [through, seen, all] = [columns?.through, columns?.seen, columns?.all].map(Number);
    const isSense = [through, seen, all].every(Number.isFinite) && columns?.all !== '';
    // A clock that was wrong, or a setting that was raised.
    const isLater = Number(through) > this.#before + LATE_MS;
    if (!columns || !isSense || isLater) return { through: 0, seen: 0 };
    const place =
      typeof columns.place === 'string' && columns.place !== '' ? JSON.parse(columns.place) : undefined;
    return { through: through ?? 0, seen: seen ?? 0, all: all ?? 0, ...(place && { place }) };
  }
}
