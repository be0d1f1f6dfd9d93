import { expect, test } from 'vitest';
import type { JobEnd } from '../../src/domain/job.ts';
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
