import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enquiryBatch } from '../../src/domain/enquiry-batch.ts';
import { PermanentError, UnavailableError } from '../../src/domain/errors.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { SettingsError } from '../../src/domain/settings.ts';
import { Eraser, type EraserDeps } from '../../src/erasure/eraser.ts';
import { Ledger } from '../../src/erasure/ledger.ts';
import type { Receipt } from '../../src/erasure/receipt.ts';
import { hashOfIds } from '../../src/erasure/subjects.ts';
import { SweepLedger } from '../../src/erasure/sweep/sweep-ledger.ts';
import { containers, tables } from '../../src/storage/names.ts';
import { face, image } from '../results/fixtures.ts';
import { openParts, type Parts } from './parts.ts';

const MINUTE_MS = 60_000;
const { signal } = new AbortController();

let world: Parts;
let told: Parameters<NonNullable<EraserDeps['record']>>[0][];
beforeAll(async () => {
  world = await openParts({ OUTAGE_LIMIT: '2' });
});
afterAll(() => world?.close());
beforeEach(() => {
  told = [];
  world.gallery.away = undefined;
});

const eraser = (more: Partial<EraserDeps> = {}) =>
  new Eraser({
    app: world.parts,
    log: silentLog,
    record: async (entry) => {
      told.push(entry);
    },
    ...more,
  });
const iso = (ms = 0) => new Date(world.pipeline.clock() + ms).toISOString();
const imageOf = (id: string) => ({ kind: 'image', image: id }) as const;
const store = (receipt: { stores: { store: string }[] } | undefined, name: string) =>
  receipt?.stores.find((one) => one.store === name);
const isThere = async (name: string) =>
  (await world.pipeline.storage.blobs.head(containers.input, name)) !== undefined;

