import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../../src/domain/ports.ts';
import { openStorage } from '../../../src/storage/account.ts';
import type { Table } from '../../../src/storage/tables.ts';
import { type FaceListState, FaceListStateError } from '../../../src/vision/errors.ts';
import type { TrainingState } from '../../../src/vision/face-lists.ts';
import { ListRegistry } from '../../../src/vision/gallery/list-registry.ts';
import type { GalleryParts } from '../../../src/vision/gallery/parts.ts';
import { train } from '../../../src/vision/gallery/training.ts';
import { type Emulator, startEmulator } from '../../support/emulator.ts';
import { never, settingsFor } from '../support/fixtures.ts';

let emulator: Emulator;
let table: Table;
beforeAll(async () => {
  emulator = await startEmulator();
  const storage = await openStorage(
    settingsFor(undefined, { AzureWebJobsStorage: emulator.connectionString }),
  );
  await storage.tables.ensure(['faceindex']);
  table = storage.tables.table('faceindex');
});
afterAll(() => emulator.stop());

/** A service that, unlike the engine, might take faces while it trains: only what it says of trainings matters here. */
async function setUp(prefix: string) {
  const registry = new ListRegistry(table, prefix, Date.now);
  await registry.register('large', 0);
  const listId = registry.listId('large', 0);
  const service = {
    state: { status: 'never', mark: '' } as TrainingState,
    started: 0,
    refuses: undefined as FaceListState | undefined,
  };
  const large = {
    training: async () => service.state,
    train: async () => {
      if (service.refuses) throw new FaceListStateError(service.refuses, 'Refused');
      service.started++;
    },
  };
  const parts = { registry, lists: { large }, log: silentLog } as unknown as GalleryParts;
  const step = async (wanted: boolean) => {
    const waiting = await train(parts, listId, wanted, never);
    const row = await registry.get(listId);
    return {
      waiting,
      phase: row?.phase,
      epoch: row?.epoch,
      trained: row?.trainedEpoch,
      started: service.started,
    };
  };
  return { service, step };
}

test('nothing to train: nothing is asked of the service', async () => {
  const { step } = await setUp('idle');
  expect(await step(false)).toEqual({ waiting: false, phase: 'idle', epoch: 0, trained: 0, started: 0 });
});

test('defect 9 of 2017, a training that nobody waited for: it counts once one with another mark has succeeded', async () => {
  const { service, step } = await setUp('plain');
  expect(await step(true)).toEqual({ waiting: true, phase: 'training', epoch: 1, trained: 0, started: 1 });
  service.state = { status: 'running', mark: '1' };
  expect(await step(true)).toMatchObject({ waiting: true, trained: 0, started: 1 });
  service.state = { status: 'succeeded', mark: '2' };
  expect(await step(false)).toEqual({ waiting: false, phase: 'idle', epoch: 1, trained: 1, started: 1 });
});

test("somebody else's training that runs already may have begun before a copy: its success does not count", async () => {
  const { service, step } = await setUp('foreign');
  service.state = { status: 'running', mark: 'theirs, running' };
  expect(await step(true)).toMatchObject({ waiting: true, phase: 'preparing', started: 0 });
  service.state = { status: 'succeeded', mark: 'theirs, done' };
  expect(await step(true)).toMatchObject({ waiting: true, phase: 'training', trained: 0, started: 1 });
  expect(await step(true)).toMatchObject({ waiting: true, trained: 0, started: 2 });
  service.state = { status: 'succeeded', mark: 'ours, done' };
  expect(await step(true)).toMatchObject({ waiting: false, phase: 'idle', trained: 1 });
});

test.each(['training', 'busy'] as const)(
  'a process that ended before it started the training, or was told "%s": the next one starts it',
  async (state) => {
    const { service, step } = await setUp(`killed-${state}`);
    service.refuses = state;
    expect(await step(true)).toMatchObject({ waiting: true, phase: 'training', started: 0 });
    service.refuses = undefined;
    expect(await step(true)).toMatchObject({ waiting: true, phase: 'training', started: 1 });
  },
);

test('a list that is not there cannot be trained, and that is said', async () => {
  const { service, step } = await setUp('missing');
  service.refuses = 'missing';
  await expect(step(true)).rejects.toThrow(FaceListStateError);
});

test('a training that failed is started again', async () => {
  const { service, step } = await setUp('failed');
  await step(true);
  service.state = { status: 'failed', mark: '1' };
  expect(await step(true)).toMatchObject({ waiting: true, phase: 'training', trained: 0, started: 2 });
});

test('two instances at once: the epoch goes up once', async () => {
  const { step } = await setUp('twice');
  const [one, other] = await Promise.all([step(true), step(true)]);
  expect([one.epoch, other.epoch]).toEqual([1, 1]);
});
