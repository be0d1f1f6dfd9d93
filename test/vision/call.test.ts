import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { OutageError, RateLimitedError } from '../../src/domain/errors.ts';
import { Caller } from '../../src/vision/call.ts';
import { VisionCallError } from '../../src/vision/errors.ts';
import { sleep } from '../../src/vision/timer.ts';
import { settle, VirtualTime } from './support/virtual-time.ts';

/** One call, on a clock that the test moves, among whatever else it is given. */
function open({
  allowed = async () => {},
  callLimitMs,
}: {
  allowed?: () => Promise<void>;
  callLimitMs?: number;
} = {}) {
  const time = new VirtualTime();
  const noted: unknown[] = [];
  const governor = {
    acquire: allowed,
    postpone: async (ms: number) => void noted.push(['postponed', ms]),
  };
  const breaker = {
    admit: (...given: unknown[]) => noted.push(['admit', ...given]),
    failed: (...given: unknown[]) => noted.push(['failed', ...given]),
    succeeded: (...given: unknown[]) => noted.push(['succeeded', ...given]),
  };
  const telemetry = {
    span: async (name: string, _: object, work: () => Promise<unknown>) => {
      noted.push(['span', name]);
      return work();
    },
    count: (metric: string, about: object) => noted.push([metric, about]),
  };
  const caller = new Caller({
    ...{ service: 'face', clock: time.clock, after: time.after },
    ...({ governor, breaker, telemetry } as never as { governor: never }),
    ...(callLimitMs !== undefined && { callLimitMs }),
  });
  return { time, caller, noted };
}
const step = () => new AbortController().signal;
const thrown = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error as VisionCallError,
  );

describe('a call', () => {
  test('asks the breaker, is a span, and tells both how it ended', async () => {
    const { caller, noted, time } = open();
    expect(await caller.call('detect', step(), async () => 'found')).toBe('found');
    expect(noted).toEqual([
      ['admit', 'Face', 'detect'],
      ['span', 'face detect'],
      ['succeeded', 'Face', 'detect'],
      ['imaginem.service.calls', { service: 'face', operation: 'detect', outcome: 'ok' }],
    ]);
    expect(time.pending, 'no timer is left').toEqual([]);
  });

  test('that fails says which call it was, where its failure could be anybody’s', async () => {
    const failing = async (error: unknown) => {
      const { caller, noted } = open();
      const failed = await thrown(caller.call('detect', step(), () => Promise.reject(error)));
      return { failed, noted: noted.slice(2) };
    };
    const call = { service: 'Face', operation: 'detect' };
    const cut = Object.assign(new Error('cut'), { code: 'ECONNRESET', request: {} });
    expect((await failing(cut)).failed?.failedCall).toEqual({ ...call, answered: false });
    const inside = await failing({ statusCode: 500 });
    expect(inside.failed?.failedCall).toEqual({ ...call, answered: true });
    expect(inside.noted).toEqual([
      ['failed', 'Face', 'detect'],
      ['imaginem.service.calls', { service: 'face', operation: 'detect', outcome: 'VisionInternalError' }],
    ]);
    const own = await failing(new VisionCallError('ReadFailed', 'This image.'));
    expect(own.failed?.failedCall).toBeUndefined();
    const bug = await failing(new Error('a bug'));
    expect(bug.failed).toEqual(new Error('a bug'));
    expect(bug.noted.at(-1)).toMatchObject(['imaginem.service.calls', { outcome: 'aborted' }]);
  });

  test('that is stopped ends with why it was, whatever it threw', async () => {
    const { caller } = open();
    const stop = new AbortController();
    const failed = caller.call('detect', stop.signal, () => {
      stop.abort(new Error('stopping'));
      return Promise.reject({ statusCode: 500 });
    });
    await expect(failed).rejects.toThrow('stopping');
  });

  test('that is refused has all wait, and only that', async () => {
    const { caller, noted } = open();
    const refused = { statusCode: 429, response: { headers: { get: () => '7' } } };
    await thrown(caller.call('detect', step(), () => Promise.reject(refused)));
    expect(noted).toContainEqual(['postponed', 7000]);
    expect(noted).toContainEqual(['imaginem.service.delays', { service: 'face', limit: 'service' }]);
    noted.length = 0;
    await thrown(caller.call('detect', step(), () => Promise.reject({ statusCode: 503 })));
    expect(JSON.stringify(noted)).not.toMatch(/postponed|delays/);
  });

  test.each([
    [undefined, 30_000],
    [50, 50],
  ])('ends at its limit: where %s is given, after %i ms', async (callLimitMs, ms) => {
    const { caller, time } = open({ ...(callLimitMs !== undefined && { callLimitMs }) });
    const signal = step();
    const failed = thrown(
      caller.call('detect', signal, ({ abortSignal }) => {
        const { promise, reject } = Promise.withResolvers();
        abortSignal.addEventListener('abort', () => reject(new Error('aborted')));
        return promise;
      }),
    );
    await time.advance(ms - 1);
    expect(time.pending).toEqual([1]);
    await time.advance(1);
    expect(await failed).toMatchObject({ code: 'VisionTimeout' });
  });

  test('that our own limits put off is counted as such, and is no call', async () => {
    const { caller, noted } = open({ allowed: () => Promise.reject(new RateLimitedError('Later.', 1)) });
    await thrown(caller.call('detect', step(), async () => 'never'));
    expect(noted.slice(1)).toEqual([['imaginem.service.delays', { service: 'face', limit: 'governor' }]]);
    const stopped = open({ allowed: () => Promise.reject(new Error('stopped')) });
    await thrown(stopped.caller.call('detect', step(), async () => 'never'));
    expect(stopped.noted).toHaveLength(1);
    const full = open();
    const hanging = Array.from({ length: 4 }, () =>
      full.caller.call('detect', step(), () => new Promise(() => {})),
    );
    const waits = thrown(full.caller.call('detect', step(), async () => 'never'));
    await full.time.advance(120_000);
    expect(await waits).toMatchObject({ retryAfterMs: 5000 });
    expect(full.noted).toContainEqual(['imaginem.service.delays', { service: 'face', limit: 'in flight' }]);
    expect(hanging).toHaveLength(4);
    full.noted.length = 0;
    await thrown(full.caller.call('detect', AbortSignal.abort(), async () => 'never'));
    expect(JSON.stringify(full.noted)).not.toContain('delays');
  });
});

