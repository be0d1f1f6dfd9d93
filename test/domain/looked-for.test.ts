import { expect, test } from 'vitest';
import { type LookedAt, lookedFor } from '../../src/domain/looked-for.ts';

const done = { state: 'done' };
const failed = (code: string) => ({ state: 'failed', error: { code, message: `${code}.` } });
const given = (steps: LookedAt['steps'], more: Partial<LookedAt> = {}): LookedAt => ({
  steps,
  faces: [],
  ...more,
});
const face = (enrolled: boolean) => ({ enrolled });

test('only of what was looked for may anybody say that there is none', () => {
  const { tags, text, faces, matches } = lookedFor(
    given({ generalclassification: done, facedetection: done }),
  );
  expect(tags).toEqual({ state: 'looked', step: 'generalclassification', again: false });
  expect(text).toEqual({ state: 'notAsked', step: 'ocr', again: true });
  expect(faces.state).toBe('looked');
  expect(matches.state).toBe('nothingToCompare');
});

test('of matches the first step that has no output says why', () => {
  const print = failed('VisionInternalError');
  const skipped = { state: 'skipped', error: { code: 'NeedMissing', message: 'Needs.' } };
  const image = given(
    { facedetection: done, faceprint: print, facematch: skipped },
    { faces: [face(false)] },
  );
  expect(lookedFor(image).matches).toEqual({
    state: 'failed',
    step: 'faceprint',
    reason: print.error,
    again: true,
  });
  expect(lookedFor(given({ facedetection: failed('InvalidImageSize') })).matches).toMatchObject({
    step: 'facedetection',
    again: false,
  });
});

test('faces that nobody compared, and faces that cannot be, are two things', () => {
  const compared = { facedetection: done, faceprint: done, facematch: done };
  expect(lookedFor(given(compared, { faces: [face(false)] })).matches.state).toBe('nothingToCompare');
  expect(lookedFor(given(compared, { faces: [face(false), face(true)] })).matches.state).toBe('looked');
  expect(lookedFor(given({ facedetection: done }, { faces: [face(false)] })).matches).toMatchObject({
    state: 'notAsked',
    step: 'faceprint',
  });
});

test('what is said of the batch since counts, whatever its steps did before, and no longer once it is taken back', () => {
  const compared = { facedetection: done, faceprint: done, facematch: done };
  const image = given(compared, { faces: [face(false)], consent: { doNotMatch: true } });
  expect(lookedFor(image).matches).toMatchObject({
    state: 'unavailable',
    reason: { code: 'DoNotMatch' },
    again: false,
  });
  const forbidden = { state: 'unavailable', error: { code: 'DoNotMatch', message: 'No.' } };
  const before = given(
    { ...compared, faceprint: forbidden },
    { faces: [face(false)], consent: { doNotMatch: false } },
  );
  expect(lookedFor(before).matches).toMatchObject({ state: 'unavailable', again: true });
});

test('of an image that was rejected, or is no more, nothing is said', () => {
  const reason = { code: 'NotAnImage', message: 'No image.' };
  const all = lookedFor(given({ facedetection: done }, { reason }));
  for (const looked of Object.values(all))
    expect(looked).toMatchObject({ state: 'ended', reason, again: false });
});
