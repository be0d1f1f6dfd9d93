import { channel } from 'node:diagnostics_channel';
import { afterEach, expect, test, vi } from 'vitest';
import { listen, type QueueListener } from '../../../../src/local/host/queue/listener.ts';
import { onSent } from '../../../../src/local/host/queue/sent.ts';

/** When a queue is looked into: over a queue that answers as the test says, and a clock that the test moves. */
const answers = channel('http.client.response.finish');
let listener: QueueListener | undefined;
afterEach(async () => {
  await listener?.stop();
  listener = undefined;
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** This process has sent something. */
const sends = (path = '/a/q/messages', { method = 'POST', statusCode = 201, host = 'h' } = {}) =>
  answers.publish({ request: { method, path, getHeader: () => host }, response: { statusCode } });

/** @param script how many messages each look finds, or what it fails with; nothing once it is over */
function polling(script: (number | Error)[], batchSize = 2, work = async () => {}) {
  vi.useFakeTimers();
  const looks: number[] = [];
  const began = Date.now();
  const asked: object[] = [];
  const said: string[] = [];
  const handled: string[] = [];
  let during = () => {};
  const queue = {
    ...{ url: 'https://h/a/q', name: 'q' },
    receiveMessages: async ({ abortSignal: _, ...options }: { abortSignal: unknown }) => {
      looks.push(Date.now() - began);
      asked.push(options);
      during();
      const found = script.shift() ?? 0;
      if (typeof found !== 'number') throw found;
      const receivedMessageItems = Array.from({ length: found }, (__, n) => ({
        messageId: `${looks.length}-${n}`,
      }));
      return { receivedMessageItems };
    },
  };
  listener = listen({
    ...{
      functionName: 'f',
      queue: queue as never,
      batchSize,
      newBatchThreshold: 1,
      maxPollingInterval: 1000,
    },
    ...{ invisibilitySeconds: 60, random: () => 0.5 },
    log: { system: (level: string, text: string) => said.push(`${level} ${text}`) } as never,
    process: async ({ messageId }) => {
      handled.push(messageId);
      await work();
    },
  });
  return {
    ...{ looks, asked, said, handled },
    /** Until so many milliseconds after the beginning. */
    at: (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds - (Date.now() - began)),
    during: (what: () => void) => {
      during = what;
    },
  };
}

test('an empty queue is looked into ever less often, up to the longest interval', async () => {
  const limits = vi.spyOn(AbortSignal, 'timeout');
  const { at, looks, asked } = polling([]);
  await at(4000);
  expect(looks).toEqual([0, 100, 300, 700, 1500, 2500, 3500]);
  expect(asked[0]).toEqual({ numberOfMessages: 2, visibilityTimeout: 60 });
  expect(limits.mock.calls.every(([limit]) => limit === 30_000)).toBe(true);
});

test('what others have sent is followed by a look at once, and that by the shortest pause', async () => {
  const { at, looks, handled } = polling([0, 0, 0, 1]);
  await at(1200);
  expect(looks).toEqual([0, 100, 300, 700, 700, 800, 1000]);
  expect(handled).toEqual(['4-0']);
});

test('what was there before is followed by a look at once, too', async () => {
  const { at, looks } = polling([1]);
  await at(250);
  expect(looks).toEqual([0, 0, 100]);
});

test('what this process sends is looked for at once; the looks after it are as seldom as before', async () => {
  const { at, looks } = polling([0, 0, 0, 1]);
  await at(400);
  sends();
  await at(2000);
  expect(looks).toEqual([0, 100, 300, 400, 800, 1600]);
});

test('of what this process sends many at once the rest is looked for at once, too', async () => {
  const { at, looks } = polling([0, 2, 2, 1]);
  await at(50);
  sends();
  await at(300);
  expect(looks).toEqual([0, 50, 50, 50, 150]);
});

test('what is sent during a look is looked for after it', async () => {
  const { at, looks, during } = polling([0]);
  during(() => {
    if (looks.length === 2) sends();
  });
  await at(150);
  expect(looks).toEqual([0, 100, 100]);
});

test('trouble is told of once until it is over; a queue that is not there is no trouble', async () => {
  const trouble = (statusCode: number, code = 'X') => Object.assign(new Error('x'), { statusCode, code });
  const { at, said } = polling([
    ...[trouble(503), trouble(503), trouble(500), 0, trouble(500)],
    ...[trouble(404, 'QueueNotFound'), trouble(404, 'QueueNotFound')],
  ]);
  await at(9000);
  expect(said).toEqual([
    "error Queue 'q' cannot be read (X, HTTP 503).",
    "error Queue 'q' cannot be read (X, HTTP 500).",
    "error Queue 'q' cannot be read (X, HTTP 500).",
    "information Queue 'q' does not exist yet: it counts as empty.",
  ]);
});

test('whoever stops looks no more, whether it pauses or looks, and hears of nothing', async () => {
  const { at, looks } = polling([]);
  await at(150);
  const ended = listener?.stop();
  await at(5000);
  await ended;
  expect(looks).toEqual([0, 100]);
  expect(answers.hasSubscribers).toBe(false);
  const during = polling([]);
  during.during(() => void listener?.stop());
  await during.at(5000);
  expect(during.looks).toEqual([0, 100]);
});

test('only what this process has put into the queue itself is told of, to all who listen, each until its end', () => {
  const told: string[] = [];
  const ends = ['a', 'b'].map((name) => onSent('https://h/a/q', () => told.push(name)));
  const other = onSent('https://h/a/other', () => told.push('other'));
  sends();
  expect(told.splice(0)).toEqual(['a', 'b']);
  sends('/a/q/messages?visibilitytimeout=0&messagettl=-1');
  expect(told.splice(0)).toEqual(['a', 'b']);
  sends('/a/q/messages?visibilitytimeout=1');
  sends('/a/q/messages', { statusCode: 404 });
  sends('/a/q/messages', { method: 'GET' });
  sends('/a/q/messages', { host: 'elsewhere' });
  sends('/a/third/messages');
  expect(told).toEqual([]);
  ends[0]?.();
  sends();
  expect(told.splice(0)).toEqual(['b']);
  ends[1]?.();
  const late = onSent('https://h/a/q', () => told.push('late'));
  // Ended once more, it takes nobody else along.
  ends[1]?.();
  sends();
  expect(told.splice(0)).toEqual(['late']);
  late();
  sends('/a/other/messages');
  expect(told).toEqual(['other']);
  expect(answers.hasSubscribers).toBe(true);
  other();
  expect(answers.hasSubscribers).toBe(false);
});

test('the next look waits until no more than the threshold of messages is under way', async () => {
  const ends: Array<() => void> = [];
  const { at, looks, handled } = polling([4, 4], 4, () => new Promise((resolve) => ends.push(resolve)));
  await at(1);
  expect(handled).toHaveLength(4);
  for (const now of [2, 3]) {
    ends.shift()?.();
    await at(now);
    expect(looks, `${ends.length} under way`).toEqual([0]);
  }
  ends.shift()?.();
  await at(4);
  expect(looks).toEqual([0, 3]);
  expect(handled).toHaveLength(8);
  for (const end of ends) end();
});
