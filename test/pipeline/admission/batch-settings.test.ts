import { beforeEach, expect, test } from 'vitest';
import { BatchSettings } from '../../../src/pipeline/admission/batch-settings.ts';
import { MemoryTable } from '../../support/memory-table.ts';

let now: number;
let rows: MemoryTable;
let settings: BatchSettings;
beforeEach(() => {
  now = Date.parse('2026-01-01T00:00:00.000Z');
  rows = new MemoryTable();
  settings = new BatchSettings({ tables: { table: () => rows.table } } as never, () => now);
});
/** Another process, which remembers what it has read itself. */
const elsewhere = () => new BatchSettings({ tables: { table: () => rows.table } } as never, () => now);
const at = () => new Date(now).toISOString();
const all = async () => {
  const found = [];
  for await (const one of settings.list()) found.push(one);
  return found;
};
const said = { by: 'ann', pending: true, keepFaceprints: false };

test('what is said of a batch stands until it is taken back, thing by thing', async () => {
  expect(await settings.get('b')).toBeUndefined();
  const terms = { purpose: 'p', legalBasis: 'l', expires: '2027-01-01T00:00:00.000Z' };
  const first = { ...said, batchId: 'b', at: at(), consent: { ...terms, doNotMatch: false } };
  expect(await settings.change('b', terms, 'ann')).toEqual(first);
  expect(await settings.get('b')).toEqual(first);
  const then = at();
  now += 1000;
  await settings.change('b', { doNotMatch: true, keepFaceprints: true }, 'bob');
  expect(await settings.get('b')).toEqual({
    ...{ batchId: 'b', by: 'bob', at: at(), pending: true, keepFaceprints: true },
    consent: { ...terms, doNotMatch: true },
  });
  expect(at()).not.toBe(then);
  const less = await settings.change('b', { purpose: null, legalBasis: '', expires: undefined }, 'bob');
  expect(less).toMatchObject({ keepFaceprints: true });
  expect(less.consent).toEqual({ expires: terms.expires, doNotMatch: true });
  expect((await settings.get('b'))?.consent).toEqual({ expires: terms.expires, doNotMatch: true });
  await settings.change('b', { expires: null, doNotMatch: false, keepFaceprints: false }, 'bob');
  expect(await settings.get('b')).toMatchObject({ consent: { doNotMatch: false }, keepFaceprints: false });
  expect((await settings.get('b'))?.consent).toEqual({ doNotMatch: false });
  await settings.forget('b');
  expect(await settings.get('b')).toBeUndefined();
});

test('of two who change it both are heard, whichever writes first', async () => {
  await settings.change('b', { purpose: 'p' }, 'ann');
  let isMeddled = false;
  rows.meddle = (call) => {
    if (call !== 'merge' || isMeddled) return;
    isMeddled = true;
    const row = rows.rows.get('b|settings');
    if (row)
      rows.rows.set('b|settings', { ...row, etag: 'other', columns: { ...row.columns, legalBasis: 'l' } });
  };
  expect((await settings.change('b', { doNotMatch: true }, 'bob')).consent).toEqual({
    ...{ purpose: 'p', legalBasis: 'l', doNotMatch: true },
  });
});

test('what changes for ever is given up after twenty tries', async () => {
  await settings.change('b', {}, 'ann');
  let changes = 0;
  rows.meddle = () => {
    changes += 1;
    const row = rows.rows.get('b|settings');
    if (row && changes < 20) rows.rows.set('b|settings', { ...row, etag: `other ${changes}` });
  };
  await settings.change('b', {}, 'bob');
  expect(changes).toBe(20);
  rows.meddle = () => {
    changes += 1;
    const row = rows.rows.get('b|settings');
    if (row) rows.rows.set('b|settings', { ...row, etag: `other ${changes}` });
  };
  changes = 0;
  await expect(settings.change('b', {}, 'bob')).rejects.toThrow('kept changing');
  expect(changes).toBe(20);
});

