import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../../../src/local/vision/engine.ts';
import type { EngineOptions } from '../../../../src/local/vision/options.ts';
import { createClients, refusal } from '../clients.ts';
import { createFakeAnalyzer, faceprintOf, picture, portrait } from '../fake-analyzer.ts';
import { eventually } from '../start-engine.ts';

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vision-engine-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs `work` against an engine on the folder and closes it. */
async function session<T>(
  dataDir: string,
  work: (clients: ReturnType<typeof createClients>) => Promise<T>,
  options: Partial<EngineOptions> = {},
): Promise<T> {
  const engine = createEngine({ analyzer: createFakeAnalyzer(), dataDir, ...options });
  try {
    return await work(createClients(await engine.listen()));
  } finally {
    await engine.close();
  }
}

test('lists, faces, training, ids and read results outlive the process', async () => {
  const folder = dataFolder();
  let now = Date.parse('2026-11-01T12:00:00Z');
  const options = { clock: () => now, trainingMs: 1000 };
  const before = await session(
    folder,
    async ({ face, vision }) => {
      await face.faceList.create('fresh', 'Fresh', { userData: 'x', recognitionModel: 'recognition_04' });
      const fresh = await face.faceList.addFaceFromStream('fresh', portrait(1), { userData: 'job/1' });
      await face.largeFaceList.create('all', 'All', { recognitionModel: 'recognition_04' });
      const old = await face.largeFaceList.addFaceFromStream('all', portrait(1));
      await face.largeFaceList.train('all');
      const [query] = await face.face.detectWithStream(portrait(1), { recognitionModel: 'recognition_04' });
      const { operationLocation } = await vision.readInStream(picture());
      const read = operationLocation.split('/').at(-1) ?? '';
      await eventually(
        () => vision.getReadResult(read),
        ({ status }) => status === 'succeeded',
      );
      return { fresh, old, faceId: query?.faceId ?? '', read };
    },
    options,
  );
  // The training goes on by the clock, whether or not the engine is up.
  now += 1000;
  await session(
    folder,
    async ({ face, vision }) => {
      const list = await face.faceList.get('fresh', { returnRecognitionModel: true });
      expect(list).toEqual({
        faceListId: 'fresh',
        name: 'Fresh',
        userData: 'x',
        recognitionModel: 'recognition_04',
        persistedFaces: [{ persistedFaceId: before.fresh.persistedFaceId, userData: 'job/1' }],
      });
      const inFresh = await face.face.findSimilar(before.faceId, { faceListId: 'fresh' });
      expect(inFresh).toEqual([{ persistedFaceId: before.fresh.persistedFaceId, confidence: 1 }]);
      const inAll = await face.face.findSimilar(before.faceId, { largeFaceListId: 'all' });
      expect(inAll).toEqual([{ persistedFaceId: before.old.persistedFaceId, confidence: 1 }]);
      expect(await vision.getReadResult(before.read)).toMatchObject({ status: 'succeeded' });
    },
    options,
  );
  now += 24 * 60 * 60 * 1000;
  await session(
    folder,
    async ({ face }) => {
      const find = face.face.findSimilar(before.faceId, { faceListId: 'fresh' });
      expect(await refusal(find)).toMatchObject({ code: 'FaceNotFound' });
    },
    options,
  );
});

test('a deleted list stays deleted, and its id is free again', async () => {
  const folder = dataFolder();
  await session(folder, async ({ face }) => {
    await face.faceList.create('a', 'A');
    await face.faceList.addFaceFromStream('a', portrait(1));
    await face.faceList.deleteMethod('a');
    await face.faceList.create('a', 'A again');
  });
  await session(folder, async ({ face }) => {
    expect(await face.faceList.get('a')).toMatchObject({ name: 'A again', persistedFaces: [] });
  });
});

test('an erased face leaves no trace of its print on disk', async () => {
  const folder = dataFolder();
  const needle = Buffer.from(Float32Array.from(faceprintOf(7)).buffer, 16, 64);
  const onDisk = () => readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(needle));
  const persistedFaceId = await session(folder, async ({ face }) => {
    await face.faceList.create('a', 'A');
    return (await face.faceList.addFaceFromStream('a', portrait(7))).persistedFaceId;
  });
  expect(onDisk()).toBe(true);
  await session(folder, ({ face }) => face.faceList.deleteFace('a', persistedFaceId));
  expect(onDisk()).toBe(false);
});

test('a second engine on the same folder is refused with what to do', async () => {
  const folder = dataFolder();
  await session(folder, async () => {
    expect(() => createEngine({ analyzer: createFakeAnalyzer(), dataDir: folder })).toThrow(/--data/);
  });
});
