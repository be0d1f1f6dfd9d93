/** Sets that only ever grow together (union by size, paths halved). */
export class DisjointSets<T> {
  readonly #parent = new Map<T, T>();
  readonly #size = new Map<T, number>();

  /** The member that stands for the set; a new set of one where the member is not known. */
  find(member: T): T {
    let at = member;
    for (;;) {
      const parent = this.#parent.get(at);
      if (parent === undefined) {
        this.#parent.set(at, at);
        this.#size.set(at, 1);
        return at;
      }
      if (parent === at) return at;
      const above = this.#parent.get(parent) ?? parent;
      this.#parent.set(at, above);
      at = above;
    }
  }

  /** @returns who stands for both from now on, and who did for the smaller; undefined where they were one already */
  join(one: T, other: T): { kept: T; gone: T } | undefined {
    const a = this.find(one);
    const b = this.find(other);
    if (a === b) return undefined;
    const sizeA = this.#size.get(a) ?? 1;
    const sizeB = this.#size.get(b) ?? 1;
    const [kept, gone] = sizeA >= sizeB ? [a, b] : [b, a];
    this.#parent.set(gone, kept);
    this.#size.set(kept, sizeA + sizeB);
    this.#size.delete(gone);
    return { kept, gone };
  }
}

/** The same of the numbers below `count`: in a large group most of the time goes into this. */
export class NumberedSets {
  readonly #parent: Int32Array;
  readonly #size: Int32Array;

  constructor(count: number) {
    this.#parent = Int32Array.from({ length: count }, (_, at) => at);
    this.#size = new Int32Array(count).fill(1);
  }

  find(member: number): number {
    const parent = this.#parent;
    let at = member;
    while (parent[at] !== at) {
      const above = parent[parent[at] as number] as number;
      parent[at] = above;
      at = above;
    }
    return at;
  }

  /** @returns who stands for both from now on, and who did for the smaller; undefined where they were one already */
  join(one: number, other: number): { kept: number; gone: number } | undefined {
    const [a, b] = [this.find(one), this.find(other)];
    if (a === b) return undefined;
    const [sizeA, sizeB] = [this.#size[a] as number, this.#size[b] as number];
    const [kept, gone] = sizeA >= sizeB ? [a, b] : [b, a];
    this.#parent[gone] = kept;
    this.#size[kept] = sizeA + sizeB;
    return { kept, gone };
  }
}
