import { AuditTrail } from '../audit/trail.ts';
import type { Database } from '../database/database.ts';
import type { Consent } from '../domain/consent.ts';
import { OutageError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import { BulkActs } from './bulk.ts';
import { makeCards } from './cards.ts';
import { clearAll } from './clear.ts';
import { applyConsent, type ConsentOptions } from './consent.ts';
import { Counts } from './counts.ts';
import { Decisions } from './decisions.ts';
import { Erasures } from './erasure.ts';
import { readFaces } from './faces.ts';
import { type Facets, idsThatFit, readFacets } from './facets.ts';
import { loadImages } from './load.ts';
import { migrate } from './migrate.ts';
import { Outbox } from './outbox.ts';
import type { FacePlace } from './pair-view.ts';
import { isUnmatched, unpair } from './pairs.ts';
import { assertOneSelect } from './read-only.ts';
import { reindexWords } from './reindex.ts';
import { countRejections, type RejectionCount } from './rejections.ts';
import type { BatchCount, ImageFilter, ImageResult, StoredImage, SummaryPage } from './rows.ts';
import { removeFacesOf, saveImage } from './save.ts';
import { findIds } from './search.ts';
import type { ResultStore } from './store.ts';
import { readSummaries } from './summaries.ts';

/** Saves after which their counts are folded in: what is not yet is read with every question about counts. */
const FOLD_AFTER = 50;

/** The result store over either database. */
export class SqlResultStore implements ResultStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly database: Database;
  readonly counts: Counts;
  readonly decisions: Decisions;
  readonly bulk: BulkActs;
  readonly erasures: Erasures;
  readonly audit: AuditTrail;
  readonly outbox: Outbox;
  /** Saves of this process since it last folded their counts in. */
  #unfolded = 0;

  constructor(database: Database, clock: Clock = Date.now) {
    this.database = database;
    this.#database = database;
    this.#clock = clock;
    this.counts = new Counts(database);
    this.decisions = new Decisions(database);
    this.bulk = new BulkActs(database, clock);
    this.erasures = new Erasures(database, clock);
    this.audit = new AuditTrail(database, clock);
    this.outbox = new Outbox(database, clock);
  }

  migrate(): Promise<void> {
    return migrate(this.#database, this.#clock);
  }

  async save(result: ImageResult): Promise<'saved' | 'superseded' | 'erased'> {
    const { dialect } = this.#database;
    const outcome = await this.#database.write((session) => saveImage(session, dialect, result));
    if (outcome === 'saved' && isUnmatched(result))
      await unpair(this.#database, result.id, new Date(this.#clock()).toISOString());
    this.#unfolded += 1;
    // The name of an erased image's batch is not to wait for others.
    if (outcome === 'erased') await this.counts.fold();
    else if (this.#unfolded >= FOLD_AFTER) await this.#foldInPassing();
    return outcome;
  }

  async get(id: string): Promise<StoredImage | undefined> {
    const [image] = await loadImages(this.#database, [id]);
    return image;
  }

  images(ids: readonly string[]): Promise<StoredImage[]> {
    return loadImages(this.#database, ids);
  }

  async list(filter: ImageFilter = {}): Promise<StoredImage[]> {
    return loadImages(this.#database, await findIds(this.#database, filter));
  }

  async reindex(until: () => boolean): Promise<number> {
    const words = await reindexWords(this.#database, until);
    return words + (await makeCards(this.#database, until));
  }

  summaries(filter: ImageFilter = {}): Promise<SummaryPage> {
    return readSummaries(this.#database, filter);
  }

  facets(filter: ImageFilter, limit: number): Promise<Facets> {
    return readFacets(this.#database, filter, limit);
  }

  ids(filter: ImageFilter, most: number): Promise<{ ids: string[]; more: boolean }> {
    return idsThatFit(this.#database, filter, most);
  }

  rejections(): Promise<RejectionCount[]> {
    return countRejections(this.#database);
  }

  faces(keys: readonly string[]): Promise<FacePlace[]> {
    return readFaces(this.#database, keys);
  }

  async batches(): Promise<BatchCount[]> {
    const all = await this.counts.batches();
    return all.map(({ batchId, images, byStatus }) => ({ batchId, images, byStatus }));
  }

  async removeFaces(imageId: string): Promise<void> {
    const { dialect } = this.#database;
    await this.#database.write((session) => removeFacesOf(session, dialect, imageId, this.#clock()));
  }

  applyConsent(batchId: string, consent: Consent, options: ConsentOptions): Promise<number> {
    return applyConsent(this.#database, batchId, consent, options, this.#clock);
  }

  clear(): Promise<number> {
    return clearAll(this.#database, new Date(this.#clock()).toISOString());
  }

  async query(text: string): Promise<Record<string, unknown>[]> {
    assertOneSelect(text);
    return this.#database.query(text);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  /** The save is done whatever becomes of this: the next one tries again, and a timer. */
  async #foldInPassing(): Promise<void> {
    this.#unfolded = 0;
    try {
      await this.counts.fold();
    } catch (error) {
      if (!(error instanceof OutageError)) throw error;
    }
  }
}
