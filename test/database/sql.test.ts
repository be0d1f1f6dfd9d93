import { describe, expect, test } from 'vitest';
import { chunksOf, listOf } from '../../src/database/chunks.ts';
import {
  bigint,
  float,
  insertRows,
  int,
  join,
  json,
  raw,
  render,
  sql,
  storableText,
  text,
} from '../../src/database/sql.ts';

const shown = (statement: Parameters<typeof render>[0], first?: number) =>
  render(statement, (number) => `@${number}`, first);

describe('a statement', () => {
  test('keeps values apart from its text, also those of statements within', () => {
    const inner = sql`b = ${int(2)} AND c = ${text('3')}`;
    const whole = sql`SELECT ${raw('x, y')} FROM t WHERE a = ${int(1)} AND ${inner} ORDER BY ${raw('z')}`;
    expect(shown(whole)).toBe('SELECT x, y FROM t WHERE a = @1 AND b = @2 AND c = @3 ORDER BY z');
    expect(whole.parameters.map(({ value }) => value)).toEqual([1, 2, '3']);
    expect(whole.parts).toHaveLength(4);
    expect(shown(whole, 5)).toContain('a = @5 AND b = @6 AND c = @7');
    expect(shown(sql`SELECT 1`)).toBe('SELECT 1');
    expect(shown(sql`${raw('')}`)).toBe('');
  });

  test('is put together of pieces, with something between them', () => {
    expect(shown(join([sql`a = ${int(1)}`, int(2), raw('x')], ' AND '))).toBe('a = @1 AND @2 AND x');
    expect(shown(join([int(1)], ', '))).toBe('@1');
    expect(shown(join([], ', '))).toBe('');
  });

  test('says of each value its type, of none as well', () => {
    expect([int(1), bigint(2), float(3.5), int(null), float(undefined)]).toEqual([
      ...[
        { type: 'int', value: 1 },
        { type: 'bigint', value: 2 },
        { type: 'float', value: 3.5 },
      ],
      ...[
        { type: 'int', value: null },
        { type: 'float', value: null },
      ],
    ]);
    expect([text('a'), text(''), text(null), text(undefined)].map(({ value }) => value)).toEqual([
      'a',
      '',
      null,
      null,
    ]);
    expect([json({ a: 1 }), json(undefined), json(null)].map(({ value }) => value)).toEqual([
      '{"a":1}',
      null,
      'null',
    ]);
  });

  test('has no text that a database could not give back', () => {
    expect(storableText('a\0b\ud800c')).toBe('a\ufffdb\ufffdc');
    expect(text('\0').value).toBe('\ufffd');
    expect(storableText('Zoë 🙂')).toBe('Zoë 🙂');
  });
});

describe('rows', () => {
  const columns = { id: 'text', n: 'int' } as const;
  const rows = (count: number) => Array.from({ length: count }, (_, n) => ({ id: `r${n}\0`, n }));
  const insert = (count: number, limits: { rowsPerInsert: number; maxParameters: number }) =>
    insertRows('t', columns, rows(count), limits).map((statement) => [
      shown(statement),
      statement.parameters.length,
    ]);

  test('are inserted in as many statements as the limits ask for', () => {
    const one = 'INSERT INTO t (id, n) VALUES (@1, @2)';
    const two = 'INSERT INTO t (id, n) VALUES (@1, @2), (@3, @4)';
    const wide = { rowsPerInsert: 100, maxParameters: 100 };
    expect(insert(0, wide)).toEqual([]);
    expect(insert(2, wide)).toEqual([[two, 4]]);
    expect(insert(3, { ...wide, rowsPerInsert: 2 })).toEqual([
      [two, 4],
      [one, 2],
    ]);
    expect(insert(3, { ...wide, maxParameters: 5 })).toEqual([
      [two, 4],
      [one, 2],
    ]);
    expect(insert(2, { ...wide, maxParameters: 3 })).toEqual([
      [one, 2],
      [one, 2],
    ]);
    expect(insert(2, { ...wide, maxParameters: 1 }), 'one at least').toEqual([
      [one, 2],
      [one, 2],
    ]);
  });

  test('have values of the types of their columns, null for none, and storable texts', () => {
    const [statement] = insertRows('t', columns, [...rows(1), { id: null, n: undefined }], {
      ...{ rowsPerInsert: 9, maxParameters: 9 },
    });
    expect(statement?.parameters).toEqual([
      ...[
        { type: 'text', value: 'r0\ufffd' },
        { type: 'int', value: 0 },
      ],
      ...[
        { type: 'text', value: null },
        { type: 'int', value: null },
      ],
    ]);
  });
});

test('keys come 400 to a statement, the last of them as well', () => {
  const sizes = (count: number, size?: number) =>
    [...chunksOf(Array(count).fill(0), size)].map(({ length }) => length);
  expect([sizes(0), sizes(399), sizes(400), sizes(401), sizes(800)]).toEqual([
    [],
    [399],
    [400],
    [400, 1],
    [400, 400],
  ]);
  expect(sizes(5, 2)).toEqual([2, 2, 1]);
  expect([...chunksOf(new Set(['a', 'b', 'c']), 2)]).toEqual([['a', 'b'], ['c']]);
});

test('a list for IN has a value for each key', () => {
  expect(shown(sql`x IN (${listOf(['a', 'b', 'c'])})`)).toBe('x IN (@1, @2, @3)');
  expect(shown(listOf(['a']))).toBe('@1');
  expect(listOf(['a', 'b\0']).parameters.map(({ value }) => value)).toEqual(['a', 'b\ufffd']);
});
