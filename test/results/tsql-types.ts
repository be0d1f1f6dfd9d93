import { refuse } from './tsql-nodes.ts';

/** Types of the columns of each name, in any table: `nvarchar`, `int`, `bigint` or `float`. */
export type ColumnTypes = ReadonlyMap<string, ReadonlySet<string>>;

const COMPARED = /\[?\b(\w+)\]?\s*(?:=|<>|<=|>=|<|>|\bIN \(|\bLIKE)\s*@(p\d+)/g;
const NUMBERS = new Set(['int', 'bigint', 'float']);

/** @param statements of CREATE and ALTER TABLE */
export function columnTypesIn(statements: readonly string[]): ColumnTypes {
  const found = new Map<string, Set<string>>();
  for (const statement of statements)
    for (const [, name = '', type = ''] of statement.matchAll(/\[?\b(\w+)\]? (nvarchar|int|bigint|float)\b/g))
      found.set(name.toLowerCase(), (found.get(name.toLowerCase()) ?? new Set()).add(type));
  return found;
}

/** Columns beside the parameters that are compared with them or written into them, as far as that is plain to see. */
function* meetings(statement: string): Generator<[column: string, parameter: string]> {
  for (const [, column = '', parameter = ''] of statement.matchAll(COMPARED)) yield [column, parameter];
  const [, names = '', values = ''] =
    /^\s*INSERT INTO \w+ \(([^()]*)\)\s+(?:VALUES \(|SELECT )(.*)$/s.exec(statement) ?? [];
  const first = values.split(/\)|\bFROM\b|\bWHERE\b/)[0] ?? '';
  const given = first.split(',');
  for (const [at, name] of names.split(',').entries()) {
    const [, parameter] = /^\s*@(p\d+)\s*$/.exec(given[at] ?? '') ?? [];
    if (parameter !== undefined) yield [name.replaceAll(/[[\]\s]/g, ''), parameter];
  }
}

/**
 * A number beside a text: SQLite takes them for different, a server makes a number of every text that it meets, and fails at
 * the first that is none.
 *
 * @param types of the parameters by their names, as declared
 */
export function refuseMixed(
  statement: string,
  types: Readonly<Record<string, string>>,
  columns: ColumnTypes,
): void {
  for (const [column, parameter] of meetings(statement)) {
    const known = columns.get(column.toLowerCase());
    const type = types[parameter]?.replace(/\(.*/, '');
    if (known === undefined || type === undefined) continue;
    if (![...known].some((one) => one === type || (NUMBERS.has(one) && NUMBERS.has(type))))
      refuse(245, `${column} meets a value of type ${type}`);
  }
}