describe('an erasure', () => {
  test('deletes and counts, waits until whoever was at work has ended, and counts again', async () => {
    const job = await world.add('whole/a.jpg');
    const one = eraser();
    const askedAt = iso();
    const first = await one.erase(imageOf(job.id), 'ann', signal);
    expect(first).toMatchObject({
      ...{ kind: 'image', state: 'provisional', askedBy: 'ann', askedAt, erasedAt: askedAt, images: 1 },
      ...{ settlesAt: iso(12 * MINUTE_MS), idsHash: hashOfIds([job.id]) },
    });
    expect(store(first, 'blob:inputimages')).toEqual({
      ...{ store: 'blob:inputimages', found: 1, deleted: 1, remaining: 0 },
    });
    expect(store(first, 'vision:face lists')).toMatchObject({ found: 1, deleted: 1, remaining: 0 });
    expect(store(first, 'sql:pipeline_output')).toMatchObject({ found: 1, deleted: 1, remaining: 0 });
    expect(store(first, 'table:pipelinelogs')).toMatchObject({ found: 1, deleted: 1, remaining: 0 });
    expect(first?.queues.every(({ confirmed }) => confirmed)).toBe(true);
    expect(await isThere('whole/a.jpg')).toBe(false);
    expect(await world.pipeline.journal.tombstones.erasureOf(job.id)).toBe(first?.id);

    world.pipeline.advance(12 * MINUTE_MS - 1);
    expect((await one.proceed(first?.id ?? '', signal))?.state, 'a moment too early').toBe('provisional');
    world.pipeline.advance(1);
    const last = await one.proceed(first?.id ?? '', signal);
    expect(last).toMatchObject({ state: 'final', finalAt: iso(), erasedAt: askedAt });
    const table = world.pipeline.storage.tables.table(tables.erasures);
    const row = await table.get('erasure', first?.id ?? '');
    expect(row?.columns.request ?? '', 'what it was about is forgotten').toBe('');
    for await (const { partitionKey } of table.list()) expect(partitionKey).not.toContain('subjects');
    expect(told).toEqual([{ by: 'ann', kind: 'image', receipt: first?.id, images: 1 }]);
    expect(await one.proceed(first?.id ?? '', signal), 'nothing more to do').toEqual(last);
    expect(await one.proceed('none', signal)).toBeUndefined();
  });

  test('of a person takes their name and what was decided about them, with a receipt; the photographs stay', async () => {
    const job = await world.add('persons/a.jpg');
    const people = await world.parts.people();
    const results = await world.pipeline.results();
    await results.save(image(job.id, { batchId: 'persons', faces: [face(`${job.id}-0`)] }));
    const amal = await people.persons.make({ fullName: 'Amal' }, { by: 'ann' }, [`${job.id}-0`]);
    const zahra = await people.persons.make({ fullName: 'Zahra' }, { by: 'ann' });
    await people.persons.merge(zahra.id, amal.id, { by: 'ann' });
    const request = { kind: 'person', persons: [amal.id] } as const;
    const one = eraser();
    expect(await one.erase({ kind: 'person', persons: ['nobody'] }, 'ann', signal)).toBeUndefined();
    const first = await one.erase(request, 'ann', signal);
    expect(first).toMatchObject({
      ...{ kind: 'person', state: 'provisional', askedBy: 'ann', images: 1, idsHash: hashOfIds([amal.id]) },
    });
    expect(store(first, 'sql:person')).toMatchObject({ found: 7, deleted: 7, remaining: 0 });
    for (const name of ['sql:pipeline_output', 'blob:inputimages', 'sql:face'])
      expect(store(first, name), name).toMatchObject({ found: 0, remaining: 0 });
    expect(await people.persons.get(amal.id)).toBeUndefined();
    expect(await people.persons.get(zahra.id)).toMatchObject({ fullName: 'Zahra' });
    expect((await results.get(job.id))?.faces).toHaveLength(1);
    expect(await isThere('persons/a.jpg')).toBe(true);
    // Asked for once more, it is the same one, until it is final.
    expect((await one.erase(request, 'ben', signal))?.id).toBe(first?.id);
    world.pipeline.advance(12 * MINUTE_MS);
    const last = await one.proceed(first?.id ?? '', signal);
    expect(last).toMatchObject({ state: 'final' });
    expect(await one.erase(request, 'ben', signal)).toBeUndefined();
    expect(told).toEqual([{ by: 'ann', kind: 'person', receipt: first?.id, images: 1 }]);
    const { entries = [] } = { entries: await results.audit.list() };
    expect(JSON.stringify(entries)).toContain('"person.erased"');
    expect(JSON.stringify(last)).not.toMatch(/Amal/);
  });

  test('asked for again in the same words is the same; of what is erased, the receipt is found by the image', async () => {
    const job = await world.add('again/a.jpg');
    const one = eraser({ settleMs: 0 });
    const begun = await one.begin(imageOf(job.id), 'ann', signal);
    expect(begun).toMatchObject({ state: 'running', images: 1 });
    expect(await isThere('again/a.jpg'), 'only written down').toBe(true);
    expect(told).toEqual([]);
    expect((await one.begin(imageOf(job.id), 'ben', signal))?.id).toBe(begun?.id);
    const other = await world.add('again/b.jpg');
    expect((await one.begin(imageOf(other.id), 'ann', signal))?.id).not.toBe(begun?.id);
    expect((await one.proceed(begun?.id ?? '', signal))?.state).toBe('provisional');
    expect((await one.begin(imageOf(job.id), 'ben', signal))?.id, 'not final yet').toBe(begun?.id);
    expect((await one.proceed(begun?.id ?? '', signal))?.state).toBe('final');
    expect(await one.begin(imageOf(job.id), 'ben', signal)).toMatchObject({ id: begun?.id, state: 'final' });
    expect(await one.begin(imageOf('none'), 'ann', signal)).toBeUndefined();
    expect(await one.begin({ kind: 'batch', batch: 'none' }, 'ann', signal)).toBeUndefined();
  });

  test('that finds more in the same words while it waits is another one', async () => {
    await world.add('more/a.jpg');
    const one = eraser();
    const first = await one.erase({ kind: 'batch', batch: 'more' }, 'ann', signal);
    expect((await one.erase({ kind: 'batch', batch: 'more' }, 'ann', signal))?.id).toBe(first?.id);
    await world.add('more/b.jpg');
    const second = await one.erase({ kind: 'batch', batch: 'more' }, 'ann', signal);
    expect(second?.id).not.toBe(first?.id);
    expect(await isThere('more/b.jpg')).toBe(false);
  });

  test('is told to the audit before anything goes, and does nothing where that fails; the next time goes on', async () => {
    const job = await world.add('audit/a.jpg');
    const fails = eraser({
      record: async () => {
        expect(await isThere('audit/a.jpg')).toBe(true);
        throw new Error('no audit');
      },
    });
    await expect(fails.erase(imageOf(job.id), 'ann', signal)).rejects.toThrow('no audit');
    expect(await isThere('audit/a.jpg')).toBe(true);
    expect(await world.pipeline.journal.tombstones.has(job.id)).toBe(false);
    const one = eraser({ settleMs: 0 });
    const receipt = await one.erase(imageOf(job.id), 'ben', signal);
    expect(receipt).toMatchObject({ state: 'provisional', askedBy: 'ann' });
    await one.proceed(receipt?.id ?? '', signal);
    expect(told, 'once, whatever the passes').toHaveLength(1);
  });

  test('does not wait for a service that may not be asked: it says so, and is final only once that was counted', async () => {
    const job = await world.add('away/a.jpg');
    for (const away of [
      new UnavailableError('LimitedAccess' as never, 'No approval.'),
      new SettingsError('FACE_ENDPOINT is missing.'),
    ]) {
      world.gallery.away = away;
      const receipt = await eraser({ settleMs: 0 }).erase(imageOf(job.id), 'ann', signal);
      expect(receipt?.state).toBe('provisional');
      for (const name of ['vision:face lists', 'table:faceindex'])
        expect(store(receipt, name)).toMatchObject({
          remaining: null,
          why: `It could not be counted: ${away.message}`,
        });
      expect(store(receipt, 'blob:inputimages')).toMatchObject({ deleted: 1, remaining: 0 });
    }
    const one = eraser();
    const again = await one.erase(imageOf(job.id), 'ann', signal);
    expect(again?.state).toBe('provisional');
    world.gallery.away = undefined;
    world.pipeline.advance(5 * MINUTE_MS);
    const counted = await one.proceed(again?.id ?? '', signal);
    expect(counted?.state, 'who had found the face may still be at work').toBe('provisional');
    world.pipeline.advance(12 * MINUTE_MS);
    const last = await one.proceed(again?.id ?? '', signal);
    expect(last?.state).toBe('final');
    expect(store(last, 'vision:face lists')).toEqual({
      ...{ store: 'vision:face lists', found: 1, deleted: 1, remaining: 0 },
    });
  });

  test('that something else holds up begins when everything can be counted', async () => {
    const job = await world.add('held/a.jpg');
    world.gallery.away = new PermanentError('BadRequest' as never, 'Bad.');
    const one = eraser({ settleMs: 0 });
    await expect(one.erase(imageOf(job.id), 'ann', signal)).rejects.toThrow('Bad.');
    const under = (await one.receipts()).find(({ state }) => state === 'running');
    expect(under).toMatchObject({ kind: 'image', images: 1 });
    expect(await isThere('held/a.jpg'), 'nothing goes before it is written down what there was').toBe(true);
    world.gallery.away = undefined;
    const last = await one.proceed(under?.id ?? '', signal);
    expect(last?.state).toBe('provisional');
    expect(store(last, 'blob:inputimages'), 'counted where it was found').toMatchObject({
      found: 1,
      deleted: 1,
    });
  });

  test('waits for messages about it in a queue, and of a queue that is too long for as long as an outage may last', async () => {
    const job = await world.add('queued/a.jpg');
    const { queues } = world.pipeline.storage;
    await queues.send('pipelineoutput', JSON.stringify({ job_definition: { id: job.id } }));
    const one = eraser();
    const receipt = await one.erase(imageOf(job.id), 'ann', signal);
    const id = receipt?.id ?? '';
    world.pipeline.advance(12 * MINUTE_MS);
    const again = await one.proceed(id, signal);
    expect(again?.queues.find(({ queue }) => queue === 'pipelineoutput')).toEqual({
      ...{ queue: 'pipelineoutput', confirmed: false, messages: 1 },
    });
    expect(again).toMatchObject({ state: 'provisional', settlesAt: iso(5 * MINUTE_MS) });
    world.pipeline.advance(108 * MINUTE_MS);
    expect((await one.proceed(id, signal))?.state, 'two hours after').toBe('provisional');
    world.pipeline.advance(5 * MINUTE_MS);
    expect((await one.proceed(id, signal))?.state).toBe('final');
    await world.pipeline.empty();
  });

  test('of which something came back is not final until that is gone', async () => {
    const job = await world.add('back/a.jpg');
    const one = eraser({ settleMs: 0 });
    const receipt = await one.erase(imageOf(job.id), 'ann', signal);
    world.gallery.faces.set(`${job.id}-0`, 0);
    const states: (string | undefined)[] = [];
    for (let pass = 0; pass < 2; pass += 1)
      states.push((await one.proceed(receipt?.id ?? '', signal))?.state);
    // Others can have found the face meanwhile: everything is looked through once more.
    expect(states).toEqual(['provisional', 'final']);
    const last = await one.receipt(receipt?.id ?? '');
    expect(store(last, 'vision:face lists')).toMatchObject({ found: 2, deleted: 2, remaining: 0 });
  });

  test('that another process is at work on is left to it', async () => {
    const job = await world.add('taken/a.jpg');
    let inner: Promise<unknown> | undefined;
    const other = eraser();
    const one = eraser({
      record: async ({ receipt }) => {
        inner = other.proceed(receipt, signal);
        expect(await inner).toMatchObject({ state: 'running' });
        expect(await isThere('taken/a.jpg')).toBe(true);
      },
    });
    expect((await one.erase(imageOf(job.id), 'ann', signal))?.state).toBe('provisional');
    expect(inner).toBeDefined();
    expect(told).toEqual([]);
  });
});

