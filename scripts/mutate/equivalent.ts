import { readFileSync } from 'node:fs';
import type { Mutant } from './mutants.ts';

/** A fault that changes nothing which anybody could notice, and why. */
interface Equivalent {
  readonly file: string;
  readonly within: string;
  readonly kind: string;
  /** What stood there; of several in the same function, all. */
  readonly was: string;
  readonly why: string;
}

const PATH = 'scripts/mutate/equivalent.json';

/** Faults that were looked at and change nothing. */
export class Equivalents {
  readonly #known: readonly Equivalent[] = JSON.parse(readFileSync(PATH, 'utf8'));

  /** Why the fault changes nothing, where somebody has found that out. */
  why({ file, within, kind, was }: Mutant): string | undefined {
    return this.#known.find(
      (one) => one.file === file && one.within === within && one.kind === kind && flat(one.was) === flat(was),
    )?.why;
  }
}

const flat = (text: string) => text.replace(/\s+/g, ' ').trim();
