import { describe, expect, test } from 'vitest';
import { refusal } from '../clients.ts';
import { picture, portrait } from '../fake-analyzer.ts';
import { startEngine } from '../start-engine.ts';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

describe('face lists', () => {
  test('are created, described, changed, listed and deleted', async () => {
    const { face } = await startEngine();
    await face.faceList.create('fresh-1', 'Fresh', { userData: 'x', recognitionModel: 'recognition_04' });
    expect(await face.faceList.get('fresh-1', { returnRecognitionModel: true })).toMatchObject({
      faceListId: 'fresh-1',
      name: 'Fresh',
      userData: 'x',
      recognitionModel: 'recognition_04',
      persistedFaces: [],
    });
    await face.faceList.update('fresh-1', { name: 'Fresher' });
    expect(await face.faceList.get('fresh-1')).toMatchObject({ name: 'Fresher', userData: 'x' });
    expect((await face.faceList.list()).map(({ faceListId }) => faceListId)).toEqual(['fresh-1']);
    await face.faceList.deleteMethod('fresh-1');
    expect(await refusal(face.faceList.get('fresh-1'))).toMatchObject({
      status: 404,
      code: 'FaceListNotFound',
    });
  });

  test('a second one with the same id is a conflict', async () => {
    const { face } = await startEngine();
    await face.faceList.create('one', 'One');
    expect(await refusal(face.faceList.create('one', 'One'))).toEqual({
      status: 409,
      code: 'FaceListExists',
      message: 'Face list already exists.',
      body: { error: { code: 'FaceListExists', message: 'Face list already exists.' } },
    });
  });

  test('there are at most as many as the account may have', async () => {
    const { face } = await startEngine({ limits: { faceLists: 1 } });
    await face.faceList.create('one', 'One');
    expect(await refusal(face.faceList.create('two', 'Two'))).toMatchObject({
      status: 403,
      code: 'QuotaExceeded',
    });
  });

  test('hold at most as many faces as allowed, and room is made by deleting one', async () => {
    const { face } = await startEngine({ limits: { facesPerFaceList: 2 } });
    await face.faceList.create('one', 'One');
    const { persistedFaceId } = await face.faceList.addFaceFromStream('one', portrait(1));
    await face.faceList.addFaceFromStream('one', portrait(2));
    expect(await refusal(face.faceList.addFaceFromStream('one', portrait(3)))).toMatchObject({
      status: 403,
      code: 'QuotaExceeded',
    });
    await face.faceList.deleteFace('one', persistedFaceId);
    await face.faceList.addFaceFromStream('one', portrait(3));
    expect((await face.faceList.get('one')).persistedFaces).toHaveLength(2);
  });

  test('keep the user data of each face', async () => {
    const { face } = await startEngine();
    await face.faceList.create('one', 'One');
    const { persistedFaceId } = await face.faceList.addFaceFromStream('one', portrait(1), {
      userData: 'run 1/é,2',
    });
    const { persistedFaces } = await face.faceList.get('one');
    expect(persistedFaces).toEqual([{ persistedFaceId, userData: 'run 1/é,2' }]);
  });

  test('refuse unknown lists and faces', async () => {
    const { face } = await startEngine();
    expect(await refusal(face.faceList.addFaceFromStream('none', portrait(1)))).toMatchObject({
      status: 404,
      code: 'FaceListNotFound',
    });
    await face.faceList.create('one', 'One');
    expect(await refusal(face.faceList.deleteFace('one', UNKNOWN))).toMatchObject({
      status: 404,
      code: 'PersistedFaceNotFound',
    });
  });
});

