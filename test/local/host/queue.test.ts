import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../support/emulator.ts';
import { eventually, type HostProcess, type StartOptions, startHost } from './support.ts';

let emulator: Emulator;
let service: QueueServiceClient;
beforeAll(async () => {
  emulator = await startEmulator();
  service = QueueServiceClient.fromConnectionString(emulator.connectionString);
});
afterAll(() => emulator.stop());

let queues = 0;
/** A queue, with the messages that wait in it, and a host whose function is triggered by it, stopped at the end. */
async function withQueue(
  options: StartOptions & { setting: string; create?: boolean; waiting?: readonly string[] },
  body: (host: HostProcess, queueName: string) => Promise<void>,
): Promise<void> {
  queues += 1;
  const name = `queue-${queues}`;
  const queue = service.getQueueClient(name);
  if (options.create !== false) await queue.create();
  for (const message of options.waiting ?? []) await queue.sendMessage(message);
  const host = await startHost({
    connectionString: emulator.connectionString,
    ...options,
    env: { ...options.env, [options.setting]: name },
  });
  try {
    await body(host, name);
    expect(await host.stop()).toBe(0);
  } finally {
    host.child.kill('SIGKILL');
  }
}
const echo = { main: 'queue-echo.js', setting: 'ECHO_QUEUE' };
const held = { main: 'queue-held.js', setting: 'HELD_QUEUE' };

async function count(queueName: string): Promise<number> {
  return (await service.getQueueClient(queueName).getProperties()).approximateMessagesCount ?? 0;
}

test('a function that an app setting disables does not run, and the host says so', async () => {
  for (const setting of ['AzureWebJobs.echo.Disabled', 'AzureWebJobs__echo__Disabled']) {
    await withQueue({ ...echo, env: { [setting]: 'true' } }, async (host) => {
      await host.logged((line) => /is disabled/.test(line.message));
      expect(host.functions).toEqual([]);
    });
  }
});

test('a message runs its function with its parsed body and is deleted', async () => {
  await withQueue(echo, async (host, name) => {
    await service.getQueueClient(name).sendMessage('{"a":[1]}');
    const [report] = await host.reported('echo');
    expect(report?.message).toEqual({ a: [1] });
    await eventually(() => count(name)).toBe(0);
  });
});

test('a body that JSON can read arrives as JSON, a number as a number, any other text as a string', async () => {
  await withQueue(echo, async (host, name) => {
    const queue = service.getQueueClient(name);
    for (const text of ['123', '"quoted"', 'plain text', '{not json']) await queue.sendMessage(text);
    const reports = await host.reported('echo', 4);
    expect(new Set(reports.map((report) => report.message))).toEqual(
      new Set([123, 'quoted', 'plain text', '{not json']),
    );
  });
});

