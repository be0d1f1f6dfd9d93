import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../support/emulator.ts';
import { type HostProcess, startHost } from './support.ts';

let emulator: Emulator;
let host: HostProcess;
const send = async (body: object) => {
  const queue = QueueServiceClient.fromConnectionString(emulator.connectionString).getQueueClient('hooked');
  await queue.createIfNotExists();
  await queue.sendMessage(JSON.stringify(body));
};
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.stop());

async function withHost(body: () => Promise<void>): Promise<void> {
  host = await startHost({
    main: 'hooks.js',
    connectionString: emulator.connectionString,
    queues: { maxDequeueCount: 1 },
    env: { HOOKED_QUEUE: 'hooked' },
  });
  try {
    await body();
    expect(await host.stop()).toBe(0);
  } finally {
    host.child.kill('SIGKILL');
  }
}

test('hooks run in their order; pre hooks may replace inputs and callback, and share data with post hooks', async () => {
  await withHost(async () => {
    await send({ mode: 'plain' });
    const [post] = await host.reported('post');
    const [handler] = await host.reported('handler');
    expect(post?.order).toEqual(['appStart', 'pre1', 'pre2', 'handler', 'post']);
    expect(handler?.message).toEqual({ mode: 'plain', replaced: true });
    expect(post).toMatchObject({
      shared: 'from pre',
      inputs: [{ mode: 'plain', replaced: true }],
      result: { wrapped: 'result' },
    });
    await host.logged((line) => /Succeeded/.test(line.message));
  });
});

test('a post hook may take an error away: the invocation succeeds', async () => {
  await withHost(async () => {
    await send({ mode: 'post clears error' });
    const [post] = await host.reported('post');
    expect(post?.error).toBe('cleared by the hook');
    await host.logged((line) => /Succeeded/.test(line.message));
  });
});

test('a post hook may set an error: the invocation fails', async () => {
  await withHost(async () => {
    await send({ mode: 'post sets error' });
    await host.logged((line) => /Failed.*set by the hook/.test(line.message));
    await host.logged((line) => /Moving it to queue 'hooked-poison'/.test(line.message));
  });
});

test('a pre hook that throws fails the invocation before its handler', async () => {
  await withHost(async () => {
    await send({ mode: 'pre throws' });
    await host.logged((line) => /Failed.*pre-invocation hook threw/.test(line.message));
    expect(host.reports.filter((report) => report.event === 'handler')).toEqual([]);
  });
});

test('appTerminate hooks run at the end and see the hookData of appStart', async () => {
  await withHost(async () => {
    expect(await host.stop()).toBe(0);
    expect(await host.reported('appTerminate')).toMatchObject([{ started: true }]);
  });
});

test('log hooks may change a line and its level', async () => {
  await withHost(async () => {
    await send({ mode: 'plain' });
    expect(await host.logged((line) => line.message === 'renamed in hooked')).toMatchObject({
      level: 'warning',
      category: 'user',
    });
  });
});
