/**
 * A set of very many ids that are hashes. One `Set` of a million strings stops everything for 50 to 120 ms when it grows; of
 * those in here, each for the ids that begin alike, none is large.
 */
export class ManyIds {
  readonly #byBeginning = new Map<string, Set<string>>();

  add(id: string): void {
    const beginning = id.slice(0, 2);
    const some = this.#byBeginning.get(beginning);
    if (some) some.add(id);
    else this.#byBeginning.set(beginning, new Set([id]));
  }

  has(id: string): boolean {
    return this.#byBeginning.get(id.slice(0, 2))?.has(id) === true;
  }
}
