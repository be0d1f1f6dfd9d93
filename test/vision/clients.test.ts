import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { OutageError, type PipelineError, UnavailableError } from '../../src/domain/errors.ts';
import { ServiceBreaker } from '../../src/domain/service-breaker.ts';
import { SettingsError } from '../../src/domain/settings.ts';
import { ALL_FEATURES } from '../../src/vision/computer-vision.ts';
import type { Face } from '../../src/vision/face.ts';
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

const location = (id: string): StubAnswer => ({
  status: 202,
  headers: { 'operation-location': `https://x/vision/v3.2/read/analyzeResults/${id}` },
});
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

  test('of a read the first poll comes soon, the later ones each second, for two minutes', async () => {
    let now = Date.now();
    const pauses: number[] = [];
    // All but the limit of a call, which ends none here.
    const after = (ms: number, run: () => void) => {
      if (ms >= 30_000) return () => {};
      pauses.push(ms);
      now += ms;
      setImmediate(run);
      return () => {};
    };
    stub.answer = ({ method }) =>
      method === 'POST'
        ? { status: 202, headers: { 'operation-location': `${stub.url}/${ID}` } }
        : { body: { status: 'running' } };
    const endless = open({}, { clock: () => now, after }).computerVision.read(IMAGE, never);
    expect(await failureOf(endless)).toMatchObject({ code: 'ReadTimeout' });
    expect(pauses.slice(0, 5)).toEqual([200, 400, 800, 1000, 1000]);
    // 200 + 400 + 800 milliseconds, and as many seconds as it takes.
    expect(pauses).toHaveLength(3 + 119);
  });

  test.each<[string, StubAnswer, StubAnswer, string]>([
    ['no address', { status: 202 }, {}, 'VisionUnexpectedAnswer'],
    ['an address of something else', location('operations/7'), {}, 'VisionUnexpectedAnswer'],
    ['a result without pages', location(ID), { body: { status: 'succeeded' } }, 'VisionUnexpectedAnswer'],
    ['a result of nothing', location(ID), { body: {} }, 'VisionUnexpectedAnswer'],
    ['a failure', location(`${ID}?a=b`), { body: { status: 'failed' } }, 'ReadFailed'],
  ])('a read that is answered by %s is an attempt', async (_, submitted, result, code) => {
    stub.answer = ({ method }) => (method === 'POST' ? submitted : result);
    expect(await failureOf(open().computerVision.read(IMAGE, never))).toMatchObject({ code });
  });

  test('an analysis of nothing is none', async () => {
    stub.answer = () => ({ body: {} });
    expect(await failureOf(open().computerVision.analyze(IMAGE, ['Tags'], never))).toMatchObject({
      code: 'VisionUnexpectedAnswer',
    });
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
  const added = { rectangle: { left: 1.4, top: 1.6, width: 30.5, height: 40 }, userData: 'job-1' };

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

  test('detect asks for just what is wanted', async () => {
    stub.answer = () => ({ body: [{ ...found, faceId: ID }] });
    const asked = async (options: Parameters<Face['detect']>[1]) => {
      stub.requests.length = 0;
      const faces = await open().face.detect(IMAGE, options, never);
      return { faces, ...Object.fromEntries(stub.requests[0]?.query ?? []) };
    };
    const plain = await asked({});
    expect(plain).toMatchObject({
      ...{ returnFaceId: 'false', returnFaceLandmarks: 'false', faceIdTimeToLive: '86400' },
    });
    expect(plain).not.toHaveProperty('returnFaceAttributes');
    expect(await asked({ attributes: ['qualityForRecognition'] })).toMatchObject({
      returnFaceAttributes: 'qualityForRecognition',
    });
    expect(await asked({ faceId: true, faceIdSeconds: 60 })).toMatchObject({
      ...{ returnFaceId: 'true', faceIdTimeToLive: '60', faces: [{ ...found, faceId: ID }] },
    });
    const more = { faceLandmarks: { noseTip: { x: 1, y: 2 } }, faceAttributes: { blur: { value: 1 } } };
    stub.answer = () => ({ body: [{ ...found, ...more }] });
    expect((await asked({})).faces).toMatchObject([{ ...found, ...more }]);
    expect((await asked({})).faces[0]).not.toHaveProperty('faceId');
  });

  test('another model is another face: of its prints, and of the lists that are made for them', async () => {
    const { face } = open();
    const other = face.withModel('imaginem_02');
    expect([face.model, other.model]).toEqual(['recognition_04', 'imaginem_02']);
    stub.answer = () => ({ body: [] });
    for (const one of [face, other]) {
      await one.detect(IMAGE, {}, never);
      await one.lists.create('l', never);
      await one.largeLists.create('l', never);
    }
    const models = stub.requests.map(
      ({ query, body }) => query.get('recognitionModel') ?? JSON.parse(String(body)).recognitionModel,
    );
    expect(models).toEqual([...Array(3).fill('recognition_04'), ...Array(3).fill('imaginem_02')]);
  });

  test.each<[string, unknown, (face: Face) => Promise<unknown>]>([
    ['faces that are no list', { a: 1 }, (face) => face.detect(IMAGE, {}, never)],
    ['one face without a place', [found, {}], (face) => face.detect(IMAGE, {}, never)],
    [
      'one place without a height',
      [{ faceRectangle: { left: 1, top: 1, width: 1 } }],
      (face) => face.detect(IMAGE, {}, never),
    ],
    [
      'one face without an id',
      [{ ...found, faceId: ID }, found],
      (face) => face.detect(IMAGE, { faceId: true }, never),
    ],
    ['candidates that are no list', { a: 1 }, (face) => face.findSimilar(ID, { faceListId: 'l' }, 1, never)],
    [
      'a candidate without an id',
      [{ confidence: 1 }],
      (face) => face.findSimilar(ID, { faceListId: 'l' }, 1, never),
    ],
    [
      'a candidate without a score',
      [{ persistedFaceId: ID }],
      (face) => face.findSimilar(ID, { faceListId: 'l' }, 1, never),
    ],
    ['a list without its name', { a: 1 }, (face) => face.lists.has('l', ID, never)],
    ['faces of a large list that are none', { a: 1 }, (face) => face.largeLists.pages('l', never).next()],
    ['faces that are nothing', 'null', (face) => face.detect(IMAGE, {}, never)],
    ['candidates that are nothing', 'null', (face) => face.findSimilar(ID, { faceListId: 'l' }, 1, never)],
    ['faces of a large list that are nothing', 'null', (face) => face.largeLists.pages('l', never).next()],
    [
      'one of two that has no id',
      [{ persistedFaceId: ID }, {}],
      (face) => face.largeLists.pages('l', never).next(),
    ],
    ['a training in no state', { status: 'odd' }, (face) => face.largeLists.training('l', never)],
    ['an added face without an id', { a: 1 }, (face) => face.lists.add('l', IMAGE, added, never)],
    ['another such', { a: 1 }, (face) => face.largeLists.add('l', IMAGE, added, never)],
  ])('%s are no answer', async (_, body, call) => {
    stub.answer = () => ({ headers: { 'content-type': 'application/json' }, body });
    expect(await failureOf(call(open().face))).toMatchObject({ code: 'VisionUnexpectedAnswer' });
  });

  test.each([
    [0, 1],
    [1, 1],
    [20, 20],
    [1000, 1000],
    [1001, 1000],
  ])('of %i candidates that are wanted, %i are asked for', async (max, asked) => {
    stub.answer = () => ({ body: [] });
    await open().face.findSimilar(ID, { faceListId: 'l' }, max, never);
    expect(JSON.parse(String(stub.requests[0]?.body))).toMatchObject({ maxNumOfCandidatesReturned: asked });
  });

  test('where nobody is to be recognised, that is said', () => {
    const codeOf = (more: Record<string, string>) => {
      try {
        open(more).face.requireLimitedAccess();
        return undefined;
      } catch (error) {
        return (error as PipelineError).code;
      }
    };
    expect(codeOf({})).toBeUndefined();
    expect(codeOf({ FACE_RECOGNITION: 'off' })).toBe('FaceRecognitionOff');
    expect(codeOf({ FACE_LIMITED_ACCESS: 'off' })).toBe('LimitedAccessRequired');
  });

  test.each([
    ['facelists', 'lists'],
    ['largefacelists', 'largeLists'],
  ] as const)(
    'a face is added to %s at its place in whole pixels, and taken out again',
    async (path, name) => {
      stub.answer = () => ({ body: { persistedFaceId: ID } });
      const lists = open().face[name];
      expect(await lists.add('l', IMAGE, added, never)).toBe(ID);
      expect(stub.requests[0]?.path).toBe(`/face/v1.0/${path}/l/persistedfaces`);
      expect(Object.fromEntries(stub.requests[0]?.query ?? [])).toMatchObject({
        ...{ targetFace: '1,2,31,40', userData: 'job-1', detectionModel: 'detection_03' },
      });
      await lists.remove('l', ID, never);
      await lists.drop('l', never);
      expect(stub.requests.slice(1).map(({ method, path: of }) => `${method} ${of}`)).toEqual([
        `DELETE /face/v1.0/${path}/l/persistedfaces/${ID}`,
        `DELETE /face/v1.0/${path}/l`,
      ]);
      stub.answer = () => ({ status: 409, body: faceError('ConcurrentOperationConflict') });
      for (const call of [lists.remove('l', ID, never), lists.drop('l', never), lists.has('l', ID, never)])
        expect(await failureOf(call)).toMatchObject({ state: 'busy' });
    },
  );

  test('a small list is one page, or none; a large one ends where a page is not full', async () => {
    const idOf = (number: number) => `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`;
    const { lists, largeLists } = open().face;
    const persistedFaces = [1, 2].map((n) => ({ persistedFaceId: idOf(n), userData: `job-${n}` }));
    const all = async (pages: AsyncIterable<unknown[]>) => {
      const found: number[] = [];
      for await (const page of pages) found.push(page.length);
      return found;
    };
    stub.answer = () => ({ body: { faceListId: 'l', persistedFaces } });
    expect(await all(lists.pages('l', never))).toEqual([2]);
    expect([await lists.has('l', idOf(2), never), await lists.has('l', idOf(3), never)]).toEqual([
      true,
      false,
    ]);
    for (const body of [{ faceListId: 'l', persistedFaces: [] }, { faceListId: 'l' }]) {
      stub.answer = () => ({ body });
      expect(await all(lists.pages('l', never))).toEqual([]);
    }
    let size = 1000;
    stub.answer = ({ query }) => ({
      body:
        query.get('start') === null
          ? Array.from({ length: size }, (_, n) => ({ persistedFaceId: idOf(n) }))
          : [],
    });
    stub.requests.length = 0;
    expect(await all(largeLists.pages('l', never))).toEqual([1000]);
    expect(stub.requests.map(({ query }) => query.get('top'))).toEqual(['1000', '1000']);
    stub.requests.length = 0;
    size = 999;
    expect(await all(largeLists.pages('l', never))).toEqual([999]);
    expect(stub.requests).toHaveLength(1);
    expect(await all(largeLists.pages('l', never, idOf(5)))).toEqual([]);
    stub.answer = () => ({ body: persistedFaces[0] });
    expect(await largeLists.has('l', idOf(1), never)).toBe(true);
  });

  test('a small list needs no training; one of a large list is asked for, and each differs from the last', async () => {
    const { lists, largeLists } = open().face;
    await lists.train('l', never);
    expect(await lists.training('l', never)).toMatchObject({ status: 'succeeded' });
    expect(stub.requests).toEqual([]);
    stub.answer = () => ({ status: 202 });
    await largeLists.train('l', never);
    expect(stub.requests[0]?.path).toBe('/face/v1.0/largefacelists/l/train');
    const times = { createdDateTime: 1, lastActionDateTime: 2, lastSuccessfulTrainingDateTime: 3 };
    const dated = Object.entries(times).map(([name, day]) => [name, `2026-01-0${day}T00:00:00.000Z`]);
    stub.answer = () => ({ body: { status: 'Succeeded', ...Object.fromEntries(dated) } });
    expect(await largeLists.training('l', never)).toEqual({
      status: 'succeeded',
      mark: dated.map(([, time]) => time).join(' '),
    });
    stub.answer = () => ({ status: 409, body: faceError('LargeFaceListTrainingNotFinished') });
    expect(await failureOf(largeLists.training('l', never))).toMatchObject({ state: 'training' });
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
