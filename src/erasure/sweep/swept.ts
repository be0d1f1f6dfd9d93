import type { Target } from '../subjects.ts';

/** Something that is left of erased images, found by going through everything. */
export interface Trace {
  /** The store, as receipts name it. */
  readonly store: string;
  /** Which of the images it is about. */
  readonly ids: readonly string[];
  erase(signal: AbortSignal): Promise<void>;
  /** Whether it is still there. */
  isLeft(signal: AbortSignal): Promise<boolean>;
}

/** Some of a store, looked through. */
export interface SweptPage {
  readonly traces: readonly Trace[];
  /** Where the rest begins; absent at the end. */
  readonly next?: string;
}

/** A store of which only going through all of it shows that nothing is left. */
export interface Swept {
  /** Under which a sweep remembers that it is through with it: not to be changed. */
  readonly name: string;
  /** The stores in which it finds something, as receipts name them. */
  readonly stores: readonly string[];
  /** See `Place.leads`. */
  readonly leads: boolean;
  /** @returns looks through some of it, from its beginning or from `next` of the page before */
  open(target: Target): (from: string | undefined, signal: AbortSignal) => Promise<SweptPage>;
}
