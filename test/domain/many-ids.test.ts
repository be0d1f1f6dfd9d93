import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManyIds } from '../../src/domain/many-ids.ts';

const hex = fc.constantFrom(...'0123456789abcdef');
/** Few that differ, so that many are asked for that were added, and many fall into one place. */
const digit = fc.constantFrom('0', '1');
const near = fc.string({ unit: digit, minLength: 32, maxLength: 32 });
const id = fc.oneof(
  fc.string({ unit: hex, minLength: 32, maxLength: 32 }),
  near.map((digits) => `00000000${digits.slice(8)}`),
  fc.string({ maxLength: 4 }),
  fc.uuid(),
  fc.constantFrom(
    '0'.repeat(32),
    '0'.repeat(31),
    '0'.repeat(33),
    'F'.repeat(32),
    'f'.repeat(32),
    `x${'0'.repeat(31)}`,
  ),
);

test('it holds what was added, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(id, { maxLength: 300 }), fc.array(id), (added, asked) => {
      const ids = new ManyIds();
      const known = new Set<string>();
      for (const one of added) {
        expect(ids.has(one)).toBe(known.has(one));
        ids.add(one);
        known.add(one);
      }
      for (const one of [...added, ...asked]) expect(ids.has(one)).toBe(known.has(one));
    }),
  );
});

test('also where its tables have grown', () => {
  const hash = (n: number) => createHash('sha256').update(`${n}`).digest('hex').slice(0, 32);
  const ids = new ManyIds();
  for (let n = 0; n < 40_000; n += 2) {
    ids.add(hash(n));
    ids.add(hash(n));
  }
  for (let n = 0; n < 40_000; n += 1) if (ids.has(hash(n)) !== (n % 2 === 0)) expect.fail(`${n}`);
});
