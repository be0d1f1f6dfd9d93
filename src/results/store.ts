/**
 * The result store as the rest of the app sees it: one row per image and its children, the same questions with the
 * same answers from SQL Server and from SQLite. What a caller must know about both stands here; nothing outside
 * `results/` writes SQL.
 *
 * Text: U+0000 and unpaired surrogates become U+FFFD, except inside what is kept as JSON (`jobOutput`, `tags`,
 * `imageParameters`, `categories`, `description`, `steps`, `pipeline`, attributes), which comes back as it was given.
 */

import type { Warning } from '../domain/warning.ts';
import type { AuditTrail } from './audit/trail.ts';
import type { Counts } from './counts.ts';
import type { Decisions } from './decisions.ts';
import type { Erasures } from './erasure.ts';
import type { FacePlace } from './pair-view.ts';

/** How a job ended. `done`: every step done or unavailable; `partial`: at least one failed or was skipped. */
export type ImageStatus = 'done' | 'partial' | 'rejected' | 'superseded' | 'gone';

export interface StepState {
  state: 'done' | 'failed' | 'skipped' | 'unavailable';
  /** Why, for every state but `done`. */
  error?: { code: string; message: string };
  attempts: number;
}

export interface ResultTag {
  name: string;
  /** 0 to 1. */
  confidence: number;
}

export interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface ResultFace {
  /** `<job id>-<number>`; kept over a rerun while the face stays in place. */
  key: string;
  /** Pixels of the upright working image. */
  rectangle: Rectangle;
  /** Name of the crop in the private container `faces`, when there is one. */
  crop?: string;
  /** `qualityForRecognition`, when the service gave it. */
  quality?: string;
  /** Attributes as the Face service gave them. */
  attributes?: unknown;
  /** Whether other photographs can find this face. */
  enrolled: boolean;
}

/** A possible match: for a human to decide, never a fact. */
export interface ResultMatch {
  /** Face of this image. */
  face: string;
  /** Face of the other image. */
  otherFace: string;
  /** Job id of the other image. */
  otherImage: string;
  otherImageUrl: string;
  otherRectangle: Rectangle;
  /** 0 to 1, as the service gave it. */
  confidence: number;
  /** How far the next best candidate of this face lies below, when there was one. */
  margin?: number;
}

/** On what terms an image may be processed. */
export interface Consent {
  /** At most 200 characters, as `legalBasis`. */
  purpose?: string;
  legalBasis?: string;
  /** ISO 8601, UTC: from then on it is to be erased. */
  expires?: string;
  /** Whether its faces are neither enrolled nor offered: then it stands in no pair. */
  doNotMatch: boolean;
}

/** All that is stored about one image: what `pipelineoutput` hands over. */
export interface ImageResult {
  /** At most 200 characters. */
  id: string;
  /** At most 512 characters. */
  batchId: string;
  imageUrl: string;
  run: number;
  status: ImageStatus;
  /** Why, for `rejected`, `superseded` and `gone`. */
  reason?: { code: string; message: string };
  pipeline: string[];
  /** State of every step of the pipeline. */
  steps: Record<string, StepState>;
  imageParameters?: unknown;
  /** Absent where nothing was said of its batch. */
  consent?: Consent;
  /** Fields of the original's EXIF that were asked for. */
  exif?: unknown;
  /** What was done, but not wholly; absent where there is nothing to say. */
  warnings?: Warning[];
  /** Outputs by step, as in the message, linked content filled in. */
  jobOutput: Record<string, unknown>;
  /** Pixels of the upright working image, when it could be decoded. */
  width?: number;
  height?: number;
  /** Bytes of the original. */
  bytes?: number;
  caption?: string;
  /** Recognised text. */
  text?: string;
  /** Analyze response parts, kept as their own columns as in 2017. */
  categories?: unknown;
  description?: unknown;
  tags: ResultTag[];
  faces: ResultFace[];
  /** Those of a face that is not among `faces` are left out: nobody could see or decide them. */
  matches: ResultMatch[];
  /** ISO 8601, UTC; kept to the millisecond. */
  finishedAt: string;
}

