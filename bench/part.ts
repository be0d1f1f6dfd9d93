import type { Report } from './report.ts';

interface PartOptions {
  /** Fewer repetitions: does it work, and about how fast. */
  quick: boolean;
  /** Another built checkout whose vision engine is measured in place of this one's. */
  checkout?: string | undefined;
  /** Says how far it is. */
  say(progress: string): void;
}

/** One part of the benchmark. */
export type Part = (options: PartOptions) => Promise<Report>;
