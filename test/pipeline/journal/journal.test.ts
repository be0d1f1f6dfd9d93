import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isFinished, type Job, reported, type StepRecord } from '../../../src/domain/job.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import { Registry } from '../../../src/pipeline/definition/registry.ts';
import { Journal } from '../../../src/pipeline/journal/journal.ts';
import { removeJob } from '../../../src/pipeline/journal/remove-job.ts';
import { openStorage, type StorageAccount } from '../../../src/storage/account.ts';
import { containers, tables } from '../../../src/storage/names.ts';
import { type Emulator, startEmulator } from '../../support/emulator.ts';

let emulator: Emulator;
let storage: StorageAccount;
let journal: Journal;
beforeAll(async () => {
  emulator = await startEmulator();
  storage = await openStorage(readSettings({ AzureWebJobsStorage: emulator.connectionString }));
  await storage.tables.ensure([tables.journal, tables.jobIndex, tables.jobLinks, tables.tombstones]);
  await storage.blobs.ensure(Object.values(containers));
  journal = new Journal(storage);
});
afterAll(() => emulator?.stop());

const record = (more: Partial<StepRecord> = {}): StepRecord => ({
  ...{ state: 'done', run: 0, seq: 0, at: '2026-01-01T00:00:00.000Z', attempts: 1 },
  ...more,
});
const job = (id: string, more: Partial<Job> = {}): Job => ({
  ...{ id, batchId: 'b', imageUrl: `http://host/inputimages/b/${id}.jpg`, run: 0, seq: 0, sent: false },
  ...{ source: { container: 'inputimages', name: `b/${id}.jpg`, etag: 'e' }, steps: {} },
  ...{ pipeline: ['ocr', 'pipelineoutput'], admittedAt: '2026-01-01T00:00:00.000Z' },
  ...more,
});
async function all<T>(listing: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of listing) found.push(one);
  return found;
}
const ids = async (listing: AsyncIterable<{ id: string }>) => (await all(listing)).map(({ id }) => id).sort();
async function added(id: string, more: Partial<Job> = {}) {
  const inserted = await journal.insert(job(id, more));
  const entry = await journal.read(more.batchId ?? 'b', id);
  expect(inserted, 'as reading it gives it').toEqual(entry);
  if (!entry) throw new Error(`${id} was not written`);
  return entry;
}
/** As 2017 wrote them: under the same keys, and without what ours go by. */
const old = (batch: string, id: string) =>
  storage.tables.table(tables.journal).insert(batch, id, { ocr: 'Succeeded', batchId: batch });

describe('a job', () => {
  test('is written once, over what 2017 left and never over another', async () => {
    const entry = await added('once', { parameters: { a: 1 }, sent: true });
    expect(entry.job).toEqual(job('once', { parameters: { a: 1 }, sent: true }));
    expect(await journal.insert(job('once', { imageUrl: 'other' }))).toBeUndefined();
    expect((await journal.read('b', 'once'))?.job.imageUrl).toBe('http://host/inputimages/b/once.jpg');
    await old('b', 'from2017');
    expect(await journal.read('b', 'from2017')).toBeUndefined();
    await added('from2017');
    expect(await journal.insert(job('from2017'))).toBeUndefined();
  });

  test('leads from its blob, and from the address where that is another', async () => {
    const foreign = { container: 'renditions', name: 'foreign.jpg', etag: 'e' };
    await added('foreign', { imageUrl: 'https://a.example/1.jpg', source: foreign });
    await added('own');
    const { links } = journal;
    expect(await ids(links.ofPicture('foreign.jpg'))).toEqual(['foreign']);
    expect(await ids(links.ofPicture('https://a.example/1.jpg'))).toEqual(['foreign']);
    expect(await ids(links.ofPicture('b/own.jpg'))).toEqual(['own']);
    expect(await ids(links.ofPicture('http://host/inputimages/b/own.jpg'))).toEqual([]);
  });

  test('has an id that is one batch’s', async () => {
    expect(await journal.batchOf('claimed')).toBeUndefined();
    expect(await journal.claim('claimed', 'b')).toBe('new');
    expect(await journal.claim('claimed', 'b'), 'asked again').toBe('again');
    expect(await journal.claim('claimed', 'c')).toBe('taken');
    expect(await journal.batchOf('claimed')).toBe('b');
  });
});

