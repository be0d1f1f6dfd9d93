import { createScan, newMemory, PAGE, type Scan } from './distance-kernel.ts';
import { DIMENSIONS } from './faceprint-index.ts';

/** Steps of a byte per unit: the numbers of a faceprint lie within a half; what does not is cut, and its error kept. */
const STEPS = 254;

/** A wiped row: no faceprint is near it. */
const WIPED = Int8Array.from({ length: DIMENSIONS }, (_, i) => (i % 2 === 0 ? 127 : -128));

/**
 * Faceprints as bytes, a quarter of their size, in order of sequence number. A search gives every face that may be
 * among the nearest once the exact faceprints are compared: the errors of rounding are known, so none is missed.
 */
export class QuantisedFaces {
  readonly #memory = newMemory();
  readonly #scan: Scan = createScan(this.#memory);
  /** Negative once wiped; the sizes ascend. */
  #seqs = new Float64Array(1024);
  #rows = 0;
  #live = 0;
  /** Largest distance of a row from the faceprint that it stands for. */
  #error = 0;

  get live(): number {
    return this.#live;
  }

  get lastSeq(): number {
    return this.#rows === 0 ? 0 : Math.abs(this.#seqs[this.#rows - 1] ?? 0);
  }

  get rows(): number {
    return this.#rows;
  }

  /** @returns the row as bytes, or undefined where a face as new is here already */
  add(seq: number, print: ArrayLike<number>): { bytes: Int8Array; error: number } | undefined {
    if (seq <= this.lastSeq) return undefined;
    const { bytes, error } = quantise(print);
    this.addRow(seq, bytes, error);
    return { bytes, error };
  }

  /** @param seq negative for a wiped row */
  addRow(seq: number, bytes: Int8Array, error: number): void {
    this.#reserve(this.#rows + 1);
    this.#bytes(this.#rows).set(bytes);
    this.#seqs[this.#rows] = seq;
    this.#rows++;
    if (seq > 0) this.#live++;
    this.#error = Math.max(this.#error, error);
  }

  /** @returns the row that held the face, or undefined where none did */
  wipe(seq: number): number | undefined {
    const row = this.#firstAfter(seq - 1);
    if (this.#seqs[row] !== seq) return undefined;
    this.#seqs[row] = -seq;
    this.#bytes(row).set(WIPED);
    this.#live--;
    return row;
  }

  /** Sequence numbers of all that may be among the `limit` nearest of those up to `upTo`, within `maxDistance`. */
  search(
    query: ArrayLike<number>,
    { limit, maxDistance, upTo }: { limit: number; maxDistance: number; upTo: number },
  ): number[] {
    const rows = this.#firstAfter(upTo);
    if (rows === 0) return [];
    const { bytes, error } = quantise(query);
    const at = this.#reserve(this.#rows);
    new Int8Array(this.#memory.buffer, at.query, DIMENSIONS).set(bytes);
    this.#scan(0, rows, at.query, at.out);
    const squares = new Int32Array(this.#memory.buffer, at.out, rows);
    const slack = this.#error + error;
    const largest = Number.isFinite(maxDistance) ? squareOf(maxDistance + slack) : Number.MAX_SAFE_INTEGER;
    const last = Math.sqrt(this.#kth(squares, limit)) / STEPS;
    // The true distance of the last of the nearest is at most `last + slack`, that of any row at least its own - slack.
    const bound = Math.min(largest, squareOf(last + 2 * slack));
    const found: number[] = [];
    for (let row = 0; row < rows; row++) {
      const seq = this.#seqs[row] as number;
      if ((squares[row] as number) <= bound && seq > 0) found.push(seq);
    }
    return found;
  }

  /** The k-th smallest square of a live row; infinite where there are fewer. A heap holds the k smallest so far. */
  #kth(squares: Int32Array, k: number): number {
    const heap = new Float64Array(k).fill(Number.POSITIVE_INFINITY);
    let worst = Number.POSITIVE_INFINITY;
    for (let row = 0; row < squares.length; row++) {
      const square = squares[row] as number;
      if (square >= worst || (this.#seqs[row] as number) < 0) continue;
      sink(heap, square);
      worst = heap[0] as number;
    }
    return worst;
  }

  /** Rows whose face is no newer than `seq`. */
  #firstAfter(seq: number): number {
    let [low, high] = [0, this.#rows];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (Math.abs(this.#seqs[middle] as number) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #bytes(row: number): Int8Array {
    return new Int8Array(this.#memory.buffer, row * DIMENSIONS, DIMENSIONS);
  }

  /** Room for rows, a query behind them and a distance for each. @returns where both are */
  #reserve(rows: number): { query: number; out: number } {
    if (rows > this.#seqs.length) {
      const larger = new Float64Array(Math.ceil(rows * 1.25));
      larger.set(this.#seqs);
      this.#seqs = larger;
    }
    const query = this.#seqs.length * DIMENSIONS;
    const out = query + DIMENSIONS;
    const missing = out + this.#seqs.length * 4 - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    return { query, out };
  }
}

const squareOf = (distance: number): number => Math.ceil((distance * STEPS) ** 2);

export function quantise(print: ArrayLike<number>): { bytes: Int8Array; error: number } {
  const bytes = new Int8Array(DIMENSIONS);
  let square = 0;
  for (let i = 0; i < DIMENSIONS; i++) {
    const value = print[i] ?? 0;
    const step = Math.max(-127, Math.min(127, Math.round(value * STEPS)));
    bytes[i] = step;
    square += (value - step / STEPS) ** 2;
  }
  // A little more than the error itself, for its own arithmetic rounds, too.
  return { bytes, error: Math.sqrt(square) * (1 + 1e-9) + 1e-9 };
}

/** Replaces the largest, which stands first, and restores the order of a heap. */
function sink(heap: Float64Array, value: number): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] as number) > (heap[child] as number)) child++;
    if ((heap[child] as number) <= value) break;
    heap[at] = heap[child] as number;
    at = child;
  }
  heap[at] = value;
}
