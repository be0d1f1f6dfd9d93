/** What the rules know of the schema: read from the migrations. */
import { sqlServerDialect } from '../../src/database/sqlserver.ts';
import { migrations } from '../../src/results/schema.ts';
import { type ColumnTypes, columnTypesIn } from './tsql-types.ts';
import type { TableKeys } from './tsql-values.ts';

const DDL = migrations.flatMap(({ statements }) => statements(sqlServerDialect));

export const TYPES: ColumnTypes = columnTypesIn(DDL);
export const COLUMN_NAMES: ReadonlySet<string> = new Set(TYPES.keys());
export const KEYS: TableKeys = keysIn(DDL);

function keysIn(statements: readonly string[]): TableKeys {
  const keys = new Map<string, string[][]>();
  for (const statement of statements) {
    const [, created] = /^CREATE TABLE (\w+)/.exec(statement) ?? [];
    const [, indexed, unique] = /^CREATE UNIQUE INDEX \w+ ON (\w+) \(([^)]+)\)$/.exec(statement) ?? [];
    const found = [
      unique,
      ...[...statement.matchAll(/PRIMARY KEY(?: NONCLUSTERED)? \(([^)]+)\)/g)].map(([, key]) => key),
      ...[...statement.matchAll(/(\w+) \S+(?: COLLATE \w+)? NOT NULL CONSTRAINT \w+ PRIMARY KEY/g)].map(
        ([, key]) => key,
      ),
    ].filter((key) => key !== undefined);
    const table = created ?? indexed;
    if (table !== undefined)
      keys.set(table, [...(keys.get(table) ?? []), ...found.map((key) => key.split(', '))]);
  }
  return keys;
}
