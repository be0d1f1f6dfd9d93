import { type Sql, text } from './sql.ts';

/** Keys in one statement: far from SQL Server's 2,100 parameters, also where a statement has the list four times. */
const AT_ONCE = 400;

export function* chunksOf<T>(all: Iterable<T>, size: number = AT_ONCE): Generator<T[]> {
  let some: T[] = [];
  for (const one of all) {
    some.push(one);
    if (some.length < size) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}

/** For `IN (...)`. */
export const listOf = (keys: readonly string[]): Sql => ({
  // Put together at once: piece by piece, long lists cost the square of their length.
  parts: ['', ...keys.slice(1).map(() => ', '), ''],
  parameters: keys.map(text),
});
