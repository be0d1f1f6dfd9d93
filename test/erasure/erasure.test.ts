import { afterAll, beforeAll, expect, test } from 'vitest';
import { Eraser, type EraserDeps } from '../../src/erasure/eraser.ts';
import { storesOf } from '../../src/erasure/map.ts';
import type { Receipt } from '../../src/erasure/receipt.ts';
import { silentLog } from '../../src/ports.ts';
import { containers } from '../../src/storage/names.ts';
import { settled } from '../reliability/invariant.ts';
import { type Dropped, World } from '../reliability/world.ts';
import { enrolledKeys, everyStore, everywhere, type Outside } from './outside.ts';

const { signal } = new AbortController();

let world: World;
let outside: Outside;
let group: Dropped;
let portrait: Dropped;
let other: Dropped;
beforeAll(async () => {
  world = await World.open({
    env: {
      PIPELINE_DEFINITION:
        'generalclassification,ocr,duplicates,facedetection,facecrop,faceprint,facematch,pipelineoutput',
    },
  });
  outside = {
    connectionString: world.azurite.connectionString,
    sqlitePath: world.env.SQLITE_PATH ?? '',
    engineUrl: world.engine.output().match(/listening on (\S+)/)?.[1] ?? '',
  };
  await world.startHost();
  group = await world.drop('secret-camp/group.jpg', {
    scene: { people: [1, 2], muchText: true },
    format: 'turned',
  });
  await settled(world, [group]);
  portrait = await world.drop('portraits/one.jpg', { scene: { people: [1] } });
  other = await world.drop('portraits/three.jpg', { scene: { people: [3] } });
  await settled(world, [portrait, other]);
});
afterAll(() => world?.close());

const eraser = (options: Partial<EraserDeps> = {}) =>
  new Eraser({ app: world.app, log: silentLog, settleMs: 0, ...options });

const countsOf = ({ stores }: Receipt) =>
  Object.fromEntries(
    stores.map(({ store, found, deleted, remaining }) => [store, [found, deleted, remaining]]),
  );

test('the map of the data names every container, queue, table and SQL table there is, and no store twice', async () => {
  const named = storesOf(world.app).map(({ name }) => name);
  expect(new Set(named).size).toBe(named.length);
  const there = await everyStore(outside);
  expect(there.length).toBeGreaterThan(35);
  expect(there.filter((store) => !named.includes(store))).toEqual([]);
});

test('an erased image is nowhere: not in any store, not in what others say, and its face is not found again', async () => {
  const { app } = world;
  const results = await app.results();
  expect((await results.get(portrait.jobId))?.matches.map((match) => match.otherImage)).toEqual([
    group.jobId,
  ]);
  const [pair] = await results.decisions.ofImage(group.jobId);
  await results.decisions.decide([pair?.a.face ?? '', pair?.b.face ?? ''], 'confirmed', 'somebody');
  const output = (await results.get(portrait.jobId))?.jobOutput;
  // Dead letters: one of its own, one of another's whose message mentions it, and one that nobody can read.
  const message = (id: string) => ({
    job_definition: { id, input: { image_url: 'u' } },
    job_output: { facematch: (output as Record<string, unknown>).facematch },
  });
  const error = { code: 'WrongQueue', message: 'for the test' };
  for (const text of [
    JSON.stringify(message(group.jobId)),
    JSON.stringify({ ...message(portrait.jobId), padding: 'x'.repeat(40_000) }),
    `not JSON ${group.jobId}`,
  ])
    await app.deadLetters.record({ queue: 'ocr', error, message: text });
  const words = [group.jobId, 'secret-camp', 'group.jpg'];
  const before = await everywhere(outside, words);
  expect(before.length).toBeGreaterThan(30);

  const records: unknown[] = [];
  const asked = { kind: 'image', image: group.name } as const;
  const plan = await eraser().plan(asked, signal);
  expect(plan.subjects.map(({ id }) => id)).toEqual([group.jobId]);
  expect(await everywhere(outside, words)).toEqual(before);

  const one = eraser({ record: async (entry) => void records.push(entry) });
  const provisional = await one.erase(asked, 'tester', signal);
  expect(provisional?.state).toBe('provisional');
  const receipt = await one.proceed(provisional?.id ?? '', signal);
  if (receipt?.state !== 'final') throw new Error(JSON.stringify(receipt, undefined, 1));

  const counts = countsOf(receipt);
  for (const [store, found] of Object.entries(plan.found)) {
    expect(`${store} ${counts[store]?.[0]}`).toBe(`${store} ${found}`);
    expect(`${store} ${counts[store]?.slice(1)}`).toBe(`${store} ${found},0`);
  }
  // Every store that an image can be in had something of this one.
  for (const [store, [found]] of Object.entries(counts))
    expect(`${store} ${Number(found) > 0}`).toBe(`${store} ${!store.startsWith('blob:largemessages, of')}`);
  expect(await everywhere(outside, words)).toEqual([]);
  expect(records).toEqual([{ by: 'tester', kind: 'image', receipt: receipt.id, images: 1 }]);
  expect(receipt.queues.every(({ confirmed }) => confirmed)).toBe(true);
  expect(JSON.stringify(receipt)).not.toMatch(/secret|group/);
  // What is others' is still there.
  expect((await results.get(portrait.jobId))?.status).toBe('done');
  const letters: string[] = [];
  for await (const letter of app.deadLetters.list()) letters.push(letter.message);
  expect(letters).toHaveLength(1);
  expect(JSON.parse(letters[0] ?? '')).toMatchObject({ job_definition: { id: portrait.jobId } });
  expect(await enrolledKeys(outside.engineUrl)).toHaveLength(2);

  // Another photograph of the same two people: only the portrait is found.
  const again = await world.drop('portraits/both.jpg', { scene: { people: [1, 2] } });
  await settled(world, [again]);
  const matched = (await results.get(again.jobId))?.matches.map((match) => match.otherImage);
  expect(matched).toEqual([portrait.jobId]);
});

