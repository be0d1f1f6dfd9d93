import { expect, test } from 'vitest';
import { warningsOf } from '../../src/domain/warning.ts';

const damaged = { code: 'ImageDamaged', message: 'It ends early.' };
const more = { code: 'FacesBeyondLimit', message: 'There may be more faces.' };

test('what admission and the steps warn of stands together, the same thing once', () => {
  const outputs = { ocr: { warnings: [damaged, more] }, facedetection: { faces: [], warnings: [more] } };
  expect(warningsOf([damaged], outputs)).toEqual([damaged, more]);
  expect(warningsOf(undefined, { ocr: { OCR_fullText: '' } })).toEqual([]);
});

test('what only looks like warnings, in the output of a service or a message of somebody, is none', () => {
  for (const warnings of [
    'text',
    [{ code: 'lower case', message: 'x' }],
    [{ code: 'A' }],
    { code: 'A' },
    [3],
  ]) {
    expect(warningsOf([], { theirs: { warnings } })).toEqual([]);
  }
  expect(warningsOf([], { theirs: null, ours: 3 })).toEqual([]);
});

test('a warning holds what it says and nothing that was put beside it', () => {
  expect(warningsOf([], { step: { warnings: [{ ...more, who: 'somebody' }] } })).toEqual([more]);
});
