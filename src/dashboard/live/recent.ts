const kept = new Set<{ clear(): void }>();

/** After an erasure: what was read before may be of what is gone. */
export function forgetAnswers(): void {
  for (const one of kept) one.clear();
}

/** The values used last, by key; older ones are forgotten. */
export class Recent<T> {
  readonly #values = new Map<string, T>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
    kept.add(this);
  }

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: T): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    const oldest = this.#values.keys().next().value;
    if (this.#values.size > this.#most && oldest !== undefined) this.#values.delete(oldest);
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  clear(): void {
    this.#values.clear();
  }

  /** The one used last first. */
  newestFirst(): T[] {
    return [...this.#values.values()].reverse();
  }
}
