import { beforeEach, describe, expect, test } from 'vitest';
import { readSettings } from '../../src/domain/settings.ts';
import { eraseByClock } from '../../src/erasure/by-clock.ts';
import {
  clockDoubt,
  doubtClock,
  doubtInWords,
  isClockDoubted,
  isNightMissed,
} from '../../src/erasure/clock-doubt.ts';
import type { Eraser } from '../../src/erasure/eraser.ts';
import { openStorage } from '../../src/storage/account.ts';
import { Blobs } from '../../src/storage/blobs.ts';
import { tables } from '../../src/storage/names.ts';
import { failure, sdk } from '../storage/sdk.ts';
import { scene } from '../support/scene.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T = Date.parse('2026-12-01T02:40:00.000Z');

const storage = await scene(async ({ connectionString }) => {
  const account = await openStorage(readSettings({ AzureWebJobsStorage: connectionString }));
  await account.tables.ensure([tables.reconcile]);
  return account;
});
beforeEach(async () => {
  await storage.tables.table(tables.reconcile).delete('retention', 'clock');
});

const why = async (now: number, of = storage) => (await doubtClock(of, now))?.why;

describe('on one machine', () => {
  test('a clock that goes on from night to night is believed, and one that was off for two weeks', async () => {
    for (const days of [0, 1, 2, 16, 30]) expect(await why(T + days * DAY), `${days}`).toBeUndefined();
    // Two timers ask in a night; clocks of two processes may differ by an hour.
    expect(await why(T + 30 * DAY + 600_000)).toBeUndefined();
    expect(await why(T + 30 * DAY - HOUR / 2)).toBeUndefined();
    expect(await clockDoubt(storage)).toBeUndefined();
  });

  test('one that has jumped ahead is not, and once it is set right all goes on at once', async () => {
    expect(await why(T)).toBeUndefined();
    const ahead = T + 5 * 365 * DAY;
    expect(await doubtClock(storage, ahead)).toEqual({ why: 'jumped', now: ahead, known: T });
    expect(await clockDoubt(storage)).toEqual({ why: 'jumped', now: ahead, known: T });
    expect(await why(ahead + DAY)).toBe('jumped');
    expect(await why(T + 2 * DAY)).toBeUndefined();
    expect(await clockDoubt(storage)).toBeUndefined();
    // What was doubted before does not count.
    for (const night of [0, 1, 2]) expect(await why(ahead + night * DAY)).toBe('jumped');
  });

  test('a machine that was off for long erases again after three more nights, however often it is asked in each', async () => {
    await why(T);
    const back = T + 60 * DAY;
    for (const night of [0, 1, 2])
      for (const ask of [0, 1, 2]) expect(await why(back + night * DAY + ask * 600_000)).toBe('jumped');
    expect(await why(back + 3 * DAY)).toBeUndefined();
    expect(await why(back + 4 * DAY)).toBeUndefined();
  });

  test('nights are those of a clock that only goes on', async () => {
    await why(T);
    for (const days of [400, 401, 300, 301, 302, 100, 101, 102])
      expect(await why(T + days * DAY), `${days}`).toBe('jumped');
    expect(await why(T + 103 * DAY)).toBeUndefined();
  });

  test('a night is missed where more than a day has gone by since the last look, doubted or not; the first is only noted', async () => {
    const missed = (now: number) => isNightMissed(storage, now);
    expect(await missed(T)).toBe(false);
    expect(await missed(T + 1000)).toBe(false);
    expect(await missed(T + DAY + HOUR)).toBe(false);
    expect(await missed(T + DAY + HOUR + 1)).toBe(true);
    // The last look was taken by a clock that was ahead.
    expect(await missed(T - DAY)).toBe(true);
    // Off for months: the nights in which it is doubted are looked at once each, and come by day where it is off at night.
    for (const day of [60, 62, 64, 66]) {
      expect(await missed(T + day * DAY)).toBe(true);
      expect(await why(T + day * DAY)).toBe(day < 66 ? 'jumped' : undefined);
      expect(await missed(T + day * DAY + HOUR)).toBe(false);
    }
  });

  test('one that begins in 1970 is doubted, and is no measure of the right time afterwards', async () => {
    await why(T);
    expect(await why(5000)).toBe('jumped');
    expect(await why(T + DAY)).toBeUndefined();
  });
});

