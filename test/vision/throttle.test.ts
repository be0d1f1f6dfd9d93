import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStorage } from '../../src/storage/account.ts';
import type { Table } from '../../src/storage/tables.ts';
import { tableThrottle } from '../../src/vision/throttle.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';
import { settingsFor } from './support/fixtures.ts';

let emulator: Emulator;
let table: Table;
beforeAll(async () => {
  emulator = await startEmulator();
  const storage = await openStorage(
    settingsFor(undefined, { AzureWebJobsStorage: emulator.connectionString }),
  );
  await storage.tables.ensure(['throttle']);
  table = storage.tables.table('throttle');
});
afterAll(() => emulator.stop());

const NOON = Date.parse('2026-11-01T12:00:00Z');

test('nobody said anything: calls may start', async () => {
  expect(await tableThrottle(table, 'quiet').read()).toBe(0);
});

test('what one instance writes, the others read; only ever a later time', async () => {
  const [one, other] = [tableThrottle(table, 'face'), tableThrottle(table, 'face')];
  await one.postpone(NOON);
  expect(await other.read()).toBe(NOON);
  await other.postpone(NOON - 5000);
  expect(await one.read()).toBe(NOON);
  await other.postpone(NOON + 5000);
  expect(await one.read()).toBe(NOON + 5000);
});

test('a time that only a clock far ahead can have set is written over', async () => {
  const shared = tableThrottle(table, 'ahead');
  await shared.postpone(NOON + 10 * 365 * 24 * 3_600_000);
  await shared.postpone(NOON);
  expect(await shared.read()).toBe(NOON);
});

test('of many that write at once the latest time stands', async () => {
  const times = Array.from({ length: 5 }, (_, index) => NOON + index * 1000);
  await Promise.all(times.map((time) => tableThrottle(table, 'busy').postpone(time)));
  expect(await tableThrottle(table, 'busy').read()).toBe(NOON + 4000);
});

test('each service has a row of its own, and a row that makes no sense stops nothing', async () => {
  await tableThrottle(table, 'a').postpone(NOON);
  expect(await tableThrottle(table, 'b').read()).toBe(0);
  await table.upsert('vision', 'c', { nextCallAt: 'tomorrow' });
  expect(await tableThrottle(table, 'c').read()).toBe(0);
});
