import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { quantise } from '../../../../src/local/vision/face/quantised-faces.ts';
import { faceDistance } from '../../../../src/local/vision/models/similarity.ts';
import { openDatabase } from '../../../../src/local/vision/store/database.ts';
import { type FaceList, FaceLists } from '../../../../src/local/vision/store/face-lists.ts';

const home = await mkdtemp(join(tmpdir(), 'imaginem-large-'));
afterAll(() => rm(home, { recursive: true, force: true }));

const print = (n: number) =>
  Float32Array.from({ length: 128 }, (_, i) => Math.sin(n * 12.9898 + i * n * 0.7) * 0.12);
const name = (n: number) => `face-${n}`;
const FACES = 300;

/** A store whose lists are large from their eleventh face on. */
function open(folder: string) {
  const db = openDatabase(folder);
  const lists = new FaceLists(db, { dataDir: folder, few: 10 });
  const list = () => lists.find('largeFaceList', 'people') as FaceList;
  const close = async () => {
    await lists.close();
    db.close();
  };
  return { lists, list, close };
}

async function filled(folder: string) {
  const store = open(folder);
  store.lists.create('largeFaceList', {
    id: 'people',
    name: 'p',
    userData: null,
    recognitionModel: 'recognition_04',
  });
  for (let n = 1; n <= FACES; n++) store.lists.addFace(store.list(), name(n), null, print(n));
  return store;
}

const search = { limit: 5, maxDistance: Number.POSITIVE_INFINITY, upTo: Number.POSITIVE_INFINITY };

function nearestOf(numbers: readonly number[], query: Float32Array) {
  return numbers
    .map((n) => ({ id: name(n), distance: faceDistance(print(n), query) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 5);
}
const all = Array.from({ length: FACES }, (_, i) => i + 1);

async function expectExact(store: ReturnType<typeof open>, numbers: readonly number[]) {
  for (const n of [1, 42, 299]) {
    const query = print(n + 0.01);
    expect(await store.lists.nearest(store.list(), query, search)).toEqual(nearestOf(numbers, query));
  }
}

test('a large list is searched exactly, also after it grew, and after a restart', async () => {
  const folder = join(home, 'exact');
  const store = await filled(folder);
  await expectExact(store, all);
  store.lists.addFace(store.list(), name(301), null, print(301));
  expect((await store.lists.nearest(store.list(), print(301), search))[0]).toEqual({
    id: name(301),
    distance: 0,
  });
  const before = await store.lists.nearest(store.list(), print(301), { ...search, upTo: FACES });
  expect(before.map(({ id }) => id)).not.toContain(name(301));
  expect(await store.lists.nearest(store.list(), print(7), { ...search, maxDistance: 0.001 })).toHaveLength(
    1,
  );
  await store.close();
  const again = open(folder);
  await expectExact(again, [...all, 301]);
  await again.close();
});

test("an erased face's numbers are gone from the file, also when the list was not open", async () => {
  const folder = join(home, 'erased');
  const store = await filled(folder);
  await expectExact(store, all);
  const file = join(folder, 'faces-1.index');
  const holds = async (n: number) =>
    (await readFile(file)).includes(Buffer.from(quantise(print(n)).bytes.buffer));
  expect(await holds(42)).toBe(true);
  await store.lists.deleteFace(store.list(), name(42));
  expect(await holds(42)).toBe(false);
  await expectExact(
    store,
    all.filter((n) => n !== 42),
  );
  await store.close();
  const again = open(folder);
  await again.lists.deleteFace(again.list(), name(7));
  expect(await holds(7)).toBe(false);
  expect(await holds(8)).toBe(true);
  expect(again.lists.size(again.list())).toBe(FACES - 2);
  await expectExact(
    again,
    all.filter((n) => n !== 42 && n !== 7),
  );
  await again.lists.delete(again.list());
  expect(existsSync(file)).toBe(false);
  await again.close();
});

test.each([
  ['is missing', (file: string) => rm(file)],
  ['was cut off', (file: string) => truncate(file, 5000)],
  ['is of another kind', (file: string) => writeFile(file, 'x'.repeat(10_000))],
  ['is empty', (file: string) => truncate(file, 0)],
])('an index file that %s is made anew from the database', async (_what, harm) => {
  const folder = await mkdtemp(join(home, 'harmed-'));
  const store = await filled(folder);
  await expectExact(store, all);
  await store.close();
  await harm(join(folder, 'faces-1.index'));
  const again = open(folder);
  await expectExact(again, all);
  await again.close();
});

test('an index file from before some faces came and others went agrees with the database again', async () => {
  const folder = join(home, 'stale');
  const store = await filled(folder);
  await expectExact(store, all);
  await store.close();
  const file = join(folder, 'faces-1.index');
  await cp(file, `${file}.old`);
  const second = open(folder);
  for (const n of [3, 299]) await second.lists.deleteFace(second.list(), name(n));
  second.lists.addFace(second.list(), name(301), null, print(301));
  await second.close();
  await cp(`${file}.old`, file);
  const third = open(folder);
  const left = [...all.filter((n) => n !== 3 && n !== 299), 301];
  await expectExact(third, left);
  expect((await readFile(file)).includes(Buffer.from(quantise(print(3)).bytes.buffer))).toBe(false);
  await third.close();
});
