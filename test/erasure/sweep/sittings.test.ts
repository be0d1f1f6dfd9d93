import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/domain/ports.ts';
import { type Entry, Ledger } from '../../../src/erasure/ledger.ts';
import type { Receipt } from '../../../src/erasure/receipt.ts';
import type { Sweep } from '../../../src/erasure/sweep/sweep-ledger.ts';
import { canJoin, Sweeps } from '../../../src/erasure/sweep/sweeps.ts';
import { emptyTally } from '../../../src/erasure/sweep/tally.ts';
import { tables } from '../../../src/storage/names.ts';
import { openParts, type Parts } from '../parts.ts';

const MINUTE_MS = 60_000;
const { signal } = new AbortController();

let world: Parts;
let now = Date.parse('2026-03-01T00:00:00.000Z');
let ledger: Ledger;
/** Pages that each look at a face index has, and how long one takes. */
let face = { pages: 1, ms: 0 };
beforeAll(async () => {
  world = await openParts({ OUTAGE_LIMIT: '2' });
  ledger = new Ledger(world.pipeline.storage, () => now);
});
afterAll(() => world?.close());
beforeEach(async () => {
  face = { pages: 1, ms: 0 };
  const table = world.pipeline.storage.tables.table(tables.erasures);
  for await (const { partitionKey, rowKey } of table.list()) await table.delete(partitionKey, rowKey);
  await world.pipeline.empty();
});

const iso = (ms = 0) => new Date(now + ms).toISOString();
const entryOf = (id: string, receipt: Partial<Receipt> = {}, more: Partial<Entry> = {}): Entry => ({
  receipt: {
    ...{ id, kind: 'image', state: 'provisional', askedBy: 'a', askedAt: iso(), images: 1, idsHash: '' },
    ...{ erasedAt: iso(), settlesAt: iso(), stores: [], queues: [], beyond: [], ...receipt },
  },
  request: { kind: 'image', image: id },
  ...{ selected: true, counted: false, placesDone: 0, audited: true, ready: true, ...more },
});
async function waiting(id: string, receipt: Partial<Receipt> = {}, more: Partial<Entry> = {}) {
  await (await ledger.begin(entryOf(id, receipt, more))).release();
  await ledger.addSubjects(id, [{ id: `image-${id}`, batchId: 'b', imageUrl: 'u' }]);
}
const sweeps = () =>
  new Sweeps({
    app: {
      ...world.parts,
      gallery: () => ({
        look: () => ({
          rows: async (_: unknown, from = '0') => {
            now += face.ms;
            const next = Number(from) + 1;
            return { rows: [], ...(next < face.pages && { next: `${next}` }) };
          },
          persisted: async () => ({ faces: [] }),
        }),
      }),
    } as never,
    ...{ ledger, clock: () => now, log: silentLog, againMs: 5 * MINUTE_MS },
  });
const receiptOf = async (id: string) => (await ledger.get(id))?.receipt;
async function ended(more: Partial<Sweep>): Promise<string> {
  const hold = await sweeps().ledger.begin();
  Object.assign(hold.entry, { gathered: true, endedAt: iso(), ...more });
  await hold.release();
  now += 1;
  return hold.entry.id;
}
const ids = async () => (await sweeps().ledger.list()).map(({ id }) => id);

test('an erasure waits for a sweep once it has settled, nothing leads to its images, and no sweep has it', () => {
  const can = (receipt: Partial<Receipt> = {}, more: Partial<Entry> = {}) =>
    canJoin(entryOf('a', receipt, more), now);
  expect(can()).toBe(true);
  expect(can({ settlesAt: iso(-1) })).toBe(true);
  expect(can({ settlesAt: iso(1) })).toBe(false);
  for (const state of ['running', 'final'] as const) expect(can({ state })).toBe(false);
  expect(can({}, { ready: false })).toBe(false);
  expect(can({ sweep: 's' })).toBe(false);
  const { settlesAt: _, ...never } = entryOf('a').receipt;
  expect(canJoin({ ...entryOf('a'), receipt: never }, now)).toBe(false);
});