describe('a change', () => {
  test('is merged into the row: what it does not name stays, and what it gives back is what is there', async () => {
    const entry = await added('changed', { steps: { ocr: record({ output: { text: 'a' } }) } });
    const consent = { doNotMatch: true };
    const end = { kind: 'gone', reason: { code: 'ImageGone', message: 'Gone.' } } as const;
    const change = {
      ...{ run: 2, seq: 3, sent: true, pipeline: ['facecrop', 'pipelineoutput'], consent, end },
      steps: { facecrop: record({ run: 2, output: { faces: 1 } }) },
    };
    const after = await journal.update(entry, change);
    const expected = { ...entry.job, ...change, steps: { ...entry.job.steps, ...change.steps } };
    expect(after?.job).toEqual(expected);
    expect(await journal.read('b', 'changed')).toEqual({ job: expected, etag: after?.etag });
    expect(await journal.update(entry, { run: 9 }), 'of a version that is no more').toBeUndefined();
    const last = after && (await journal.update(after, {}));
    expect(last?.job, 'of nothing').toEqual(expected);
  });

  test('empties what an older record of the step had', async () => {
    const error = { code: 'X', message: 'x' };
    const waits = record({ state: 'waiting', error, retryable: true, nextAt: '2026', since: '2025', seq: 1 });
    const entry = await added('emptied', { steps: { ocr: waits } });
    await journal.update(entry, { steps: { ocr: record({ output: { n: 1 }, ms: 4 }) } });
    expect((await journal.read('b', 'emptied'))?.job.steps.ocr).toEqual(record({ output: { n: 1 }, ms: 4 }));
  });

  test('of a row that was just written is read without the table, once, by its version alone', async () => {
    const entry = await added('just');
    const after = await journal.update(entry, { seq: 1 });
    const another = new Journal(storage);
    expect((await another.readAt('b', 'just', after?.etag))?.job.seq, 'by another process').toBe(1);
    expect(await journal.readAt('b', 'just', after?.etag)).toEqual(after);
    expect(await journal.readAt('b', 'just', undefined)).toEqual(after);
    expect(await journal.readAt('b', 'just', 'other')).toEqual(after);
    expect(await journal.readAt('b', 'none', undefined)).toBeUndefined();
  });

  test('a second look at the image takes the place of what the first found, in that very row', async () => {
    const end = { kind: 'rejected', reason: { code: 'NotAnImage', message: 'None.' } } as const;
    const entry = await added('looked', { end });
    const source = { ...entry.job.source, etag: 'newer' };
    const image = { contentType: 'image/png', width: 1, height: 2, bytes: 3 };
    expect(await journal.reexamined(entry, { image, source })).toBe(true);
    expect(await journal.reexamined(entry, { end, source }), 'it has changed').toBe(false);
    const now = await journal.read('b', 'looked');
    expect(now?.job).toEqual(job('looked', { image, source }));
    expect(now && (await journal.reexamined(now, { end, source: entry.job.source }))).toBe(true);
    expect((await journal.read('b', 'looked'))?.job).toEqual(job('looked', { end }));
  });
});

describe('an output', () => {
  test('is listed by step, of every job or of one, where there is one', async () => {
    const steps = { ocr: record({ output: { text: 'a' } }), facecrop: record({ state: 'failed' }) };
    await added('with', { batchId: 'outputs', steps });
    await added('without', { batchId: 'outputs' });
    await old('outputs', '2017');
    const mine = (await all(journal.outputs.all(['ocr', 'facecrop']))).filter(
      ({ batchId }) => batchId === 'outputs',
    );
    expect(mine).toEqual([{ id: 'with', batchId: 'outputs', outputs: { ocr: { text: 'a' } } }]);
    expect(await journal.outputs.of({ batchId: 'outputs', id: 'with' }, ['ocr', 'x'])).toEqual({
      ocr: { text: 'a' },
    });
    expect(await journal.outputs.of({ batchId: 'outputs', id: 'none' }, ['ocr'])).toEqual({});
  });

  test('is changed in the row as it then is, however often that changes meanwhile', async () => {
    const entry = await added('output', { steps: { ocr: record({ output: { n: 1 } }) } });
    const at = { batchId: 'b', id: 'output' };
    let tries = 0;
    await journal.outputs.change(at, 'ocr', (output) => {
      tries += 1;
      return { ...Object(output), tries };
    });
    expect(tries).toBe(1);
    const table = storage.tables.table(tables.journal);
    const before = await journal.read('b', 'output');
    const { get } = Object.getPrototypeOf(table);
    Object.getPrototypeOf(table).get = async function (...given: unknown[]) {
      const row = await get.apply(this, given);
      Object.getPrototypeOf(table).get = get;
      // Somebody is faster.
      await table.merge('b', 'output', { ocr_output: '{"n":7}' }, '*');
      return row;
    };
    await journal.outputs.change(at, 'ocr', (output) => ({ ...Object(output), changed: true }));
    const now = await journal.read('b', 'output');
    expect(now?.job.steps.ocr?.output).toEqual({ n: 7, changed: true });
    expect(now?.etag).not.toBe(before?.etag);
    await journal.outputs.change(at, 'ocr', (output) => output);
    expect((await journal.read('b', 'output'))?.etag, 'nothing to change').toBe(now?.etag);
    const never = () => expect.unreachable('there is no output');
    await journal.outputs.change(at, 'facecrop', never);
    await journal.outputs.change({ ...at, id: 'none' }, 'ocr', never);
    expect(entry.job.steps.ocr?.output).toEqual({ n: 1 });
  });
});