describe('an erasure that is interrupted', () => {
  test('while its images are listed lists them all the next time, before the audit is told how many', async () => {
    const jobs = [await world.add('listing/a.jpg'), await world.add('listing/b.jpg')];
    const { addSubjects } = Ledger.prototype;
    Ledger.prototype.addSubjects = async function (id, subjects) {
      await addSubjects.call(this, id, subjects.slice(0, 1));
      throw new Error('killed');
    };
    const one = eraser();
    await one
      .erase({ kind: 'batch', batch: 'listing' }, 'ann', signal)
      .then(
        () => expect.unreachable(),
        ({ message }) => expect(message).toBe('killed'),
      )
      .finally(() => Object.assign(Ledger.prototype, { addSubjects }));
    // Those of other tests are of the same moment.
    const begun = (await one.receipts()).find(({ state }) => state === 'running');
    expect(begun).toMatchObject({ kind: 'batch', images: 0 });
    // The process that died has it for two minutes.
    world.pipeline.advance(2 * MINUTE_MS);
    const receipt = await one.proceed(begun?.id ?? '', signal);
    expect(receipt).toMatchObject({
      state: 'provisional',
      images: 2,
      idsHash: hashOfIds(jobs.map(({ id }) => id)),
    });
    expect(told).toMatchObject([{ images: 2 }]);
    for (const name of ['listing/a.jpg', 'listing/b.jpg']) expect(await isThere(name)).toBe(false);
  });

  test('writes that its sweep is over before what that found is forgotten', async () => {
    const job = await world.add('tally/a.jpg');
    const one = eraser({ settleMs: 0 });
    const { id = '' } = (await one.erase(imageOf(job.id), 'ann', signal)) ?? {};
    const { removeTally } = SweepLedger.prototype;
    const written: (Receipt | undefined)[] = [];
    SweepLedger.prototype.removeTally = async function (sweep, receipt) {
      written.push(await one.receipt(receipt));
      await removeTally.call(this, sweep, receipt);
    };
    await one.proceed(id, signal).finally(() => Object.assign(SweepLedger.prototype, { removeTally }));
    expect(written).toMatchObject([{ id, state: 'final' }]);
    expect(written[0]).not.toHaveProperty('sweep');
  });

  test('whose sweep is no more waits for another, and counts again before that', async () => {
    const job = await world.add('lost/a.jpg');
    const one = eraser();
    const { id = '' } = (await one.erase(imageOf(job.id), 'ann', signal)) ?? {};
    const hold = await new Ledger(world.pipeline.storage, world.pipeline.clock).take(id);
    Object.assign(hold?.entry.receipt ?? {}, { sweep: 'lost' });
    await hold?.release();
    const waits = await one.proceed(id, signal);
    expect(waits).toMatchObject({ state: 'provisional', settlesAt: iso(5 * MINUTE_MS) });
    expect(waits).not.toHaveProperty('sweep');
    world.pipeline.advance(5 * MINUTE_MS);
    expect(await one.proceed(id, signal)).toMatchObject({
      state: 'provisional',
      settlesAt: iso(12 * MINUTE_MS),
    });
    world.pipeline.advance(12 * MINUTE_MS);
    expect((await one.proceed(id, signal))?.state).toBe('final');
  });

  test('by the sweep of others is final with the next, in one go', async () => {
    const [a, b] = [await world.add('next/a.jpg'), await world.add('next/b.jpg')];
    const one = eraser({ settleMs: 0 });
    const first = await one.erase(imageOf(a.id), 'ann', signal);
    // The first sweep has begun, and stops before its first page.
    await one.resume(signal, { budgetMs: 0 });
    const second = await one.erase(imageOf(b.id), 'ann', signal);
    expect(second?.state).toBe('provisional');
    expect((await one.proceed(second?.id ?? '', signal))?.state).toBe('final');
    expect(await one.proceed(first?.id ?? '', signal)).toMatchObject({ state: 'final' });
  });
});

