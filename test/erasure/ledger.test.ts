import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSettings } from '../../src/domain/settings.ts';
import { Ledger } from '../../src/erasure/ledger.ts';
import { openStorage } from '../../src/storage/account.ts';
import { tables } from '../../src/storage/names.ts';
import { type Azurite, startAzurite } from '../support/azurite.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite?.stop());

test('an erasure whose places take longer than the lease stays with the process that works on it', async () => {
  const storage = await openStorage(readSettings({ AzureWebJobsStorage: azurite.connectionString }));
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
