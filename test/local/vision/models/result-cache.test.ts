import { expect, test } from 'vitest';
import type { Analysis, AnalysisPart } from '../../../../src/local/vision/analysis.ts';
import { ResultCache } from '../../../../src/local/vision/models/result-cache.ts';

/** Computes parts as told and notes what was asked of it. */
function computer() {
  const asked: string[] = [];
  const compute = (key: string) => async (parts: readonly AnalysisPart[]) => {
    asked.push(`${key}: ${parts.join(' ')}`);
    return { faces: [], objects: [], adult: { adult: 0, racy: 0 } } satisfies Partial<Analysis>;
  };
  return { asked, compute };
}

test('a part is computed once for all who ask, at once or later, and only what is missing is computed', async () => {
  const cache = new ResultCache(4);
  const { asked, compute } = computer();
  const answers = await Promise.all([
    cache.get('a', ['faces'], compute('a')),
    cache.get('a', ['faces', 'objects'], compute('a')),
    cache.get('a', ['objects', 'faces', 'faces'], compute('a')),
  ]);
  await cache.get('a', ['adult', 'faces'], compute('a'));
  expect(asked).toEqual(['a: faces', 'a: objects', 'a: adult']);
  expect(answers[1]).toEqual({ faces: [], objects: [] });
});

test('the image longest unused leaves first', async () => {
  const cache = new ResultCache(2);
  const { asked, compute } = computer();
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await cache.get(key, ['faces'], compute(key));
  expect(asked).toEqual(['a: faces', 'b: faces', 'c: faces', 'b: faces']);
});

test('a failure reaches all who wait and is forgotten', async () => {
  const cache = new ResultCache(2);
  const fail = () => Promise.reject(new Error('no'));
  const both = await Promise.allSettled([cache.get('a', ['faces'], fail), cache.get('a', ['faces'], fail)]);
  expect(both.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
  const { asked, compute } = computer();
  await cache.get('a', ['faces'], compute('a'));
  expect(asked).toEqual(['a: faces']);
});
