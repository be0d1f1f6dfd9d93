import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { OutageError, type PipelineError, UnavailableError } from '../../src/domain/errors.ts';
import { ServiceBreaker } from '../../src/domain/service-breaker.ts';
import { SettingsError } from '../../src/domain/settings.ts';
import { ALL_FEATURES } from '../../src/vision/computer-vision.ts';
import type { VisionDependencies } from '../../src/vision/open.ts';
import { never, throttleOnly, visionFor } from './support/fixtures.ts';
import { type Stub, startStub } from './support/stub-server.ts';

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
describe('Computer Vision', () => {
  test('analyze sends the bytes, the key and the features, and hands out the response', async () => {
    stub.answer = () => ({ body: { tags: [{ name: 'sign', confidence: 0.9 }], requestId: 'r', unheard: 1 } });
    const analysis = await open().computerVision.analyze(IMAGE, ALL_FEATURES, never);
    expect(analysis).toMatchObject({ tags: [{ name: 'sign', confidence: 0.9 }], requestId: 'r', unheard: 1 });
    const [request] = stub.requests;
    expect(request?.path).toBe('/vision/v3.2/analyze');
    expect(request?.query.get('visualFeatures')).toBe(ALL_FEATURES.join(','));
    expect(request?.headers['ocp-apim-subscription-key']).toBe('cv-key');
    expect(request?.headers['content-type']).toBe('application/octet-stream');
    expect(request?.body).toEqual(IMAGE);
  });

  test('a connection that is reset before the answer is met by one call more, at once, and by no third', async () => {
    let calls = 0;
    stub.answer = () => {
      calls += 1;
      return calls === 1 ? { cut: 'at once' } : { body: { tags: [], requestId: 'second' } };
    };
    expect(await open().computerVision.analyze(IMAGE, ALL_FEATURES, never)).toMatchObject({
      requestId: 'second',
    });
    expect(stub.requests.map(({ body }) => body)).toEqual([IMAGE, IMAGE]);

    stub.requests.length = 0;
    stub.answer = () => ({ cut: 'at once' });
    const failed = await failureOf(open().computerVision.analyze(IMAGE, ALL_FEATURES, never));
    expect(failed.code).toBe('VisionConnectionLost');
    expect(stub.requests).toHaveLength(2);
  });

  test('two calls that fail inside for different images open the breaker: no third is made until it probes', async () => {
    let now = 1_000_000;
    const breaker = new ServiceBreaker(() => now);
    const { computerVision } = open({}, { breaker });
    stub.answer = () => ({ status: 500, body: { error: { code: 'InternalServerError', message: 'x' } } });
    const analyze = () => failureOf(computerVision.analyze(IMAGE, ALL_FEATURES, never));
    const first = await analyze();
    expect(breaker.judge(first, 'one image')).toBe(first);
    expect(breaker.judge(await analyze(), 'another')).toMatchObject({ code: 'ServiceFailing' });
    expect((await analyze()).code).toBe('ServiceFailing');
    expect(stub.requests).toHaveLength(2);

    now = (breaker.failures()[0]?.probeAt ?? 0) + 1;
    stub.answer = () => ({ body: { tags: [], requestId: 'r' } });
    expect(await computerVision.analyze(IMAGE, ALL_FEATURES, never)).toMatchObject({ requestId: 'r' });
    expect(breaker.failures()).toEqual([]);
  });

  test('read submits once and polls until it is done', async () => {
    let polls = 0;
    stub.answer = ({ method }) => {
      if (method === 'POST') {
        const address = `${stub.url}/vision/v3.2/read/analyzeResults/${ID}`;
        return { status: 202, headers: { 'operation-location': address } };
      }
      polls++;
      if (polls < 3) return { body: { status: 'running' } };
      return {
        body: {
          status: 'succeeded',
          analyzeResult: { version: '3.2', modelVersion: 'latest', readResults: [] },
        },
      };
    };
    const result = await open().computerVision.read(IMAGE, never);
    expect(result.status).toBe('succeeded');
    expect(stub.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /vision/v3.2/read/analyze',
      ...Array(3).fill(`GET /vision/v3.2/read/analyzeResults/${ID}`),
    ]);
  });

  test('a read that failed, or that the service never ends, is an attempt', async () => {
    stub.answer = ({ method }) =>
      method === 'POST'
        ? { status: 202, headers: { 'operation-location': `${stub.url}/${ID}` } }
        : { body: { status: 'failed' } };
    expect(await failureOf(open().computerVision.read(IMAGE, never))).toMatchObject({ code: 'ReadFailed' });

    let now = Date.now();
    stub.answer = ({ method }) => {
      now += 30_000;
      return method === 'POST'
        ? { status: 202, headers: { 'operation-location': `${stub.url}/${ID}` } }
        : { body: { status: 'running' } };
    };
    const endless = open({}, { clock: () => now }).computerVision.read(IMAGE, never);
    expect(await failureOf(endless)).toMatchObject({ code: 'ReadTimeout' });
  });

  test('a missing endpoint is a settings error that names the setting, at the first call', async () => {
    const { computerVision, face } = visionFor(undefined, throttleOnly());
    const error = await failureOf(computerVision.analyze(IMAGE, ['Tags'], never));
    expect(error).toBeInstanceOf(SettingsError);
    expect(error.message).toContain('COMPUTER_VISION_ENDPOINT');
    expect((await failureOf(face.detect(IMAGE, {}, never))).message).toContain('FACE_ENDPOINT');
  });
});