describe('a sweep', () => {
  test('begins only where somebody waits for it', async () => {
    await sweeps().advance({ signal });
    await waiting('later', { settlesAt: iso(1) });
    await sweeps().advance({ signal });
    expect(await ids()).toEqual([]);
    now += 1;
    await sweeps().advance({ signal });
    const [sweep] = await sweeps().ledger.list();
    expect(sweep).toMatchObject({ gathered: true, from: '', unknown: {}, workedMs: 0, endedAt: iso() });
    expect(sweep?.done).toHaveLength(10);
    expect((await receiptOf('later'))?.sweep).toBe(sweep?.id);
  });

  test('of a timer begins three times as long after the last as that took; a person’s at once', async () => {
    await ended({ workedMs: 1000 });
    now -= 1;
    await waiting('a', { settlesAt: iso(-10) });
    now += 2999;
    await sweeps().advance({ signal, atEase: true });
    expect(await ids()).toHaveLength(1);
    now += 1;
    await sweeps().advance({ signal, atEase: true });
    expect(await ids()).toHaveLength(2);
    // Ids of one millisecond stand in any order.
    now += 1;
    const slow = await ended({ workedMs: 1000 });
    await waiting('b', { settlesAt: iso(-10) });
    await sweeps().advance({ signal, atEase: true });
    expect((await ids()).at(-1)).toBe(slow);
    await sweeps().advance({ signal });
    expect((await ids()).at(-1)).not.toBe(slow);
  });

  test('that has ended is kept while a receipt names it, and the last is', async () => {
    const [named, old, last] = [await ended({}), await ended({}), await ended({})];
    await waiting('a', { sweep: named });
    await sweeps().ledger.keepTally(old, 'x', { ...emptyTally(), leads: true });
    await sweeps().advance({ signal });
    expect(await ids()).toEqual([named, last]);
    expect(await sweeps().ledger.tally(old, 'x')).toEqual(emptyTally());
  });

  test('stops when its time is over, counts how long it has worked, and goes on where it stopped', async () => {
    await waiting('a');
    face = { pages: 2, ms: 700 };
    await sweeps().advance({ signal, budgetMs: 700 });
    const [begun] = await sweeps().ledger.list();
    expect(begun).toMatchObject({
      gathered: true,
      done: ['imagehashes'],
      from: '1',
      workedMs: 700,
      endedAt: '',
    });
    face.ms = 100;
    await sweeps().advance({ signal });
    // The rest of one index, and two pages of each of the others.
    expect(await sweeps().ledger.list()).toMatchObject([{ id: begun?.id, workedMs: 1200, endedAt: iso() }]);
    await waiting('b');
    face = { pages: 2, ms: 700 };
    await sweeps().advance({ signal, budgetMs: 701 });
    expect((await sweeps().ledger.list()).at(-1)).toMatchObject({ done: ['imagehashes', 'faceindex'] });
  });

  test('takes along who has settled: not whose message may be in a queue, nor whom another process has', async () => {
    const queue = 'inputimages-events';
    await waiting('free');
    await waiting('queued');
    await waiting('soon', { settlesAt: iso(1) });
    await waiting('held');
    const held = await ledger.take('held');
    await world.pipeline.storage.queues.send(
      queue,
      JSON.stringify({ job_definition: { id: 'image-queued' } }),
    );
    await sweeps().advance({ signal });
    const [sweep] = await ids();
    expect(await receiptOf('free')).toMatchObject({ sweep, settlesAt: iso() });
    expect((await receiptOf('free'))?.queues).toContainEqual({ queue, confirmed: true, messages: 1 });
    const queued = await receiptOf('queued');
    expect(queued).toMatchObject({ settlesAt: iso(5 * MINUTE_MS) });
    expect(queued).not.toHaveProperty('sweep');
    expect(queued?.queues).toContainEqual({ queue, confirmed: false, messages: 1 });
    for (const id of ['soon', 'held']) expect(await receiptOf(id)).not.toHaveProperty('sweep');
    for (const id of ['free', 'queued', 'soon']) expect((await ledger.get(id))?.leaseUntil, 'let go').toBe(0);
    await held?.release();
  });

  test('is begun and takes nobody along after its signal; the next goes on with it', async () => {
    await waiting('a');
    await expect(sweeps().advance({ signal: AbortSignal.abort() })).rejects.toThrow();
    expect(await sweeps().ledger.list()).toMatchObject([{ gathered: false, endedAt: '' }]);
    expect(await receiptOf('a')).not.toHaveProperty('sweep');
    await sweeps().advance({ signal });
    expect(await sweeps().ledger.list()).toMatchObject([{ gathered: true, endedAt: iso() }]);
    expect((await receiptOf('a'))?.sweep).toBe((await ids())[0]);
  });

  test('for which nobody waits any more ends; one that another process has is left to it', async () => {
    const hold = await sweeps().ledger.begin();
    Object.assign(hold.entry, { gathered: true });
    await waiting('a');
    await sweeps().advance({ signal });
    expect(await sweeps().ledger.list()).toMatchObject([{ endedAt: '' }]);
    await hold.release();
    await sweeps().advance({ signal });
    expect(await sweeps().ledger.list()).toMatchObject([{ done: [], endedAt: iso() }]);
    expect(await receiptOf('a')).not.toHaveProperty('sweep');
  });
});
