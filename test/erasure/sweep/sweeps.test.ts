import { describe, expect, test } from 'vitest';
import { jobKey } from '../../../src/domain/job-id.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import { Eraser, type EraserDeps } from '../../../src/erasure/eraser.ts';
import { Ledger } from '../../../src/erasure/ledger.ts';
import { LARGE } from '../../../src/erasure/mentioned.ts';
import type { Receipt } from '../../../src/erasure/receipt.ts';
import { SweepLedger } from '../../../src/erasure/sweep/sweep-ledger.ts';
import { Sweeps } from '../../../src/erasure/sweep/sweeps.ts';
import { linkJobs } from '../../../src/pipeline/rescue/link-jobs.ts';
import { containers, tables } from '../../../src/storage/names.ts';
import { Table, tableKey } from '../../../src/storage/tables.ts';
import { openApi, photograph } from '../../support/api.ts';
import { stage } from '../../support/scene.ts';

const api = await stage(
  openApi(
    { PIPELINE_DEFINITION: 'duplicates,facedetection,faceprint,facematch,pipelineoutput' },
    { recorded: true },
  ),
);
const { app } = api;
// Where everything is linked, an erasure goes by the links: what nothing leads to is the sweep's alone.
await linkJobs(app, () => true);

const { signal } = new AbortController();
let now = Date.now();
const eraser = (more: Partial<EraserDeps> = {}) =>
  new Eraser({ app, log: silentLog, settleMs: 60_000, clock: () => now, ...more });
const settle = () => {
  now += 60_000;
};
const ledger = new Ledger(app.storage, () => now);
const sweepLedger = new SweepLedger(app.storage, () => now);
const sweeps = () => new Sweeps({ app, ledger, clock: () => now, log: silentLog, againMs: 60_000 });

let photographs = 0;
async function upload(person?: number): Promise<string> {
  photographs += 1;
  const box = { left: 40, top: 40, width: 200, height: 200 };
  const bytes = await photograph(person === undefined ? {} : { faces: [{ person, box }] }, photographs);
  const { json } = await api.upload(`/api/uploads?batch=swept-${photographs}`, [{ name: 'a.jpg', bytes }]);
  await api.drain();
  return String(json.files[0].id);
}

const erase = async (image: string): Promise<Receipt> => {
  const receipt = await eraser().erase({ kind: 'image', image }, 'tester', signal);
  if (!receipt) throw new Error('There was nothing to erase.');
  return receipt;
};
const receiptOf = async ({ id }: Receipt) => await eraser().receipt(id);
const table = (name: string) => app.storage.tables.table(name);
const underWay = async () => (await sweepLedger.list()).find(({ endedAt }) => endedAt === '');
const storeOf = (receipt: Receipt | undefined, name: string) =>
  receipt?.stores.find(({ store }) => store === name);

/** An output of another image that only its name leads to: it mentions the one that is given. */
const strayOutput = async (of: string, mentioned: string, run = 7) =>
  app.claimCheck.store(jobKey(of), `facematch-${run}`, { matches: [{ id: mentioned }] });

/** Reads of whole pages, by table. */
async function pagesRead(work: () => Promise<unknown>): Promise<number> {
  const { page } = Table.prototype;
  let read = 0;
  Table.prototype.page = function (...args) {
    read += 1;
    return page.apply(this, args);
  };
  await work().finally(() => Object.assign(Table.prototype, { page }));
  return read;
}

