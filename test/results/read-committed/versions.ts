import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Row } from '../../../src/database/database.ts';
import { render, type Sql } from '../../../src/database/sql.ts';
import { sqliteDialect } from '../../../src/database/sqlite.ts';
import { migrations } from '../../../src/results/schema.ts';
import { RESULT_TABLES } from '../../../src/results/tables.ts';

type Value = string | number | null;

/** Rows by table and key, as they differ from an empty database: null where there is none. */
export type Rows = ReadonlyMap<string, readonly Value[] | null>;

export class DuplicateKey extends Error {}

/** What a statement did to the rows it saw. */
export interface Effect {
  rows: Row[];
  changes: number;
  /** The rows it wrote, also those it left as they were. */
  written: Map<string, readonly Value[] | null>;
}

interface Shape {
  name: string;
  columns: string[];
  key: readonly string[];
  remove: StatementSync;
  insert: StatementSync;
}

/**
 * Runs the real statements, by SQLite, on whichever version of the rows it is given, and says which rows they wrote. The
 * database itself stays empty: every run is rolled back.
 */
export class Versions {
  readonly #database = new DatabaseSync(':memory:');
  readonly #shapes = new Map<string, Shape>();
  readonly #prepared = new Map<string, StatementSync>();
  #noting = false;

  constructor() {
    const database = this.#database;
    database.exec(
      'PRAGMA foreign_keys = OFF; CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied_at TEXT)',
    );
    for (const { statements } of migrations) for (const one of statements(sqliteDialect)) database.exec(one);
    database.exec('CREATE TEMP TABLE noted (name TEXT, before TEXT, after TEXT)');
    database.function('noting', () => (this.#noting ? 1 : 0));
    for (const { name, key } of RESULT_TABLES) {
      const columns = database
        .prepare(`SELECT name FROM pragma_table_info('${name}') ORDER BY cid`)
        .all()
        .map((row) => `[${row.name}]`);
      const image = (of: string) => `json_array(${columns.map((column) => `${of}.${column}`).join(', ')})`;
      for (const [event, before, after] of [
        ['INSERT', 'NULL', image('NEW')],
        ['UPDATE', image('OLD'), image('NEW')],
        ['DELETE', image('OLD'), 'NULL'],
      ]) {
        if (/^audit/.test(name) && event !== 'INSERT') continue;
        database.exec(`CREATE TEMP TRIGGER note_${name}_${event} AFTER ${event} ON ${name} WHEN noting()
          BEGIN INSERT INTO noted VALUES ('${name}', ${before}, ${after}); END`);
      }
      this.#shapes.set(name, {
        ...{ name, columns, key },
        remove: database.prepare(
          `DELETE FROM ${name} WHERE ${key.map((one) => `[${one}] = ?`).join(' AND ')}`,
        ),
        insert: database.prepare(`INSERT INTO ${name} VALUES (${columns.map(() => '?').join(', ')})`),
      });
    }
  }

  /** @param layers later ones lie over earlier ones @throws {DuplicateKey} */
  run(layers: readonly Rows[], statement: Sql): Effect {
    const rows = new Map(layers.flatMap((layer) => [...layer]));
    this.#database.exec('BEGIN');
    try {
      this.#noting = false;
      for (const [key, image] of rows) this.#put(key, image);
      this.#noting = true;
      const prepared = this.#prepare(render(statement, () => '?'));
      const values = statement.parameters.map(({ value }) => value);
      if (prepared.columns().length > 0) {
        const found = prepared.all(...values).map((row) => ({ ...row }));
        return { rows: found, changes: 0, written: new Map() };
      }
      const { changes } = prepared.run(...values);
      return { rows: [], changes: Number(changes), written: this.#noted() };
    } catch (error) {
      const { errcode } = error as { errcode?: number };
      throw errcode === 1555 || errcode === 2067 ? new DuplicateKey() : error;
    } finally {
      this.#noting = false;
      this.#database.exec('ROLLBACK');
    }
  }

  close(): void {
    this.#database.close();
  }

  #prepare(text: string): StatementSync {
    const prepared = this.#prepared.get(text) ?? this.#database.prepare(text);
    this.#prepared.set(text, prepared);
    return prepared;
  }

  #put(key: string, image: readonly Value[] | null): void {
    const { name, values } = JSON.parse(key) as { name: string; values: Value[] };
    const shape = this.#shapes.get(name);
    shape?.remove.run(...values);
    if (image !== null) shape?.insert.run(...image);
  }

  #noted(): Effect['written'] {
    const written: Effect['written'] = new Map();
    for (const { name, before, after } of this.#prepare('SELECT name, before, after FROM noted').all()) {
      const shape = this.#shapes.get(String(name));
      if (!shape) continue;
      for (const [text, remains] of [
        [before, false],
        [after, true],
      ] as const) {
        if (text === null) continue;
        const image = JSON.parse(String(text)) as Value[];
        const values = shape.key.map((column) => image[shape.columns.indexOf(`[${column}]`)]);
        written.set(JSON.stringify({ name, values }), remains ? image : null);
      }
    }
    return written;
  }
}
