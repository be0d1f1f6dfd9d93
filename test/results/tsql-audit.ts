/**
 * Holds every statement that the app runs on SQLite against the rules of `tsql-rules.ts`, in whatever tests there are: those
 * of the conformance suite alone are played as a server gets them. A statement that is refused fails where it is prepared.
 *
 *   npx -c 'NODE_OPTIONS=--import=$PWD/test/results/tsql-audit.ts vitest run test/people test/admin'
 */
import { DatabaseSync } from 'node:sqlite';
import { RESULT_TABLES } from '../../src/results/tables.ts';
import { refuseForeign } from './tsql-rules.ts';
import { COLUMN_NAMES, KEYS } from './tsql-schema.ts';

const OURS = new RegExp(`\\b(?:${RESULT_TABLES.map(({ name }) => name).join('|')})\\b`);
/** Tables are made in words of each database, and tests look into SQLite's own and fill it by its own means. */
const ITS_OWN =
  /^\s*(?:CREATE|ALTER|DROP|PRAGMA|EXPLAIN)\b|\bsqlite_master\b|\bpragma_|\bRECURSIVE\b|\bSUBSTR\(/i;
const seen = new Set<string>();

/** What SQLite is given, as the server would be. */
const asGivenToServer = (text: string): string =>
  text
    .replaceAll(
      / LIMIT (\d+)(?: OFFSET (\d+))?/g,
      (_, rows: string, skip = '0') => ` OFFSET ${skip} ROWS FETCH NEXT ${rows} ROWS ONLY`,
    )
    .replaceAll('lower(hex(randomblob(16)))', 'NEWID()')
    .replaceAll('?', '@p1');

function audit(text: string): void {
  const statement = asGivenToServer(text).replaceAll(/@p1(?:, @p1)+/g, '@p1');
  if (OURS.test(text) && !ITS_OWN.test(text)) refuseForeign(statement, COLUMN_NAMES, KEYS);
}

const { prepare } = DatabaseSync.prototype;
DatabaseSync.prototype.prepare = function audited(this: DatabaseSync, text: string, ...others: []) {
  // Of who else uses SQLite, a test or a server that is played, nothing is asked.
  if (!seen.has(text) && /database[\\/]sqlite\.[jt]s/.test(new Error('whose').stack ?? '')) audit(text);
  seen.add(text);
  return prepare.call(this, text, ...others);
};
