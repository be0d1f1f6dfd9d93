/**
 * The result store as the rest of the app sees it: one row per image and its children, the same questions with the
 * same answers from SQL Server and from SQLite. What a caller must know about both stands here; nothing outside
 * `results/` and `people/` writes SQL.
 *
 * Text: U+0000 and unpaired surrogates become U+FFFD, except inside what is kept as JSON (`jobOutput`, `tags`,
 * `imageParameters`, `categories`, `description`, `steps`, `pipeline`, attributes), which comes back as it was given.
 */

import type { AuditTrail } from '../audit/trail.ts';
import type { Database } from '../database/database.ts';
import type { Consent } from '../domain/consent.ts';
import type { BulkActs } from './bulk.ts';
import type { ConsentOptions } from './consent.ts';
import type { Counts } from './counts.ts';
import type { Decisions } from './decisions.ts';
import type { Erasures } from './erasure.ts';
import type { Facets } from './facets.ts';
import type { Outbox } from './outbox.ts';
import type { FacePlace } from './pair-view.ts';
import type { RejectionCount } from './rejections.ts';
import type { BatchCount, ImageFilter, ImageResult, StoredImage, SummaryPage } from './rows.ts';

/**
 * All methods throw `OutageError` when the database is away or stays locked; what else they throw is a bug.
 */
export interface ResultStore {
  /** Brings the database to this version's schema, under a lock; safe to call from many processes at once. */
  migrate(): Promise<void>;
  /**
   * Upserts the image's row and replaces its children in one transaction. A pair of faces is stored once, under
   * (lower, higher) face key, unique; it stays while either image's latest result reports it, unless one of them is
   * gone or superseded.
   *
   * @returns `superseded` when the stored row has a higher run, `erased` when the image has been erased: then nothing is
   *   written. What it says about other images that have been erased is left out.
   * @throws {PermanentError} when the id, the batch or a face key is longer than its column
   */
  save(result: ImageResult): Promise<'saved' | 'superseded' | 'erased'>;
  get(id: string): Promise<StoredImage | undefined>;
  /** Images by their ids, in the order asked for; those without a row are left out. */
  images(ids: readonly string[]): Promise<StoredImage[]>;
  /** Newest first. */
  list(filter?: ImageFilter): Promise<StoredImage[]>;
  /**
   * Makes the search words of images again that were saved under older rules, a few at a time; whoever stops it loses
   * nothing.
   *
   * @param until looked at between images: false ends it
   * @returns images whose words were made again
   */
  reindex(until: () => boolean): Promise<number>;
  /**
   * Newest first, without outputs; looks at a bounded number of images. Of a search for words those come first that are
   * spelled as they were typed.
   */
  summaries(filter?: ImageFilter): Promise<SummaryPage>;
  /** How many images fit, and their most frequent tags and categories; looks at a bounded number of images. */
  facets(filter: ImageFilter, limit: number): Promise<Facets>;
  /** Ids of the images that fit, newest first, at most so many. */
  ids(filter: ImageFilter, most: number): Promise<{ ids: string[]; more: boolean }>;
  /** Images that were not taken, by reason. */
  rejections(): Promise<RejectionCount[]>;
  /** Faces by their keys, in no order; those without a row are left out. */
  faces(keys: readonly string[]): Promise<FacePlace[]>;
  /** By batch id. */
  batches(): Promise<BatchCount[]>;
  /** Figures about all images that cost the same however many there are. */
  readonly counts: Counts;
  /** What people say about possible matches. */
  readonly decisions: Decisions;
  /** Acts on many images at once. */
  readonly bulk: BulkActs;
  /** Takes images out for good. */
  readonly erasures: Erasures;
  /** Who did what. It is not emptied by `clear`. */
  readonly audit: AuditTrail;
  /** What is to be told to others. */
  readonly outbox: Outbox;
  /** Removes faces (and with them their matches) of an image, leaving its row: a superseded or gone image. */
  removeFaces(imageId: string): Promise<void>;
  /**
   * Writes what is said of a batch to its rows, and takes its faces out of all possible matches where that says so.
   *
   * @returns rows of the batch
   */
  applyConsent(batchId: string, consent: Consent, options: ConsentOptions): Promise<number>;
  /** Removes every image and all that belongs to it. @returns how many images there were */
  clear(): Promise<number>;
  /** Runs one SELECT given by a person and returns its rows. @throws {NotReadOnlyError} for anything else. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** For `people/`, which lives in the same database. */
  readonly database: Database;
  close(): Promise<void>;
}
