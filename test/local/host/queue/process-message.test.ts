import { afterEach, describe, expect, test, vi } from 'vitest';
import { CALL_LIMIT_MS } from '../../../../src/local/host/queue/connection.ts';
import { holdLease } from '../../../../src/local/host/queue/lease.ts';
import { poisonQueueOf } from '../../../../src/local/host/queue/poison.ts';
import { createProcessor, describe as inWords } from '../../../../src/local/host/queue/process-message.ts';

/** One message from its arrival to its end, over a queue that notes what it is asked. */
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const failure = (statusCode: number) =>
  Object.assign(new Error('for the test'), { statusCode, code: 'Refused' });
const item = (more = {}) =>
  ({ messageId: 'm', popReceipt: 'r0', dequeueCount: 1, messageText: 'text', ...more }) as never;

function queueOf(fails: (call: string) => unknown = () => undefined) {
  const calls: string[] = [];
  let renewed = 0;
  const note = (call: string) => {
    calls.push(call);
    const error = fails(call);
    if (error) throw error;
  };
  const queue = {
    deleteMessage: async (id: string, receipt: string) => note(`delete ${id} ${receipt}`),
    updateMessage: async (id: string, receipt: string, text: unknown, seconds: number) => {
      note(`update ${id} ${receipt} ${text} ${seconds}`);
      renewed += 1;
      return { popReceipt: `r${renewed}` };
    },
    sendMessage: async (text: string, { messageTimeToLive }: { messageTimeToLive: number }) =>
      note(`send ${text} ${messageTimeToLive}`),
    createIfNotExists: async () => note('create'),
  };
  return { calls, queue: queue as never };
}

/** What becomes of a message. */
async function processed(
  message: object,
  {
    fails = false,
    poison = true,
    away = () => undefined as unknown,
  }: { fails?: boolean; poison?: boolean; away?: (call: string) => unknown } = {},
) {
  const { calls, queue } = queueOf(away);
  const said: string[] = [];
  const options = { maxDequeueCount: 3, visibilityTimeout: 1500, messageEncoding: 'base64' };
  const run = createProcessor({
    ...{ functionName: 'f', queue, options, invisibilitySeconds: 10 },
    poison: poison
      ? { name: 'q-poison', add: async (text: string) => void calls.push(`poison ${text}`) }
      : undefined,
    log: { system: (level: string, text: string, name: string) => said.push(`${level} ${name}: ${text}`) },
    call: async (_: unknown, body: string) => {
      calls.push(`call ${body}`);
      if (fails) throw new Error('it fails');
    },
  } as never);
  await run(item({ messageText: Buffer.from('body').toString('base64'), ...message }));
  return { calls, said };
}
const TEXT = Buffer.from('body').toString('base64');

describe('a message', () => {
  test('is deleted once its function has ended well', async () => {
    expect(await processed({ dequeueCount: 3 })).toEqual({ calls: ['call body', 'delete m r0'], said: [] });
  });

  test('comes back after a failure, and goes to the poison queue at the last one, copied before it is deleted', async () => {
    const back = await processed({ dequeueCount: 2 }, { fails: true });
    expect(back, 'in whole seconds').toEqual({ calls: ['call body', 'update m r0 undefined 2'], said: [] });
    const last = await processed({ dequeueCount: 3 }, { fails: true });
    expect(last.calls).toEqual(['call body', `poison ${TEXT}`, 'delete m r0']);
    expect(last.said).toEqual(["warning f: Message m has failed 3 times. Moving it to queue 'q-poison'"]);
  });

  test('that arrives too often, or is not base64, goes there without a call', async () => {
    const often = await processed({ dequeueCount: 4 });
    expect(often.calls).toEqual([`poison ${TEXT}`, 'delete m r0']);
    expect(often.said[0]).toContain('has been dequeued 4 times, more than 3.');
    const odd = await processed({ messageText: '{}' });
    expect(odd.calls).toEqual(['poison {}', 'delete m r0']);
  });

  test('of a poison queue stays as it is, and is not called too often', async () => {
    const one = { poison: false };
    expect((await processed({}, { ...one, fails: true })).calls).toEqual(['call body']);
    expect((await processed({ dequeueCount: 3 }, { ...one, fails: true })).calls).toEqual(['call body']);
    expect((await processed({ dequeueCount: 4 }, one)).calls).toEqual([]);
    expect((await processed({}, one)).calls).toEqual(['call body', 'delete m r0']);
  });

  test('that storage does not let go of is told of, and thrown to nobody', async () => {
    const { calls, said } = await processed({}, { away: () => failure(503) });
    expect(calls).toEqual(['call body', 'delete m r0']);
    expect(said).toEqual(['error f: Message m could not be settled: Refused, HTTP 503']);
  });
});

