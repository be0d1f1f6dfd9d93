import { describe, expect, test } from 'vitest';
import { refusal } from '../clients.ts';
import { portrait } from '../fake-analyzer.ts';
import { type StartedEngine, startEngine } from '../start-engine.ts';

async function idOf({ face }: StartedEngine, person: number): Promise<string> {
  const [found] = await face.face.detectWithStream(portrait(person));
  return found?.faceId ?? '';
}

/** An engine with a list `all` that holds person 1 and takes ten seconds to train. */
async function startWithList(): Promise<StartedEngine> {
  const started = await startEngine({ trainingMs: 10_000 });
  await started.face.largeFaceList.create('all', 'All');
  await started.face.largeFaceList.addFaceFromStream('all', portrait(1));
  return started;
}

const find = async (started: StartedEngine, person: number) =>
  started.face.face.findSimilar(await idOf(started, person), { largeFaceListId: 'all' });

test('a list that was never trained cannot be searched, and its training is not found', async () => {
  const started = await startWithList();
  expect(await refusal(find(started, 1))).toMatchObject({ status: 400, code: 'LargeFaceListNotTrained' });
  expect(await refusal(started.face.largeFaceList.getTrainingStatus('all'))).toMatchObject({
    status: 404,
    code: 'LargeFaceListNotTrained',
  });
});

test('training waits, runs and succeeds, with the times of each', async () => {
  const started = await startWithList();
  const status = () => started.face.largeFaceList.getTrainingStatus('all');
  await started.face.largeFaceList.train('all');
  // The word on the wire; the SDK's own enum has a misprint.
  expect((await status()).status).toBe('notstarted');
  started.advance(1000);
  expect(await status()).toMatchObject({ status: 'running', created: new Date('2026-11-01T12:00:00Z') });
  expect(await refusal(find(started, 1))).toMatchObject({
    status: 409,
    code: 'LargeFaceListTrainingNotFinished',
  });
  started.advance(9000);
  expect(await status()).toMatchObject({
    status: 'succeeded',
    created: new Date('2026-11-01T12:00:00Z'),
    lastAction: new Date('2026-11-01T12:00:10Z'),
    lastSuccessfulTraining: new Date('2026-11-01T12:00:10Z'),
  });
  expect(await find(started, 1)).toHaveLength(1);
});

test('a face added after a training is found only after the next one', async () => {
  const started = await startWithList();
  await started.face.largeFaceList.train('all');
  started.advance(10_000);
  await started.face.largeFaceList.addFaceFromStream('all', portrait(2));
  expect(await find(started, 2)).toEqual([]);
  await started.face.largeFaceList.train('all');
  started.advance(5000);
  expect(await find(started, 2)).toEqual([]);
  expect(await find(started, 1)).toHaveLength(1);
  started.advance(5000);
  expect(await find(started, 2)).toHaveLength(1);
});

test('a deleted face is found no longer, trained or not', async () => {
  const started = await startWithList();
  await started.face.largeFaceList.train('all');
  started.advance(10_000);
  const [face] = await started.face.largeFaceList.listFaces('all');
  await started.face.largeFaceList.deleteFace('all', face?.persistedFaceId ?? '');
  expect(await find(started, 1)).toEqual([]);
});

test('training an empty list fails and says why', async () => {
  const { face, advance } = await startEngine({ trainingMs: 10 });
  await face.largeFaceList.create('empty', 'Empty');
  await face.largeFaceList.train('empty');
  advance(10);
  const status = await face.largeFaceList.getTrainingStatus('empty');
  expect(status).toMatchObject({ status: 'failed', message: expect.stringContaining('no persisted face') });
});

describe('while a list is being trained', () => {
  const calls: Record<string, (started: StartedEngine, faceId: string) => Promise<unknown>> = {
    'adding a face': ({ face }) => face.largeFaceList.addFaceFromStream('all', portrait(2)),
    'deleting a face': ({ face }, id) => face.largeFaceList.deleteFace('all', id),
    'changing a face': ({ face }, id) => face.largeFaceList.updateFace('all', id, { userData: 'x' }),
    'changing the list': ({ face }) => face.largeFaceList.update('all', { name: 'x' }),
    'deleting the list': ({ face }) => face.largeFaceList.deleteMethod('all'),
    'training it again': ({ face }) => face.largeFaceList.train('all'),
  };
  test.each(Object.entries(calls))('%s is a conflict', async (_what, call) => {
    const started = await startWithList();
    const [known] = await started.face.largeFaceList.listFaces('all');
    await started.face.largeFaceList.train('all');
    expect(await refusal(call(started, known?.persistedFaceId ?? ''))).toMatchObject({
      status: 409,
      code: 'LargeFaceListTrainingNotFinished',
    });
    started.advance(10_000);
    await call(started, known?.persistedFaceId ?? '');
  });
});
