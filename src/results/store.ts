/**
 * The result store as the rest of the app sees it: one row per image and its children, the same questions with the
 * same answers from SQL Server and from SQLite. What a caller must know about both stands here; nothing outside
 * `results/` writes SQL.
 */

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

/** All that is stored about one image: what `pipelineoutput` hands over. */
export interface ImageResult {
  id: string;
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
  matches: ResultMatch[];
  /** ISO 8601, UTC. */
  finishedAt: string;
}

/** A match as read back, seen from one of its two images. */
export interface StoredMatch extends ResultMatch {
  otherBatchId: string;
}

export interface StoredImage extends Omit<ImageResult, 'matches'> {
  matches: StoredMatch[];
}

export interface ImageFilter {
  batchId?: string;
  status?: ImageStatus;
  /** Exact tag name, lower case. */
  tag?: string;
  /** Words, all of which must occur in caption, tags or text; a trailing `*` makes a word a prefix. */
  text?: string;
  /** Keyset: rows after this one, in the order (finishedAt, id) descending. */
  after?: { finishedAt: string; id: string };
  /** 1 to 1000; 100 by default. */
  limit?: number;
}

export interface BatchCount {
  batchId: string;
  images: number;
  byStatus: Partial<Record<ImageStatus, number>>;
}

export interface ResultStore {
  /** Brings the database to this version's schema, under a lock; safe to call from many processes at once. */
  migrate(): Promise<void>;
  /**
   * Upserts the image's row and replaces its children in one transaction. A pair of faces is stored once, under
   * (lower, higher) face key, unique; it stays while either image's latest result reports it.
   *
   * @returns `superseded` when the stored row has a higher run: then nothing is written
   */
  save(result: ImageResult): Promise<'saved' | 'superseded'>;
  get(id: string): Promise<StoredImage | undefined>;
  list(filter?: ImageFilter): Promise<StoredImage[]>;
  batches(): Promise<BatchCount[]>;
  /** Removes faces (and with them their matches) of an image, leaving its row: a superseded or gone image. */
  removeFaces(imageId: string): Promise<void>;
  /** Runs one read-only statement given by a person and returns its rows. @throws when it would write. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}
