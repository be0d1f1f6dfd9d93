import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { batchStatuses } from '../../../src/admin/batch-status.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import { isSystemFile } from '../../../src/domain/system-files.ts';
import { Reconciler } from '../../../src/pipeline/rescue/reconcile.ts';
import { isTurnOf, walkInTable } from '../../../src/pipeline/rescue/walk.ts';
import type { BlobEntry } from '../../../src/storage/blobs.ts';
import { containers, EVENTS_QUEUE, tables } from '../../../src/storage/names.ts';
import { jpeg } from '../../support/images.ts';
import { openPipeline } from '../../support/pipeline.ts';
import { scene } from '../../support/scene.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PAGE = 5;

let now: number;
/** Names of the blobs that the journal was asked about, one by one. */
let asked: number;
/** Listings so far. */
let pages: number;
/** What a listing makes of an entry: the emulator dates every blob of a test now. */
let dated: (blob: BlobEntry) => Date;
let failing: (from: string | undefined) => unknown;

const pipeline = await scene(async (emulator) => {
  const step = { name: 'only', needs: [], schema: z.unknown(), summary: '', run: async () => ({}) };
  const opened = await openPipeline(emulator, [step]);
  const { blobs } = opened.storage;
  const page = blobs.page.bind(blobs);
  blobs.page = async (container, range = {}) => {
    pages += 1;
    const error = failing(range.from);
    if (error) throw error;
    const given = await page(container, range);
    return { ...given, blobs: given.blobs.map((blob) => ({ ...blob, createdAt: dated(blob) })) };
  };
  const isSent = opened.journal.isSent.bind(opened.journal);
  opened.journal.isSent = (batch, id) => {
    asked += 1;
    return isSent(batch, id);
  };
  return opened;
});
beforeEach(async () => {
  now = Date.now();
  dated = ({ createdAt }) => createdAt;
  failing = () => undefined;
  await pipeline.empty();
  const rows = pipeline.storage.tables.table(tables.reconcile);
  for await (const { partitionKey, rowKey } of rows.list()) await rows.delete(partitionKey, rowKey);
  for await (const { name } of pipeline.storage.blobs.list(containers.input)) {
    await pipeline.storage.blobs.delete(containers.input, name);
  }
  asked = 0;
  pages = 0;
});

const drop = async (count: number, batch: string) => {
  for (let index = 0; index < count; index += 1) await pipeline.drop(`${batch}/${index}.jpg`, await jpeg());
};
const events = () => pipeline.depth(EVENTS_QUEUE);

/** The timer's run in a new process, which has time for one page. */
const shortRun = (signal?: AbortSignal) =>
  new Reconciler({
    ...{ storage: pipeline.storage, journal: pipeline.journal, clock: () => now },
    ...{
      minAgeMs: Number.NEGATIVE_INFINITY,
      budgetMs: 0,
      pageSize: PAGE,
      memory: walkInTable(pipeline.storage),
    },
  }).run(silentLog, signal);

/** Short runs until a walk has come to its end. */
async function wholeWalk(count: number): Promise<void> {
  for (let run = 0; run * PAGE < count; run += 1) await shortRun();
}

test('a walk that takes more time than a run has goes on in the next run, though each be a new process', async () => {
  await drop(12, 'walk');
  const after: number[] = [];
  const places: unknown[] = [];
  for (let run = 0; run < 3; run += 1) {
    await shortRun();
    after.push(await events());
    places.push((await pipeline.storage.tables.table(tables.reconcile).get('walk', 'last'))?.columns.from);
  }
  expect(after).toEqual([5, 10, 12]);
  expect(places.slice(0, 2), 'where the listing goes on').not.toContain('');
  expect(places[2], 'the name of a photograph is kept no longer than the walk').toBe('');
  expect(pages).toBe(3);
});

test('the next walk passes over what the one before has asked about, and finds what came since', async () => {
  dated = ({ name, createdAt }) =>
    name.startsWith('old') ? new Date(createdAt.getTime() - HOUR) : createdAt;
  await drop(12, 'old');
  await wholeWalk(12);
  expect([asked, await events()]).toEqual([12, 12]);
  asked = 0;
  await wholeWalk(12);
  expect([asked, await events()]).toEqual([0, 12]);
  await drop(1, 'new');
  await wholeWalk(13);
  expect([asked, await events()]).toEqual([1, 13]);
});

test('what is written behind the back of a walk is found by the next', async () => {
  await drop(8, 'm');
  await shortRun();
  await drop(1, 'a');
  await shortRun();
  expect(await events()).toBe(8);
  await wholeWalk(9);
  expect((await eventNames()).filter((name) => name === 'a/0.jpg')).toHaveLength(1);
});

