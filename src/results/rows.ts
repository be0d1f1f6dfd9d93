/** What the result store takes and gives: an image with its tags, faces and possible matches, and how they are asked for. */

import type { Consent } from '../domain/consent.ts';
import type { Rectangle } from '../domain/rectangle.ts';
import type { StepStanding } from '../domain/step.ts';
import type { Warning } from '../domain/warning.ts';

/** How a job ended. `done`: every step done or unavailable; `partial`: at least one failed or was skipped. */
export type ImageStatus = 'done' | 'partial' | 'rejected' | 'superseded' | 'gone';

interface ResultTag {
  name: string;
  /** 0 to 1. */
  confidence: number;
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
  steps: Record<string, StepStanding>;
  imageParameters?: unknown;
  /** Absent where nothing was said of its batch. */
  consent?: Consent;
  /** Fields of the original's EXIF that were asked for. */
  exif?: unknown;
  /** What was done in part only; absent where everything was. */
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
  /** The model that its faces were compared with; absent where they were not. */
  model?: string;
  /** ISO 8601, UTC; kept to the millisecond. */
  finishedAt: string;
  /** Milliseconds from its admission until now; absent of a rerun, which says nothing about speed. Kept as a figure of many. */
  latencyMs?: number;
}

/** A match as read back, seen from one of its two images; whichever reported it. */
export interface StoredMatch extends ResultMatch {
  /** Absent while the other image is still under way: it has no row yet. */
  otherBatchId?: string;
  /** ISO 8601, UTC: when the pair was first stored. */
  firstSeen: string;
}

export interface StoredImage extends Omit<ImageResult, 'matches' | 'latencyMs'> {
  /** Highest confidence first. None to an image that is gone or superseded. */
  matches: StoredMatch[];
}

/** A place in the order (finishedAt, id) descending. */
export interface Position {
  finishedAt: string;
  id: string;
  /** Set where the list has come to other spellings of the words sought: see `ImageSummaries`. */
  spelling?: 'other';
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
  /** The code of the reason why it was rejected. */
  rejectedFor?: string;
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
  /** Images without a face only where faces were looked for. */
  maxFaces?: number;
  /** ISO 8601: finished at or after this. */
  from?: string;
  /** ISO 8601: finished before this. */
  to?: string;
  /**
   * Words, all of which must occur in file name, batch, caption, tags or text; a trailing `*` makes a word a prefix. Text without a
   * single word in it finds nothing. See `words.ts` for what a word is.
   */
  text?: string;
  /** Of `text`: only as it was typed, or only spelled otherwise (accents, case of other scripts); both where absent. */
  spelling?: 'exact' | 'other';
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
  /** The middle of its faces, each axis as a share of the picture (0 to 1); absent where there are none, or no size. */
  focus?: { x: number; y: number };
  /** Whether faces were looked for: only then does a count of 0 say that there is none. */
  facesLookedFor: boolean;
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