test('an erasure of one image that matches another asks for what there is of it, in fewer than sixty requests', async () => {
  const [gone, stays] = [await upload(20), await upload(20)];
  expect((await (await app.results()).get(stays))?.matches).toHaveLength(1);
  const during = async (work: () => Promise<unknown>) => {
    const calls = (await api.recorder?.during(work)) ?? [];
    // But for what the step `duplicates` keeps, which stands in no pipeline unless somebody puts it there.
    return calls
      .filter(({ what, status }) => status > 0 && !what.includes('imagehashes'))
      .map(({ what }) => what);
  };
  let receipt: Receipt | undefined;
  const erased = await during(async () => {
    receipt = await erase(gone);
  });
  expect(erased.length, erased.join('\n')).toBeLessThan(60);
  settle();
  // The sweep, and its look at the queues, are shared by all erasures of their time.
  await sweeps().advance({ signal });
  const closed = await during(() => eraser().resume(signal));
  expect(receipt && (await receiptOf(receipt))).toMatchObject({ state: 'final' });
  expect(closed.length, closed.join('\n')).toBeLessThan(30);
});

describe('a sweep', () => {
  test('is shared by all erasures of its time; one that settles while it is under way waits for the next', async () => {
    const [stays, one, two, late] = [await upload(1), await upload(1), await upload(2), await upload(3)];
    await strayOutput(stays, one);
    await strayOutput(stays, late, 8);
    const first = await erase(one);
    const second = await erase(two);
    // Nobody looks through everything before they have settled.
    await eraser().resume(signal);
    expect([await receiptOf(first), await receiptOf(second)]).toMatchObject([
      { state: 'provisional' },
      { state: 'provisional' },
    ]);
    expect(await underWay()).toBeUndefined();
    settle();
    // One page, and no more time: the receipts say what they wait for.
    await sweeps().advance({ signal, budgetMs: 0 });
    const sweep = await underWay();
    expect(sweep).toMatchObject({ gathered: true });
    for (const receipt of [first, second])
      expect(await receiptOf(receipt)).toMatchObject({ state: 'provisional', sweep: sweep?.id });
    const third = await erase(late);
    settle();
    await eraser().resume(signal);
    expect((await receiptOf(first))?.state).toBe('final');
    expect((await receiptOf(second))?.state).toBe('final');
    expect((await receiptOf(third))?.state).toBe('provisional');
    expect((await receiptOf(third))?.sweep).toBeUndefined();
    expect(storeOf(await receiptOf(first), LARGE)).toMatchObject({ found: 1, deleted: 1, remaining: 0 });
    expect(storeOf(await receiptOf(second), LARGE)).toMatchObject({ found: 0 });
    await eraser().resume(signal);
    expect(await receiptOf(third)).toMatchObject({ state: 'final' });
    expect(storeOf(await receiptOf(third), LARGE)).toMatchObject({ found: 1, deleted: 1, remaining: 0 });
  });

  test('goes through everything once, however many erasures wait for it', async () => {
    const images = [await upload(), await upload(), await upload(), await upload()];
    const [only, ...others] = images.map((image) => () => erase(image));
    await only?.();
    settle();
    const forOne = await pagesRead(() => eraser().resume(signal));
    for (const other of others) await other();
    settle();
    expect(await pagesRead(() => eraser().resume(signal))).toBe(forOne);
    expect(await ledger.unfinished()).toEqual([]);
    // The last one tells how long it took; those before it are not kept.
    expect((await sweepLedger.list()).length).toBeLessThan(3);
  });

  test('finds, of every store, what nothing leads to', async () => {
    const [stays, gone] = [await upload(5), await upload(5)];
    const faceRows: unknown[] = [];
    for await (const row of table(tables.faceIndex).list())
      if (String(row.columns.faceKey).startsWith(jobKey(gone))) faceRows.push(row);
    expect(faceRows.length).toBeGreaterThan(1);
    const receipt = await erase(gone);
    // As a process leaves it that ended half-way: one side of a link, an id row without its face, a band of a hash.
    await table(tables.jobLinks).upsert(tableKey(`by:${stays}`), 'facematch-9-0', {
      mentioned: JSON.stringify([gone, 'another']),
    });
    await table(tables.faceIndex).upsert('list:stray', 'p1', { faceKey: `${jobKey(gone)}-0` });
    await table(tables.imageHashes).upsert('band0:1', tableKey(jobKey(gone)), { hash: '0' });
    settle();
    await eraser().resume(signal);
    // What it found leads others to the image: they could have come to mention it, so that everything is looked at again.
    const after = await receiptOf(receipt);
    expect(after).toMatchObject({ state: 'provisional' });
    for (const name of ['table:joblinks', 'table:faceindex', 'table:imagehashes'])
      expect(storeOf(after, name)?.remaining, name).toBe(0);
    expect(storeOf(after, 'table:faceindex')?.found).toBe(2);
    const left = await table(tables.jobLinks).get(tableKey(`by:${stays}`), 'facematch-9-0');
    expect(left?.columns.mentioned).toBe('["another"]');
    expect(await table(tables.faceIndex).get('list:stray', 'p1')).toBeUndefined();
    for (let round = 0; round < 2; round += 1) {
      settle();
      await eraser().resume(signal);
    }
    expect(await receiptOf(receipt)).toMatchObject({ state: 'final' });
  });

  test('ended between what it found and its deletion goes on, and reports no less', async () => {
    const [stays, gone] = [await upload(7), await upload(8)];
    await strayOutput(stays, gone);
    await strayOutput(stays, gone, 8);
    const receipt = await erase(gone);
    settle();
    const { blobs } = app.storage;
    const { write } = blobs;
    let writes = 0;
    blobs.write = (...args) => {
      if (args[0] === containers.largeMessages) {
        writes += 1;
        // The first has been rewritten; before the second the process ends.
        if (writes === 2) return Promise.reject(new Error('killed'));
      }
      return write.apply(blobs, args);
    };
    await expect(sweeps().advance({ signal })).rejects.toThrow('killed');
    blobs.write = write;
    expect(await receiptOf(receipt)).toMatchObject({ state: 'provisional' });
    await eraser().resume(signal);
    const final = await receiptOf(receipt);
    expect(final).toMatchObject({ state: 'final' });
    expect(storeOf(final, LARGE)).toMatchObject({ found: 2, deleted: 2, remaining: 0 });
  });

  test('does not take along an erasure while a message of its image may be in a queue', async () => {
    const gone = await upload(9);
    const receipt = await erase(gone);
    const message = JSON.stringify({ job_definition: { id: gone, input: { image_url: 'u' } } });
    await app.storage.queues.send('facematch', message);
    settle();
    await eraser().resume(signal);
    const waiting = await receiptOf(receipt);
    expect(waiting).toMatchObject({ state: 'provisional' });
    expect(waiting?.sweep).toBeUndefined();
    expect(waiting?.queues.filter(({ confirmed }) => !confirmed).map(({ queue }) => queue)).toEqual([
      'facematch',
    ]);
    await app.storage.queues.clear('facematch');
    settle();
    await eraser().resume(signal);
    expect(await receiptOf(receipt)).toMatchObject({ state: 'final' });
  });

  test('of a timer leaves the services in peace three times as long as it took; a person waits for nobody', async () => {
    const [one, two] = [await upload(), await upload()];
    await erase(one);
    settle();
    // A sweep of ten minutes.
    await sweeps().advance({ signal, budgetMs: 0 });
    const slow = await sweepLedger.take((await sweepLedger.list()).at(-1)?.id ?? '');
    if (slow) slow.entry.workedMs = 10 * 60_000;
    await slow?.release();
    await eraser().resume(signal, { atEase: true });
    const receipt = await erase(two);
    settle();
    await eraser().resume(signal, { atEase: true });
    expect(await receiptOf(receipt)).toMatchObject({ state: 'provisional' });
    now += 30 * 60_000;
    await eraser().resume(signal, { atEase: true });
    expect(await receiptOf(receipt)).toMatchObject({ state: 'final' });
    const asked = await erase(await upload());
    settle();
    expect((await eraser().proceed(asked.id, signal))?.state).toBe('final');
  });
});