test('in a day of walks every old blob is asked about once, a few by each: events can be lost behind our back, too', async () => {
  dated = ({ createdAt }) => new Date(createdAt.getTime() - 48 * HOUR);
  await drop(12, 'day');
  await wholeWalk(12);
  await pipeline.empty();
  const found: number[] = [];
  for (let hour = 0; hour < 24; hour += 1) {
    now += HOUR;
    await wholeWalk(12);
    found.push(await events());
  }
  expect(found.at(-1)).toBe(12);
  const byWalk = found.map((all, walk) => all - (found[walk - 1] ?? 0));
  expect(Math.max(...byWalk)).toBeLessThan(7);
  expect(new Set(await eventNames()).size).toBe(12);
});

test('the turn of each name comes once in a day, however the day is cut into walks', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      fc.integer({ min: 0, max: 10 ** 13 }),
      fc.array(fc.integer({ min: 0, max: 24 * HOUR }), { maxLength: 20 }),
      (name, begin, cuts) => {
        const times = [0, ...cuts.sort((one, two) => one - two), 24 * HOUR].map((cut) => begin + cut);
        const turns = times
          .slice(1)
          .filter((startedAt, walk) => isTurnOf(name, { after: times[walk] ?? 0, startedAt }));
        expect(turns).toHaveLength(1);
        expect(isTurnOf(name, { after: begin, startedAt: begin + 30 * HOUR }), 'timers stood still').toBe(
          true,
        );
        expect(isTurnOf(name, { after: begin, startedAt: begin - HOUR }), 'the clock went back').toBe(false);
      },
    ),
  );
});

/** What the timer of the cloud does: every five minutes, in a process that may be a new one each time. */
const timer = () =>
  new Reconciler({
    ...{ storage: pipeline.storage, journal: pipeline.journal, clock: () => now },
    ...{ minAgeMs: 10 * MINUTE, pageSize: PAGE, memory: walkInTable(pipeline.storage) },
  }).run(silentLog);

test('a blob whose event got lost is announced within 15 minutes, wherever it stands among many that are older', async () => {
  const old = new Map<string, Date>();
  dated = (blob) => old.get(blob.name) ?? blob.createdAt;
  await drop(12, 'many');
  for (let n = 0; n < 12; n += 1) old.set(`many/${n}.jpg`, new Date(now - 100 * HOUR));
  await timer();
  await pipeline.empty();
  const written = now + 17_000;
  for (const name of ['a/lost.jpg', 'many/5-lost.jpg', 'z/lost.jpg']) {
    old.set(name, new Date(written));
    now = written;
    await pipeline.drop(name, await jpeg());
  }
  const lost: string[] = [];
  while (lost.length < 3 && now < written + HOUR) {
    now += 5 * MINUTE - 17_000;
    await timer();
    lost.push(...(await eventNames()).filter((name) => name.endsWith('lost.jpg')));
    if (lost.length < 3) now += 17_000;
  }
  expect(lost).toHaveLength(3);
  expect(now - written).toBeLessThanOrEqual(15 * MINUTE);
  // A listing may show a blob late, with a time before the walk that did not see it.
  old.set('late/lost.jpg', new Date(now - 15 * MINUTE));
  await pipeline.drop('late/lost.jpg', await jpeg());
  now += 5 * MINUTE;
  await timer();
  expect((await eventNames()).filter((name) => name.startsWith('late'))).toEqual(['late/lost.jpg']);
});

test.each([
  ['from the future', { startedAt: 30 * HOUR, since: 29 * HOUR, after: 29 * HOUR }],
  [
    'from the future, half-way',
    { startedAt: 30 * HOUR, since: 29 * HOUR, after: 29 * HOUR, from: 'no such place' },
  ],
  ['of an older version', { startedAt: -HOUR, since: -2 * HOUR, fullAt: -HOUR }],
  ['that nobody can read', { startedAt: -HOUR, since: Number.NaN, after: -2 * HOUR }],
])(
  'where the last walk is one %s, nothing is passed over',
  async (_, { from, ...times }: Record<string, unknown>) => {
    dated = ({ createdAt }) => new Date(createdAt.getTime() - 48 * HOUR);
    await drop(12, 'cursor');
    const row = Object.entries(times).map(([name, time]) => [name, String(now + Number(time))]);
    await pipeline.storage.tables.table(tables.reconcile).upsert('walk', 'last', {
      ...Object.fromEntries(row),
      under: from !== undefined,
      from: String(from ?? ''),
    });
    await timer();
    expect(new Set(await eventNames()).size).toBe(12);
    await timer();
    expect(await events()).toBe(0);
  },
);

test('a page that failed half-way is done again, and no blob of it is left out', async () => {
  await drop(7, 'away');
  const { queues } = pipeline.storage;
  const send = queues.send.bind(queues);
  let sends = 0;
  queues.send = async (...given) => {
    sends += 1;
    if (sends === 3) throw Object.assign(new Error('Queues are away.'), { statusCode: 503 });
    return send(...given);
  };
  try {
    await expect(shortRun()).rejects.toThrow('Queues are away.');
  } finally {
    queues.send = send;
  }
  await wholeWalk(7);
  expect(new Set(await eventNames()).size).toBe(7);
});

