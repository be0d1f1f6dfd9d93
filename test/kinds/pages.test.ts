import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyConsent } from '../../src/admin/apply-consent.ts';
import { raw, sql, text } from '../../src/database/sql.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { readSettings } from '../../src/domain/settings.ts';
import { Eraser } from '../../src/erasure/eraser.ts';
import { eraseExpired } from '../../src/erasure/expired.ts';
import { eraseTooOld } from '../../src/erasure/retention.ts';
import { select } from '../../src/erasure/select.ts';
import { containers } from '../../src/storage/names.ts';
import { image } from '../results/fixtures.ts';
import { type OpenApi, openApi, photograph } from '../support/api.ts';
import { pagesOf } from '../support/paging.ts';

/** More than a page of two. */
const MANY = 3;
const DAY_MS = 24 * 3_600_000;
const { signal } = new AbortController();

let api: OpenApi;
let end: () => void;
beforeAll(async () => {
  end = pagesOf(2);
  api = await openApi();
});
afterAll(async () => {
  end?.();
  await api?.stop();
});

async function all<T>(listing: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of listing) found.push(one);
  return found;
}

let seed = 0;
/** Photographs of as many people, all through. @returns their ids */
async function batchOf(batch: string): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < MANY; n += 1) {
    seed += 1;
    const faces = [{ person: 1000 + seed, box: { left: 40, top: 40, width: 200, height: 200 } }];
    const bytes = await photograph({ faces }, seed);
    const { json } = await api.upload(`/api/uploads?batch=${batch}`, [{ name: `${n}.jpg`, bytes }]);
    ids.push(json.files[0].id);
  }
  await api.drain();
  return ids.sort();
}
const eraser = (more: Partial<ConstructorParameters<typeof Eraser>[0]> = {}) =>
  new Eraser({ app: api.app, log: silentLog, settleMs: 0, ...more });
const gone = async (ids: string[], batch: string) => {
  const results = await api.app.results();
  const rows = await Promise.all(ids.map((id) => results.get(id)));
  expect(rows.filter((row) => row !== undefined)).toEqual([]);
  expect(await all(api.app.storage.blobs.list(containers.input, `${batch}/`))).toEqual([]);
  expect(await all(api.app.journal.jobs(batch))).toEqual([]);
};

test('every image of a batch is announced, found by every list of the journal, and erased with its batch', async () => {
  const { app } = api;
  const ids = await batchOf('listed');
  const sorted = (found: { id: string }[]) => found.map(({ id }) => id).sort();
  expect(sorted(await all(app.journal.jobs('listed')))).toEqual(ids);
  expect(sorted(await all(app.journal.sources({ batchId: 'listed' })))).toEqual(ids);
  expect((await all(app.journal.idsOf('listed'))).sort()).toEqual(ids);
  expect(sorted(await all(app.journal.outputs.all(['facedetection'])))).toEqual(ids);
  expect(await all(app.storage.blobs.list(containers.input, 'listed/'))).toHaveLength(MANY);
  expect(await all(app.gallery().enrolled())).toHaveLength(MANY);
  const one = eraser();
  const receipt = await one.erase({ kind: 'batch', batch: 'listed' }, 'tester', signal);
  expect(receipt?.images).toBe(MANY);
  const second = await one.proceed(receipt?.id ?? '', signal);
  expect(second?.state).toBe('final');
  expect(second?.stores.find(({ store }) => store === 'blob:inputimages')).toMatchObject({ found: MANY });
  await gone(ids, 'listed');
  expect(await all(app.gallery().enrolled())).toEqual([]);
  for (const id of ids) expect(await app.journal.tombstones.has(id)).toBe(true);
});