/** A match as read back, seen from one of its two images; whichever reported it. */
export interface StoredMatch extends ResultMatch {
  /** Absent while the other image is still under way: it has no row yet. */
  otherBatchId?: string;
  /** ISO 8601, UTC: when the pair was first stored. */
  firstSeen: string;
}

export interface StoredImage extends Omit<ImageResult, 'matches'> {
  /** Highest confidence first. None to an image that is gone or superseded. */
  matches: StoredMatch[];
}

/** A place in the order (finishedAt, id) descending. */
export interface Position {
  finishedAt: string;
  id: string;
}

/** What became of a step: how failures are counted. */
export interface StepOutcome {
  step: string;
  state: 'failed' | 'skipped';
  /** Any where absent. */
  code?: string;
}

export interface ImageFilter {
  batchId?: string;
  status?: ImageStatus;
  outcome?: StepOutcome;
  /** A tag's whole name, in any case; of several, all. */
  tag?: string | readonly string[];
  /** A category's whole name, in any case; of several, all. */
  category?: string | readonly string[];
  /** The code of a warning its row has. */
  warning?: string;
  purpose?: string;
  doNotMatch?: boolean;
  minFaces?: number;
  maxFaces?: number;
  /** ISO 8601: finished at or after this. */
  from?: string;
  /** ISO 8601: finished before this. */
  to?: string;
  /**
   * Words, all of which must occur in caption, tags or text; a trailing `*` makes a word a prefix. Text without a
   * single word in it finds nothing. See `words.ts` for what a word is.
   */
  text?: string;
  /** Keyset: rows after this one, newest first. */
  after?: Position;
  /** 1 to 1000; 100 by default. */
  limit?: number;
}

/** What a list shows of an image: no outputs, so that a page of them is quick. */
export interface ImageSummary
  extends Pick<
    ImageResult,
    | 'id'
    | 'batchId'
    | 'imageUrl'
    | 'status'
    | 'reason'
    | 'width'
    | 'height'
    | 'caption'
    | 'tags'
    | 'finishedAt'
  > {
  faceCount: number;
  /** Codes of its warnings, in alphabetical order. */
  warningCodes: string[];
  /** Possible matches that nobody has rejected. */
  matchCount: number;
}

export interface SummaryPage {
  images: ImageSummary[];
  /** Where to go on; a page may hold fewer images than asked for, even none, and yet have this. */
  next?: Position;
}

export interface BatchCount {
  batchId: string;
  images: number;
  byStatus: Partial<Record<ImageStatus, number>>;
}

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
  /** Newest first. */
  list(filter?: ImageFilter): Promise<StoredImage[]>;
  /** Newest first, without outputs; looks at a bounded number of images. */
  summaries(filter?: ImageFilter): Promise<SummaryPage>;
  /** Faces by their keys, in no order; those without a row are left out. */
  faces(keys: readonly string[]): Promise<FacePlace[]>;
  /** By batch id. */
  batches(): Promise<BatchCount[]>;
  /** Figures about all images that cost the same however many there are. */
  readonly counts: Counts;
  /** What people say about possible matches. */
  readonly decisions: Decisions;
  /** Takes images out for good. */
  readonly erasures: Erasures;
  /** Who did what. It is not emptied by `clear`. */
  readonly audit: AuditTrail;
  /** Removes faces (and with them their matches) of an image, leaving its row: a superseded or gone image. */
  removeFaces(imageId: string): Promise<void>;
  /**
   * Writes what is said of a batch to its rows, and takes its faces out of all possible matches where that says so.
   *
   * @returns rows of the batch
   */
  applyConsent(batchId: string, consent: Consent, refused?: readonly string[]): Promise<number>;
  /** Removes every image and all that belongs to it. @returns how many images there were */
  clear(): Promise<number>;
  /** Runs one SELECT given by a person and returns its rows. @throws {NotReadOnlyError} for anything else. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}
