/** Floats of a faceprint. */
export const DIMENSIONS = 128;

export interface Neighbour {
  id: string;
  /** Euclidean. */
  distance: number;
}

export interface SearchOptions {
  /** Most neighbours to return. */
  limit: number;
  /** Neighbours farther away are left out. */
  maxDistance: number;
  /** Faces that were added after this sequence number are left out. */
  upTo: number;
}

/** A removed face's sequence number: below every real one. */
const REMOVED = 0;

/**
 * Exact nearest-neighbour search over one list, in one Float32Array: a scan of 100,000 faces takes some ten
 * milliseconds, less than an approximate index would save, and never misses.
 */
export class FaceprintIndex {
  #prints = new Float32Array(64 * DIMENSIONS);
  #seqs: number[] = [];
  #ids: string[] = [];
  #positions = new Map<string, number>();

  /** Faces in the index. */
  get size(): number {
    return this.#positions.size;
  }

  has(id: string): boolean {
    return this.#positions.has(id);
  }

  /** @param seq above that of every face already here */
  add(seq: number, id: string, print: ArrayLike<number>): void {
    const position = this.#seqs.length;
    if ((position + 1) * DIMENSIONS > this.#prints.length) {
      const larger = new Float32Array(this.#prints.length * 2);
      larger.set(this.#prints);
      this.#prints = larger;
    }
    this.#prints.set(print, position * DIMENSIONS);
    this.#seqs.push(seq);
    this.#ids.push(id);
    this.#positions.set(id, position);
  }

  remove(id: string): void {
    const position = this.#positions.get(id);
    if (position === undefined) return;
    this.#positions.delete(id);
    this.#seqs[position] = REMOVED;
    this.#ids[position] = '';
    this.#prints.fill(0, position * DIMENSIONS, (position + 1) * DIMENSIONS);
    if (this.#seqs.length > 64 && this.size < this.#seqs.length / 2) this.#compact();
  }

  /** Nearest first; of equally near faces the one enrolled first. */
  nearest(query: ArrayLike<number>, { limit, maxDistance, upTo }: SearchOptions): Neighbour[] {
    const found: { position: number; square: number }[] = [];
    let worst = maxDistance * maxDistance;
    for (let position = 0; position < this.#seqs.length; position++) {
      const seq = this.#seqs[position] ?? REMOVED;
      if (seq > upTo) break;
      if (seq === REMOVED) continue;
      const square = this.#squareWithin(query, position, worst);
      if (square > worst || (found.length === limit && square === worst)) continue;
      insertSorted(found, { position, square });
      if (found.length > limit) found.pop();
      if (found.length === limit) worst = found[limit - 1]?.square ?? worst;
    }
    return found.map(({ position, square }) => ({
      id: this.#ids[position] ?? '',
      distance: Math.sqrt(square),
    }));
  }

  /** Square of the distance, or any number above `bound` as soon as it is certain to be above it. */
  #squareWithin(query: ArrayLike<number>, position: number, bound: number): number {
    const offset = position * DIMENSIONS;
    const prints = this.#prints;
    let sum = 0;
    for (let block = 0; block < DIMENSIONS; block += 32) {
      for (let i = block; i < block + 32; i++) {
        const difference = (prints[offset + i] as number) - (query[i] as number);
        sum += difference * difference;
      }
      if (sum > bound) return sum;
    }
    return sum;
  }

  #compact(): void {
    const old = { prints: this.#prints, seqs: this.#seqs, ids: this.#ids };
    let capacity = 64;
    while (capacity < this.size * 2) capacity *= 2;
    this.#prints = new Float32Array(capacity * DIMENSIONS);
    this.#seqs = [];
    this.#ids = [];
    this.#positions = new Map();
    old.seqs.forEach((seq, i) => {
      if (seq === REMOVED) return;
      this.add(seq, old.ids[i] ?? '', old.prints.subarray(i * DIMENSIONS, (i + 1) * DIMENSIONS));
    });
  }
}

function insertSorted<T extends { square: number }>(sorted: T[], item: T): void {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.square ?? 0) <= item.square) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, item);
}
