import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHost } from '../../../src/local/host/host.ts';
import { type Emulator, startEmulator } from '../../support/emulator.ts';
import { startHost } from './support.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.stop());

async function startWith(message: string) {
  const queue = QueueServiceClient.fromConnectionString(emulator.connectionString).getQueueClient('rejects');
  await queue.createIfNotExists();
  await queue.clearMessages();
  await queue.sendMessage(message);
  return await startHost({
    main: 'rejects.js',
    connectionString: emulator.connectionString,
    env: { REJECTS_QUEUE: 'rejects' },
  });
}

test('an unhandled rejection ends the process with a line that says so, even after a success', async () => {
  const host = await startWith('reject');
  expect(await host.ended()).toBe(1);
  expect(host.stderr()).toMatch(/an unhandled rejection ends the process.*nobody handles this/);
});

test('a late throw ends the process with a line that says so', async () => {
  const host = await startWith('throw');
  expect(await host.ended()).toBe(1);
  expect(host.stderr()).toMatch(/an uncaught exception ends the process.*thrown late/);
});

test('an invocation longer than functionTimeout ends the process with a line that says so', async () => {
  const host = await startHost({
    main: 'http.js',
    env: { AzureFunctionsJobHost__functionTimeout: '00:00:00.2' },
  });
  const answer = fetch(`${host.url}/api/slow`).catch(() => 'cut off');
  expect(await host.ended()).toBe(1);
  expect(host.stderr()).toMatch(/function slow ran longer than host\.json's functionTimeout/);
  expect(await answer).toBe('cut off');
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s stops the host gracefully', async (signal) => {
  const host = await startWith('fine');
  await host.logged((line) => /Succeeded/.test(line.message));
  host.child.kill(signal);
  expect(await host.ended()).toBe(0);
});

test('the host stops when the parent that it talks to ends', async () => {
  const host = await startWith('fine');
  host.child.disconnect();
  expect(await host.ended()).toBe(0);
});

test('a process can have one host only', async () => {
  const options = {
    appDirectory: new URL('./fixtures', import.meta.url).pathname,
    main: 'no-such-folder/*.js',
    env: {},
    hostJson: { version: '2.0' },
    options: { writeLog: () => {} },
  };
  const first = createHost(options);
  await first.start();
  expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await expect(createHost(options).start()).rejects.toThrow(/has a Functions host already/);
  await first.stop();
  await first.stop();
  await expect(fetch(first.url ?? '')).rejects.toThrow();
});
