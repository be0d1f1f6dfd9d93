import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readSettings } from '../../src/domain/settings.ts';
import { type Entry, Ledger } from '../../src/erasure/ledger.ts';
import type { Receipt } from '../../src/erasure/receipt.ts';
import { SweepLedger } from '../../src/erasure/sweep/sweep-ledger.ts';
import { openStorage } from '../../src/storage/account.ts';
import { tables } from '../../src/storage/names.ts';
import type { Table } from '../../src/storage/tables.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator?.stop());

test('an erasure whose places take longer than the lease stays with the process that works on it', async () => {
  const storage = await openStorage(readSettings({ AzureWebJobsStorage: emulator.connectionString }));
  await storage.tables.ensure([tables.erasures]);
  let now = Date.parse('2026-01-01T00:00:00Z');
  const ledger = new Ledger(storage, () => now);
  const receipt = { id: '1', kind: 'image', state: 'running', askedBy: 'a', askedAt: '', images: 0 } as const;
  const begun = await ledger.begin({
    receipt: { ...receipt, idsHash: '', stores: [], queues: [], beyond: [] },
    request: { kind: 'image', image: 'a.jpg' },
    ...{ selected: false, counted: false, placesDone: 0, audited: false, ready: false },
  });
  await begun.release();
  const hold = await ledger.take('1');
  const letGo = hold?.keepAlive(10);
  for (let minutes = 0; minutes < 6; minutes += 1) {
    now += 60_000;
    await expect.poll(async () => (await ledger.get('1'))?.leaseUntil).toBe(now + 120_000);
  }
  expect(await ledger.take('1')).toBeUndefined();
  letGo?.();
  // Its own writes do not stand in one another's way.
  expect(await Promise.all([hold?.save(), hold?.save()])).toEqual([true, true]);
  expect(await hold?.release()).toBe(true);
  expect(await ledger.take('1')).toBeDefined();
});

