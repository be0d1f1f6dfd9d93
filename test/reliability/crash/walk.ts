import { ALL_MODES, type Cell, keyOf, type Mode } from './cells.ts';
import type { Ran } from './progress.ts';

/** @throws where `text` is not a cell as `keyOf` writes it */
export function cellOf(text: string): Cell {
  const [, mode = '', when, n] = /^([a-z-]+):(before|after):(\d+)$/.exec(text) ?? [];
  if (!ALL_MODES.includes(mode as Mode))
    throw new Error(`"${text}" is no cell: write it as ${ALL_MODES[0]}:before:17.`);
  return { mode: mode as Mode, when: when as Cell['when'], n: Number(n) };
}

/**
 * Hands out the cells that have not been run yet, mode by mode: in plain mode the host is killed before and after each
 * request of a whole job; with duplicated and with reordered messages, whose jobs make several times as many requests,
 * before and after in turn. A switch of models is killed before and after each of its requests and statements. A mode ends where a host lived to the end of its job.
 */
export class Walk {
  readonly #modes: readonly Mode[];
  readonly #stride: number;
  readonly #done = new Set<string>();
  /** The smallest n that is beyond the end of a job, by mode. */
  readonly #ends = new Map<Mode, number>();
  #mode = 0;
  #n = 1;
  #side = 0;

  constructor(modes: readonly Mode[], stride: number, ran: Iterable<Ran>) {
    this.#modes = modes;
    this.#stride = stride;
    for (const one of ran) this.note(one);
  }

  note({ cell, killed, error }: Ran): void {
    if (error === undefined) this.#done.add(keyOf(cell));
    if (killed === false) {
      this.#ends.set(cell.mode, Math.min(cell.n, this.#ends.get(cell.mode) ?? cell.n));
    }
  }

  /** @returns undefined where all cells have been handed out */
  next(): Cell | undefined {
    for (;;) {
      const mode = this.#modes[this.#mode];
      if (mode === undefined) return undefined;
      if (this.#n > (this.#ends.get(mode) ?? Number.POSITIVE_INFINITY)) {
        this.#mode += 1;
        this.#n = 1;
        this.#side = 0;
        continue;
      }
      const sides: Cell['when'][] =
        mode === 'duplicated' || mode === 'reordered'
          ? [this.#n % 2 ? 'before' : 'after']
          : ['before', 'after'];
      const when = sides[this.#side];
      if (when === undefined) {
        this.#n += this.#stride;
        this.#side = 0;
        continue;
      }
      this.#side += 1;
      const cell = { mode, n: this.#n, when };
      if (!this.#done.has(keyOf(cell))) return cell;
    }
  }
}
