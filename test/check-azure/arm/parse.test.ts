import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Expression,
  ExpressionError,
  isExpression,
  parseExpression,
} from '../../../scripts/check-azure/arm/parse.ts';

const write = (expression: Expression): string => {
  switch (expression.kind) {
    case 'literal':
      return typeof expression.value === 'number'
        ? String(expression.value)
        : `'${expression.value.replaceAll("'", "''")}'`;
    case 'call':
      return `${expression.name}(${expression.args.map(write).join(', ')})`;
    case 'member':
      return `${write(expression.target)}.${expression.name}`;
    case 'index':
      return `${write(expression.target)}[${write(expression.index)}]`;
  }
};

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);
const { expression } = fc.letrec<{ expression: Expression; call: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(fc.string(), fc.integer()).map((value): Expression => ({ kind: 'literal', value })),
    tie('call'),
    fc.record({ kind: fc.constant('member' as const), target: tie('call'), name }),
    fc.record({ kind: fc.constant('index' as const), target: tie('call'), index: tie('expression') }),
  ),
  call: fc.record({
    kind: fc.constant('call' as const),
    name,
    args: fc.array(tie('expression'), { maxLength: 3 }),
  }),
}));

test('what is written parses back to the same expression', () => {
  fc.assert(
    fc.property(expression, (given) => {
      expect(parseExpression(`[${write(given)}]`)).toEqual(given);
    }),
  );
});

test('any text either parses or is refused with an ExpressionError', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseExpression(`[${text}]`);
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionError);
      }
    }),
  );
});

test.each([
  ["[concat('a', 'b']", /expected "\)"/],
  ["[concat('a', 'b'))]", /unexpected "\)"/],
  ["[concat('a, b)]", /unexpected "'"/],
  ['[variables]', /expected "\("/],
  ["[variables('a').]", /property name/],
  ['[]', /the end/],
])('%s is refused', (text, message) => {
  expect(() => parseExpression(text)).toThrow(message);
});

test('two opening brackets are a text, not an expression', () => {
  expect(isExpression('[[not an expression]')).toBe(false);
  expect(isExpression("[parameters('x')]")).toBe(true);
});
