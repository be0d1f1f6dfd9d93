import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ContractError } from '../../../src/domain/errors.ts';
import { decodeQueueMessage } from '../../../src/pipeline/message/codec.ts';

/** How deep a value nests: a number or text 0, an empty list 1. */
const levelsOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(levelsOf)) : 0;

/** Brackets within texts, escaped quotes and lists beside each other, which a count of brackets could trip over. */
const leaf = fc.oneof(
  fc.integer(),
  fc.constantFrom('[', '{', ']', '}', '"[', '\\"{', '\\', '[[[', null, true),
);
const beside = fc.array(fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.constant({ a: [{}] })), {
  maxLength: 4,
});

test('a message is refused exactly where it nests deeper than the limit, whatever stands beside the nesting', () => {
  fc.assert(
    fc.property(fc.array(beside, { minLength: 195, maxLength: 205 }), fc.boolean(), (layers, asObjects) => {
      const value = layers.reduce<unknown>(
        (inner, siblings) =>
          asObjects ? { siblings, inner, '"[{': siblings } : [siblings, inner, ...siblings],
        0,
      );
      const text = JSON.stringify(value);
      const decode = () => decodeQueueMessage(text);
      if (levelsOf(value) > 200) expect(decode).toThrow(ContractError);
      else expect(decode()).toEqual(value);
    }),
    { numRuns: 60 },
  );
});

test('many values beside each other are no nesting', () => {
  const wide = Array.from({ length: 5000 }, () => [{}]);
  expect(decodeQueueMessage(JSON.stringify(wide))).toEqual(wide);
});

test('what is nested too deeply is refused in base64 and as JSON within JSON, too', () => {
  const deep = `${'['.repeat(201)}${']'.repeat(201)}`;
  for (const text of [deep, JSON.stringify(deep), Buffer.from(deep).toString('base64')])
    expect(() => decodeQueueMessage(text)).toThrow('nests more than 200 levels');
});