test('a place in the listing that the service no longer knows is the beginning', async () => {
  await drop(7, 'place');
  await shortRun();
  failing = (from) => from && Object.assign(new Error('No such marker.'), { statusCode: 400 });
  await shortRun();
  failing = () => undefined;
  await wholeWalk(7);
  expect(new Set(await eventNames()).size).toBe(7);
});

test('a host that stops is obeyed between two blobs', async () => {
  await drop(3, 'stop');
  await expect(shortRun(AbortSignal.abort(new Error('stopping')))).rejects.toThrow('stopping');
  expect(await events()).toBe(0);
});

test('many jobs of one batch are found by its list, not by a read for each', async () => {
  await drop(60, 'many');
  const reconciler = () =>
    new Reconciler({
      ...{ storage: pipeline.storage, journal: pipeline.journal, clock: () => now },
      minAgeMs: Number.NEGATIVE_INFINITY,
    });
  expect(await reconciler().run(silentLog)).toBe(60);
  await pipeline.drain(500);
  asked = 0;
  expect(await reconciler().run(silentLog)).toBe(0);
  expect(asked).toBe(0);
});

async function eventNames(): Promise<string[]> {
  const names: string[] = [];
  for (;;) {
    const message = await pipeline.take(EVENTS_QUEUE);
    if (!message) return names;
    names.push(String(JSON.parse(message.text).subject).replace(/^.*\/blobs\//, ''));
  }
}

test.each([
  ['by the metadata of Storage Explorer and blobfuse', 'markers/day-1', { hdi_isfolder: 'true' }],
  ['in capitals', 'markers/day-2', { Hdi_isfolder: 'True' }],
  ["by Hadoop's name", 'markers/day-3_$folder$', {}],
  ["by Spark's name", 'markers/out/_SUCCESS', {}],
])('a blob of no bytes that stands for a folder is passed over: %s', async (_, name, metadata) => {
  const { blobs } = pipeline.storage;
  await blobs.write(containers.input, name, Buffer.alloc(0), 'application/octet-stream', metadata);
  const log: [string, unknown][] = [];
  const noting = { ...silentLog, info: (event: string, fields?: unknown) => void log.push([event, fields]) };
  expect(await pipeline.reconciler.run(noting)).toBe(0);
  expect(log).toContainEqual(['reconcile.folder-markers', { passedOver: 1 }]);
  await pipeline.deliver(EVENTS_QUEUE, {
    eventType: 'Microsoft.Storage.BlobCreated',
    subject: `/blobServices/default/containers/inputimages/blobs/${name}`,
    data: { contentLength: 0 },
  });
  await pipeline.drain();
  expect(pipeline.rows.size).toBe(0);
});

test('an empty file that stands for nothing has its row', async () => {
  await pipeline.storage.blobs.write(containers.input, 'markers/empty.jpg', Buffer.alloc(0), 'image/jpeg');
  expect(await pipeline.reconciler.run(silentLog)).toBe(1);
  await pipeline.drain();
  expect([...pipeline.rows.values()]).toMatchObject([{ end: 'rejected' }]);
});

test.each([
  'camp/@eaDir/photo.jpg/SYNOPHOTO_THUMB_XL.jpg',
  'camp/._photo.jpg',
  'camp/#recycle/photo.jpg',
  'camp/Thumbs.db',
])(
  'what a system keeps beside photographs is passed over, from the container and from an event: %s',
  async (name) => {
    const { blobs } = pipeline.storage;
    await blobs.write(containers.input, name, await jpeg(), 'image/jpeg');
    const log: [string, unknown][] = [];
    const noting = {
      ...silentLog,
      info: (event: string, fields?: unknown) => void log.push([event, fields]),
    };
    expect(await pipeline.reconciler.run(noting)).toBe(0);
    expect(log).toContainEqual(['reconcile.system-files', { passedOver: 1 }]);
    await pipeline.deliver(EVENTS_QUEUE, {
      eventType: 'Microsoft.Storage.BlobCreated',
      subject: `/blobServices/default/containers/inputimages/blobs/${name}`,
      data: { contentLength: 4000, eTag: '0x1' },
    });
    await pipeline.drain();
    for await (const job of pipeline.journal.jobs()) expect(job.imageUrl).not.toContain(encodeURI(name));
    const [status] = await batchStatuses(pipeline, 'camp');
    expect(status).toMatchObject({ waiting: 0, systemFiles: 1 });
    await blobs.delete(containers.input, name);
  },
);

test('a file that is only hidden was put there by somebody', () => {
  expect(isSystemFile('camp/.hidden.jpg')).toBe(false);
  expect(isSystemFile('camp/eaDir/photo.jpg')).toBe(false);
  expect(isSystemFile('camp/lost+found/photo.jpg')).toBe(true);
});