describe('Face', () => {
  const found = { faceRectangle: { left: 1, top: 2, width: 30, height: 40 } };

  test('detect asks for no face id unless told to, always with our models', async () => {
    stub.answer = () => ({ body: [found] });
    const faces = await open().face.detect(IMAGE, { landmarks: true, attributes: ['blur', 'mask'] }, never);
    expect(faces).toEqual([found]);
    expect(Object.fromEntries(stub.requests[0]?.query ?? [])).toMatchObject({
      returnFaceId: 'false',
      returnFaceLandmarks: 'true',
      returnFaceAttributes: 'blur,mask',
      recognitionModel: 'recognition_04',
      detectionModel: 'detection_03',
    });
    expect(stub.requests[0]?.headers['ocp-apim-subscription-key']).toBe('face-key');
  });

  test('find similar searches one list in the mode that hides nobody', async () => {
    stub.answer = () => ({ body: [{ persistedFaceId: ID, confidence: 0.7 }] });
    const similar = await open().face.findSimilar(ID, { largeFaceListId: 'l' }, 5000, never);
    expect(similar).toEqual([{ persistedFaceId: ID, confidence: 0.7 }]);
    expect(JSON.parse(String(stub.requests[0]?.body))).toEqual({
      faceId: ID,
      largeFaceListId: 'l',
      maxNumOfCandidatesReturned: 1000,
      mode: 'matchFace',
    });
  });

  test('a LargeFaceList is read page by page, each from where the last ended', async () => {
    const idOf = (number: number) => `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`;
    stub.answer = ({ query }) => {
      const start = query.get('start');
      const first = start === null ? 0 : Number(start.slice(-12)) + 1;
      const numbers = Array.from({ length: 2500 }, (_, number) => number).slice(first, first + 1000);
      return {
        body: numbers.map((number) => ({ persistedFaceId: idOf(number), userData: `job-${number}` })),
      };
    };
    const pages: number[] = [];
    for await (const page of open().face.largeLists.pages('l', never)) pages.push(page.length);
    expect(pages).toEqual([1000, 1000, 500]);
    expect(stub.requests.map(({ query }) => query.get('start'))).toEqual([null, idOf(999), idOf(1999)]);
  });

  test.each([
    ['notstarted', 'waiting'],
    ['nonstarted', 'waiting'],
    ['running', 'running'],
    ['succeeded', 'succeeded'],
    ['failed', 'failed'],
  ])('a training that is %s', async (wire, status) => {
    const createdDateTime = '2026-11-01T12:00:00.000Z';
    stub.answer = () => ({ body: { status: wire, createdDateTime } });
    expect(await open().face.largeLists.training('l', never)).toEqual({
      status,
      mark: `${createdDateTime} - -`,
    });
  });

  test('a list that was never trained, one that is not there, and a face that has gone', async () => {
    const { largeLists, lists } = open().face;
    stub.answer = () => ({ status: 404, body: faceError('LargeFaceListNotTrained') });
    expect(await largeLists.training('l', never)).toEqual({ status: 'never', mark: '' });
    stub.answer = () => ({ status: 404, body: faceError('PersistedFaceNotFound') });
    expect(await largeLists.has('l', ID, never)).toBe(false);
    await largeLists.remove('l', ID, never);
    stub.answer = () => ({ status: 404, body: faceError('FaceListNotFound') });
    await lists.drop('l', never);
    for await (const page of lists.pages('l', never)) expect(page).toBe('never yielded');
  });

  test('without approval by setting, nothing that needs it is sent', async () => {
    const { face } = open({ FACE_LIMITED_ACCESS: 'off' });
    const calls = [
      face.detect(IMAGE, { faceId: true }, never),
      face.findSimilar(ID, { faceListId: 'l' }, 1, never),
    ];
    for (const call of calls) {
      const error = await failureOf(call);
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error.code).toBe('LimitedAccessRequired');
    }
    expect(stub.requests).toEqual([]);
  });

  test('with an identity, the token is asked for the vision services and sent instead of a key', async () => {
    const scopes: unknown[] = [];
    const identity = async () => ({
      getToken: async (scope: unknown) => {
        scopes.push(scope);
        return { token: 'a-token', expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    });
    stub.answer = () => ({ body: [] });
    await open({ FACE_KEY: '' }, { identity }).face.detect(IMAGE, {}, never);
    expect(scopes).toEqual(['https://cognitiveservices.azure.com/.default']);
    expect(stub.requests[0]?.headers.authorization).toBe('Bearer a-token');
    expect(stub.requests[0]?.headers['ocp-apim-subscription-key']).toBeUndefined();
  });

  test('that the identity cannot sign in burns no image', async () => {
    const error = Object.assign(new Error('who am I'), { name: 'CredentialUnavailableError' });
    const identity = async () => ({ getToken: () => Promise.reject(error) });
    const failure = await failureOf(open({ FACE_KEY: '' }, { identity }).face.detect(IMAGE, {}, never));
    expect(failure).toBeInstanceOf(OutageError);
    expect(failure.code).toBe('VisionAccessDenied');
  });
});
