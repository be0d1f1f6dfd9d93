import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManyIds } from '../../src/domain/many-ids.ts';

test('it holds what was added, and nothing else', () => {
  const id = fc.oneof(fc.string({ maxLength: 4 }), fc.uuid(), fc.constantFrom('aa', 'a', '', 'aab'));
  fc.assert(
    fc.property(fc.array(id), fc.array(id), (added, asked) => {
      const ids = new ManyIds();
      const known = new Set(added);
      for (const one of added) ids.add(one);
      for (const one of [...added, ...asked]) expect(ids.has(one)).toBe(known.has(one));
    }),
  );
});