describe('which face is added', () => {
  test('the only one', async () => {
    const { face } = await startEngine();
    await face.faceList.create('one', 'One');
    const add = (image: Buffer) => refusal(face.faceList.addFaceFromStream('one', image));
    expect(await add(picture())).toMatchObject({
      code: 'InvalidImage',
      message: 'No face detected in the image.',
    });
    expect(await add(portrait(1, 2))).toMatchObject({
      code: 'InvalidImage',
      message: 'There is more than 1 face in the image.',
    });
  });

  test('the one under the target rectangle', async () => {
    const { face } = await startEngine();
    await face.faceList.create('one', 'One');
    const { persistedFaceId } = await face.faceList.addFaceFromStream('one', portrait(1, 2), {
      targetFace: [325, 45, 190, 190],
    });
    const [query] = await face.face.detectWithStream(portrait(2));
    const similar = await face.face.findSimilar(query?.faceId ?? '', { faceListId: 'one' });
    expect(similar.map((match) => match.persistedFaceId)).toEqual([persistedFaceId]);
  });

  test('none when the target rectangle is elsewhere, outside or ill-formed', async () => {
    const { face, url } = await startEngine();
    await face.faceList.create('one', 'One');
    const add = (targetFace: number[]) =>
      refusal(face.faceList.addFaceFromStream('one', portrait(1), { targetFace }));
    expect(await add([0, 350, 40, 40])).toMatchObject({ status: 400, code: 'InvalidImage' });
    expect(await add([300, 300, 400, 400])).toMatchObject({ message: 'Argument targetFace out of range.' });
    const response = await fetch(`${url}/face/v1.0/facelists/one/persistedfaces?targetFace=1,2,3`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(portrait(1)),
    });
    expect(await response.json()).toEqual({
      error: { code: 'BadArgument', message: 'Invalid argument targetFace.' },
    });
  });
});

describe('large face lists', () => {
  test('page through lists and faces in order of id', async () => {
    const { face } = await startEngine();
    for (const id of ['b', 'a', 'c']) await face.largeFaceList.create(id, id);
    const ids = async (options: object) =>
      (await face.largeFaceList.list(options)).map(({ largeFaceListId }) => largeFaceListId);
    expect(await ids({ top: 2 })).toEqual(['a', 'b']);
    expect(await ids({ start: 'b', top: 2 })).toEqual(['c']);

    for (const person of [1, 2, 3]) await face.largeFaceList.addFaceFromStream('a', portrait(person));
    const first = await face.largeFaceList.listFaces('a', { top: 2 });
    const rest = await face.largeFaceList.listFaces('a', { start: first[1]?.persistedFaceId ?? '', top: 2 });
    const all = [...first, ...rest].map(({ persistedFaceId }) => persistedFaceId);
    expect(new Set(all).size).toBe(3);
    expect(all).toEqual([...all].sort());
  });

  test('read and change the user data of a face', async () => {
    const { face } = await startEngine();
    await face.largeFaceList.create('a', 'A');
    const { persistedFaceId } = await face.largeFaceList.addFaceFromStream('a', portrait(1), {
      userData: 'x',
    });
    await face.largeFaceList.updateFace('a', persistedFaceId, { userData: 'y' });
    expect(await face.largeFaceList.getFace('a', persistedFaceId)).toEqual({
      persistedFaceId,
      userData: 'y',
    });
    await face.largeFaceList.deleteFace('a', persistedFaceId);
    expect(await refusal(face.largeFaceList.getFace('a', persistedFaceId))).toMatchObject({
      status: 404,
      code: 'PersistedFaceNotFound',
    });
  });

  test('answer with their own codes', async () => {
    const { face } = await startEngine({ limits: { largeFaceLists: 1 } });
    expect(await refusal(face.largeFaceList.get('none'))).toMatchObject({
      status: 404,
      code: 'LargeFaceListNotFound',
    });
    await face.largeFaceList.create('a', 'A');
    expect(await refusal(face.largeFaceList.create('a', 'A'))).toMatchObject({
      status: 409,
      code: 'LargeFaceListExists',
    });
    expect(await refusal(face.largeFaceList.create('b', 'B'))).toMatchObject({
      status: 403,
      code: 'QuotaExceeded',
    });
  });
});