test('every face of a batch is withdrawn, and every job told, when matching is forbidden; all of it goes when it is too old, and nothing a moment before', async () => {
  const { app } = api;
  const ids = await batchOf('old');
  expect(await all(app.gallery().enrolled())).toHaveLength(MANY);
  const setting = await app.batches.change('old', { doNotMatch: true }, 'tester');
  expect(await applyConsent(setting, app, signal)).toEqual({ jobs: MANY, complete: true });
  expect(await all(app.gallery().enrolled())).toEqual([]);
  for (const id of ids)
    expect((await app.journal.read('old', id))?.job.consent).toMatchObject({ doNotMatch: true });
  const admitted = (await all(api.app.journal.sources({ batchId: 'old' }))).map(({ admittedAt }) =>
    Date.parse(admittedAt),
  );
  const rules = { settings: readSettings({ RETENTION_DAYS_BY_BATCH: 'old=30' }) };
  const [first, last] = [Math.min(...admitted), Math.max(...admitted)];
  const due = (now: number) => eraseTooOld(rules, eraser({ clock: () => now }), now, signal);
  expect(await due(first + 30 * DAY_MS - 1)).toEqual([]);
  const [receipt] = await due(last + 30 * DAY_MS);
  expect(receipt?.images).toBe(MANY);
  await gone(ids, 'old');
});

test('every batch of which something was said is listed, and what has expired goes', async () => {
  const { app } = api;
  const ids = await batchOf('z-expired');
  for (let n = 0; n < MANY; n += 1) await app.batches.change(`said-${n}`, { purpose: 'p' }, 'tester');
  const now = Date.now();
  await app.batches.change('z-expired', { expires: new Date(now).toISOString() }, 'tester');
  expect((await all(app.batches.list())).filter(({ batchId }) => batchId.startsWith('said-'))).toHaveLength(
    MANY,
  );
  expect(await eraseExpired(app, eraser(), now - 1, signal), 'a moment too early').toEqual([]);
  const [receipt] = await eraseExpired(app, eraser(), now, signal);
  expect(receipt?.images).toBe(MANY);
  await gone(ids, 'z-expired');
});

test('every dead letter is listed, counted and erased with its image; every receipt and pause is listed', async () => {
  const { app } = api;
  const error = { code: 'WrongQueue', message: 'for the test' };
  for (let n = 0; n < MANY; n += 1) {
    const message = JSON.stringify({ job_definition: { id: 'lettered' }, n });
    await app.deadLetters.record({ queue: 'ocr', error, message, jobId: 'lettered', batchId: 'letters' });
    await app.pauses.pause(app.registry.names[n] ?? '', 'somebody', 'for the test');
  }
  expect(await all(app.deadLetters.list())).toHaveLength(MANY);
  expect(await all(app.deadLetters.list('ocr'))).toHaveLength(MANY);
  expect(await all(app.deadLetters.summaries())).toHaveLength(MANY);
  expect(await all(app.deadLetters.summaries({ jobId: 'lettered' }))).toHaveLength(MANY);
  expect((await app.deadLetters.pulse()).count).toBe(MANY);
  expect((await app.deadLetters.pulse(3)).count).toBe(3);
  expect(await app.pauses.list()).toHaveLength(MANY);
  for (const { step } of await app.pauses.list()) await app.pauses.resume(step);
  const results = await app.results();
  await results.save(image('lettered', { batchId: 'letters' }));
  await eraser().erase({ kind: 'image', image: 'lettered' }, 'tester', signal);
  expect(await all(app.deadLetters.list())).toEqual([]);
  const receipts = await eraser().receipts();
  expect(receipts.length).toBeGreaterThan(3);
  expect(receipts.map(({ id }) => id)).toEqual(
    receipts
      .map(({ id }) => id)
      .sort()
      .reverse(),
  );
});

test('rows whose jobs are no more are erased with their batch, more of them than one page of the database', async () => {
  const results = await api.app.results();
  await results.save(image('row', { batchId: 'rows' }));
  const { database } = results;
  const [[row] = []] = await database.read([sql`SELECT * FROM pipeline_output WHERE id = 'row'`]);
  const others = Object.keys(row ?? {}).filter((column) => column !== 'id');
  // Copies of one row: through the store it would take longer.
  const columns = raw(others.map((column) => `[${column}]`).join(', '));
  await database.write(async (session) => {
    for (let n = 1; n <= 1002; n += 1)
      await session.run([
        sql`INSERT INTO pipeline_output (id, ${columns}) SELECT ${text(`row-${n}`)}, ${columns} FROM pipeline_output WHERE id = 'row'`,
      ]);
  });
  expect(await select({ kind: 'batch', batch: 'rows' }, api.app, signal)).toHaveLength(1003);
});
