import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../src/domain/settings.ts';
import { openStorage, type StorageAccount } from '../../src/storage/account.ts';
import { isFolderMarker } from '../../src/storage/folder-markers.ts';
import { HashIndex, toHex } from '../../src/storage/hash-index.ts';
import { inputNameOf } from '../../src/storage/input-name.ts';
import { containers, tables } from '../../src/storage/names.ts';
import { passedOver } from '../../src/storage/passed-over.ts';
import { causeOf, Preparation } from '../../src/storage/preparation.ts';
import { ServiceTroubles } from '../../src/storage/service-troubles.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';

const { signal } = new AbortController();
let emulator: Emulator;
let storage: StorageAccount;
beforeAll(async () => {
  emulator = await startEmulator();
  storage = await openStorage(readSettings({ AzureWebJobsStorage: emulator.connectionString }));
  await storage.tables.ensure([tables.imageHashes, tables.throttle]);
  await storage.blobs.ensure([containers.input]);
});
afterAll(() => emulator?.stop());

describe('preparation', () => {
  const away = Object.assign(new Error('quotes a request'), { code: 'ECONNREFUSED' });
  const denied = Object.assign(new Error('x'), { statusCode: 403, name: 'RestError' });
  function prepared(failures: Error[]) {
    let now = 0;
    let tries = 0;
    const waits: number[] = [];
    const told: unknown[] = [];
    const preparation = new Preparation(
      async () => {
        tries += 1;
        const error = failures.shift();
        if (error) throw error;
      },
      () => now,
      async (ms) => {
        waits.push(ms);
        now += ms;
      },
    );
    const begin = (until = signal) => preparation.begin(until, (error) => told.push(error));
    return { preparation, begin, waits, told, tries: () => tries };
  }

  test('is tried until it succeeds, more and more rarely; the same trouble is told once', async () => {
    const { preparation, begin, waits, told, tries } = prepared([
      away,
      away,
      denied,
      away,
      ...Array(4).fill(away),
    ]);
    await begin();
    expect(waits).toEqual([200, 1000, 2000, 5000, 15_000, 60_000, 60_000, 60_000]);
    expect(told).toEqual([away, denied, away]);
    expect(preparation.trouble).toBeUndefined();
    await begin();
    expect(tries(), 'once it has begun').toBe(9);
  });

  test('says what is wrong and since when, and stops at the signal', async () => {
    const stop = new AbortController();
    const { preparation, waits, told, begin } = prepared([away, away, denied]);
    const push = waits.push.bind(waits);
    waits.push = (...given) => {
      const count = push(...given);
      if (count === 3) stop.abort();
      return count;
    };
    await begin(stop.signal);
    expect(preparation.trouble).toEqual({ error: denied, since: 0, rounds: 3 });
    expect(told).toHaveLength(2);
    const other = prepared([away]);
    await other.begin(AbortSignal.abort());
    expect(other.tries()).toBe(0);
  });

  test('waits without keeping the process alive, and no longer than its signal', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const stop = new AbortController();
    const preparation = new Preparation(() => Promise.reject(away), Date.now);
    const before = timers();
    let ended = false;
    const failed = Promise.withResolvers<void>();
    const running = preparation
      .begin(stop.signal, () => failed.resolve())
      .then(() => {
        ended = true;
      });
    await failed.promise;
    await new Promise(setImmediate);
    expect([timers() - before, ended]).toEqual([0, false]);
    stop.abort();
    await new Promise(setImmediate);
    expect(ended).toBe(true);
    await running;
  });

  test('names a cause without its words', () => {
    expect(causeOf(away)).toBe('ECONNREFUSED');
    expect(causeOf(denied)).toBe('RestError (HTTP 403)');
    expect([causeOf(undefined), causeOf('text')]).toEqual(['Error', 'Error']);
  });
});

test('services in trouble are told by each process and heard by all, until that is out of date', async () => {
  let now = 1_000_000;
  const table = storage.tables.table(tables.throttle);
  const one = new ServiceTroubles(table, () => now);
  const two = new ServiceTroubles(table, () => now);
  const failure = (service: string, probeAt = now) =>
    ({ service, operation: 'detect', code: 'X', since: 0, probeAt }) as never;
  const services = async (troubles = two) => (await troubles.list()).map(({ service }) => service).sort();
  expect(await services()).toEqual([]);
  one.tell(failure('Face'), true);
  one.tell(failure('Vision'), true);
  one.tell(failure('Vision'), false);
  await one.told();
  now += 1999;
  expect(await services(), 'kept for two seconds').toEqual([]);
  now += 1;
  expect(await services()).toEqual(['Face']);
  now = 1_000_000 + 5 * 60_000 - 1;
  expect(await services()).toEqual(['Face']);
  now += 1;
  expect(await services(new ServiceTroubles(table, () => now))).toEqual([]);
  const broken = new ServiceTroubles(
    {
      upsert: () => Promise.reject(new Error('away')),
      list: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('away')) }) }),
    } as never,
    () => now,
  );
  broken.tell(failure('Face'), true);
  await broken.told();
  await expect(broken.list()).rejects.toThrow('away');
  await expect(broken.list(), 'not kept').rejects.toThrow('away');
});

