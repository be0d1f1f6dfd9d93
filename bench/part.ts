import type { Report } from './report.ts';

export interface PartOptions {
  /** Fewer repetitions: does it work, and about how fast. */
  quick: boolean;
  /** Says how far it is. */
  say(progress: string): void;
}

/** One part of the benchmark. */
export type Part = (options: PartOptions) => Promise<Report>;
