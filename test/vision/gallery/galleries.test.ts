import { beforeEach, expect, test } from 'vitest';
import { silentLog } from '../../../src/domain/ports.ts';
import { FIRST_MODEL, RECOGNITION_MODELS } from '../../../src/domain/recognition-model.ts';
import { tables } from '../../../src/storage/names.ts';
import type { Table, Tables } from '../../../src/storage/tables.ts';
import type { Face } from '../../../src/vision/face.ts';
import type { WhichFaces } from '../../../src/vision/gallery/face-index.ts';
import { type Galleries, openGalleries } from '../../../src/vision/gallery/galleries.ts';
import { MemoryTable } from '../../support/memory-table.ts';
import { never, settingsFor } from '../support/fixtures.ts';

/** Faces of several models, over tables and lists in memory. */
const SECOND = 'imaginem_02';
const THIRD = 'recognition_03';
const NOW = Date.parse('2026-01-01T00:00:00.000Z');

let now: number;
let stored: Map<string, MemoryTable>;
/** Calls to the lists of all models: which, and of which list. */
let calls: string[];
let persisted: Map<string, Map<string, string>>;
let models: string[];
beforeEach(() => {
  now = NOW;
  stored = new Map();
  calls = [];
  persisted = new Map();
  models = [];
});
const table = (name: string) => {
  const there = stored.get(name) ?? new MemoryTable();
  stored.set(name, there);
  return there;
};

function listsOf(model: string) {
  const at = (listId: string) => {
    const list = persisted.get(listId) ?? new Map<string, string>();
    persisted.set(listId, list);
    return list;
  };
  const note = (call: string, listId: string) => calls.push(`${call} ${model} ${listId}`);
  return {
    create: async (listId: string) => note('create', listId),
    add: async (listId: string, _: Buffer, { userData }: { userData: string }) => {
      note('add', listId);
      const id = `id-${at(listId).size}`;
      at(listId).set(id, userData);
      return id;
    },
    remove: async (listId: string, id: string) => {
      note('remove', listId);
      at(listId).delete(id);
    },
    drop: async (listId: string) => {
      note('drop', listId);
      persisted.delete(listId);
    },
    has: async (listId: string, id: string) => at(listId).has(id),
    async *pages(listId: string) {
      yield [...at(listId)].map(([persistedFaceId, userData]) => ({ persistedFaceId, userData }));
    },
    train: async (listId: string) => note('train', listId),
    training: async () => ({ status: 'never', mark: '' }),
  };
}

/** A process of the app. */
function open(more: Record<string, string> = {}): Galleries {
  const withModel = (model: string): Face => {
    models.push(model);
    const lists = listsOf(model);
    return { model, withModel, lists, largeLists: lists, requireLimitedAccess() {} } as unknown as Face;
  };
  return openGalleries({
    vision: { face: { withModel } as Face },
    storage: { tables: { table: (name: string) => table(name) as unknown as Table } as Tables },
    settings: settingsFor(undefined, { FACE_LIST_PREFIX: 'test', ...more }),
    clock: () => now,
    log: silentLog,
  });
}
const enrol = (galleries: Galleries, model: string, key: string) => {
  const jobId = key.slice(0, key.lastIndexOf('-'));
  const rectangle = { left: 1, top: 2, width: 3, height: 4 };
  const about = { key, jobId, batchId: 'b', imageUrl: `u/${jobId}`, rectangle };
  return galleries.of(model).gallery.enrol(about, Buffer.from('x'), never);
};
const held = () =>
  Object.fromEntries([...persisted].map(([listId, faces]) => [listId, [...faces.values()].sort()]));
async function all<T>(listing: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of listing) found.push(one);
  return found;
}

test('a model has one gallery, with lists and a table of its own', async () => {
  const galleries = open();
  expect(galleries.of(SECOND)).toBe(galleries.of(SECOND));
  expect(models).toEqual([SECOND]);
  await enrol(galleries, FIRST_MODEL, 'a-1');
  await enrol(galleries, SECOND, 'a-1');
  expect(held()).toEqual({ 'test-fresh-00': ['a-1'], 'test_i02-fresh-00': ['a-1'] });
  expect(galleries.of(FIRST_MODEL).gallery.index).toBe(tables.faceIndex);
  expect(galleries.of(SECOND).gallery.index).toBe(`${tables.faceIndex}i02`);
  for (const model of [FIRST_MODEL, SECOND]) {
    const { gallery } = galleries.of(model);
    expect(galleries.all.look(gallery.index)).toBe(gallery.look);
  }
  expect(galleries.all.look('unheard of')).toBe(galleries.of(FIRST_MODEL).gallery.look);
});

