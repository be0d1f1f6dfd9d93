/** SQL text and its parameters, kept apart until a driver renders them: no value can ever become text. */

type SqlType = 'text' | 'int' | 'bigint' | 'float';

/** A typed value. The type is always said, also for NULL: a server cannot guess it from a null. */
export interface Parameter {
  readonly type: SqlType;
  readonly value: string | number | null;
}

/** `parts.length` is always `parameters.length + 1`; parameter n stands between part n and part n + 1. */
export interface Sql {
  readonly parts: readonly string[];
  readonly parameters: readonly Parameter[];
}

/**
 * Unpaired surrogates and U+0000 become U+FFFD in every text that reaches a database: clients end a string at U+0000,
 * UTF-8 has no unpaired surrogates, and both databases must give back the same. JSON columns lose nothing by this,
 * for JSON escapes them.
 */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');

export const text = (value: string | null | undefined): Parameter => ({
  type: 'text',
  value: value === null || value === undefined ? null : storableText(value),
});

/** Any JSON value as text; NULL for `undefined`. */
export const json = (value: unknown): Parameter => text(JSON.stringify(value));

const number =
  (type: SqlType) =>
  (value: number | null | undefined): Parameter => ({ type, value: value ?? null });

/** A whole number that fits 32 bits. */
export const int = number('int');
export const bigint = number('bigint');
export const float = number('float');

const isSql = (inserted: Parameter | Sql): inserted is Sql => 'parts' in inserted;

/** Tagged template: typed values become parameters, nested `Sql` becomes part of the text. */
export function sql(strings: TemplateStringsArray, ...inserted: (Parameter | Sql)[]): Sql {
  const parts = [strings[0] ?? ''];
  const parameters: Parameter[] = [];
  const append = (part: string) => {
    parts[parts.length - 1] += part;
  };
  inserted.forEach((piece, index) => {
    if (isSql(piece)) {
      append(piece.parts[0] ?? '');
      parts.push(...piece.parts.slice(1));
      parameters.push(...piece.parameters);
    } else {
      parts.push('');
      parameters.push(piece);
    }
    append(strings[index + 1] ?? '');
  });
  return { parts, parameters };
}

/** Text from this program itself: names of tables and columns, never a value. */
export const raw = (constant: string): Sql => ({ parts: [constant], parameters: [] });

export function join(pieces: readonly (Sql | Parameter)[], separator: string): Sql {
  return pieces.reduce<Sql>(
    (all, piece, index) => (index === 0 ? sql`${piece}` : sql`${all}${raw(separator)}${piece}`),
    raw(''),
  );
}

/** @param placeholder what stands for the parameter with this number, counted from `first` */
export function render(statement: Sql, placeholder: (number: number) => string, first = 1): string {
  return statement.parts.reduce((all, part, index) => all + placeholder(first + index - 1) + part);
}

export type Columns = Readonly<Record<string, SqlType>>;
export type Values<C extends Columns> = Readonly<Record<keyof C & string, Parameter['value'] | undefined>>;

/**
 * Multi-row `INSERT ... VALUES`, in as many statements as the limits ask for.
 *
 * @param limits SQL Server: 1,000 rows in one VALUES list, 2,100 parameters in one request
 */
export function insertRows<C extends Columns>(
  table: string,
  columns: C,
  rows: readonly Values<C>[],
  limits: { rowsPerInsert: number; maxParameters: number },
): Sql[] {
  const names = Object.keys(columns);
  const perStatement = Math.max(
    1,
    Math.min(limits.rowsPerInsert, Math.floor(limits.maxParameters / names.length)),
  );
  const parameter = (row: Values<C>, name: string): Parameter => {
    const type = columns[name] as SqlType;
    const value = row[name] ?? null;
    return typeof value === 'string' ? text(value) : { type, value };
  };
  const statements: Sql[] = [];
  for (let start = 0; start < rows.length; start += perStatement) {
    const parts = [`INSERT INTO ${table} (${names.join(', ')}) VALUES (`];
    const parameters: Parameter[] = [];
    for (const row of rows.slice(start, start + perStatement)) {
      if (parameters.length > 0) parts[parts.length - 1] = '), (';
      for (const name of names) {
        parameters.push(parameter(row, name));
        parts.push(', ');
      }
    }
    parts[parts.length - 1] = ')';
    statements.push({ parts, parameters });
  }
  return statements;
}