test('asked again, it changes nothing; the same picture uploaded anew is a new image', async () => {
  const all = await eraser().receipts();
  expect(await eraser().erase({ kind: 'image', image: group.name }, 'tester', signal)).toBeUndefined();
  const byId = await eraser().erase({ kind: 'image', image: group.jobId }, 'tester', signal);
  expect(byId?.id).toBe(all[0]?.id);
  expect(await eraser().receipts()).toEqual(all);
  await world.announce(group);
  const anew = await world.drop(group.name, { scene: { people: [1, 2] } });
  await settled(world, [anew]);
  expect(await (await world.app.results()).get(group.jobId)).toBeUndefined();
});

test('a face takes along the photographs of those confirmed as the same, and nobody else', async () => {
  const results = await world.app.results();
  const [pair] = await results.decisions.ofImage(portrait.jobId);
  const mine = pair?.a.imageId === portrait.jobId ? pair.a.face : (pair?.b.face ?? '');
  const theirs = (pair?.a.face === mine ? pair?.b : pair?.a) as { face: string; imageId: string };
  const request = { kind: 'face', face: mine, with: [theirs.face] } as const;
  await expect(eraser().plan(request, signal)).rejects.toThrow(/not confirmed/);
  await results.decisions.decide([mine, theirs.face], 'confirmed', 'somebody');
  const one = eraser();
  const receipt = await one.erase(request, 'tester', signal);
  expect(receipt?.images).toBe(2);
  expect((await one.proceed(receipt?.id ?? '', signal))?.state).toBe('final');
  expect(await everywhere(outside, [portrait.jobId, theirs.imageId])).toEqual([]);
  await expect(eraser().plan({ kind: 'face', face: 'nobody-1', with: [] }, signal)).rejects.toThrow(
    /no face/,
  );
});

test('a batch goes whole: what is done, what has no job yet, what was rejected; its name, too', async () => {
  const { app } = world;
  await world.drop('secret-batch/photo.jpg', { scene: { people: [7] } });
  const bad = await world.drop('secret-batch/bad.jpg', { bytes: Buffer.from('not an image') });
  await settled(world, [bad]);
  await world.put('secret-batch/waiting.jpg', { scene: { people: [8] } });
  await world.put('secret-batch/below/stays.jpg', { scene: { people: [9] } });
  const one = eraser();
  const receipt = await one.erase({ kind: 'batch', batch: 'secret-batch' }, 'tester', signal);
  expect(receipt?.images).toBe(3);
  expect((await one.proceed(receipt?.id ?? '', signal))?.state).toBe('final');
  const left = await everywhere(outside, ['secret-batch']);
  expect(left.every((where) => where.startsWith('blob inputimages'))).toBe(true);
  expect(left).toHaveLength(1);
  await app.storage.blobs.delete(containers.input, 'secret-batch/below/stays.jpg');
});
