/** Ids that are hashes: 128 bits, as they are written. */
const HASH = /^[0-9a-f]{32}$/;
/** Words of 32 bits in a hash. */
const WORDS = 4;
/** Places of a table at first; a power of two. */
const FIRST = 64;

type Hash = readonly [number, number, number, number];

/**
 * A set of very many ids, most of them hashes, which are kept as numbers: 32 to 64 bytes each. A `Set` of a million strings
 * takes 70 MB, and stops everything for 50 to 240 ms each time it grows, or its strings are gone through
 * for what may be freed. Here it is 256 tables, by the first eight bits, and none of them is large.
 */
export class ManyIds {
  readonly #tables = new Map<number, HashTable>();
  /** What is no hash, and the one that would look like a free place. */
  readonly #others = new Set<string>();

  add(id: string): void {
    const hash = hashOf(id);
    if (hash === undefined) {
      this.#others.add(id);
      return;
    }
    const key = hash[0] >>> 24;
    let table = this.#tables.get(key);
    if (table === undefined) {
      table = new HashTable();
      this.#tables.set(key, table);
    }
    table.add(hash);
  }

  has(id: string): boolean {
    const hash = hashOf(id);
    return hash === undefined ? this.#others.has(id) : this.#tables.get(hash[0] >>> 24)?.has(hash) === true;
  }
}

/** Open addressing with linear probing; a place of zeros is free. */
class HashTable {
  #words = new Uint32Array(FIRST * WORDS);
  #count = 0;

  has(hash: Hash): boolean {
    return !this.#isFree(this.#placeOf(hash));
  }

  add(hash: Hash): void {
    const place = this.#placeOf(hash);
    if (!this.#isFree(place)) return;
    this.#words.set(hash, place);
    this.#count += 1;
    if (2 * this.#count * WORDS > this.#words.length) this.#grow();
  }

  /** Where it stands, or would stand. */
  #placeOf([a, b, c, d]: Hash): number {
    const words = this.#words;
    // The first word's beginning chose the table.
    for (let place = (b * WORDS) % words.length; ; place = (place + WORDS) % words.length) {
      if (this.#isFree(place)) return place;
      if (words[place] === a && words[place + 1] === b && words[place + 2] === c && words[place + 3] === d)
        return place;
    }
  }

  #isFree(place: number): boolean {
    const words = this.#words;
    return words[place] === 0 && words[place + 1] === 0 && words[place + 2] === 0 && words[place + 3] === 0;
  }

  #grow(): void {
    const before = this.#words;
    this.#words = new Uint32Array(2 * before.length);
    for (let place = 0; place < before.length; place += WORDS) {
      const [a = 0, b = 0, c = 0, d = 0] = before.subarray(place, place + WORDS);
      if ((a | b | c | d) !== 0) this.#words.set([a, b, c, d], this.#placeOf([a, b, c, d]));
    }
  }
}

function hashOf(id: string): Hash | undefined {
  if (!HASH.test(id)) return undefined;
  const word = (at: number) => Number.parseInt(id.slice(8 * at, 8 * at + 8), 16);
  const hash: Hash = [word(0), word(1), word(2), word(3)];
  return hash.every((one) => one === 0) ? undefined : hash;
}
