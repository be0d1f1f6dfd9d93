import { expect, test } from 'vitest';
import { isUnmatched } from '../../src/results/pairs.ts';
import type { ImageResult } from '../../src/results/rows.ts';
import { image } from './fixtures.ts';

test.each([
  ['done', undefined, false],
  ['done', { doNotMatch: false }, false],
  ['done', { doNotMatch: true }, true],
  ['failed', undefined, false],
  ['rejected', undefined, false],
  ['gone', undefined, true],
  ['superseded', undefined, true],
])('an image that is %s with terms %j is done with being matched: %s', (status, consent, expected) => {
  expect(isUnmatched(image('i', { status, consent } as Partial<ImageResult>))).toBe(expected);
});
