import type { Call } from './call.ts';
import { invalidQuery, outOfRangeQuery } from './storage-error.ts';

/** A whole number of the query, within limits. @throws {StorageError} */
export function numberQuery<T>(
  { query }: Call,
  name: string,
  min: number,
  max: number,
  absent: T,
): number | T {
  const text = query.get(name);
  if (text === undefined) return absent;
  if (!/^-?\d{1,18}$/.test(text)) throw invalidQuery(name, text);
  const value = Number(text);
  if (value < min || value > max) throw outOfRangeQuery(name, value, min, max);
  return value;
}
