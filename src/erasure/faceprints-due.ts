import { atOnce } from '../domain/at-once.ts';
import { jobKey } from '../domain/job-id.ts';
import { ON_TIME_MS } from '../domain/on-time.ts';
import { tables } from '../storage/names.ts';
import type { Table } from '../storage/tables.ts';
import type { ErasureParts } from './place.ts';

/** So many faces are looked at every night, whether they are due or not: of fewer all. */
const LOOKED_AT = 10_000;
/** Keys of jobs begin with so many values, for they are hashes; any other stands behind the last of them. */
const KEYS = 2 ** 32;
/** In so many nights all faces are looked at while there may be some that nobody has noted. */
const NIGHTS = 7;
const DAY_MS = 24 * 3_600_000;
/** So long after a moment every face that was enrolled by then has been looked at. */
const ROUND_MS = NIGHTS * DAY_MS + ON_TIME_MS;
/** By which clocks differ, and how long a night may take to begin. */
const SKEW_MS = 3_600_000;
/** Jobs whose faces are read at once. */
const AT_ONCE = 16;
/** Images of a page of what is noted. */
const PAGE = 400;

const ROW = ['faceprints', 'due'] as const;

/** What the nights before have left, in table `reconcile`. */
interface Progress {
  /** Days before that of this moment have been read: milliseconds since the epoch. */
  through: number;
  /** When the last night began. */
  at: number;
  /** Since then whatever has to be looked at has been noted, and no note was dropped. */
  since: number;
  /** Where the look through all faces goes on, below `KEYS`. */
  from: number;
}

export type DueParts = Pick<ErasureParts, 'gallery' | 'journal' | 'storage' | 'results' | 'batches'>;

/**
 * Faces that were enrolled before a moment and may have to go. A face that is kept because somebody matches it would
 * be read again every night: so the days that have come due since the last night are read, by the links of the journal, and
 * what was noted since (`faceprint-looks.ts`): a match has gone, a batch is kept no longer, it was enrolled late.
 *
 * Of all others some are looked at each night: as many as are always looked at, whatever was forgotten; and a seventh until
 * everything has come due that was enrolled before there were notes.
 */
export class FaceprintsDue {
  readonly #app: DueParts;
  readonly #before: number;
  readonly #now: number;
  readonly #most: number;
  readonly #table: Table;
  #next: (Progress & { claim: string }) | undefined;

  /** @param before, now milliseconds since the epoch */
  constructor(
    app: DueParts,
    { before, now, most = LOOKED_AT }: { before: number; now: number; most?: number },
  ) {
    this.#app = app;
    this.#before = before;
    this.#now = now;
    this.#most = most;
    this.#table = progressOf(app);
  }

  /** Their keys; one may come twice. */
  async *faces(signal: AbortSignal): AsyncGenerator<string> {
    const last = await this.#read();
    const isOld = ({ at }: { at: number }) => at <= this.#before;
    const until = Math.max(0, this.#before);
    const { looks } = (await this.#app.results()).erasures;
    if (last) await this.#noteBatches(last.at);
    const { claim, notes } = await looks.claim(iso(this.#before - SKEW_MS));
    const share = last === undefined || notes > this.#most ? 1 : await this.#share(last);
    const piece = pieceOf(last?.from ?? 0, share);
    for await (const face of this.#app
      .gallery()
      .enrolled({ until, ...(piece.jobs && { jobs: piece.jobs }) })) {
      signal.throwIfAborted();
      if (isOld(face)) yield face.key;
    }
    // What has come due, and what was noted, is among all there are.
    if (last && piece.jobs) {
      const { days } = this.#app.journal.links;
      const admitted = days.admittedBefore(iso(this.#before), iso(last.through - ON_TIME_MS));
      yield* this.#ofJobs(idsOf(admitted), isOld, signal);
      yield* this.#ofJobs(this.#noted(claim), isOld, signal);
    }
    const [at, since] = [this.#now, last?.since ?? this.#now];
    this.#next = { through: until, at, since, from: piece.next, claim };
  }

  /** What was given out has been done. */
  async done(): Promise<void> {
    if (!this.#next) return;
    const { claim, ...progress } = this.#next;
    const columns = Object.entries(progress).map(([name, value]) => [name, String(value)]);
    await this.#table.upsert(...ROW, Object.fromEntries(columns));
    await (await this.#app.results()).erasures.looks.done(claim);
  }

  /** Of all faces, the part that is looked at in this night. */
  async #share({ since }: Progress): Promise<number> {
    const { counts } = await this.#app.results();
    const always = this.#most / (await counts.faces());
    return Math.min(1, this.#before >= since + ROUND_MS ? always : Math.max(always, 1 / NIGHTS));
  }

  /** What is kept by its batch is passed over: so all of a batch is looked at that is kept no longer. */
  async #noteBatches(since: number): Promise<void> {
    const { looks } = (await this.#app.results()).erasures;
    for await (const { batchId, keepFaceprints, keptUntil } of this.#app.batches.list())
      if (!keepFaceprints && keptUntil !== undefined && keptUntil >= iso(since - SKEW_MS))
        await looks.noteBatch(batchId);
  }

  async *#noted(claim: string): AsyncGenerator<string> {
    const { looks } = (await this.#app.results()).erasures;
    for (let after = ''; ; ) {
      const page = await looks.images(claim, { after, limit: PAGE });
      yield* page;
      if (page.length < PAGE) return;
      after = page.at(-1) ?? '';
    }
  }

  async *#ofJobs(
    ids: AsyncIterable<string>,
    isOld: (face: { at: number }) => boolean,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
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
    for await (const id of ids) {
      jobs.push(jobKey(id));
      if (jobs.length >= AT_ONCE) yield* await look();
    }
    yield* await look();
  }

  /**
   * Undefined of an account without links by day, of nights that this process cannot read, and of a clock that was wrong or
   * a setting that was raised: all is looked at, and what was done is not relied on.
   */
  async #read(): Promise<Progress | undefined> {
    const columns = (await this.#app.journal.links.isDated())
      ? (await this.#table.get(...ROW))?.columns
      : undefined;
    const [through, at, since, from] = ['through', 'at', 'since', 'from'].map((name) =>
      Number(columns?.[name] ?? Number.NaN),
    ) as [number, number, number, number];
    const isKnown = [through, at, since, from].every(Number.isFinite) && from >= 0 && from < KEYS;
    return isKnown && through <= this.#before + ON_TIME_MS ? { through, at, since, from } : undefined;
  }
}

/** Nobody looks for what is due: whoever begins to will not rely on what was noted until then. */
export async function forgetDue(app: DueParts): Promise<void> {
  await progressOf(app).delete(...ROW);
  await (await app.results()).erasures.looks.forget();
}

const progressOf = ({ storage }: DueParts): Table => storage.tables.table(tables.reconcile);

const iso = (ms: number): string => new Date(Math.max(0, ms)).toISOString();

async function* idsOf(jobs: AsyncIterable<{ id: string }>): AsyncGenerator<string> {
  for await (const { id } of jobs) yield id;
}

/** @returns `jobs` is absent where the piece is everything; `next`: where the one after it begins */
function pieceOf(from: number, share: number): { jobs?: { from: string; below?: string }; next: number } {
  if (share >= 1) return { next: 0 };
  const next = from + Math.ceil(share * KEYS);
  const key = (at: number) => (at === 0 ? '' : at.toString(16).padStart(8, '0'));
  return next >= KEYS
    ? { jobs: { from: key(from) }, next: 0 }
    : { jobs: { from: key(from), below: key(next) }, next };
}
