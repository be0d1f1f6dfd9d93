import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineStep } from '../../src/domain/step.ts';
import { Registry } from '../../src/pipeline/definition/registry.ts';
import { suggestedPairs, withoutRejected } from '../../src/results/rejected.ts';
import { keepFaceSuggestions } from '../../src/steps/face-suggestions.ts';

const suggesting = (name: string) =>
  defineStep({
    name,
    needs: [],
    schema: z.unknown(),
    summary: 'Suggests.',
    keepSuggestions: keepFaceSuggestions,
    run: async () => undefined,
  });
const { keepSuggestions } = new Registry([suggesting('facematch'), suggesting('other')]);
const suggestion = (face: string, other: string) => ({ face_key: face, other_face_key: other, id: other });

test('what somebody rejected leaves the outputs of every step that suggests it, in whatever order the two stand', () => {
  const outputs = {
    ocr: { matches: [suggestion('a-1', 'b-1')] },
    facematch: { matches: [suggestion('a-1', 'b-1'), suggestion('a-1', 'c-1')], faces: [1] },
    other: { matches: [suggestion('b-1', 'a-1')] },
  };
  expect(suggestedPairs(outputs, keepSuggestions)).toEqual([
    ['a-1', 'b-1'],
    ['a-1', 'c-1'],
    ['b-1', 'a-1'],
  ]);
  expect(withoutRejected(outputs, [['b-1', 'a-1']], keepSuggestions)).toEqual({
    ocr: outputs.ocr,
    facematch: { matches: [suggestion('a-1', 'c-1')], faces: [1] },
    other: { matches: [] },
  });
  expect(withoutRejected(outputs, [['x-1', 'a-1']], keepSuggestions)).toBe(outputs);
});

test('outputs of any form are let be', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('facematch', 'ocr', '__proto__'), fc.jsonValue()),
      (outputs) => {
        expect(keepSuggestions(outputs, () => true)).toBe(outputs);
        const matches = [null, 1, 'x', {}, { face_key: 1 }];
        expect(suggestedPairs({ ...outputs, facematch: { matches } }, keepSuggestions)).toEqual([]);
      },
    ),
  );
});