describe('the hash index', () => {
  const index = () => new HashIndex(storage.tables.table(tables.imageHashes));
  const image = (id: string, hash: bigint) => ({
    jobKey: id,
    jobId: id,
    batchId: 'b',
    imageUrl: `u/${id}`,
    hash,
  });
  const hash = 0x0123456789abcdefn;
  const differing = (...bits: number[]) => bits.reduce((value, bit) => value ^ (1n << BigInt(bit)), hash);
  const found = async (of: bigint, most: number) =>
    (await index().find(of, most, signal)).map(({ jobId, distance }) => [jobId, distance]);

  test('finds what differs in few bits, wherever they are, the nearest first', async () => {
    await index().enrol(image('same', hash));
    await index().enrol(image('three', differing(0, 20, 63)));
    // Two in each of four bands and one in the last: the hardest there is with nine.
    await index().enrol(image('nine', differing(0, 1, 12, 13, 25, 26, 38, 39, 51)));
    await index().enrol(image('alike', hash));
    expect(await found(hash, 9)).toEqual([
      ['alike', 0],
      ['same', 0],
      ['three', 3],
      ['nine', 9],
    ]);
    expect(await found(hash, 8)).toHaveLength(3);
    expect(await found(hash, 0)).toHaveLength(2);
    const [first] = await index().find(differing(63), 1, signal);
    expect(first).toEqual({ ...image('alike', hash), distance: 1 });
    await expect(index().find(hash, 9, AbortSignal.abort())).rejects.toThrow();
  });

  /** A table that only keeps note of what it is asked; listings answer so. */
  const noting = (list: (partitionKey: string) => AsyncIterable<unknown> = async function* () {}) => {
    const calls: string[] = [];
    const note =
      (name: string, answer?: unknown) =>
      async (...[partition, row]: string[]) => {
        calls.push(`${name} ${partition} ${row}`);
        return answer;
      };
    const known = { columns: { hash: toHex(hash) } };
    const table = { upsert: note('write'), delete: note('delete'), get: note('get', known) };
    const listing = ({ partitionKey }: { partitionKey: string }) => list(partitionKey);
    return { calls, index: new HashIndex({ ...table, list: listing } as never) };
  };
  const bits = hash.toString(2).padStart(64, '0');
  const BANDS = [0, 13, 26, 39, 52].map(
    (from, band) =>
      `band${band}:${Number.parseInt(bits.slice(from, Math.min(from + 13, 64)), 2).toString(16)}`,
  );

  test('writes the row of the image before and after those of its bands, and removes it last', async () => {
    const { calls, index } = noting();
    await index.enrol(image('id', hash));
    const own = 'write job:id hash';
    expect(calls).toEqual(['get job:id hash', own, ...BANDS.map((band) => `write ${band} id`), own]);
    calls.length = 0;
    await index.remove('id');
    expect(calls).toEqual([
      ...['get job:id hash', ...BANDS.map((band) => `delete ${band} id`)],
      'delete job:id hash',
    ]);
    calls.length = 0;
    await index.enrol(image('id', hash ^ 1n));
    expect(
      calls.filter((call) => call.startsWith('delete')),
      'what was there by another hash',
    ).toHaveLength(6);
  });

  test('reads 69 partitions, 16 at a time, and of each a thousand rows', async () => {
    let [reading, most, rows] = [0, 0, 0];
    const partitions = new Set<string>();
    const { index } = noting(async function* (partition) {
      reading += 1;
      most = Math.max(most, reading);
      partitions.add(partition);
      await new Promise(setImmediate);
      try {
        for (let n = 1; n <= 1001; n += 1) {
          if (partition === BANDS[0]) rows += 1;
          yield { rowKey: `${partition} ${n}`, columns: { jobId: `${n}`, hash: toHex(hash) } };
        }
      } finally {
        reading -= 1;
      }
    });
    const found = await index.find(hash, 0, signal);
    expect([partitions.size, most, rows, found.length]).toEqual([69, 16, 1000, 69_000]);
  });

  test('counts and removes all rows of an image, and enrols one again by another hash', async () => {
    const rows = async () => (await index().rowsOf((key) => key === 'counted', undefined)).rows;
    await index().enrol(image('counted', 5n));
    expect(await index().countOf('counted')).toBe(6);
    expect(await index().countOf('none')).toBe(0);
    expect(await rows()).toHaveLength(6);
    await index().enrol(image('counted', 6n));
    expect(await rows(), 'nothing of before').toHaveLength(6);
    await index().enrol(image('counted', 6n));
    expect(await index().countOf('counted')).toBe(6);
    await index().remove('counted');
    await index().remove('counted');
    expect(await rows()).toEqual([]);
    await index().enrol(image('counted', 6n));
    for (const row of await rows()) {
      expect(await index().hasRow(row)).toBe(true);
      await index().removeRow(row);
      expect(await index().hasRow(row)).toBe(false);
    }
    expect(await rows()).toEqual([]);
    expect(await index().countOf('same'), 'others stay').toBe(6);
    expect(toHex(5n)).toBe('0000000000000005');
  });

  test('leaves nothing of an image that was taken out while it was put in, or whose putting in failed half way', async () => {
    const rowsOf = async (id: string) => (await index().rowsOf((key) => key === id, undefined)).rows;
    const table = storage.tables.table(tables.imageHashes);
    const over = (upsert: typeof table.upsert) =>
      new HashIndex({
        ...{
          upsert,
          get: table.get.bind(table),
          delete: table.delete.bind(table),
          list: table.list.bind(table),
        },
      } as never);
    let taken = false;
    await over(async (partition, ...rest) => {
      if (!taken && partition.startsWith('band')) {
        taken = true;
        await index().remove('raced');
      }
      await table.upsert(partition, ...rest);
    }).enrol(image('raced', 9n));
    await index().remove('raced');
    expect(await rowsOf('raced')).toEqual([]);
    const fails = over(async (partition, ...rest) => {
      if (partition.startsWith('band4')) throw new Error('away');
      await table.upsert(partition, ...rest);
    });
    await expect(fails.enrol(image('half', 9n))).rejects.toThrow('away');
    await index().remove('half');
    expect(await rowsOf('half')).toEqual([]);
  });
});

