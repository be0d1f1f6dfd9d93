import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RateLimitedError } from '../../src/domain/errors.ts';
import { type Log, silentLog } from '../../src/domain/ports.ts';
import { RateGovernor } from '../../src/vision/governor.ts';
import type { SharedThrottle } from '../../src/vision/throttle.ts';
import { settle, VirtualTime } from './support/virtual-time.ts';

class SharedRow implements SharedThrottle {
  notBefore = 0;
  reads = 0;
  async read() {
    this.reads++;
    return this.notBefore;
  }
  async postpone(notBefore: number) {
    this.notBefore = Math.max(this.notBefore, notBefore);
  }
}

function setUp(
  callsPerSecond: number,
  shared: SharedThrottle = new SharedRow(),
  maxWaitMs?: number,
  log: Log = silentLog,
) {
  const time = new VirtualTime();
  const governor = new RateGovernor({
    service: 'face',
    callsPerSecond,
    shared,
    clock: time.clock,
    after: time.after,
    log,
    ...(maxWaitMs !== undefined && { maxWaitMs }),
  });
  return { time, governor };
}

const never = new AbortController().signal;

/** Calls that come at random times, some of which give up before their turn. */
const arrivals = fc.array(
  fc.record({
    gap: fc.integer({ min: 0, max: 400 }),
    abortAfter: fc.option(fc.integer({ min: 0, max: 1500 }), { nil: undefined, freq: 4 }),
  }),
  { minLength: 1, maxLength: 60 },
);

async function run(
  callsPerSecond: number,
  calls: { gap: number; abortAfter?: number | undefined }[],
  maxWaitMs: number,
) {
  const { time, governor } = setUp(callsPerSecond, new SharedRow(), maxWaitMs);
  const started: { call: number; at: number }[] = [];
  const ended = new Map<number, unknown>();
  for (const [call, { gap, abortAfter }] of calls.entries()) {
    await time.advance(gap);
    const abort = new AbortController();
    if (abortAfter !== undefined) time.after(abortAfter, () => abort.abort(new Error('gave up')));
    governor.acquire(abort.signal).then(
      () => started.push({ call, at: time.now }),
      (error) => ended.set(call, error),
    );
    await settle();
  }
  await time.advance(120_000);
  return { started, ended };
}

