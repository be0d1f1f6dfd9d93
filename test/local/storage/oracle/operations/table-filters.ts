import fc from 'fast-check';

const OPERATORS = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'] as const;

/** A property and literals of its type, as the SDK's `odata` writes them. */
const COMPARABLE: readonly { name: string; literals: readonly string[] }[] = [
  { name: 'PartitionKey', literals: ["'p'", "'p''q'", "'q'"] },
  { name: 'RowKey', literals: ["'a'", "'o''k'", "'ü x'", "'c'", "''"] },
  { name: 'text', literals: ["'one'", "'it''s'", "'Zürich'", "''"] },
  { name: 'count', literals: ['1', '2', '-5', '0'] },
  { name: 'ratio', literals: ['1.5', '2.0', '0.1'] },
  { name: 'yes', literals: ['true', 'false'] },
  { name: 'big', literals: ['9007199254740993L', '1L'] },
  { name: 'when', literals: ["datetime'2026-01-02T03:04:05.678Z'", "datetime'2027-01-01T00:00:00Z'"] },
  { name: 'id', literals: ["guid'9f1b7b3e-6f0a-4d8f-9d6e-000000000001'"] },
  { name: 'bytes', literals: ["X'00010203'", "binary'00010203'"] },
];

const comparison: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...COMPARABLE), fc.constantFrom(...OPERATORS))
  .chain(([{ name, literals }, operator]) =>
    fc.constantFrom(...literals).map((literal) => `${name} ${operator} ${literal}`),
  );

/** Filters of the documented grammar: comparisons, `and`, `or`, `not`, parentheses. */
export const filters: fc.Arbitrary<string> = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 2, depthIdentifier: 'filter' },
    { weight: 3, arbitrary: comparison },
    {
      weight: 2,
      arbitrary: fc
        .tuple(tie('any'), fc.constantFrom('and', 'or'), tie('any'))
        .map(([left, word, right]) => `(${left}) ${word} (${right})`),
    },
    { weight: 1, arbitrary: tie('any').map((inner) => `not (${inner})`) },
    {
      weight: 1,
      arbitrary: fc.tuple(comparison, comparison, comparison).map(([a, b, c]) => `${a} and ${b} or ${c}`),
    },
  ),
})).any;
