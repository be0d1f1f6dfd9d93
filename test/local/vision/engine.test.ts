import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../../src/local/vision/engine.ts';
import { createClients, refusal } from './clients.ts';
import { createFakeAnalyzer, portrait } from './fake-analyzer.ts';

let engine: Engine;
let clients: ReturnType<typeof createClients>;

beforeEach(async () => {
  engine = createEngine({ analyzer: createFakeAnalyzer() });
  clients = createClients(await engine.listen());
});

afterEach(() => engine.close());

test('a face detected in one photograph is found in a face list by another of the same person', async () => {
  const { face } = clients;
  await face.faceList.create('fresh', 'fresh faces', { recognitionModel: 'recognition_04' });
  const added = await face.faceList.addFaceFromStream('fresh', portrait(1), { userData: 'job/1' });
  await face.faceList.addFaceFromStream('fresh', portrait(2));
  const [detected] = await face.face
    .detectWithStream(portrait(3, 1), {
      recognitionModel: 'recognition_04',
      detectionModel: 'detection_03',
      returnFaceId: true,
    })
    .then((faces) => faces.slice(1));
  const similar = await face.face.findSimilar(detected?.faceId ?? '', { faceListId: 'fresh' });
  expect(similar).toHaveLength(1);
  expect(similar[0]?.persistedFaceId).toBe(added.persistedFaceId);
  expect(similar[0]?.confidence).toBeGreaterThan(0.9);
});

test('an unknown face id is refused with the code of the service', async () => {
  await clients.face.faceList.create('fresh', 'fresh faces');
  const error = await refusal(
    clients.face.face.findSimilar('00000000-0000-4000-8000-000000000000', { faceListId: 'fresh' }),
  );
  expect(error).toMatchObject({ status: 400, code: 'FaceNotFound' });
});