describe('lists', () => {
  beforeAll(async () => {
    await added('l1', { batchId: 'list', sent: true, consent: { doNotMatch: true } });
    await added('l2', { batchId: 'list' });
    await added('l3', { batchId: 'list2', sent: true });
    await old('list', '2017');
  });

  test('are of a batch, without what 2017 left', async () => {
    expect(await ids(journal.jobs('list'))).toEqual(['l1', 'l2']);
    expect(await ids(journal.sources({ batchId: 'list' }))).toEqual(['l1', 'l2']);
    expect(await all(journal.idsOf('list')), 'whose first message was sent').toEqual(['l1']);
    const everyone = await ids(journal.jobs());
    expect(everyone).toEqual(expect.arrayContaining(['l1', 'l2', 'l3']));
    expect(everyone).not.toContain('');
    expect(await journal.isSent('list', 'l1')).toBe(true);
    expect(await journal.isSent('list', 'l2')).toBe(false);
    expect(await journal.isSent('list', 'none')).toBe(false);
  });

  test('of how jobs stand say so without what their steps put out, and read whole what they are not sure of', async () => {
    const at = '2026-01-01T00:00:00.000Z';
    const done = (output: unknown) => ({ state: 'done', run: 0, seq: 0, at, attempts: 1, output }) as const;
    const finished = async (id: string, steps: Job['steps'], pipeline = ['ocr', 'pipelineoutput']) => {
      const one = job(id, { batchId: 'stand', sent: true, pipeline, steps });
      await added(id, { ...one, steps: { ...steps, pipelineoutput: done(reported(one)) } });
    };
    await finished('known', { ocr: done({ big: 'x'.repeat(1000) }) });
    await finished('other', { gone: done({ n: 1 }) }, ['gone', 'pipelineoutput']);
    // What a message brought along stands in no pipeline, and is reported all the same.
    await finished('along', { ocr: done({ n: 1 }), gone: done({ n: 2 }) });
    const standing = await all(journal.standings(['ocr', 'pipelineoutput'], 'stand'));
    const told = new Map(standing.map((one) => [one.id, one]));
    expect([...told].map(([id, one]) => [id, isFinished(one)])).toEqual([
      ['along', true],
      ['known', true],
      ['other', true],
    ]);
    expect(told.get('known')?.steps.ocr).toMatchObject({ state: 'done', run: 0, at });
    expect(told.get('known')?.steps.ocr?.output).toBeUndefined();
    expect(told.get('other')?.steps.gone?.output).toEqual({ n: 1 });
  });

  test('say what a job is about, and on what terms', async () => {
    const [one] = await all(journal.sources({ batchId: 'list', name: 'b/l1.jpg' }));
    const { id, batchId, imageUrl, source, admittedAt } = job('l1', { batchId: 'list' });
    expect(one).toEqual({ id, batchId, imageUrl, source, admittedAt, consent: { doNotMatch: true } });
    expect(await ids(journal.sources({ imageUrl: 'http://host/inputimages/b/l2.jpg' }))).toEqual(['l2']);
    expect(await ids(journal.sources({ batchId: 'list2', name: 'b/l1.jpg' }))).toEqual([]);
  });

  test('go on from behind a place', async () => {
    const places = await all(journal.jobsAfter(undefined));
    expect(places.map(({ job: { id } }) => id)).not.toContain('');
    const at = places.findIndex(({ job: { id } }) => id === 'l1');
    const rest = await all(journal.jobsAfter(places[at]?.place));
    expect(rest).toEqual(places.slice(at + 1));
    expect(rest.length).toBeGreaterThan(0);
  });

  test('of a picture go by the links once these are whole, and name only what still is about it', async () => {
    const about = { imageUrl: 'u', source: { container: 'inputimages', name: 'b/l1.jpg', etag: '1' } };
    for (const id of ['l2', 'gone'])
      await journal.links.noteJob({ id, batchId: 'list', ...about, admittedAt: '2026-01-01T00:00:00.000Z' });
    await journal.links.markComplete();
    expect(await ids(journal.sources({ name: 'b/l1.jpg' }))).toEqual(['l1']);
    await added('far', {
      ...{ batchId: 'list2', imageUrl: 'https://a.example/far.jpg' },
      source: { container: 'renditions', name: 'far.jpg', etag: 'e' },
    });
    expect(await ids(journal.sources({ imageUrl: 'https://a.example/far.jpg' }))).toEqual(['far']);
    expect(await ids(journal.sources({ batchId: 'list', imageUrl: 'https://a.example/far.jpg' }))).toEqual(
      [],
    );
  });
});