describe('within a process', () => {
  test('no window of one second ever holds more starts than allowed, and none is left waiting', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), arrivals, async (limit, calls) => {
        const { started, ended } = await run(limit, calls, 100_000);
        expect(started.length + ended.size).toBe(calls.length);
        for (const { at } of started) {
          expect(
            started.filter((other) => other.at >= at && other.at < at + 1000).length,
          ).toBeLessThanOrEqual(limit);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('calls start in the order in which they came', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), arrivals, async (limit, calls) => {
        const { started } = await run(limit, calls, 100_000);
        const order = started.map(({ call }) => call);
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });

  test('a call starts at the first moment the limit allows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), arrivals, async (limit, calls) => {
        const patient = calls.map(({ gap }) => ({ gap }));
        const { started } = await run(limit, patient, 100_000);
        let arrivedAt = 1_700_000_000_000;
        for (const [index, { gap }] of patient.entries()) {
          arrivedAt += gap;
          const full = started[index - limit];
          expect(started[index]?.at).toBe(Math.max(arrivedAt, full ? full.at + 1000 : 0));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a rate below one is one call per so many seconds', async () => {
    const { time, governor } = setUp(0.5);
    await governor.acquire(never);
    const at: number[] = [];
    void governor.acquire(never).then(() => at.push(time.now));
    const begin = time.now;
    await time.advance(1999);
    expect(at).toEqual([]);
    await time.advance(1);
    expect(at).toEqual([begin + 2000]);
  });

  test('whoever would wait more than three seconds is told how long instead of being held', async () => {
    const { time, governor } = setUp(2);
    const held = Array.from({ length: 8 }, () => governor.acquire(never));
    await settle();
    const refused = await governor.acquire(never).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RateLimitedError);
    expect((refused as RateLimitedError).retryAfterMs).toBe(4000);
    expect((refused as RateLimitedError).message).toContain('for the next 4 s');
    await time.advance(3000);
    await Promise.all(held);
  });

  test('giving up frees the place: the next in line moves up', async () => {
    const { time, governor } = setUp(1);
    const begin = time.now;
    await governor.acquire(never);
    const abort = new AbortController();
    const gaveUp = governor.acquire(abort.signal).catch((error: unknown) => error);
    let at = 0;
    void governor.acquire(never).then(() => {
      at = time.now;
    });
    await time.advance(500);
    abort.abort(new Error('host is stopping'));
    expect(await gaveUp).toEqual(new Error('host is stopping'));
    await time.advance(500);
    expect(at).toBe(begin + 1000);
  });

  test('one that is aborted already, or while the row is read, takes no place', async () => {
    const row = new SharedRow();
    const { governor } = setUp(1, row);
    const stop = new AbortController();
    await expect(governor.acquire(AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
    expect(row.reads).toBe(0);
    const entering = governor.acquire(stop.signal);
    stop.abort(new Error('over'));
    await expect(entering).rejects.toThrow('over');
    await expect(governor.acquire(AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
    await governor.acquire(never);
  });

  test('a clock that is set back does not stop the calls', async () => {
    const { time, governor } = setUp(1);
    await governor.acquire(never);
    time.now -= 3_600_000;
    const next = governor.acquire(never);
    await time.advance(1000);
    await next;
  });
});

describe('across processes', () => {
  test('after a 429 nobody starts before its time, and the others read it', async () => {
    const row = new SharedRow();
    const { time, governor } = setUp(10, row);
    const other = setUp(10, row);
    await governor.postpone(2000);
    expect(row.notBefore).toBe(time.now + 2000);
    let at = 0;
    void other.governor.acquire(never).then(() => {
      at = other.time.now;
    });
    await other.time.advance(1999);
    expect(at).toBe(0);
    await other.time.advance(1);
    expect(at).toBe(row.notBefore);
  });

  test('those who wait already are put back when a 429 makes it too long', async () => {
    const { time, governor } = setUp(1);
    await governor.acquire(never);
    const waiting = governor.acquire(never).catch((error: unknown) => error);
    await settle();
    await governor.postpone(60_000);
    const refused = await waiting;
    expect(refused).toBeInstanceOf(RateLimitedError);
    expect((refused as RateLimitedError).retryAfterMs).toBe(60_000);
    await time.advance(60_000);
    await governor.acquire(never);
  });

  test('the shared row is read at most once a second, however many calls start', async () => {
    const row = new SharedRow();
    const { time, governor } = setUp(100, row);
    for (let turn = 0; turn < 20; turn++) {
      await Promise.all([governor.acquire(never), governor.acquire(never)]);
      await time.advance(100);
    }
    expect(row.reads).toBe(2);
  });

  test('that the row cannot be read stops nothing', async () => {
    const broken: SharedThrottle = {
      read: () => Promise.reject(new Error('storage is away')),
      postpone: () => Promise.reject(new Error('storage is away')),
    };
    const { time, governor } = setUp(10, broken);
    await governor.acquire(never);
    await governor.postpone(500);
    const next = governor.acquire(never);
    await time.advance(500);
    await next;
  });
});

describe('what is left behind', () => {
  test('no timer and no listener of whoever has started, was refused, or gave up', async () => {
    const { time, governor } = setUp(1);
    const [started, refused, gaveUp] = [0, 1, 2].map(() => new AbortController()) as [
      ...[AbortController, AbortController, AbortController],
    ];
    await governor.acquire(started.signal);
    const second = governor.acquire(refused.signal).catch((error: unknown) => error);
    const third = governor.acquire(gaveUp.signal).catch((error: unknown) => error);
    await settle();
    expect(time.pending).toEqual([1000]);
    gaveUp.abort(new Error('over'));
    expect(await third).toEqual(new Error('over'));
    await governor.postpone(60_000);
    expect(await second).toBeInstanceOf(RateLimitedError);
    expect(time.pending).toEqual([]);
    for (const { signal } of [started, refused, gaveUp])
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    const last = new AbortController();
    const waits = setUp(1);
    await waits.governor.acquire(never);
    const leaving = waits.governor.acquire(last.signal).catch((error: unknown) => error);
    await settle();
    last.abort(new Error('over'));
    await leaving;
    expect(waits.time.pending).toEqual([]);
  });

  test('all who wait too long are put back at once', async () => {
    const { governor } = setUp(1);
    await governor.acquire(never);
    const waiting = [0, 1].map(() => governor.acquire(never).catch((error: unknown) => error));
    await settle();
    await governor.postpone(60_000);
    expect(await Promise.all(waiting)).toMatchObject([{ retryAfterMs: 60_000 }, { retryAfterMs: 61_000 }]);
  });
});

describe('a time that was told', () => {
  test('is not taken back by an earlier one', async () => {
    const { time, governor } = setUp(10);
    await governor.postpone(2000);
    await governor.postpone(1000);
    let at = 0;
    const begin = time.now;
    void governor.acquire(never).then(() => {
      at = time.now;
    });
    await time.advance(2000);
    expect(at).toBe(begin + 2000);
  });

  test('of more than two hours is a wrong clock somewhere: nobody waits for it, now or later', async () => {
    const row = new SharedRow();
    const { time, governor } = setUp(10, row);
    row.notBefore = time.now + 2 * 3_600_000 + 1;
    await governor.acquire(never);
    row.notBefore = time.now + 10 * 365 * 24 * 3_600_000;
    await time.advance(1000);
    await governor.acquire(never);
    expect(row.reads).toBe(2);
    row.notBefore = time.now + 1000 + 2 * 3_600_000;
    await time.advance(1000);
    expect(await governor.acquire(never).catch((error: unknown) => error)).toMatchObject({
      retryAfterMs: 2 * 3_600_000,
    });
  });

  test('is asked for again after a second, and not before; that it cannot be is told of', async () => {
    const row = new SharedRow();
    const { time, governor } = setUp(100, row);
    await governor.acquire(never);
    await time.advance(999);
    await governor.acquire(never);
    expect(row.reads).toBe(1);
    await time.advance(1);
    await governor.acquire(never);
    expect(row.reads).toBe(2);
    const told: unknown[] = [];
    const away = () => Promise.reject(Object.assign(new Error('secret'), { statusCode: 503, code: 'X' }));
    const log = { ...silentLog, warn: (...given: unknown[]) => told.push(given) };
    const broken = setUp(10, { read: away, postpone: away }, undefined, log);
    await broken.governor.acquire(never);
    await broken.governor.postpone(1);
    const about = { service: 'face', statusCode: 503, code: 'X' };
    expect(told).toEqual([
      ['throttle.read', about],
      ['throttle.write', about],
    ]);
  });
});

describe('a clock that is set back', () => {
  const next = async (back: number) => {
    const row = new SharedRow();
    const { time, governor } = setUp(1, row);
    await governor.acquire(never);
    time.now -= back;
    const begin = time.now;
    let at = 0;
    void governor.acquire(never).then(() => {
      at = time.now;
    });
    await time.advance(3000);
    return { waited: at - begin, reads: row.reads };
  };

  test('is lived with for as long as a call waits anyway; further back it is a new time', async () => {
    expect(await next(1000)).toEqual({ waited: 2000, reads: 1 });
    expect(await next(1001)).toEqual({ waited: 1000, reads: 2 });
  });

  test('leaves of what was to be waited for three seconds', async () => {
    const { time, governor } = setUp(1, { read: async () => 0, postpone: async () => {} });
    await governor.acquire(never);
    await governor.postpone(60_000);
    time.now -= 3_600_000;
    const begin = time.now;
    let at = 0;
    void governor.acquire(never).then(() => {
      at = time.now;
    });
    await time.advance(3000);
    expect(at).toBe(begin + 3000);
  });
});