test('the model in use is the first until another is said; other processes know within five seconds', async () => {
  const [here, there] = [open(), open()];
  const inUse = async (galleries: Galleries) => (await galleries.inUse()).face.model;
  expect([await inUse(here), await inUse(there)]).toEqual([FIRST_MODEL, FIRST_MODEL]);
  await here.use(SECOND, []);
  expect([await inUse(here), await inUse(there)]).toEqual([SECOND, FIRST_MODEL]);
  now += 4999;
  expect(await inUse(there)).toBe(FIRST_MODEL);
  now += 1;
  expect(await inUse(there)).toBe(SECOND);
  await table(tables.recognition).upsert('model', 'inUse', { model: 'of-a-later-version', others: '' });
  expect(await inUse(open()), 'one that is not known here').toBe(FIRST_MODEL);
});

test('a model is known once every process has read of it: the one in use, or one that was said long enough ago', async () => {
  const galleries = open();
  expect(await galleries.isKnown(FIRST_MODEL)).toBe(true);
  expect(await galleries.isKnown(SECOND)).toBe(false);
  await galleries.use(FIRST_MODEL, [SECOND]);
  now += 9999;
  expect(await galleries.isKnown(SECOND)).toBe(false);
  expect(await galleries.isKnown(SECOND, 9999)).toBe(true);
  expect(await galleries.isKnown(THIRD, 0), 'not said').toBe(false);
  now += 1;
  expect(await galleries.isKnown(SECOND)).toBe(true);
  const { writes } = table(tables.recognition);
  await galleries.use(FIRST_MODEL, [SECOND]);
  expect(table(tables.recognition).writes, 'said already').toBe(writes);
  // The other way round nobody has anything new to know; one more has to be heard of by all.
  await galleries.use(SECOND, [SECOND]);
  expect(await galleries.isKnown(SECOND)).toBe(true);
  await galleries.use(FIRST_MODEL, [SECOND]);
  expect(await galleries.isKnown(SECOND)).toBe(true);
  await galleries.use(FIRST_MODEL, [SECOND, THIRD]);
  expect([await galleries.isKnown(SECOND), await galleries.isKnown(THIRD)]).toEqual([false, false]);
  await table(tables.recognition).upsert('model', 'inUse', {
    others: 'later-version recognition_03',
    since: 'x',
  });
  expect(await galleries.isKnown(THIRD), 'since nobody knows when').toBe(true);
  expect(await galleries.isKnown('later-version')).toBe(false);
});

test('what is done to enrolled faces is done to those of every model that holds some', async () => {
  const galleries = open();
  await galleries.use(FIRST_MODEL, [SECOND]);
  for (const model of RECOGNITION_MODELS.map(({ id }) => id))
    for (const key of ['a-1', 'a-2', 'b-1']) await enrol(galleries, model, key);
  const lists = (first: string[], second: string[], third: string[]) => ({
    'test-fresh-00': first,
    'test_r03-fresh-00': third,
    'test_i02-fresh-00': second,
  });
  const keys = new Set(['a']);
  expect(await galleries.all.traces(keys, never)).toEqual({
    persisted: 4,
    rows: { [tables.faceIndex]: 2, [`${tables.faceIndex}i02`]: 2 },
  });
  await galleries.all.keepOnly('a', ['a-1'], never);
  expect(held()).toEqual(lists(['a-1', 'b-1'], ['a-1', 'b-1'], ['a-1', 'a-2', 'b-1']));
  expect((await all(galleries.all.enrolled())).map(({ key }) => key).sort()).toEqual(
    [...Array(3).fill('a-1'), 'a-2', ...Array(3).fill('b-1')].sort(),
  );
  await galleries.all.erase(keys, never);
  expect(held()).toEqual(lists(['b-1'], ['b-1'], ['a-1', 'a-2', 'b-1']));
  await galleries.all.removeFaces('a', ['a-2'], never);
  await galleries.all.removeFaces('b', ['b-1', 'a-1'], never);
  expect(held(), 'also of one that nobody has said').toEqual(lists([], [], ['a-1']));
});

