import { QueueServiceClient } from '@azure/storage-queue';
import { expect, test } from 'vitest';
import { startEmulator } from './emulator.ts';

test('two emulators run at once on ports of their own, and end when stopped', async () => {
  const [one, other] = await Promise.all([startEmulator(), startEmulator()]);
  expect(one.ports.queue).not.toBe(other.ports.queue);
  for (const emulator of [one, other]) {
    const service = QueueServiceClient.fromConnectionString(emulator.connectionString);
    await service.createQueue('here');
  }
  await Promise.all([one.stop(), other.stop()]);
  await expect(fetch(`http://127.0.0.1:${one.ports.queue}/`)).rejects.toThrow();
});