test('trigger metadata has the documented types: a dequeue count is a string, dates are dates as JSON', async () => {
  await withQueue(echo, async (host, name) => {
    const { messageId } = await service.getQueueClient(name).sendMessage('hello');
    const [report] = await host.reported('echo');
    expect(report?.metadata).toEqual({
      queueTrigger: 'hello',
      dequeueCount: '1',
      id: messageId,
      popReceipt: expect.any(String),
      insertionTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      expirationTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      nextVisibleTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });
});

test('top-level fields of a JSON body are merged over the metadata, ignoring case', async () => {
  await withQueue(echo, async (host, name) => {
    const body = { id: 'of the body', DEQUEUECOUNT: 'many', batch: 'b1', nested: { Deep: 1 }, list: [1] };
    await service.getQueueClient(name).sendMessage(JSON.stringify(body));
    const [report] = await host.reported('echo');
    expect(report?.metadata).toMatchObject({
      id: 'of the body',
      dequeueCount: 'many',
      batch: 'b1',
      nested: { deep: 1 },
    });
    expect(report?.metadata).not.toHaveProperty('list');
    expect(report?.message).toEqual(body);
  });
});

test('messageEncoding base64 is the default and decodes the body', async () => {
  await withQueue({ ...echo, queues: { messageEncoding: 'base64' } }, async (host, name) => {
    await service.getQueueClient(name).sendMessage(Buffer.from('{"größe":"7"}').toString('base64'));
    const [report] = await host.reported('echo');
    expect(report?.message).toEqual({ größe: '7' });
  });
});

test('a queue that does not exist counts as empty, is said once, and is read as soon as it is there', async () => {
  await withQueue({ ...echo, create: false }, async (host, name) => {
    await host.logged((line) => /does not exist yet/.test(line.message));
    const queue = service.getQueueClient(name);
    await queue.create();
    await queue.sendMessage('at last');
    await host.reported('echo');
    expect(host.lines.filter((line) => /does not exist yet/.test(line.message))).toHaveLength(1);
  });
});

test('batchSize + newBatchThreshold messages are handled at once, and no more', async () => {
  const names = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6'];
  // All wait before the host looks first, or its first batch might be of one.
  await withQueue(
    { ...held, queues: { batchSize: 2, newBatchThreshold: 1 }, waiting: names },
    async (host) => {
      const running = new Set((await host.reported('begun', 2)).map((report) => report.message as string));
      const release = (message: string | undefined) => {
        if (message === undefined) throw new Error('nothing is running');
        running.delete(message);
        host.go(message);
      };
      let most = running.size;
      for (let begun = 2; begun < names.length; ) {
        // One ends: with at most newBatchThreshold left, the next batch of two is fetched.
        release([...running][0]);
        if (running.size > 1) continue;
        const reports = await host.reported('begun', Math.min(begun + 2, names.length));
        for (const { message } of reports.slice(begun)) running.add(message);
        begun = reports.length;
        most = Math.max(most, running.size);
      }
      expect(most).toBe(3);
      for (const message of running) host.go(message);
      await host.reported('ended', names.length);
    },
  );
});

test('invisibility is renewed: a handler longer than the invisibility period runs once', async () => {
  await withQueue({ ...held, args: ['--visibility-timeout', '1'] }, async (host, name) => {
    const queue = service.getQueueClient(name);
    await queue.sendMessage('long');
    const [begun] = await host.reported('begun');
    // Three periods later, told by the emulator's own clock, the message must still be held.
    await eventually(() => Date.now() - (begun?.at ?? Number.NaN)).toBeGreaterThan(3000);
    expect((await queue.peekMessages()).peekedMessageItems).toEqual([]);
    host.go('long');
    await host.reported('ended');
    await eventually(() => count(name)).toBe(0);
    expect(await host.reported('begun')).toHaveLength(1);
  });
});

test('after kill -9 the message comes back within the invisibility period, with a higher dequeue count', async () => {
  const queue = service.getQueueClient('killed');
  await queue.create();
  await queue.sendMessage('again');
  const options = {
    main: 'queue-held.js',
    connectionString: emulator.connectionString,
    env: { HELD_QUEUE: 'killed' },
  };
  const first = await startHost(options);
  const [lost] = await first.reported('begun');
  await first.kill();
  const killedAt = Date.now();
  const second = await startHost(options);
  const readyAt = Date.now();
  const [again] = await second.reported('begun');
  expect(again?.dequeueCount).toBe('2');
  // The period is 2 s in these tests; a renewal may have begun a new one just before the end. It takes a poll to find out.
  expect(again?.at).toBeLessThan(Math.max(killedAt + 2000, readyAt) + 2000);
  expect(again?.at).toBeGreaterThan((lost?.at ?? Number.NaN) + 1000);
  second.go('again');
  await second.reported('ended');
  expect(await second.stop()).toBe(0);
});

test('a graceful stop lets a running invocation end, deletes its message and takes no new one', async () => {
  await withQueue({ ...held, queues: { batchSize: 1, newBatchThreshold: 0 } }, async (host, name) => {
    const queue = service.getQueueClient(name);
    await queue.sendMessage('running');
    await host.reported('begun');
    await queue.sendMessage('waiting');
    const code = host.stop();
    // The host takes no more HTTP requests from the moment it is stopping.
    await eventually(() => fetch(host.url).catch(() => 'refused')).toBe('refused');
    host.go('running');
    expect(await code).toBe(0);
    expect(host.reports.filter((report) => report.event === 'ended')).toHaveLength(1);
    const { peekedMessageItems } = await queue.peekMessages();
    expect(peekedMessageItems.map((message) => message.messageText)).toEqual(['waiting']);
  });
});

test('a stop does not wait longer than the grace period', async () => {
  await withQueue({ ...held, args: ['--grace', '100'] }, async (host, name) => {
    await service.getQueueClient(name).sendMessage('never ends');
    await host.reported('begun');
    expect(await host.stop()).toBe(0);
    expect(host.reports.some((report) => report.event === 'ended')).toBe(false);
    expect(host.lines.some((line) => /left behind/.test(line.message))).toBe(true);
  });
});

test('a retry policy on a queue function is ignored with a warning', async () => {
  const host = await startHost({ main: 'queue-retry.js', connectionString: emulator.connectionString });
  const line = await host.logged((each) => each.function === 'retry' && each.level === 'warning');
  expect(line.message).toMatch(/retry policy is ignored/);
  expect(host.functions).toEqual([{ name: 'retry', trigger: 'queueTrigger', source: 'retry' }]);
  expect(await host.stop()).toBe(0);
});
