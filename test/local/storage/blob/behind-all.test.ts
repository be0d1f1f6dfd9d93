import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { behindAll } from '../../../../src/local/storage/blob/behind-all.ts';

/** Characters on both sides of what UTF-8 and UTF-16 order differently, and the last of all. */
const character = fc.constantFrom(
  'a',
  'b',
  '/',
  '\u007f',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{1f600}',
  '\u{10ffff}',
);
const text = fc.string({
  unit: fc.oneof(character, fc.string({ unit: 'binary', maxLength: 1 })),
  maxLength: 4,
});

test('of names from a prefix on those before the bound are those that begin with it', () => {
  const db = new DatabaseSync(':memory:');
  const within = db.prepare('SELECT ? >= ? AND ? < ? AS is_within');
  fc.assert(
    fc.property(text, text, (prefix, name) => {
      for (const one of [name, prefix + name]) {
        const found = within.get(one, prefix, one, behindAll(prefix))?.is_within;
        expect(Boolean(found), JSON.stringify([prefix, one])).toBe(one.startsWith(prefix));
      }
    }),
  );
  db.close();
});
