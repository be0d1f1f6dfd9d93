import type { Database, Session } from '../../src/database/database.ts';

/** The process died here. */
export class Died extends Error {}

/** A database whose process dies at a statement of the caller's choice, or after a commit whose answer is lost. */
export class MortalDatabase implements Database {
  readonly #inner: Database;
  /** Counts down with each statement; it dies when there is none left. */
  lives = Number.POSITIVE_INFINITY;

  readonly #die: () => never;

  /** @param die what ends it */
  constructor(
    inner: Database,
    die: () => never = () => {
      throw new Died();
    },
  ) {
    this.#inner = inner;
    this.#die = die;
  }

  get dialect() {
    return this.#inner.dialect;
  }

  #breathe(): void {
    this.lives -= 1;
    if (this.lives < 0) this.#die();
  }

  async read(statements: Parameters<Database['read']>[0]) {
    this.#breathe();
    return this.#inner.read(statements);
  }

  async write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const done = await this.#inner.write((session) =>
      work({
        read: (statements) => {
          this.#breathe();
          return session.read(statements);
        },
        run: (statements) => {
          this.#breathe();
          return session.run(statements);
        },
        runEach: (statements) => {
          this.#breathe();
          return session.runEach(statements);
        },
      }),
    );
    // Committed, and nobody knows.
    this.#breathe();
    return done;
  }

  query = (text: string) => this.#inner.query(text);
  hasTable = (name: string) => this.#inner.hasTable(name);
  async forget() {
    await this.#inner.forget?.();
  }
  close = () => this.#inner.close();
}