test.each<[string, (time: VirtualTime) => Promise<unknown>, number]>([
  ['a prompt answer lets one more in', async (time) => time.advance(7500), 5],
  ['a slow one fewer', async (time) => time.advance(7501), 3],
  ['a refusal of the service fewer', () => Promise.reject({ statusCode: 429 }), 3],
  ['our own word of a limit says nothing of it', () => Promise.reject(new RateLimitedError('Ours.', 1)), 4],
  ['no answer in time fewer', () => Promise.reject(new OutageError('Late.', { code: 'VisionTimeout' })), 3],
  ['another outage says nothing of it', () => Promise.reject(new OutageError('Away.')), 4],
])('of how much the service can do at once: %s', async (_, answer, expected) => {
  const { caller, time } = open();
  let underWay = 0;
  const send = () => {
    underWay += 1;
    return new Promise(() => {});
  };
  const first = caller.call('detect', step(), () => answer(time)).catch(() => {});
  for (let n = 0; n < 9; n += 1) void caller.call('detect', step(), send).catch(() => {});
  await settle();
  await first;
  await settle();
  expect(underWay).toBe(expected);
});

describe('a pause between two calls', () => {
  test('is over after its time, or at once where the step is stopped; either way nothing is left of it', async () => {
    const time = new VirtualTime();
    const stop = new AbortController();
    let ended = false;
    const pause = sleep(time.after, 100, stop.signal).then(() => {
      ended = true;
    });
    await time.advance(99);
    expect([ended, getEventListeners(stop.signal, 'abort').length]).toEqual([false, 1]);
    await time.advance(1);
    await pause;
    expect([ended, getEventListeners(stop.signal, 'abort').length]).toEqual([true, 0]);
    const stopped = sleep(time.after, 100, stop.signal);
    stop.abort(new Error('stopping'));
    await expect(stopped).rejects.toThrow('stopping');
    expect([time.pending, getEventListeners(stop.signal, 'abort').length]).toEqual([[], 0]);
    await expect(sleep(time.after, 100, stop.signal)).rejects.toThrow('stopping');
    expect(time.pending).toEqual([]);
  });
});
