import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  confidenceText,
  figuresFor,
  leadOf,
  likenessOf,
  marginAmong,
  matchWorth,
} from '../../src/domain/match-worth.ts';

test('the published figures of the engine give the false candidates of an archive of this size', () => {
  expect(matchWorth(0.93, 10_000, 'engine')).toEqual({
    faces: 10_000,
    falseCandidates: expect.closeTo(4.4),
    atConfidence: 0.5,
    source: 'engine',
  });
  expect(matchWorth(0.93, 1_000_000, 'engine').falseCandidates).toBeCloseTo(440);
  expect(matchWorth(0.1, 10_000, 'engine')).toMatchObject({ falseCandidates: null, source: null });
});

test('they are said of no other service', () => {
  expect(figuresFor('http://127.0.0.1:7801', 'recognition_04')).toBe('engine');
  expect(figuresFor('https://imaginem.cognitiveservices.azure.com/', 'recognition_04')).toBeNull();
  expect(figuresFor('https://westeurope.api.cognitive.microsoft.com', 'recognition_04')).toBeNull();
  expect(figuresFor(undefined, 'recognition_04')).toBeNull();
  // Nobody has measured the second model on the photographs that the figures are of.
  expect(figuresFor('http://127.0.0.1:7801', 'imaginem_02')).toBeNull();
  expect(matchWorth(0.93, 10_000, null)).toMatchObject({ falseCandidates: null, source: null });
});

test('fewer false candidates are never expected of a less sure match, nor of a larger archive', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, share, fc.nat({ max: 1e7 }), fc.nat({ max: 1e7 }), (a, b, few, more) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const [small, large] = [Math.min(few, more), Math.max(few, more)];
      const one = matchWorth(high, small, 'engine').falseCandidates;
      const other = matchWorth(low, large, 'engine').falseCandidates;
      return one === null ? other === null : other === null || other >= one;
    }),
  );
});

test('no confidence reads as certainty, not even that of the same picture twice', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (confidence) => {
      const said = Number(confidenceText(confidence));
      return said <= 0.99 && said <= confidence;
    }),
  );
  expect(confidenceText(1)).toBe('0.99');
  expect(confidenceText(0.755)).toBe('0.75');
});

test('words come by their bounds', () => {
  expect([0.95, 0.9, 0.8, 0.6, 0.3].map(likenessOf)).toEqual([
    ...['veryStrong', 'veryStrong', 'strong', 'moderate', 'weak'],
  ]);
  expect([null, -0.2, -0.01, 0.004, 0.1, 0.3].map(leadOf)).toEqual([
    ...['unknown', 'behind', 'hardly', 'hardly', 'somewhat', 'clearly'],
  ]);
});

test('what stands beside a match counts before what its search reported; of no other nothing is said', () => {
  expect(marginAmong(0.94, [0.98, 0.6], undefined)).toBeCloseTo(-0.04);
  expect(marginAmong(0.98, [0.94], 0.5)).toBeCloseTo(0.04);
  expect(marginAmong(0.98, [], 0.5)).toBe(0.5);
  expect(marginAmong(0.98, [], undefined)).toBeNull();
});
