import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TestRun } from './sandbox.ts';

/** What became of a fault, as it is remembered. */
interface Verdict extends Omit<TestRun, 'took'> {
  readonly id: string;
  /** Of the file, and of the tests that passed or of the one that noticed: as long as they are the same, so is this. */
  readonly basis: string;
  readonly file: string;
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** What earlier runs found, in a file of JSON lines: what has not changed since is not run again. */
export class Memory {
  readonly #path: string;
  readonly #known = new Map<string, Verdict>();
  readonly #times = new Map<string, number>();

  constructor(path: string) {
    this.#path = path;
    let text = '';
    try {
      text = readFileSync(path, 'utf8');
    } catch {
      mkdirSync(dirname(path), { recursive: true });
    }
    for (const line of text.split('\n')) {
      try {
        const verdict = JSON.parse(line) as Verdict;
        this.#known.set(verdict.id, verdict);
        this.#timed(verdict);
      } catch {
        // A run that was ended may have left half a line.
      }
    }
  }

  /** The verdict, where neither the file nor the tests it rests on have changed. */
  get(id: string, source: string, tests: readonly string[]): Verdict | undefined {
    const known = this.#known.get(id);
    if (!known) return undefined;
    const basis = basisOf(source, known.verdict === 'failed' && known.by ? [known.by] : tests);
    return known.basis === basis ? known : undefined;
  }

  keep(id: string, file: string, source: string, tests: readonly string[], run: TestRun): void {
    const basis = basisOf(source, run.verdict === 'failed' && run.by ? [run.by] : tests);
    const { took: _, ...rest } = run;
    const verdict: Verdict = { id, file, basis, ...rest };
    this.#known.set(id, verdict);
    this.#timed(verdict);
    appendFileSync(this.#path, `${JSON.stringify(verdict)}\n`);
  }

  /** How long tests took at least to notice something, in milliseconds: the dearer come later. */
  get times(): ReadonlyMap<string, number> {
    return this.#times;
  }

  #timed({ by, ms }: Verdict): void {
    if (by !== undefined) this.#times.set(by, Math.min(ms, this.#times.get(by) ?? ms));
  }

  /** How often each test noticed a fault of this file. */
  caught(file: string): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { file: of, by } of this.#known.values()) {
      if (of === file && by !== undefined) counts.set(by, (counts.get(by) ?? 0) + 1);
    }
    return counts;
  }
}

function basisOf(source: string, tests: readonly string[]): string {
  const texts = tests.map((test) => {
    try {
      return readFileSync(test, 'utf8');
    } catch {
      return '';
    }
  });
  return digest([source, ...texts].map(digest).join());
}