test('going on with one goes no further than to its end: what came while it was swept for waits for its own time', async () => {
  const [a, b] = [await world.add('ends/a.jpg'), await world.add('ends/b.jpg')];
  const one = eraser({ settleMs: 0 });
  const first = await one.erase(imageOf(a.id), 'ann', signal);
  let second: Receipt | undefined;
  const gallery = () => {
    const of = world.parts.gallery();
    const rows = async () => {
      second ??= await one.erase(imageOf(b.id), 'ben', signal);
      return { rows: [] };
    };
    return { ...of, look: () => ({ ...of.look(''), rows }) };
  };
  const sweeping = eraser({ settleMs: 0, app: { ...world.parts, gallery } as never });
  expect((await sweeping.proceed(first?.id ?? '', signal))?.state).toBe('final');
  const left = await one.receipt(second?.id ?? '');
  expect(left?.state).toBe('provisional');
  expect(left).not.toHaveProperty('sweep');
  expect((await one.proceed(second?.id ?? '', signal))?.state).toBe('final');
});

test('an enquiry is no image: the receipt counts its photographs, and proves that it was among what went', async () => {
  const enquiry = '00000000-0000-0000-0000-000000000001';
  const job = await world.add('enquired/a.jpg', { batchId: enquiryBatch(enquiry) });
  const { enquiries } = (await world.pipeline.results()).erasures;
  const { isThere: known } = enquiries;
  enquiries.isThere = async () => true;
  const receipt = await eraser()
    .begin({ kind: 'enquiry', enquiry }, 'ann', signal)
    .finally(() => Object.assign(enquiries, { isThere: known }));
  expect(receipt).toMatchObject({ images: 1, idsHash: hashOfIds([enquiry, job.id]) });
  const hold = await new Ledger(world.pipeline.storage, world.pipeline.clock).take(receipt?.id ?? '');
  // What it is about has tests of its own.
  Object.assign(hold?.entry.receipt ?? {}, { state: 'final' });
  await hold?.release();
});

