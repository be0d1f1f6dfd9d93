import { afterAll, beforeAll, beforeEach } from 'vitest';
import { PermanentError } from '../../../src/domain/errors.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import { openStorage } from '../../../src/storage/account.ts';
import type { Table } from '../../../src/storage/tables.ts';
import { FaceListStateError } from '../../../src/vision/errors.ts';
import type { FaceLists, TrainingState } from '../../../src/vision/face-lists.ts';
import { copyFace } from '../../../src/vision/gallery/copy.ts';
import { enrol } from '../../../src/vision/gallery/enrol.ts';
import { FaceIndex, jobKeyOf } from '../../../src/vision/gallery/face-index.ts';
import { ListRegistry } from '../../../src/vision/gallery/list-registry.ts';
import type { GalleryParts } from '../../../src/vision/gallery/parts.ts';
import { type Emulator, startEmulator } from '../../support/emulator.ts';
import { never, settingsFor } from '../support/fixtures.ts';

/** The parts of the gallery, one by one, over the real table; the lists of the service stand in memory. */
export const MINUTE_MS = 60_000;
export const START = Date.parse('2026-01-01T00:00:00.000Z');

let emulator: Emulator;
export let table: Table;

export const noFace = new PermanentError('NoFace' as never, 'There is no face.');
export const state = (name: ConstructorParameters<typeof FaceListStateError>[0]) =>
  new FaceListStateError(name, 'X');

/** What a list of the service does; each call can be made to fail. */
class Lists {
  readonly faces = new Map<string, Map<string, string>>();
  readonly calls: string[] = [];
  state: TrainingState = { status: 'never', mark: '' };
  fails: (call: string, listId: string) => unknown = () => undefined;
  ids = 0;
  readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  #call(call: string, listId: string, more = ''): void {
    this.calls.push([call, listId, more].filter((part) => part !== '').join(' '));
    const error = this.fails(call, listId);
    if (error) throw error;
  }

  readonly api: FaceLists = {
    create: async (listId) => {
      this.#call('create', listId);
      if (this.faces.has(listId)) throw state('exists');
      this.faces.set(listId, new Map());
    },
    add: async (listId, _, { userData }) => {
      this.#call('add', listId, userData);
      const list = this.faces.get(listId);
      if (!list) throw state('missing');
      if (list.size >= this.most) throw state('full');
      this.ids += 1;
      const id = `p${String(this.ids).padStart(3, '0')}`;
      list.set(id, userData);
      return id;
    },
    remove: async (listId, id) => {
      this.#call('remove', listId, id);
      this.faces.get(listId)?.delete(id);
    },
    drop: async (listId) => {
      this.#call('drop', listId);
      this.faces.delete(listId);
    },
    has: async (listId, id) => this.faces.get(listId)?.has(id) ?? false,
    pages: async function* (this: Lists, listId: string, _: AbortSignal, after = '') {
      for (const [persistedFaceId, userData] of [...(this.faces.get(listId) ?? [])].sort())
        if (persistedFaceId > after) yield [{ persistedFaceId, userData }];
    }.bind(this),
    train: async (listId) => {
      this.#call('train', listId);
    },
    training: async (listId) => {
      this.#call('training', listId);
      return this.state;
    },
  };
}

/** What stands in the place of the service, and the parts over it: see `inParts`. */
export const w = {} as {
  now: number;
  fresh: Lists;
  large: Lists;
  similar(faceId: string, list: { faceListId?: string; largeFaceListId?: string }, max: number): unknown;
  parts: GalleryParts;
};
/** To be called by each test file: opens the table, and makes everything new before each of its tests. */
export function inParts(): void {
  beforeAll(async () => {
    emulator = await startEmulator();
    const storage = await openStorage(
      settingsFor(undefined, { AzureWebJobsStorage: emulator.connectionString }),
    );
    await storage.tables.ensure(['faceindex']);
    table = storage.tables.table('faceindex');
  });
  afterAll(() => emulator?.stop());
  beforeEach(async () => {
    for await (const { partitionKey, rowKey } of table.list()) await table.delete(partitionKey, rowKey);
    w.now = START;
    // So small that a test fills them.
    w.fresh = new Lists(2);
    w.large = new Lists(3);
    w.similar = () => [];
    w.parts = {
      ...{ index: new FaceIndex(table), log: silentLog },
      registry: new ListRegistry(table, 'test', () => w.now),
      face: { findSimilar: async (...given: Parameters<typeof w.similar>) => w.similar(...given) } as never,
      lists: { fresh: w.fresh.api, large: w.large.api },
      ...{ clock: () => w.now, threshold: 0.5, freshLimit: 2 },
    };
  });
}

export const rectangle = { left: 1, top: 2, width: 3, height: 4 };
export const face = (key: string, more = {}) => ({
  ...{ key, jobId: jobKeyOf(key), batchId: 'b', imageUrl: `http://x/${jobKeyOf(key)}.jpg`, rectangle },
  ...more,
});
export const bytes = Buffer.from('x');
export const enrolled = async (key: string, more = {}) => {
  await enrol(w.parts, face(key, more), bytes, never);
  const row = await w.parts.index.face(key);
  if (!row?.fresh) throw new Error(`${key} is not enrolled`);
  return { row, place: { listId: row.fresh.listId, persistedFaceId: row.fresh.persistedFaceId } };
};
export const idOf = async (place: { listId: string; persistedFaceId: string }) => {
  const id = await w.parts.index.owner(place);
  if (!id) throw new Error('There is no id row.');
  return id;
};
export const copied = async (key: string) => {
  const { place } = await enrolled(key);
  const copy = await copyFace(w.parts, await idOf(place), bytes, never);
  if (!copy) throw new Error(`${key} was not copied`);
  return { place, copy };
};
export const held = (lists: Lists) => [...lists.faces].flatMap(([, list]) => [...list.values()]).sort();
export const listOf = async (listId: string) => {
  const list = await w.parts.registry.get(listId);
  if (!list) throw new Error(`There is no list ${listId}.`);
  return list;
};
export const trained = async (listId: string) => {
  const list = await listOf(listId);
  await w.parts.registry.update(list, { epoch: list.epoch + 1, trainedEpoch: list.epoch + 1 });
};
