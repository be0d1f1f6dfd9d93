import { HttpRequest } from '@azure/functions';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { draftBulkAct } from '../../src/admin/bulk/draft.ts';
import { Api } from '../../src/api/api.ts';
import { type OperationName, operations } from '../../src/api/contract.ts';
import { openApp } from '../../src/app.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { readSettings } from '../../src/domain/settings.ts';
import { Eraser, type EraserDeps } from '../../src/erasure/eraser.ts';
import { eraseOldFaceprints } from '../../src/erasure/faceprint-retention.ts';
import { storesOf } from '../../src/erasure/map.ts';
import type { Receipt } from '../../src/erasure/receipt.ts';
import { eraseTooOld } from '../../src/erasure/retention.ts';
import { containers, UNDELIVERED_EVENTS } from '../../src/storage/names.ts';
import { settled } from '../reliability/invariant.ts';
import { type Dropped, World } from '../reliability/world.ts';
import { decide, drawPair, lookFor } from '../results/fixtures.ts';
import { commandLine } from '../support/command-line.ts';
import { enrolledKeys, everyStore, everywhere, type Outside } from './outside.ts';

const { signal } = new AbortController();

/** Found in the second, thorough look only. */
const OLDER_BLOBS = 'blob:largemessages, of other images';

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
      // Here the erasers are the test's own: the host's would now and then be first.
      'AzureWebJobs.erasures.Disabled': 'true',
    },
  });
  outside = {
    connectionString: world.emulator.connectionString,
    env: world.env,
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
  await decide(results, [pair?.a.face ?? '', pair?.b.face ?? ''], 'confirmed', 'somebody');
  const output = (await results.get(portrait.jobId))?.jobOutput;
  const row = await results.get(group.jobId);
  if (!row) throw new Error('The group has no row.');
  await results.save({ ...row, warnings: [{ code: 'ImageDamaged', message: 'It ends early.' }] });
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
  // An output of an earlier run of another image, kept apart: only its name leads to it.
  await app.claimCheck.store(portrait.jobId, 'facematch-0', (output as Record<string, unknown>).facematch);
  await lookFor(results, group.jobId);
  // A person whom somebody named by a face of it.
  await (await app.people()).persons.make({ description: 'seen once' }, { by: 'somebody' }, [
    row.faces[0]?.key ?? '',
  ]);
  // One of a calibration's pairs.
  await drawPair(results, group.jobId, portrait.jobId);
  // An act on many images that nobody has confirmed yet.
  await draftBulkAct('rerun', { images: [group.jobId] }, { step: 'ocr' }, 'somebody', app);
  // As Event Grid leaves it where it could not deliver.
  const event = { subject: `/blobServices/default/containers/inputimages/blobs/${group.name}` };
  await app.storage.blobs.write(
    UNDELIVERED_EVENTS,
    'topic/1.json',
    Buffer.from(JSON.stringify([event])),
    'application/json',
  );
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
    if (store === OLDER_BLOBS) continue;
    expect(`${store} ${counts[store]?.[0]}`).toBe(`${store} ${found}`);
    expect(`${store} ${counts[store]?.slice(1)}`).toBe(`${store} ${found},0`);
  }
  // Every store that an image can be in had something of this one.
  for (const [store, [found]] of Object.entries(counts)) {
    // What goes with an enquiry, and with no image: see the tests of those.
    if (['sql:enquiry', 'sql:enquiry_event', 'sql:outbox'].includes(store)) continue;
    // What there is only while models are switched: see the conformance suite, and test/people/models.
    if (/^table:faceindex.+|^sql:model_(pair|todo)$/.test(store)) continue;
    // What is known of a person is about no image: they have an erasure of their own.
    if (/^sql:(person|person_note|pfif_record)$/.test(store)) continue;
    expect(`${store} ${Number(found) > 0}`).toBe(`${store} true`);
  }
  expect(await everywhere(outside, words)).toEqual([]);
  expect(records).toEqual([{ by: 'tester', kind: 'image', receipt: receipt.id, images: 1 }]);
  expect(receipt.queues.every(({ confirmed }) => confirmed)).toBe(true);
  expect(JSON.stringify(receipt)).not.toMatch(/secret|group\.jpg/);
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