test('what was there before is in line once that is said of the very change, and may have to be once more', async () => {
  const older = await settings.change('b', {}, 'ann');
  now += 1;
  const newer = await settings.change('b', {}, 'ann');
  const pending = async () => (await settings.get('b'))?.pending;
  await settings.applied(older);
  expect(await pending()).toBe(true);
  await settings.applied(newer);
  expect(await pending()).toBe(false);
  await settings.reopen('b');
  expect(await pending()).toBe(true);
  // Whoever changes it at the same moment leaves it as he wants it.
  const meddled = (pending: boolean) => {
    rows.meddle = () => {
      const row = rows.rows.get('b|settings');
      if (row)
        rows.rows.set('b|settings', {
          ...row,
          etag: `other ${pending}`,
          columns: { ...row.columns, pending },
        });
    };
  };
  meddled(true);
  await settings.applied(newer);
  expect(await pending()).toBe(true);
  meddled(false);
  await settings.reopen('b');
  expect(await pending()).toBe(false);
  rows.meddle = () => {};
  await settings.change('b', { keepFaceprints: false }, 'ann');
  expect((await settings.change('b', {}, 'ann')).keepFaceprints).toBe(false);
  await settings.applied({ ...newer, batchId: 'none' });
  await settings.reopen('none');
  expect(await settings.get('none')).toBeUndefined();
});

test('what was read within five seconds is given again without a look, by this process unless it has changed it', async () => {
  const { calls } = rows;
  const looks = async (batchId: string, of: BatchSettings = settings) => {
    calls.length = 0;
    const setting = await of.recent(batchId);
    return [setting?.consent.doNotMatch, calls.length];
  };
  const start = now;
  expect(await looks('r')).toEqual([undefined, 1]);
  expect(await looks('r'), 'that nothing was said').toEqual([undefined, 0]);
  await elsewhere().change('r', { doNotMatch: true }, 'ann');
  now = start + 4999;
  expect(await looks('r')).toEqual([undefined, 0]);
  now = start + 5000;
  expect(await looks('r')).toEqual([true, 1]);
  now = start + 4999;
  expect(await looks('r'), 'a clock that was set back').toEqual([true, 1]);
  await settings.change('r', { doNotMatch: false }, 'ann');
  expect(await looks('r')).toEqual([false, 1]);
  await settings.forget('r');
  expect(await looks('r')).toEqual([undefined, 1]);
  await settings.change('r', { doNotMatch: true }, 'ann');
  await settings.get('r');
  expect(await looks('r'), 'whoever has read it').toEqual([true, 0]);
});

test('of two looks at once the one that began later counts; more than a thousand batches are not remembered', async () => {
  const own = elsewhere();
  const { get } = rows;
  const held = Promise.withResolvers<void>();
  rows.get = async (...given) => {
    rows.get = get;
    const row = await get.apply(rows, given);
    await held.promise;
    return row;
  };
  const slow = own.get('two');
  now += 1;
  await elsewhere().change('two', { doNotMatch: true }, 'ann');
  await own.get('two');
  held.resolve();
  expect(await slow).toBeUndefined();
  expect((await own.recent('two'))?.consent.doNotMatch).toBe(true);
  for (let n = 0; n < 999; n += 1) await own.get(`many-${n}`);
  rows.calls.length = 0;
  await own.recent('two');
  expect(rows.calls).toHaveLength(0);
  await own.get('many-999');
  rows.calls.length = 0;
  await own.recent('two');
  expect(rows.calls).toHaveLength(1);
});

test('a row of which little is known says what is safe', async () => {
  await settings.change('a/b', { purpose: 'p' }, 'ann');
  await settings.change('c', {}, 'ann');
  expect((await all()).map(({ batchId }) => batchId).sort()).toEqual(['a/b', 'c']);
  await rows.upsert('d', 'settings', { batchId: 'd', purpose: 7, pending: false });
  expect(await settings.get('d')).toEqual({
    ...{
      batchId: 'd',
      consent: { doNotMatch: false },
      keepFaceprints: false,
      by: '',
      at: '',
      pending: false,
    },
  });
  await rows.upsert('e', 'settings', { batchId: 'e' });
  expect((await settings.get('e'))?.pending, 'of a version that did not say').toBe(true);
});
