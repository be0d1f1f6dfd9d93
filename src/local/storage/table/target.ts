import { type Call, decode } from '../http/call.ts';
import { invalidInput } from '../http/storage-error.ts';
import type { EntityKey } from './entity-calls.ts';

export interface TableTarget {
  readonly name: string;
  /** Of `name('key')`, as `Tables` takes it. */
  readonly key?: string;
  /** Of `name(PartitionKey='...',RowKey='...')`. */
  readonly entity?: EntityKey;
}

const ENTITY =
  /^(?:PartitionKey='((?:[^']|'')*)'\s*,\s*RowKey='((?:[^']|'')*)'|RowKey='((?:[^']|'')*)'\s*,\s*PartitionKey='((?:[^']|'')*)')$/;
const KEY = /^'((?:[^']|'')*)'$/;
const unquoted = (text: string): string => text.replaceAll("''", "'");

/** The table that an address behind the account is about, or `Tables`. @throws {StorageError} InvalidUri */
export const tableNameOf = (rawResource: string): string => decode(rawResource).split('(', 1)[0] ?? '';

/** The method that is meant: clients that know GET and POST only name the real one beside. */
export const tableMethodOf = ({ method, headers }: Pick<Call, 'method' | 'headers'>): string =>
  method === 'POST' ? String(headers['x-http-method'] ?? 'POST').toUpperCase() : method;

/** What an address behind the account names. @throws {StorageError} InvalidInput */
export function targetOf(rawResource: string): TableTarget {
  const resource = decode(rawResource);
  const open = resource.indexOf('(');
  if (open < 0) return { name: resource };
  if (!resource.endsWith(')')) throw invalidInput('The address of the table is not closed.');
  const name = resource.slice(0, open);
  const inside = resource.slice(open + 1, -1).trim();
  if (inside === '') return { name };
  const key = KEY.exec(inside)?.[1];
  if (key !== undefined) return { name, key: unquoted(key) };
  const match = ENTITY.exec(inside);
  const [pk, rk] = match ? [match[1] ?? match[4], match[2] ?? match[3]] : [];
  if (pk === undefined || rk === undefined) {
    throw invalidInput("An entity is addressed as (PartitionKey='...',RowKey='...').");
  }
  return { name, entity: { pk: unquoted(pk), rk: unquoted(rk) } };
}