describe('a row that somebody works on', () => {
  const entryOf = (id: string, more: Partial<Entry> = {}, receipt: Partial<Receipt> = {}): Entry => ({
    receipt: {
      ...{ id, kind: 'image', state: 'running', askedBy: 'a', askedAt: '', images: 0, idsHash: '' },
      ...{ stores: [], queues: [], beyond: [], ...receipt },
    },
    request: { kind: 'image', image: 'a.jpg' },
    ...{ selected: false, counted: false, placesDone: 0, audited: false, ready: false, ...more },
  });
  let now = Date.parse('2026-02-01T00:00:00Z');
  let ledger: Ledger;
  let sweeps: SweepLedger;
  let table: Table;
  beforeAll(async () => {
    const storage = await openStorage(readSettings({ AzureWebJobsStorage: emulator.connectionString }));
    await storage.tables.ensure([tables.erasures]);
    table = storage.tables.table(tables.erasures);
    ledger = new Ledger(storage, () => now);
    sweeps = new SweepLedger(storage, () => now);
  });

  test('is another’s from the moment in which its lease ends, and whoever has lost it is told', async () => {
    const one = await ledger.begin(entryOf('lease'));
    await expect(ledger.begin(entryOf('lease'))).rejects.toThrow('There is an erasure of this id already.');
    now += 2 * 60_000 - 1;
    expect(await ledger.take('lease')).toBeUndefined();
    now += 1;
    const other = await ledger.take('lease');
    expect(other).toBeDefined();
    expect(await one.save()).toBe(false);
    await expect(one.keep()).rejects.toThrow('Another process has taken this erasure over.');
    expect(await one.release()).toBe(false);
    await other?.keep();
    expect(await other?.release()).toBe(true);
    expect((await ledger.get('lease'))?.leaseUntil).toBe(0);
    expect(await ledger.take('none')).toBeUndefined();
    expect(await ledger.get('none')).toBeUndefined();
  });

  test('is nobody’s where only a clock far ahead can have set its end', async () => {
    const before = now;
    now += 10 * 365 * 24 * 3_600_000;
    const one = await ledger.begin(entryOf('ahead'));
    now = before;
    const other = await ledger.take('ahead');
    expect(other).toBeDefined();
    expect(await one.save()).toBe(false);
    await other?.release();
  });

  test('has a sign of life every half minute', async () => {
    const spy = vi.spyOn(globalThis, 'setInterval');
    try {
      const hold = await ledger.begin(entryOf('alive'));
      hold.keepAlive()();
      expect(spy.mock.calls.map(([, ms]) => ms)).toContain(30_000);
      await hold.release();
    } finally {
      spy.mockRestore();
    }
  });

  test('is read back as it was written, whatever of it is true', async () => {
    const flags = ['selected', 'counted', 'audited', 'ready'] as const;
    for (const flag of [undefined, ...flags]) {
      const entry = entryOf(`flag-${flag}`, { ...(flag && { [flag]: true }), placesDone: flag ? 3 : 0 });
      await (await ledger.begin(entry)).release();
      expect(await ledger.get(entry.receipt.id)).toMatchObject(entry);
    }
    const final = entryOf('final', { request: undefined }, { state: 'final' });
    await (await ledger.begin(final)).release();
    expect((await ledger.get('final'))?.request).toBeUndefined();
    await table.create('erasure', 'older', {
      receipt: JSON.stringify(final.receipt),
      request: '',
      state: 'final',
    });
    expect(await ledger.get('older')).toMatchObject({ ...final, request: undefined, placesDone: 0 });
    expect((await ledger.unfinished()).map(({ receipt }) => receipt.state)).not.toContain('final');
  });

  test('is found again by its words: the one that is not through, else the latest', async () => {
    const request = { kind: 'batch', batch: 'words' } as const;
    const add = async (id: string, state: Receipt['state']) =>
      (await ledger.begin(entryOf(id, { request }, { state }))).release();
    const found = async () => (await ledger.unfinishedOf(request))?.receipt.id;
    expect(await found()).toBeUndefined();
    await add('w2', 'provisional');
    await add('w4', 'provisional');
    expect(await found()).toBe('w4');
    await add('w3', 'running');
    expect(await found()).toBe('w3');
  });

  test('keeps the list of its images until that is removed, and nobody else’s', async () => {
    const source = { container: 'c', name: 'n', etag: 'e' };
    const subjects = [
      { id: 'a', batchId: 'b', imageUrl: 'u', source },
      { id: 'b', batchId: 'b', imageUrl: '' },
    ];
    await ledger.addSubjects('list', subjects);
    await ledger.addSubjects('list', subjects.slice(1));
    await ledger.addSubjects('other', subjects.slice(0, 1));
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
    expect((await ledger.subjects('list')).sort(byId)).toStrictEqual(subjects);
    await ledger.removeSubjects('list');
    expect(await ledger.subjects('list')).toEqual([]);
    expect(await ledger.subjects('other')).toEqual(subjects.slice(0, 1));
  });

  test('may be a sweep: it begins with nothing done, and ends with what it has found', async () => {
    const hold = await sweeps.begin();
    const { id } = hold.entry;
    const begun = { id, gathered: false, done: [], from: '', unknown: {}, workedMs: 0, endedAt: '' };
    expect(id).toMatch(/^20260201T\d{9}Z-[0-9a-f]{8}$/);
    expect(await sweeps.get(id)).toEqual(begun);
    expect(await sweeps.take(id)).toBeUndefined();
    Object.assign(hold.entry, {
      gathered: true,
      done: ['x'],
      from: 'y',
      unknown: { z: 'why' },
      workedMs: 1.6,
    });
    await hold.release();
    const kept = { ...begun, gathered: true, done: ['x'], from: 'y', unknown: { z: 'why' }, workedMs: 2 };
    expect((await sweeps.take(id))?.entry).toEqual(kept);
    expect(await sweeps.list()).toEqual([kept]);
    expect(await sweeps.get('none')).toBeUndefined();
    expect(await sweeps.take('none')).toBeUndefined();
    const empty = { done: {}, at: '', page: {}, leads: false };
    expect(await sweeps.tally(id, 'r')).toEqual(empty);
    const tally = { ...empty, at: 'p', page: { s: { found: 1, left: 0 } }, leads: true };
    for (const receipt of ['r', 's', 't']) await sweeps.keepTally(id, receipt, tally);
    expect(await sweeps.tally(id, 'r')).toEqual(tally);
    await sweeps.removeTally(id, 'r');
    expect([await sweeps.tally(id, 'r'), await sweeps.tally(id, 's')]).toEqual([empty, tally]);
    await sweeps.remove(id);
    expect(await sweeps.list()).toEqual([]);
    expect(await sweeps.tally(id, 't')).toEqual(empty);
    await table.create('sweep', 'older', { done: '[]', unknown: '{}', workedMs: '0' });
    expect(await sweeps.get('older')).toMatchObject({ gathered: false, from: '', endedAt: '' });
    await sweeps.remove('older');
  });
});
