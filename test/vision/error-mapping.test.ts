import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  OutageError,
  PermanentError,
  type PipelineError,
  RateLimitedError,
  UnavailableError,
} from '../../src/domain/errors.ts';
import { FaceIdExpiredError, FaceListStateError, VisionCallError } from '../../src/vision/errors.ts';
import type { VisionDependencies } from '../../src/vision/open.ts';
import { never, throttleOnly, visionFor } from './support/fixtures.ts';
import { type Stub, type StubAnswer, startStub } from './support/stub-server.ts';

const IMAGE = Buffer.from('not really an image, which the stub does not mind');
const ID = '3aa87e30-b380-48eb-ad9e-1aa54fc52bd3';

let stub: Stub;
beforeAll(async () => {
  stub = await startStub(() => ({}));
});
beforeEach(() => {
  stub.requests.length = 0;
});
afterAll(() => stub.close());

const open = (more: Record<string, string> = {}, dependencies: Partial<VisionDependencies> = {}) =>
  visionFor(stub.url, throttleOnly(), more, dependencies);

const failureOf = (call: Promise<unknown>): Promise<PipelineError> =>
  call.then(
    () => {
      throw new Error('it did not fail');
    },
    (error) => error,
  );

const faceError = (code: string, message = 'x') => ({ error: { code, message } });
const innerError = (code: string, message = 'x') => ({
  error: { code: 'InvalidRequest', message: 'Invalid request has been sent.', innererror: { code, message } },
});
const approval =
  'Feature is not supported, missing approval for one or more of the following features: Identification,Verification.';