describe('blobs that are nobody’s file', () => {
  const asked: string[] = [];
  const blobs = (metadata: Record<string, string>, bytes = 0) => ({
    head: async (_: string, name: string) => {
      asked.push(name);
      return { etag: 'e', bytes, metadata } as never;
    },
  });
  const marks = (name: string, bytes: number, metadata = {}, headBytes = 0) =>
    isFolderMarker(blobs(metadata, headBytes), 'c', { name, bytes });

  test('stand for a folder, by their name or metadata, and have no bytes', async () => {
    for (const name of ['a/', 'a/_SUCCESS', '_SUCCESS', 'a/_committed_12', '_started_3', 'a_$folder$'])
      expect([name, await marks(name, 0), await marks(name, 1)]).toEqual([name, true, false]);
    expect(asked, 'nothing is asked of these').toEqual([]);
    for (const name of ['a', 'a_SUCCESS', 'a/_SUCCESSx', '_committed_', 'a_$folder$b'])
      expect([name, await marks(name, 0)]).toEqual([name, false]);
    expect(await marks('a', 0, { hdi_isfolder: 'true' })).toBe(true);
    expect(await marks('a', 0, { Hdi_IsFolder: 'True' })).toBe(true);
    expect(await marks('a', 0, { hdi_isfolder: 'false' })).toBe(false);
    expect(await marks('a', 0, { other: 'true' })).toBe(false);
    expect(await marks('a', 0, { hdi_isfolder: 'true' }, 5), 'written meanwhile').toBe(false);
    expect(await isFolderMarker({ head: async () => undefined }, 'c', { name: 'a', bytes: 0 })).toBe(false);
  });

  test('are passed over by their kind', async () => {
    const kind = (name: string, bytes: number) => passedOver(blobs({}), 'c', { name, bytes });
    expect([
      await kind('a/._b.jpg', 5),
      await kind('@eaDir/x', 5),
      await kind('a/', 0),
      await kind('a.jpg', 5),
    ]).toEqual([...['system-file', 'system-file', 'folder-marker', undefined]]);
  });
});

test('the name of a blob is what its address says behind the input container', () => {
  const of = (path: string) => inputNameOf(`http://127.0.0.1:1/${path}`);
  expect(of('account/inputimages/b/a%20b.jpg')).toBe('b/a b.jpg');
  expect(of('inputimages/a')).toBe('a');
  for (const path of ['account/other/a.jpg', 'inputimages/', 'inputimages', 'inputimages/%E0%A4%A'])
    expect(of(path), path).toBeUndefined();
  expect(inputNameOf('no address')).toBeUndefined();
});