test('what the timers do is the sum over the models', async () => {
  const galleries = open({ FACE_FRESH_LIMIT: '0' });
  await galleries.use(FIRST_MODEL, [SECOND]);
  for (const model of [FIRST_MODEL, SECOND, THIRD])
    for (const key of model === SECOND ? ['a-1', 'b-1'] : ['a-1']) await enrol(galleries, model, key);
  const maintain = () => galleries.all.maintain(async () => Buffer.from('x'), never);
  expect(await maintain()).toEqual({ fresh: 3, copied: 3, retired: 0, training: true });
  expect(calls.filter((call) => call.startsWith('train'))).toEqual([
    `train ${FIRST_MODEL} test-large-00`,
    `train ${SECOND} test_i02-large-00`,
  ]);
  for (const name of ['', 'i02'])
    await table(`${tables.faceIndex}${name}`).upsert('lists', `test${name && `_${name}`}-large-00`, {
      trainedEpoch: 9,
      phase: 'idle',
    });
  expect(await maintain()).toEqual({ fresh: 0, copied: 0, retired: 3, training: false });
  for (const listId of ['test-fresh-00', 'test_i02-fresh-00', 'test_r03-fresh-00'])
    persisted.get(listId)?.set('stray', 'x-1');
  expect(await galleries.all.sweep(never)).toEqual({ suspected: 3, deleted: 0, dropped: 0 });
  persisted.get('test_r03-fresh-00')?.delete('id-0');
  now += 15 * 60_000;
  expect(await galleries.all.sweep(never)).toEqual({ suspected: 0, deleted: 3, dropped: 1 });
});

test('when a face was enrolled is when it was first; one that is nowhere is not enrolled', async () => {
  const galleries = open();
  const rows = table(tables.faceIndex);
  const at = (iso: string) => new Date(iso).toISOString();
  const place = { freshList: 'l', freshId: 'x' };
  const copy = { largeList: 'm', largeId: 'y', copiedAt: at('2026-02-02') };
  for (const [n, columns] of [
    { ...place, enrolledAt: at('2026-01-01') },
    { ...place, ...copy, enrolledAt: at('2026-01-01') },
    copy,
    place,
    { enrolledAt: at('2026-01-01') },
  ].entries())
    await rows.upsert('job:a', `a-${n}`, { faceKey: `a-${n}`, ...columns });
  expect(await galleries.all.enrolledOf('a')).toEqual([
    { key: 'a-0', at: Date.parse('2026-01-01') },
    { key: 'a-1', at: Date.parse('2026-01-01') },
    { key: 'a-2', at: Date.parse('2026-02-02') },
    { key: 'a-3', at: 0 },
  ]);
  const found = await all(galleries.all.enrolled());
  const keysOf = async (which: WhichFaces) =>
    (await all(galleries.all.enrolled(which))).map(({ key }) => key);
  // A copy is told from a face that was enrolled then by whoever has the row.
  const until = Date.parse('2025-12-31');
  expect(await keysOf({ until }), 'that may be so old').toEqual(['a-2', 'a-3']);
  expect(await keysOf({ until: Date.parse('2026-01-01') })).toHaveLength(4);
  expect(await keysOf({ jobs: { from: '', below: 'a' } })).toEqual([]);
  expect(await keysOf({ jobs: { from: 'a', below: 'b' }, until })).toEqual(['a-2', 'a-3']);
  expect(await keysOf({ jobs: { from: 'b' } })).toEqual([]);
  expect(found).toMatchObject([
    { key: 'a-0', at: Date.parse('2026-01-01') },
    { key: 'a-1', at: Date.parse('2026-01-01') },
    { key: 'a-2', at: Date.parse('2026-02-02') },
    { key: 'a-3', at: 0 },
  ]);
});

test('all there is of a model goes, lists first; whoever is stopped says that there is something left', async () => {
  const galleries = open({ FACE_FRESH_LIMIT: '0' });
  const { gallery } = galleries.of(SECOND);
  for (const key of ['a-1', 'b-1']) await enrol(galleries, SECOND, key);
  await enrol(galleries, FIRST_MODEL, 'a-1');
  await gallery.maintain(async () => Buffer.from('x'), never);
  const dropped = () => calls.filter((call) => call.startsWith('drop'));
  const rows = table(`${tables.faceIndex}i02`);
  expect(await gallery.removeAll(AbortSignal.abort())).toBe(false);
  expect([dropped(), rows.rows.size > 4]).toEqual([[], true]);
  const stopping = new AbortController();
  rows.removed = () => stopping.abort();
  const before = rows.rows.size;
  expect(await gallery.removeAll(stopping.signal)).toBe(false);
  expect(rows.rows.size).toBe(before - 1);
  rows.removed = () => {};
  calls.length = 0;
  expect(await gallery.removeAll(never)).toBe(true);
  expect(dropped().sort()).toEqual([`drop ${SECOND} test_i02-fresh-00`, `drop ${SECOND} test_i02-large-00`]);
  expect(rows.rows.size).toBe(0);
  expect(held()).toEqual({ 'test-fresh-00': ['a-1'] });
});
