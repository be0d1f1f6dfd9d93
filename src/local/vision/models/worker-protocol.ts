import type { Analysis, AnalysisPart } from '../analysis.ts';

/** One image for a worker; it answers every request with one reply, in order. */
export interface WorkerRequest {
  /** Hash of the bytes: a worker asked twice in a row for one image decodes it once. */
  key: string;
  /** Left out where the worker holds the image: it was asked for it last, and answered. */
  bytes?: Uint8Array;
  parts: readonly AnalysisPart[];
}

export type WorkerReply =
  | { kind: 'done'; values: Partial<Analysis> }
  /** The image is at fault. */
  | { kind: 'undecodable'; message: string }
  /** The worker is at fault, and not to be trusted any more. */
  | { kind: 'failed'; message: string };