describe('in Azure', () => {
  const answering = (headers: Record<string, string>) => ({
    ...storage,
    blobs: new Blobs(
      sdk({ getProperties: () => ({ _response: { headers: { get: (name: string) => headers[name] } } }) })
        .client,
    ),
  });
  const azure = (time: number) =>
    answering({ server: 'Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0', date: new Date(time).toUTCString() });

  test('the time of the storage service decides, whatever was there before', async () => {
    await why(T);
    const later = T + 900 * DAY;
    expect(await why(later, azure(later - 59 * 60_000))).toBeUndefined();
    expect(await doubtClock(azure(T), later)).toEqual({ why: 'apart', now: later, known: T });
    for (let night = 1; night < 9; night += 1)
      expect(await why(later + night * DAY, azure(T + night * DAY))).toBe('apart');
    expect(await why(T + DAY, azure(T + DAY))).toBeUndefined();
  });

  test('what is no such service, or says no time, is no measure', async () => {
    const ahead = T + 900 * DAY;
    const others = [
      answering({ server: 'Azurite-Blob/3.35.0', date: new Date(ahead).toUTCString() }),
      answering({ date: new Date(ahead).toUTCString() }),
      answering({ server: 'Windows-Azure-Blob/1.0' }),
      { ...storage, blobs: new Blobs(sdk({ getProperties: failure(404) }).client) },
    ];
    for (const other of others) {
      await storage.tables.table(tables.reconcile).delete('retention', 'clock');
      await why(T, other);
      expect(await why(ahead, other)).toBe('jumped');
    }
  });
});

test('it is said in the log, and in words with what to do about it', async () => {
  const said: unknown[] = [];
  const log = { info() {}, warn() {}, error: (...words: unknown[]) => void said.push(words) };
  expect(await isClockDoubted(storage, T, log)).toBe(false);
  expect(said).toEqual([]);
  expect(await isClockDoubted(storage, T + 400 * DAY, log)).toBe(true);
  const times = { clock: '2028-01-05T02:40:00.000Z', known: '2026-12-01T02:40:00.000Z' };
  expect(said).toEqual([['retention.held', { why: 'jumped', ...times }]]);
  const { problem, remedy } = doubtInWords({ why: 'jumped', now: T + 400 * DAY, known: T });
  expect(problem).toContain(`the clock says ${times.clock}, and was last believed at ${times.known}`);
  expect(remedy).toContain('after 3 more nights');
  expect(doubtInWords({ why: 'apart', now: T, known: T + DAY }).problem).toContain(
    'storage service 2026-12-02',
  );
});

test('nothing goes by its age or expiry while it is doubted; else all of it, whatever becomes of one', async () => {
  let now = T;
  const done: [string, unknown, number][] = [];
  const eraser = {};
  const app = { storage, clock: () => now, eraser: async () => eraser as Eraser };
  const work = (name: string, error?: Error) => async (_: unknown, by: unknown, at: number) => {
    done.push([name, by, at]);
    if (error) throw error;
  };
  const works = [work('a'), work('b', new Error('b')), work('c')];
  const log = { info() {}, warn() {}, error() {} };
  const { signal } = new AbortController();
  const all = ['a', 'b', 'c'];
  await expect(eraseByClock(app, works, log, signal)).rejects.toThrow('b');
  expect(done).toEqual(all.map((name) => [name, eraser, T]));
  now = T + 400 * DAY;
  await eraseByClock(app, works, log, signal);
  expect(done).toHaveLength(3);
  now = T + DAY;
  await eraseByClock(app, [work('d')], log, signal);
  expect(done.at(-1)).toEqual(['d', eraser, T + DAY]);
});
