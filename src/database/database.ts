import type { Sql } from './sql.ts';

/** A value as both databases give it back: whole and floating numbers alike are numbers, there are no other types. */
export type Row = Record<string, unknown>;

/** What differs between the two databases in the text of a statement, and nothing else. */
export interface Dialect {
  readonly name: 'sqlite' | 'sqlserver';
  /** Rows in one `INSERT ... VALUES`. SQLite runs a prepared one-row statement faster than it parses a long one. */
  readonly rowsPerInsert: number;
  /** Parameters in one request. */
  readonly maxParameters: number;
  /**
   * Images whose rows one read asks for with everything in them. SQLite reads within the call, and nobody else in this process has a
   * turn meanwhile; of SQL Server each read is a round trip.
   */
  readonly imagesPerRead: number;
  /** Ends a statement that has an ORDER BY, so that it gives at most so many rows, after `skip` others. */
  limit(rows: number, skip?: number): Sql;
  /** Column types. */
  readonly type: {
    /** Text that is compared and indexed: by code unit, so that case, accents and emoji all differ. */
    key(length: number): string;
    readonly text: string;
    readonly int: string;
    readonly bigint: string;
    readonly float: string;
  };
  /** An expression that gives another random id for each row: 32 hex digits. */
  readonly newId: string;
  /** Triggers, `<table>_no_update` and `<table>_no_delete`, by which the table takes new rows only. */
  appendOnly(table: string): string[];
  /** Ends CREATE TABLE of a table whose rows are found by their primary key only. */
  readonly keyedTable: string;
  /** Creates the table if it is not there; may fail with "already exists" when two processes do it at once. */
  createIfMissing(table: string, columns: string): Sql;
}

/** Statements on one connection, one after the other, in as few round trips as the database needs. */
export interface Session {
  /** Rows of each statement. */
  read(statements: readonly Sql[]): Promise<Row[][]>;
  /** @returns rows changed, all statements together */
  run(statements: readonly Sql[]): Promise<number>;
  /** @returns rows changed by each statement */
  runEach(statements: readonly Sql[]): Promise<number[]>;
}

/** A database as the store uses it. Errors: `OutageError` when it is away or stays busy, otherwise the driver's own. */
export interface Database {
  readonly dialect: Dialect;
  read(statements: readonly Sql[]): Promise<Row[][]>;
  /** All or nothing. `work` runs again after a deadlock, a lost connection or an insert race: it must be idempotent. */
  write<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Runs text that `assertOneSelect` has passed, in a way that cannot leave a change behind. */
  query(text: string): Promise<Row[]>;
  /** `read` of what takes long, where that would keep this process from everything else. */
  survey?(statements: readonly Sql[]): Promise<Row[][]>;
  /** Whether a table of this name exists. */
  hasTable(name: string): Promise<boolean>;
  /**
   * Makes sure that what was deleted before is in no file beside the database any more, where that is in our hands.
   *
   * @throws {OutageError} when somebody else keeps it from that for too long
   */
  forget?(): Promise<void>;
  close(): Promise<void>;
}
