/** What must not stay behind, however a bench ends: what was made last goes first. */
export class Cleanup {
  readonly #say: (words: string) => void;
  readonly #left = new Map<symbol, { name: string; undo: () => void | Promise<void> }>();
  #running: Promise<void> | undefined;

  constructor(say: (words: string) => void) {
    this.#say = say;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** @returns `forget`: it has been undone already */
  add(name: string, undo: () => void | Promise<void>): { forget(): void } {
    const key = Symbol(name);
    this.#left.set(key, { name, undo });
    return { forget: () => this.#left.delete(key) };
  }

  /** Undoes everything, once, whoever asks. What cannot be undone is said. */
  run(): Promise<void> {
    this.#running ??= this.#undoAll();
    return this.#running;
  }

  async #undoAll(): Promise<void> {
    for (const [key, { name, undo }] of [...this.#left].reverse()) {
      try {
        await undo();
        this.#left.delete(key);
      } catch (error) {
        this.#say(`${name} stays behind: ${error instanceof Error ? error.message : 'no reason is known'}`);
      }
    }
  }

  /** Ctrl-C and a polite kill undo everything first; a second one ends at once, and says what is left. */
  onSignals(): void {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const)
      process.on(signal, () => {
        if (this.#running) {
          for (const { name } of this.#left.values()) this.#say(`${name} stays behind.`);
          process.exit(code);
        }
        this.#say('stopped: what was made is removed; once more ends at once');
        this.run().then(() => process.exit(code));
      });
  }
}