describe('what a failed call becomes', () => {
  const cases: [string, StubAnswer, new (...args: never[]) => Error, Record<string, unknown>][] = [
    [
      '429 with seconds',
      { status: 429, headers: { 'retry-after': '7' } },
      RateLimitedError,
      { retryAfterMs: 7000 },
    ],
    [
      '429 without a delay',
      { status: 429, body: faceError('429') },
      RateLimitedError,
      { retryAfterMs: 1000 },
    ],
    [
      '429 for a year',
      { status: 429, headers: { 'retry-after': '31536000' } },
      RateLimitedError,
      { retryAfterMs: 3_600_000 },
    ],
    ['a wrong key', { status: 401, body: faceError('401') }, OutageError, { code: 'VisionAccessDenied' }],
    [
      'a missing role',
      { status: 403, body: faceError('PermissionDenied') },
      OutageError,
      { code: 'VisionAccessDenied' },
    ],
    [
      'no approval',
      { status: 403, body: innerError('UnsupportedFeature', approval) },
      UnavailableError,
      { code: 'LimitedAccessRequired' },
    ],
    [
      'a retired attribute',
      { status: 403, body: faceError('UnsupportedFeature', 'Return Attributes (age) have been deprecated') },
      PermanentError,
      { code: 'UnsupportedFeature' },
    ],
    [
      'a quota used up',
      { status: 403, body: faceError('403', 'Out of call volume quota.') },
      OutageError,
      { code: 'VisionQuotaExceeded', retryAfterMs: 900_000 },
    ],
    [
      'an image in another format',
      { status: 400, body: innerError('InvalidImageFormat', 'Input data is not a valid image.') },
      PermanentError,
      { code: 'InvalidImageFormat' },
    ],
    ['an image too large', { status: 413, body: 'too large' }, PermanentError, { code: 'InvalidImageSize' }],
    [
      'another media type',
      { status: 415, body: faceError('Unsupported media type') },
      PermanentError,
      { code: 'UnsupportedMediaType' },
    ],
    ['a refusal without words', { status: 400, body: '<html>' }, PermanentError, { code: 'HTTP400' }],
    [
      'a refusal in broken JSON',
      { status: 400, headers: { 'content-type': 'application/json' }, body: '{"err' },
      PermanentError,
      { code: 'HTTP400' },
    ],
    ['a time-out at the service', { status: 408 }, OutageError, { code: 'ServiceUnavailable' }],
    [
      '503 with a delay',
      { status: 503, headers: { 'retry-after': '30' } },
      OutageError,
      { retryAfterMs: 30_000 },
    ],
    [
      '502 in HTML',
      { status: 502, body: '<html>bad gateway</html>' },
      OutageError,
      { code: 'ServiceUnavailable' },
    ],
    [
      'an internal error',
      { status: 500, body: faceError('InternalServerError') },
      VisionCallError,
      { code: 'VisionInternalError' },
    ],
    [
      'an address without the service',
      { status: 404, body: faceError('404', 'Resource not found') },
      OutageError,
      { code: 'VisionNotFound' },
    ],
    [
      'a redirect',
      { status: 302, headers: { location: 'http://127.0.0.1:9/' } },
      OutageError,
      { code: 'VisionNotFound' },
    ],
    ['a connection cut at once', { cut: 'at once' }, VisionCallError, { code: 'VisionConnectionLost' }],
    [
      'half an answer',
      { cut: 'half way', body: [{ faceRectangle: { left: 1, top: 1, width: 1, height: 1 } }] },
      VisionCallError,
      { code: 'VisionConnectionLost' },
    ],
    ['an answer of another type', { body: 'it works!' }, VisionCallError, { code: 'VisionUnexpectedAnswer' }],
    [
      'an answer of another shape',
      { body: [{ face: 1 }] },
      VisionCallError,
      { code: 'VisionUnexpectedAnswer' },
    ],
    [
      'defect 7 of 2017, a failure parsed as if it were an answer: an answer that is not JSON',
      { headers: { 'content-type': 'application/json' }, body: '[{"faceRect' },
      VisionCallError,
      { code: 'VisionUnexpectedAnswer' },
    ],
  ];

  test.each(cases)('%s', async (_, answer, type, expected) => {
    stub.answer = () => answer;
    const error = await failureOf(open().face.detect(IMAGE, {}, never));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject(expected);
    // A connection that is reset before anything of an answer may have been idle: one call more, at once.
    expect(stub.requests.length).toBe(answer.cut === 'at once' ? 2 : 1);
  });

  test('the same for Computer Vision, whose code stands inside', async () => {
    stub.answer = () => ({
      status: 400,
      body: innerError('InvalidImageSize', 'Image must be at least 50 pixels.'),
    });
    const error = await failureOf(open().computerVision.analyze(IMAGE, ['Tags'], never));
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.code).toBe('InvalidImageSize');
    expect(error.message).toContain('Image must be at least 50 pixels.');
  });

  test('words that could quote data are not kept', async () => {
    stub.answer = () => ({
      status: 400,
      body: faceError('BadArgument', 'userData alice@example.com is bad'),
    });
    const error = await failureOf(open().face.detect(IMAGE, {}, never));
    expect(error.code).toBe('BadArgument');
    expect(error.message).not.toContain('alice');
  });

  test.each([
    [400, 'FaceListNotReady', 'empty'],
    [400, 'LargeFaceListNotTrained', 'untrained'],
    [404, 'FaceListNotFound', 'missing'],
    [404, 'PersistedFaceNotFound', 'faceMissing'],
    [409, 'LargeFaceListTrainingNotFinished', 'training'],
    [409, 'ConcurrentOperationConflict', 'busy'],
    [409, 'FaceListExists', 'exists'],
  ])('%i %s is a list that is %s', async (status, code, state) => {
    stub.answer = () => ({ status, body: faceError(code) });
    const error = await failureOf(open().face.findSimilar(ID, { faceListId: 'l' }, 1, never));
    expect(error).toBeInstanceOf(FaceListStateError);
    expect(error).toMatchObject({ state, code });
  });

  test('a list that can hold no more is full', async () => {
    stub.answer = () => ({
      status: 403,
      body: faceError('QuotaExceeded', 'Persisted face number reached limit.'),
    });
    const face = { rectangle: { left: 0, top: 0, width: 50, height: 50 }, userData: 'job-0' };
    expect(await failureOf(open().face.lists.add('l', IMAGE, face, never))).toMatchObject({ state: 'full' });
  });

  test('a forgotten face id, or one that never was', async () => {
    stub.answer = () => ({ status: 400, body: faceError('FaceNotFound') });
    const { face } = open();
    for (const id of [ID, 'gone']) {
      const error = await failureOf(face.findSimilar(id, { faceListId: 'l' }, 1, never));
      expect(error).toBeInstanceOf(FaceIdExpiredError);
    }
  });

  test('nobody listens', async () => {
    const gone = await startStub(() => ({}));
    await gone.close();
    const error = await failureOf(visionFor(gone.url, throttleOnly()).face.detect(IMAGE, {}, never));
    expect(error).toBeInstanceOf(OutageError);
    expect(error.code).toBe('VisionUnreachable');
    expect(error.message).toContain('FACE_ENDPOINT');
  });

  test('a call that is never answered ends at its limit', async () => {
    stub.answer = () => ({ hang: true });
    const error = await failureOf(open({}, { callLimitMs: 50 }).face.detect(IMAGE, {}, never));
    expect(error).toBeInstanceOf(OutageError);
    expect(error.code).toBe('VisionTimeout');
  });

  test('an abort ends the call with its own reason', async () => {
    const abort = new AbortController();
    stub.answer = () => {
      abort.abort(new Error('host is stopping'));
      return { hang: true };
    };
    const error = await failureOf(open().face.detect(IMAGE, {}, abort.signal));
    expect(error).toEqual(new Error('host is stopping'));
  });

  test('after a 429 the next call waits, and the other instances can read it', async () => {
    const storage = throttleOnly();
    stub.answer = () => ({ status: 429, headers: { 'retry-after': '60' } });
    const { face } = visionFor(stub.url, storage);
    await failureOf(face.detect(IMAGE, {}, never));
    stub.answer = () => ({ body: [] });
    expect(await failureOf(face.detect(IMAGE, {}, never))).toBeInstanceOf(RateLimitedError);
    expect(await failureOf(visionFor(stub.url, storage).face.detect(IMAGE, {}, never))).toBeInstanceOf(
      RateLimitedError,
    );
    expect(stub.requests.length).toBe(1);
    expect([...storage.rows.keys()]).toEqual(['vision/face']);
  });
});
