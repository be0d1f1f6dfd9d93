import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../../src/local/storage/table/filter/evaluate.ts';
import type { Comparison, Expression } from '../../../../src/local/storage/table/filter/expression.ts';
import { compareBounds, rangeOf } from '../../../../src/local/storage/table/filter/key-range.ts';
import { parseFilter } from '../../../../src/local/storage/table/filter/parser.ts';
import { compareText, momentOf, type TypedValue } from '../../../../src/local/storage/table/typed-value.ts';

const byte = fc.integer({ min: 0, max: 255 });
const literal: fc.Arbitrary<TypedValue> = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((value): TypedValue => ({ type: 'text', value })),
  fc.integer().map((value): TypedValue => ({ type: 'number', value })),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value): TypedValue => ({ type: 'number', value: value === 0 ? 0 : value })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): TypedValue => ({ type: 'long', value })),
  fc.boolean().map((value): TypedValue => ({ type: 'boolean', value })),
  fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date): TypedValue => ({ type: 'moment', value: momentOf(date.toISOString()) ?? '' })),
  fc.uuid().map((value): TypedValue => ({ type: 'guid', value })),
  fc
    .array(byte)
    .map(
      (bytes): TypedValue => ({ type: 'binary', value: Buffer.from(bytes).toString('hex').toUpperCase() }),
    ),
);
const property = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/)
  .filter((name) => !/^(?:and|or|not|eq|ne|gt|ge|lt|le|true|false)$/i.test(name));
const operand = fc.oneof(
  property.map((name) => ({ kind: 'property', name }) as const),
  literal.map((value) => ({ kind: 'literal', value }) as const),
);
const comparison = fc.constantFrom<Comparison>('eq', 'ne', 'gt', 'ge', 'lt', 'le');

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('compare' as const), by: comparison, left: operand, right: operand }),
    operand.map((of) => ({ kind: 'truth', of }) as const),
    fc.record({ kind: fc.constant('not' as const), of: tie('expression') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      left: tie('expression'),
      right: tie('expression'),
    }),
  ),
}));

function written(value: TypedValue): string {
  switch (value.type) {
    case 'text':
      return `'${value.value.replaceAll("'", "''")}'`;
    case 'number':
      // All digits of one beyond what a double holds exactly would mean a number of 64 bits.
      return Number.isInteger(value.value) && !Number.isSafeInteger(value.value)
        ? value.value.toExponential()
        : String(value.value);
    case 'long':
      return `${value.value}L`;
    case 'boolean':
      return String(value.value);
    case 'moment':
      return `datetime'${value.value}'`;
    case 'guid':
      return `guid'${value.value}'`;
    case 'binary':
      return `X'${value.value}'`;
  }
}

/** As a client would write it, each part in parentheses. */
function write(of: Expression): string {
  const side = (one: { kind: 'property'; name: string } | { kind: 'literal'; value: TypedValue }) =>
    one.kind === 'property' ? one.name : written(one.value);
  switch (of.kind) {
    case 'compare':
      return `${side(of.left)} ${of.by} ${side(of.right)}`;
    case 'truth':
      return side(of.of);
    case 'not':
      return `not (${write(of.of)})`;
    default:
      return `(${write(of.left)}) ${of.kind} (${write(of.right)})`;
  }
}

test('whatever is written is read as it was meant', () => {
  fc.assert(
    fc.property(expression, (given) => {
      expect(parseFilter(write(given))).toEqual(given);
    }),
    { numRuns: 500 },
  );
});

test('any text is read or refused as the service refuses, never anything else', () => {
  const piece = fc.constantFrom(
    '(',
    ')',
    'not',
    'and',
    'or',
    'eq',
    'a',
    "'x'",
    '1L',
    "guid'",
    "datetime'x'",
    ' ',
    '.',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join(' ')),
  );
  fc.assert(
    fc.property(text, (given) => {
      try {
        parseFilter(given);
      } catch (error) {
        expect(error).toMatchObject({ name: 'StorageError', status: 400, code: 'InvalidInput' });
      }
    }),
    { numRuns: 1000 },
  );
  expect(() => parseFilter(`${'('.repeat(100_000)}a${')'.repeat(100_000)}`)).toThrow(/too deeply/);
});

describe('the range of keys', () => {
  const keys = fc.constantFrom('', 'a', 'ab', 'b', "c'", '\ue000', '🙂');
  const term = fc.record({
    kind: fc.constant('compare' as const),
    by: comparison,
    left: fc
      .constantFrom('PartitionKey', 'RowKey', 'Other')
      .map((name) => ({ kind: 'property', name }) as const),
    right: keys.map((value) => ({ kind: 'literal', value: { type: 'text', value } }) as const),
  });
  const flipped = term.map((one) => ({ ...one, left: one.right, right: one.left }));
  const tree = fc.letrec<{ tree: Expression }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'medium' },
      term,
      flipped,
      fc.record({ kind: fc.constant('not' as const), of: tie('tree') }),
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        left: tie('tree'),
        right: tie('tree'),
      }),
    ),
  })).tree;

  test('holds every entity that the filter lets through', () => {
    fc.assert(
      fc.property(tree, keys, keys, (given, pk, rk) => {
        const lookup = (name: string): TypedValue | undefined =>
          name === 'PartitionKey' || name === 'RowKey'
            ? { type: 'text', value: name === 'RowKey' ? rk : pk }
            : undefined;
        fc.pre(compile(given)(lookup));
        const { from, to } = rangeOf(given);
        const place = { pk, rk, behind: false };
        if (from) expect(compareBounds(place, from)).toBeGreaterThanOrEqual(0);
        if (to) expect(compareBounds(place, to)).toBeLessThan(0);
      }),
      { numRuns: 2000 },
    );
  });

  test('is as small as the keyset of a listing needs', () => {
    const filter = "(PartitionKey gt 'a' or (PartitionKey eq 'a' and RowKey gt 'r')) and n eq 1";
    expect(rangeOf(parseFilter(filter))).toEqual({ from: { pk: 'a', rk: 'r', behind: true } });
    expect(rangeOf(parseFilter("PartitionKey eq 'a' and RowKey lt 'c'"))).toEqual({
      from: { pk: 'a', behind: false },
      to: { pk: 'a', rk: 'c', behind: false },
    });
  });
});

test('texts are ordered as their UTF-8 is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
      expect(Math.sign(compareText(one, other))).toBe(Buffer.compare(Buffer.from(one), Buffer.from(other)));
    }),
    { numRuns: 1000 },
  );
});