test.each([
  [{ code: 'X', statusCode: 5 }, 'X, HTTP 5'],
  [{ code: 'X' }, 'X'],
  [{ statusCode: 5 }, 'HTTP 5'],
  [new Error('in words'), 'in words'],
  ['text', 'text'],
])('a failure is told of by what it has: %j', (error, words) => {
  expect(inWords(error)).toBe(words);
});

describe('a lease', () => {
  test('is renewed at each half of its time with the receipt of the last, and ends with the one that is valid', async () => {
    vi.useFakeTimers();
    const { calls, queue } = queueOf();
    const lease = holdLease(queue, item(), 10, () => expect.unreachable());
    await vi.advanceTimersByTimeAsync(4999);
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(calls).toEqual(['update m r0 undefined 10', 'update m r1 undefined 10']);
    expect(await lease.end()).toBe('r2');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(calls).toHaveLength(2);
  });

  test('waits at its end for a renewal under way, of which there is one at a time', async () => {
    vi.useFakeTimers();
    const answers: ((answer: object) => void)[] = [];
    const queue = { updateMessage: () => new Promise((done) => answers.push(done)) };
    const limits = vi.spyOn(AbortSignal, 'timeout');
    const lease = holdLease(queue as never, item(), 10, () => {});
    await vi.advanceTimersByTimeAsync(15_000);
    expect(answers).toHaveLength(1);
    expect(limits.mock.calls).toEqual([[30_000]]);
    const ended = lease.end();
    answers[0]?.({ popReceipt: 'late' });
    expect(await ended).toBe('late');
  });

  test('of which a renewal fails, or says nothing new, goes on with what it has', async () => {
    vi.useFakeTimers();
    const errors: unknown[] = [];
    const error = failure(503);
    let tries = 0;
    const queue = {
      updateMessage: async () => {
        tries += 1;
        if (tries === 1) throw error;
        return {};
      },
    };
    const lease = holdLease(queue as never, item(), 10, (one) => errors.push(one));
    await vi.advanceTimersByTimeAsync(10_000);
    expect([tries, errors]).toEqual([2, [error]]);
    expect(await lease.end()).toBe('r0');
  });
});

describe('a poison queue', () => {
  const of = (fails: (call: string) => unknown) => {
    const { calls, queue } = queueOf(fails);
    const names: string[] = [];
    const service = {
      getQueueClient: (name: string) => {
        names.push(name);
        return queue;
      },
    };
    return { calls, names, poison: poisonQueueOf(service as never, 'work') };
  };

  test('takes what it is given for good, and is made where it is missing', async () => {
    const there = of(() => undefined);
    await there.poison?.add('text');
    expect([there.names, there.poison?.name, there.calls]).toEqual([
      ['work-poison'],
      'work-poison',
      ['send text -1'],
    ]);
    let isMade = false;
    const missing = of((call) => {
      if (call === 'create') isMade = true;
      return isMade ? undefined : failure(404);
    });
    await missing.poison?.add('text');
    expect(missing.calls).toEqual(['send text -1', 'create', 'send text -1']);
  });

  test('that is away is not made, and the message not lost', async () => {
    const { calls, poison } = of(() => failure(503));
    await expect(poison?.add('text')).rejects.toMatchObject({ statusCode: 503 });
    expect(calls).toEqual(['send text -1']);
  });
});

test('no call to the queue service takes longer than half a minute', () => {
  expect(CALL_LIMIT_MS).toBe(30_000);
});
