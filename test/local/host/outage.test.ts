import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { QueueServiceClient } from '@azure/storage-queue';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../support/emulator.ts';
import { eventually, startHost } from './support.ts';

test('while storage is away the host says so once and waits; then it goes on', async () => {
  const location = await mkdtemp(path.join(tmpdir(), 'imaginem-outage-'));
  onTestFinished(() => rm(location, { recursive: true, force: true }));
  const before = await startEmulator({ location });
  const { connectionString } = before;
  const queue = QueueServiceClient.fromConnectionString(connectionString).getQueueClient('outage');
  await queue.create();
  const host = await startHost({ main: 'queue-echo.js', connectionString, env: { ECHO_QUEUE: 'outage' } });
  onTestFinished(() => void host.child.kill('SIGKILL'));
  await queue.sendMessage('before');
  await host.reported('echo');
  await eventually(async () => (await queue.getProperties()).approximateMessagesCount).toBe(0);
  await before.stop();
  const away = (line: { message: string }) => /cannot be read \(.*ECONNREFUSED/.test(line.message);
  await host.logged(away);

  const after = await startEmulator({ location, ports: before.ports });
  onTestFinished(() => after.stop());
  await queue.sendMessage('after');
  const reports = await host.reported('echo', 2);
  expect(reports.map((report) => report.message)).toEqual(['before', 'after']);
  expect(host.lines.filter(away)).toHaveLength(1);
  expect(await host.stop()).toBe(0);
});