test('what becomes of an erasure is told, with its figures', async () => {
  const job = await world.add('log/a.jpg');
  const lines: unknown[] = [];
  const log = { ...silentLog, info: (...line: unknown[]) => void lines.push(line) };
  const one = eraser({ settleMs: 0, log });
  const { id } = (await one.erase(imageOf(job.id), 'ann', signal)) ?? {};
  await one.proceed(id ?? '', signal);
  const ofErasure = lines.filter((line) => Array.isArray(line) && line[0] === 'erasure');
  expect(ofErasure).toEqual([
    ['erasure', { erasure: id, state: 'provisional', images: 1 }],
    ['erasure', { erasure: id, state: 'final', images: 1 }],
  ]);
});

test('a plan says what there is, and changes nothing', async () => {
  const job = await world.add('plan/a.jpg');
  const { subjects, found } = await eraser().plan(imageOf(job.id), signal);
  expect(subjects).toEqual([{ id: job.id, batchId: 'plan', imageUrl: job.imageUrl, source: job.source }]);
  expect(found).toMatchObject({ 'blob:inputimages': 1, 'sql:pipeline_output': 1, 'vision:face lists': 1 });
  expect(await isThere('plan/a.jpg')).toBe(true);
  expect(await eraser().plan(imageOf('none'), signal)).toEqual({ subjects: [], found: {} });
});

