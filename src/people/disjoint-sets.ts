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
