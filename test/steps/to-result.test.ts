import { expect, test } from 'vitest';
import type { JobEnd } from '../../src/domain/job.ts';
import { FIRST_MODEL } from '../../src/domain/recognition-model.ts';
import type { JobRecord, StepStanding } from '../../src/domain/step.ts';
import { toResult } from '../../src/steps/to-result.ts';

const job = (given: object = {}) => ({
  id: 'one',
  batchId: 'batch',
  run: 2,
  pipeline: ['ocr', 'pipelineoutput'],
  parameters: undefined,
  ...given,
});
const record = (given: Partial<JobRecord> = {}): JobRecord => ({
  imageUrl: 'https://images/one.jpg',
  admittedAt: '2026-11-23T12:00:00.000Z',
  image: undefined,
  end: undefined,
  steps: { ocr: { state: 'done', attempts: 1 } },
  outputs: async () => ({}),
  ...given,
});

test('what is known of an image is in its row, each thing for itself; what is not known is absent', () => {
  const image = { contentType: 'image/jpeg', width: 3, height: 4, bytes: 5 };
  const exif = { Make: 'Camera' };
  const consent = { purpose: 'tracing' };
  const reason = { code: 'ImageTooManyBytes', message: 'Too large.' };
  const known: [object, object, Record<string, unknown>, object][] = [
    [{ parameters: { a: 1 } }, {}, {}, { imageParameters: { a: 1 } }],
    [{ parameters: null }, {}, {}, { imageParameters: null }],
    [{ consent }, {}, {}, { consent }],
    [{}, { image }, {}, { width: 3, height: 4, bytes: 5 }],
    [{}, { image: { ...image, exif } }, {}, { width: 3, height: 4, bytes: 5, exif }],
    [{}, { end: { kind: 'rejected', reason } }, {}, { status: 'rejected', reason }],
    [{}, {}, { ocr: { ocr: {}, OCR_fullText: 'words' } }, { text: 'words' }],
  ];
  const optional = [
    'imageParameters',
    'consent',
    'width',
    'height',
    'bytes',
    'exif',
    'reason',
    'text',
    'caption',
    'categories',
    'description',
    'warnings',
  ];
  for (const [ofJob, ofRecord, outputs, expected] of known) {
    const result: Record<string, unknown> = {
      ...toResult(job(ofJob) as never, record(ofRecord), outputs, 0),
    };
    expect(result).toMatchObject(expected);
    expect(Object.keys(result).filter((key) => optional.includes(key) && !(key in expected))).toEqual([]);
  }
});

test('an image that was replaced or is gone has no face and no match left, one that was rejected keeps its state', () => {
  const faces = { faces: [{ faceKey: 'one-0', faceRectangle: { left: 1, top: 2, width: 30, height: 40 } }] };
  const of = (kind?: JobEnd['kind']) =>
    toResult(
      job() as never,
      record(kind === undefined ? {} : { end: { kind, reason: { code: 'X', message: 'x' } } }),
      { facedetection: faces },
      0,
    ).faces.length;
  expect({ none: of(), superseded: of('superseded'), gone: of('gone'), rejected: of('rejected') }).toEqual({
    none: 1,
    superseded: 0,
    gone: 0,
    rejected: 1,
  });
});

test('a job is done only where every step is done, or had a service that was not there', () => {
  const of = (...states: StepStanding['state'][]) =>
    toResult(
      job() as never,
      record({
        steps: Object.fromEntries(states.map((state, index) => [`s${index}`, { state, attempts: 1 }])),
      }),
      {},
      0,
    ).status;
  expect(of('done', 'done')).toBe('done');
  expect(of('done', 'unavailable')).toBe('done');
  expect(of('done', 'failed')).toBe('partial');
  expect(of('skipped', 'done')).toBe('partial');
});

test('a face and a match say each thing for itself that their steps put out, and nothing that they did not', () => {
  const faceRectangle = { left: 1, top: 2, width: 30, height: 40 };
  const faceAttributes = { headPose: { yaw: 1 } };
  const detected = (more: object = {}) => ({ faces: [{ faceKey: 'one-0', faceRectangle, ...more }] });
  const facesOf = (outputs: Record<string, unknown>) => toResult(job() as never, record(), outputs, 0).faces;
  const bare = { key: 'one-0', rectangle: faceRectangle, enrolled: false };
  expect(facesOf({})).toEqual([]);
  expect(facesOf({ facedetection: detected() })).toStrictEqual([bare]);
  expect(facesOf({ facedetection: detected({ faceAttributes }) })).toStrictEqual([
    { ...bare, attributes: faceAttributes },
  ]);
  const crop = { faceKey: 'one-0', name: 'one-0.jpg', rectangle: faceRectangle };
  const facecrop = { facesUrls: [], crops: [crop] };
  expect(facesOf({ facedetection: detected(), facecrop })).toStrictEqual([{ ...bare, crop: 'one-0.jpg' }]);
  const faceprint = { faces: [{ faceKey: 'one-0', faceRectangle, quality: 'high' }] };
  expect(facesOf({ facedetection: detected(), faceprint })).toStrictEqual([{ ...bare, quality: 'high' }]);
  const other = { faces: [{ faceKey: 'one-1', faceRectangle, quality: 'low' }] };
  expect(facesOf({ facedetection: detected(), faceprint: other })).toStrictEqual([bare]);
});

test('a match says how far ahead of the next it is where that is known, and which model found it; a rerun tells no latency', () => {
  const rectangle = { left: 1, top: 2, width: 30, height: 40 };
  const match = {
    ...{ id: 'two', batch_id: 'b', image_url: 'u', face_rectangle: rectangle, other_face_key: 'two-0' },
    ...{ face_key: 'one-0', confidence: 0.7 },
  };
  const of = (facematch: object, given: object = {}, end: object = {}) =>
    toResult(job(given) as never, record(end), { facematch }, Date.parse('2026-11-23T12:00:05.000Z'));
  const expected = {
    ...{ face: 'one-0', otherFace: 'two-0', otherImage: 'two', otherImageUrl: 'u' },
    ...{ otherRectangle: rectangle, confidence: 0.7 },
  };
  const faces = [{ faceKey: 'one-0', enrolled: true }];
  const first = of({ matches: [match], faces });
  expect(first.matches).toStrictEqual([expected]);
  expect(first.model).toBe(FIRST_MODEL);
  expect(first).not.toHaveProperty('latencyMs');
  const second = of({ matches: [{ ...match, margin: 0.1 }], faces, model: 'later' }, { run: 0 });
  expect(second.matches).toStrictEqual([{ ...expected, margin: 0.1 }]);
  expect(second).toMatchObject({ model: 'later', latencyMs: 5000 });
  expect(toResult(job({ run: 0 }) as never, record(), {}, 0).latencyMs).toBe(0);
  const gone = of(
    { matches: [match], faces },
    {},
    { end: { kind: 'gone', reason: { code: 'X', message: 'x' } } },
  );
  expect([gone.matches, gone.model]).toEqual([[], undefined]);
  expect(toResult(job() as never, record(), {}, 0)).not.toHaveProperty('model');
});