describe('whoever goes on with all of them', () => {
  test('does so with each that is not final, though one cannot go on', async () => {
    const [a, b] = [await world.add('resume/a.jpg'), await world.add('resume/b.jpg')];
    const one = eraser({ settleMs: 0 });
    const [first, second] = [
      await one.begin(imageOf(a.id), 'ann', signal),
      await one.begin(imageOf(b.id), 'ann', signal),
    ];
    const warned: string[] = [];
    const failing = eraser({
      log: { ...silentLog, warn: (event) => warned.push(event) },
      record: async ({ receipt }) => {
        if (receipt === first?.id) throw new Error('not this one');
      },
    });
    await failing.resume(signal);
    expect(warned).toContain('erasure.waiting');
    expect(await one.receipt(first?.id ?? '')).toMatchObject({ state: 'running' });
    expect((await one.receipt(second?.id ?? ''))?.state).not.toBe('running');
    await expect(one.resume(AbortSignal.abort())).rejects.toThrow();
    expect((await one.receipt(second?.id ?? ''))?.state).not.toBe('running');
    world.pipeline.advance(60 * MINUTE_MS);
    for (let passes = 0; passes < 4; passes += 1) {
      world.pipeline.advance(60 * MINUTE_MS);
      await one.resume(signal);
    }
    expect((await one.receipts()).filter(({ state }) => state !== 'final')).toEqual([]);
  });

  test('leaves alone who waits for a sweep that cannot begin, and says so; not after its signal', async () => {
    const job = await world.add('unswept/a.jpg');
    const warned: unknown[] = [];
    const one = eraser({ settleMs: 0, log: { ...silentLog, warn: (event) => warned.push(event) } });
    const receipt = await one.erase(imageOf(job.id), 'ann', signal);
    const { queues } = world.pipeline.storage;
    const { look } = queues;
    queues.look = () => Promise.reject(new Error('away'));
    const { take } = Ledger.prototype;
    let taken = 0;
    Ledger.prototype.take = function (...args) {
      taken += 1;
      return take.apply(this, args);
    };
    const stop = new AbortController();
    try {
      await one.resume(signal);
      expect([warned, taken]).toEqual([['erasure.sweep.waiting'], 0]);
      queues.look = () => {
        stop.abort(new Error('enough'));
        return Promise.reject(new Error('away'));
      };
      await expect(one.resume(stop.signal)).rejects.toThrow('enough');
      expect(warned).toHaveLength(1);
    } finally {
      Object.assign(queues, { look });
      Object.assign(Ledger.prototype, { take });
    }
    await one.resume(signal);
    expect((await one.receipt(receipt?.id ?? ''))?.state, 'in the same go').toBe('final');
  });

  test('receipts are given newest first', async () => {
    const receipts = await eraser().receipts();
    const ids = receipts.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(5);
    expect(ids).toEqual([...ids].sort().reverse());
  });
});

test('faces that were taken out of the gallery have a receipt of their own, final at once', async () => {
  const receipt = await eraser().recordFaceprints(['b-0', 'a-0'], 1, 'retention');
  expect(receipt).toMatchObject({
    ...{ kind: 'faceprints', state: 'final', askedBy: 'retention', images: 2, queues: [] },
    ...{ askedAt: iso(), erasedAt: iso(), finalAt: iso(), idsHash: hashOfIds(['a-0', 'b-0']) },
    stores: [{ store: 'table:faceindex', found: 2, deleted: 1, remaining: 1 }],
  });
  expect(told).toEqual([{ by: 'retention', kind: 'faceprints', receipt: receipt.id, images: 2 }]);
  expect(await eraser().receipt(receipt.id)).toEqual(receipt);
  await eraser().resume(signal);
});
