import type { Database, Dialect, Row, Session } from '../../src/database/database.ts';
import { render, type Sql } from '../../src/database/sql.ts';

/** A statement as it was asked, its values in their places. */
export interface Asked {
  readonly text: string;
  /** Of the statements of one transaction the same, from 1; 0 of a read of its own. */
  readonly transaction: number;
}

/** Writes down every statement that another database is asked. */
export class RecordingDatabase implements Database {
  readonly asked: Asked[] = [];
  readonly dialect: Dialect;
  /** Called after each transaction, with its number: what others do meanwhile. */
  meanwhile: (transaction: number) => Promise<void> = async () => {};
  /** Called before each statement: what it throws is thrown in its place. */
  meddle: (text: string) => void = () => {};
  forgotten = 0;
  readonly #of: Database;
  #transactions = 0;

  constructor(of: Database) {
    this.#of = of;
    this.dialect = of.dialect;
  }

  async read(statements: readonly Sql[]): Promise<Row[][]> {
    this.#note(statements, 0);
    return this.#of.read(statements);
  }

  async write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    this.#transactions += 1;
    const transaction = this.#transactions;
    const result = await this.#of.write((session) =>
      work({
        read: (statements) => {
          this.#note(statements, transaction);
          return session.read(statements);
        },
        run: (statements) => {
          this.#note(statements, transaction);
          return session.run(statements);
        },
        runEach: (statements) => {
          this.#note(statements, transaction);
          return session.runEach(statements);
        },
      }),
    );
    await this.meanwhile(transaction);
    return result;
  }

  query(text: string): Promise<Row[]> {
    return this.#of.query(text);
  }

  hasTable(name: string): Promise<boolean> {
    return this.#of.hasTable(name);
  }

  async forget(): Promise<void> {
    this.forgotten += 1;
    await this.#of.forget?.();
  }

  close(): Promise<void> {
    return this.#of.close();
  }

  /** What is asked while it works. */
  async during(work: () => Promise<unknown>): Promise<Asked[]> {
    const from = this.asked.length;
    await work();
    return this.asked.slice(from);
  }

  #note(statements: readonly Sql[], transaction: number): void {
    for (const statement of statements) {
      const text = render(statement, (number) => valueText(statement.parameters[number - 1]?.value)).replace(
        /\s+/g,
        ' ',
      );
      // SQLite takes an empty list, SQL Server does not.
      if (/\bIN \( ?\)/.test(text)) throw new Error(`An empty list: ${text}`);
      this.meddle(text);
      this.asked.push({ text, transaction });
    }
  }
}

/** An empty text is to be told from nothing. */
const valueText = (value: unknown): string => (value === '' ? "''" : String(value));

/** What the `LIMIT`s of statements say, `OFFSET` included. */
export const limitsOf = (asked: readonly Asked[]): string[] =>
  asked.flatMap(({ text }) => text.match(/LIMIT \d+(?: OFFSET \d+)?/g) ?? []);

/** How many statements each transaction had that match, those without any left out. */
export function perTransaction(asked: readonly Asked[], pattern: RegExp): number[] {
  const counts = new Map<number, number>();
  for (const { text, transaction } of asked)
    if (transaction > 0 && pattern.test(text)) counts.set(transaction, (counts.get(transaction) ?? 0) + 1);
  return [...counts.values()];
}
