import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextPieces } from '../../../../src/local/storage/http/text-pieces.ts';

test('a text made in pieces has the bytes of the whole', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('é'.repeat(20_000), 'x'.repeat(40_000)),
  );
  fc.assert(
    fc.property(fc.string(), fc.array(part, { maxLength: 8 }), (head, parts) => {
      const pieces = new TextPieces(head);
      for (const one of parts) pieces.add(one);
      expect(pieces.bytes().equals(Buffer.from(head + parts.join('')))).toBe(true);
    }),
    { numRuns: 30 },
  );
});
