import { sqliteDialect } from '../database/sqlite.ts';
import { migrations } from './schema.ts';

const statements = migrations.flatMap((migration) => migration.statements(sqliteDialect));

const all = (pattern: RegExp): string[] => [
  ...new Set(statements.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => name))),
];

/** What a person can ask for by name: read out of the migrations themselves. */
export const schemaNames = {
  tables: all(/\bCREATE TABLE (\w+)/gi),
  columns: all(/\[?\b(\w+)\]?\s+(?:text|integer|real)\b/gi),
} as const;