test('images that came while an erasure of their batch waits for its second count are erased, too', async () => {
  await world.put('in-two/one.jpg', { scene: { people: [20] } });
  const request = { kind: 'batch', batch: 'in-two' } as const;
  const first = await eraser().erase(request, 'tester', signal);
  await world.put('in-two/two.jpg', { scene: { people: [21] } });
  const second = await eraser().erase(request, 'tester', signal);
  expect([first?.images, second?.images]).toEqual([1, 1]);
  expect(second?.id).not.toBe(first?.id);
  await eraser().resume(signal);
  expect(await everywhere(outside, ['in-two'])).toEqual([]);
});

test('a face takes along the photographs of those confirmed as the same, and nobody else', async () => {
  const results = await world.app.results();
  const [pair] = await results.decisions.ofImage(portrait.jobId);
  const mine = pair?.a.imageId === portrait.jobId ? pair.a.face : (pair?.b.face ?? '');
  const theirs = (pair?.a.face === mine ? pair?.b : pair?.a) as { face: string; imageId: string };
  const request = { kind: 'face', face: mine, with: [theirs.face] } as const;
  await expect(eraser().plan(request, signal)).rejects.toThrow(/not confirmed/);
  await decide(results, [mine, theirs.face], 'confirmed', 'somebody');
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

test('what is older than was decided goes, batch by batch; faces that match nobody are forgotten earlier', async () => {
  const { app } = world;
  const DAY = 24 * 3600 * 1000;
  const results = await app.results();
  const loner = await world.drop('long/loner.jpg', { scene: { people: [50] } });
  const pair = [
    await world.drop('long/one.jpg', { scene: { people: [60] } }),
    await world.drop('long/two.jpg', { scene: { people: [60] } }),
  ];
  const short = await world.drop('short/old.jpg', { scene: { people: [70] } });
  await settled(world, [loner, ...pair, short]);
  const after = (days: number) => Date.now() + days * DAY;
  const at = (days: number) => ({ clock: () => after(days) });
  const of = (settings: Record<string, string>) => ({ ...app, settings: readSettings(settings) });
  const off = eraser(at(10_000));
  expect(await eraseTooOld(of({}), off, after(10_000), signal)).toEqual([]);

  const prints = eraser(at(11));
  const forgotten = await eraseOldFaceprints(
    of({ FACEPRINT_RETENTION_DAYS: '10' }),
    prints,
    after(11),
    signal,
  );
  expect(forgotten).toMatchObject({ kind: 'faceprints', state: 'final', askedBy: 'retention' });
  const enrolled = async ({ jobId }: Dropped) =>
    (await results.get(jobId))?.faces.map((face) => face.enrolled);
  expect(await enrolled(loner)).toEqual([false]);
  for (const one of pair) expect(await enrolled(one)).toEqual([true]);
  const keys = (await enrolledKeys(outside.engineUrl)).map((key) => key.slice(0, 32));
  expect(keys).not.toContain(loner.jobId);
  expect(keys).toEqual(expect.arrayContaining(pair.map(({ jobId }) => jobId)));

  const late = eraser(at(31));
  const rules = of({ RETENTION_DAYS: '30', RETENTION_DAYS_BY_BATCH: 'long=90, lo=1' });
  const [receipt, ...more] = await eraseTooOld(rules, late, after(31), signal);
  expect(more).toEqual([]);
  expect((await late.proceed(receipt?.id ?? '', signal))?.state).toBe('final');
  expect(await everywhere(outside, [short.jobId, 'short/old'])).toEqual([]);
  const left = (await results.list({ limit: 1000 })).map(({ batchId }) => batchId);
  expect(left).toEqual(['long', 'long', 'long']);
  expect(await eraseTooOld(rules, late, after(31), signal)).toEqual([]);
});

test('a service that may not be asked leaves an erasure provisional, says why, and holds up nothing else', async () => {
  const { app } = world;
  const settings = { ...world.env, AzureWebJobsStorage: world.emulator.connectionString, FACE_ENDPOINT: '' };
  const without = await openApp(settings);
  const target = await world.drop('unreachable/one.jpg', { scene: { people: [80] } });
  await settled(world, [target]);
  const one = eraser({ app: without });
  const first = await one.erase({ kind: 'batch', batch: 'unreachable' }, 'tester', signal);
  const second = await one.proceed(first?.id ?? '', signal);
  expect(second?.state).toBe('provisional');
  expect(second?.stores.filter(({ remaining }) => remaining !== 0).map(({ store }) => store)).toEqual([
    'vision:face lists',
    'table:faceindex',
    'table:faceindexr03',
    'table:faceindexi02',
  ]);
  expect(second?.stores.find(({ remaining }) => remaining === null)?.why).toMatch(/FACE_ENDPOINT/);
  await eraser({ app }).resume(signal);
  expect((await eraser().receipt(first?.id ?? ''))?.state).toBe('final');
  expect(await everywhere(outside, [target.jobId, 'unreachable'])).toEqual([]);
  await without.close();
});

test('the command line and HTTP: what there is, the receipt, and that it was asked before', async () => {
  const target = await world.drop('by-command/one.jpg', { scene: { people: [90] } });
  await settled(world, [target]);
  const env = {
    ...world.env,
    AzureWebJobsStorage: world.emulator.connectionString,
    IMAGINEM_DATA: world.folder,
  };
  const cli = (...argv: string[]) => commandLine(argv, env);
  expect((await cli('erase')).err).toMatch(/one of --image, --batch, --face and --enquiry/);
  expect((await cli('erase', '--image', target.name, '--with', 'x')).code).toBe(2);
  expect((await cli('erase', '--image', target.name)).err).toMatch(/add --yes/);
  const dry = await cli('erase', '--image', target.name, '--dry-run');
  expect(dry.out).toContain(target.jobId);
  expect(dry.out).toMatch(/table:pipelinelogs\D+1/);
  const done = await cli('erase', '--image', target.name, '--yes', '--json');
  const receipt = JSON.parse(done.out) as Receipt;
  expect(receipt).toMatchObject({ kind: 'image', state: 'provisional', images: 1 });
  expect((await cli('receipts')).out).toContain(receipt.id);
  expect((await cli('receipts', receipt.id)).out).toContain('It is counted once more');
  const nowhere = await cli('erase', '--image', 'no-such.jpg', '--yes');
  expect(nowhere.code).toBe(1);
  expect(nowhere.err).toMatch(/no-such\.jpg/);

  const api = new Api({ app: world.app, refusal: undefined }, () => ({
    kind: 'loopback',
    port: 7071,
    user: 'local',
  }));
  const call = async (name: OperationName, body?: unknown, params = {}) => {
    const request = new HttpRequest({
      method: operations[name].method,
      url: 'http://127.0.0.1:7071/api/erasures',
      headers: { host: '127.0.0.1:7071', 'content-type': 'application/json' },
      params,
      ...(body !== undefined && { body: { string: JSON.stringify(body) } }),
    });
    const answer = await api.serve(name, request, { log: silentLog, signal });
    return { status: answer.status, json: JSON.parse(String(answer.body)) };
  };
  expect(operations.erase.role).toBe('administrator');
  expect((await call('erase', { image: 'a', batch: 'b' })).status).toBe(400);
  expect((await call('erase', { face: 'nobody-1' })).json.code).toBe('UnknownFace');
  const other = await world.drop('by-http/one.jpg', { scene: { people: [91] } });
  await settled(world, [other]);
  const found = await call('erase', { batch: 'by-http', dryRun: true });
  expect(found.json).toMatchObject({
    images: [other.jobId],
    receipt: null,
    found: { 'blob:inputimages': 1 },
  });
  const erased = await call('erase', { batch: 'by-http' });
  expect(erased.json.receipt).toMatchObject({ kind: 'batch', state: 'provisional', askedBy: 'local' });
  const again = await call('erase', { batch: 'by-http' });
  expect(again.json.receipt.id).toBe(erased.json.receipt.id);
  const all = await call('listErasures');
  expect(all.json.receipts.map(({ id }: Receipt) => id)).toContain(erased.json.receipt.id);
  const single = await call('getErasure', undefined, { receipt: receipt.id });
  expect(single.json.id).toBe(receipt.id);
  expect((await call('getErasure', undefined, { receipt: 'none' })).status).toBe(404);
  const entries = await (await world.app.results()).audit.list({ action: 'data.erased' });
  expect(entries.map(({ detail }) => detail.receipt)).toEqual(
    expect.arrayContaining([receipt.id, erased.json.receipt.id]),
  );
});