describe('a job that is erased', () => {
  test('has a tombstone of which the first stands', async () => {
    const { tombstones } = journal;
    expect([await tombstones.has('dead'), await tombstones.erasureOf('dead')]).toEqual([false, undefined]);
    await tombstones.set('dead', 'erasure-1', '2026-01-01T00:00:00.000Z');
    await tombstones.set('dead', 'erasure-2', '2026-01-02T00:00:00.000Z');
    expect([await tombstones.has('dead'), await tombstones.erasureOf('dead')]).toEqual([true, 'erasure-1']);
    expect(await tombstones.has('other')).toBe(false);
    const [row] = await all(storage.tables.table(tables.tombstones).list());
    expect(JSON.stringify(row), 'without its id').not.toContain('dead');
  });

  test('is marked in its row, whoever else writes it, and then removed with its claim', async () => {
    const entry = await added('erased');
    await journal.claim('erased', 'b');
    await journal.markErased('b', 'none', 'x');
    expect(await journal.presence('b', 'none'), 'no row is made for it').toEqual({
      row: false,
      claim: false,
    });
    await journal.markErased('b', 'erased', '2026-01-03T00:00:00.000Z');
    expect((await journal.read('b', 'erased'))?.job.erasedAt).toBe('2026-01-03T00:00:00.000Z');
    expect(await journal.update(entry, { run: 1 })).toBeUndefined();
    expect(await journal.presence('b', 'erased')).toEqual({ row: true, claim: true });
    await journal.remove('b', 'erased');
    expect(await journal.presence('b', 'erased')).toEqual({ row: false, claim: false });
    await journal.remove('b', 'erased');
  });

  test('is removed with what its steps take back, its blobs and its links; another’s stay', async () => {
    const taken: string[] = [];
    const step = (name: string, fails?: Error) => ({
      ...{ name, needs: [], schema: { parse: (it: unknown) => it } as never, summary: 'For the test.' },
      run: async () => ({}),
      retract: async ({
        job: { id, batchId },
        output,
      }: {
        job: { id: string; batchId: string };
        output: unknown;
      }) => {
        taken.push([name, id, batchId, String(output)].join(' '));
        if (fails) throw fails;
      },
    });
    const registry = new Registry([step('one'), step('two')] as never);
    const settings = readSettings({});
    const context = { log: silentLog, signal: new AbortController().signal };
    for (const [container, name] of [
      [containers.faces, 'gone/1.jpg'],
      [containers.largeMessages, 'gone/ocr-0'],
      [containers.renditions, 'gone.jpg'],
      [containers.faces, 'gone2/1.jpg'],
      [containers.renditions, 'gone2.jpg'],
    ] as const)
      await storage.blobs.write(container, name, Buffer.from('x'), 'text/plain');
    await added('gone');
    await journal.claim('gone', 'b');
    await removeJob({ id: 'gone', batchId: 'b' }, { storage, journal, registry, settings }, context);
    expect(taken, 'the last step first').toEqual(['two gone b undefined', 'one gone b undefined']);
    const left: string[] = [];
    for (const container of [containers.faces, containers.largeMessages, containers.renditions])
      for await (const { name } of storage.blobs.list(container)) left.push(name);
    expect(left).toEqual(['gone2/1.jpg', 'gone2.jpg']);
    expect(await journal.presence('b', 'gone')).toEqual({ row: false, claim: false });
    expect(await journal.links.count('gone')).toBe(0);
    expect(await ids(journal.links.ofPicture('b/gone.jpg'))).toEqual([]);
    const failing = new Registry([step('one', new Error('away'))] as never);
    await added('kept');
    const removal = removeJob(
      { id: 'kept', batchId: 'b' },
      { storage, journal, registry: failing, settings },
      context,
    );
    await expect(removal).rejects.toThrow('away');
    expect(await journal.presence('b', 'kept'), 'so that it is tried again').toMatchObject({ row: true });
  });
});
