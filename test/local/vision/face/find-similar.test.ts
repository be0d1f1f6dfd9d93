import { describe, expect, test } from 'vitest';
import { refusal } from '../clients.ts';
import { picture, portrait } from '../fake-analyzer.ts';
import { type StartedEngine, startEngine } from '../start-engine.ts';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

async function idOf({ face }: StartedEngine, image: Buffer, options: object = {}): Promise<string> {
  const [found] = await face.face.detectWithStream(image, options);
  return found?.faceId ?? '';
}

/** Person 1 with a faceprint that lies `left % 7` thousandths off. */
const nearly = (left: number) =>
  picture({ faces: [{ person: 1, box: { left, top: 10, width: 100, height: 100 } }] });

test('matches come by falling confidence, no more than asked for', async () => {
  const started = await startEngine();
  await started.face.faceList.create('one', 'One');
  for (const left of [73, 70, 76]) await started.face.faceList.addFaceFromStream('one', nearly(left));
  const faceId = await idOf(started, nearly(70));
  const all = await started.face.face.findSimilar(faceId, { faceListId: 'one' });
  expect(all).toHaveLength(3);
  const confidences = all.map(({ confidence }) => confidence);
  expect(confidences).toEqual([...confidences].sort((a, b) => b - a));
  expect(new Set(confidences).size).toBe(3);
  expect(confidences[0]).toBe(1);
  const best = await started.face.face.findSimilar(faceId, {
    faceListId: 'one',
    maxNumOfCandidatesReturned: 2,
  });
  expect(best).toEqual(all.slice(0, 2));
});

test('matchPerson keeps to one person, matchFace ranks everyone', async () => {
  const started = await startEngine();
  await started.face.faceList.create('one', 'One');
  for (const person of [1, 2, 3]) await started.face.faceList.addFaceFromStream('one', portrait(person));
  const faceId = await idOf(started, portrait(1));
  const find = (mode: 'matchPerson' | 'matchFace') =>
    started.face.face.findSimilar(faceId, { faceListId: 'one', mode });
  expect(await find('matchPerson')).toHaveLength(1);
  const ranked = await find('matchFace');
  expect(ranked).toHaveLength(3);
  expect(ranked[1]?.confidence).toBeLessThan(0.5);
});

test('transient faces are compared with each other', async () => {
  const started = await startEngine();
  const same = await idOf(started, nearly(71));
  const other = await idOf(started, portrait(2));
  const similar = await started.face.face.findSimilar(await idOf(started, portrait(1)), {
    faceIds: [same, other],
  });
  expect(similar.map(({ faceId }) => faceId)).toEqual([same]);
});

test('two faces are verified as of one person or not', async () => {
  const started = await startEngine();
  const { face } = started.face;
  const one = await idOf(started, portrait(1));
  const same = await face.verifyFaceToFace(one, await idOf(started, nearly(73)));
  expect(same.isIdentical).toBe(true);
  expect(same.confidence).toBeGreaterThan(0.9);
  const different = await face.verifyFaceToFace(one, await idOf(started, portrait(2)));
  expect(different.isIdentical).toBe(false);
  expect(different.confidence).toBeLessThan(0.5);
  expect(await refusal(face.verifyFaceToFace(one, UNKNOWN))).toMatchObject({
    status: 404,
    code: 'FaceNotFound',
  });
});

test('an id expires by the clock, to the second', async () => {
  const started = await startEngine();
  await started.face.faceList.create('one', 'One');
  await started.face.faceList.addFaceFromStream('one', portrait(1));
  const faceId = await idOf(started, portrait(1), { faceIdTimeToLive: 60 });
  const find = () => started.face.face.findSimilar(faceId, { faceListId: 'one' });
  started.advance(59_999);
  expect(await find()).toHaveLength(1);
  started.advance(1);
  expect(await refusal(find())).toMatchObject({ status: 400, code: 'FaceNotFound' });
});

describe('refusals', () => {
  test('models that differ, in a list, among ids and in verify', async () => {
    const started = await startEngine();
    const { face } = started;
    await face.faceList.create('old', 'Old', { recognitionModel: 'recognition_01' });
    await face.faceList.addFaceFromStream('old', portrait(1));
    const newer = await idOf(started, portrait(1), { recognitionModel: 'recognition_04' });
    const older = await idOf(started, portrait(1), { recognitionModel: 'recognition_01' });
    const incompatible = {
      status: 400,
      code: 'BadArgument',
      message: "'recognitionModel' is incompatible.",
    };
    expect(await refusal(face.face.findSimilar(newer, { faceListId: 'old' }))).toMatchObject(incompatible);
    expect(await refusal(face.face.findSimilar(newer, { faceIds: [older] }))).toMatchObject(incompatible);
    expect(await refusal(face.face.verifyFaceToFace(newer, older))).toMatchObject(incompatible);
  });

  test('lists that are not there or empty', async () => {
    const started = await startEngine();
    const { face } = started;
    const faceId = await idOf(started, portrait(1));
    const find = (scope: object) => refusal(face.face.findSimilar(faceId, scope));
    expect(await find({ faceListId: 'none' })).toMatchObject({ status: 400, code: 'FaceListNotFound' });
    expect(await find({ largeFaceListId: 'none' })).toMatchObject({
      status: 400,
      code: 'LargeFaceListNotFound',
    });
    await face.faceList.create('one', 'One');
    expect(await find({ faceListId: 'one' })).toMatchObject({ status: 400, code: 'FaceListNotReady' });
  });

  test('a scope that is missing, doubled or unknown', async () => {
    const started = await startEngine();
    const faceId = await idOf(started, portrait(1));
    const find = (scope: object) => refusal(started.face.face.findSimilar(faceId, scope));
    expect((await find({})).message).toBe('LargeFaceListId, faceListId and faceIds are all null.');
    expect((await find({ faceListId: 'a', largeFaceListId: 'b' })).message).toMatch(/^2 or more/);
    expect(await find({ faceIds: [UNKNOWN] })).toMatchObject({ status: 400, code: 'FaceNotFound' });
    expect(await refusal(started.face.face.findSimilar(UNKNOWN, { faceListId: 'a' }))).toMatchObject({
      status: 400,
      code: 'FaceNotFound',
    });
  });

  test.each([
    ['{', 'JSON parsing error.'],
    ['[]', 'Request body is invalid.'],
    ['{"faceId":7,"faceListId":"a"}', 'Face ID is invalid.'],
    [`{"faceId":"${UNKNOWN}","faceListId":"A B"}`, 'Face list ID is invalid.'],
    [`{"faceId":"${UNKNOWN}","largeFaceListId":9}`, 'Large face list ID is invalid.'],
    [`{"faceId":"${UNKNOWN}","faceListId":"a","mode":"x"}`, 'Mode is invalid.'],
    [
      `{"faceId":"${UNKNOWN}","faceListId":"a","maxNumOfCandidatesReturned":0}`,
      'The argument maxNumOfCandidatesReturned is not valid.',
    ],
    [`{"faceId":"${UNKNOWN}","faceIds":[]}`, 'The length of faceIds is not in a valid range.'],
  ])('the body %s', async (body, message) => {
    const { url } = await startEngine();
    const response = await fetch(`${url}/face/v1.0/findsimilars`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: { code: 'BadArgument', message } });
  });
});
