import { QueueServiceClient } from '@azure/storage-queue';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backoffMs, withJitter } from '../../../src/domain/retry-policy.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import { openStorage, type StorageAccount } from '../../../src/storage/account.ts';
import { type Emulator, startEmulator } from '../../support/emulator.ts';

const policies = fc
  .tuple(fc.double({ min: 0.01, max: 3600, noNaN: true }), fc.double({ min: 1, max: 100, noNaN: true }))
  .map(([base, factor]) => ({
    RETRY_BASE_SECONDS: base,
    RETRY_MAX_SECONDS: Math.min(base * factor, 86_400),
  }));
const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const attempts = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 2 ** 31 }));

describe('back-off', () => {
  test('is whole milliseconds between nothing and the longest, whatever the attempt', () => {
    fc.assert(
      fc.property(policies, attempts, draws, (policy, attempt, draw) => {
        const delay = backoffMs(attempt, policy, () => draw);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.round(policy.RETRY_MAX_SECONDS * 1000));
      }),
    );
  });

  test('for one and the same draw never shrinks with the attempts, and doubles until it is capped', () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 60 }), draws, (policy, attempt, draw) => {
        const [now, next] = [attempt, attempt + 1].map((n) => backoffMs(n, policy, () => draw)) as [
          number,
          number,
        ];
        expect(next).toBeGreaterThanOrEqual(now);
        const capped = policy.RETRY_BASE_SECONDS * 2 ** attempt > policy.RETRY_MAX_SECONDS;
        if (!capped) expect(Math.abs(next - 2 * now)).toBeLessThanOrEqual(2);
      }),
    );
  });

  test('has full jitter: draws spread evenly from zero to the cap', () => {
    const policy = { RETRY_BASE_SECONDS: 5, RETRY_MAX_SECONDS: 300 };
    for (const attempt of [1, 3, 20]) {
      const cap = Math.min(5 * 2 ** (attempt - 1), 300) * 1000;
      const delays = Array.from({ length: 1000 }, (_, n) => backoffMs(attempt, policy, () => n / 1000));
      expect(delays[0]).toBe(0);
      expect(delays.at(-1)).toBeGreaterThan(cap * 0.99);
      expect(delays.reduce((sum, delay) => sum + delay, 0) / delays.length / cap).toBeCloseTo(0.5, 2);
    }
  });

  test('never comes before the time a service asked for, and at most a quarter after it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7 * 86_400_000 }), draws, (asked, draw) => {
        const delay = withJitter(asked, () => draw);
        expect(delay).toBeGreaterThanOrEqual(asked);
        expect(delay).toBeLessThanOrEqual(Math.ceil(asked * 1.25));
      }),
    );
  });
});

describe('a queue message', () => {
  let emulator: Emulator;
  let storage: StorageAccount;
  let service: QueueServiceClient;
  beforeAll(async () => {
    emulator = await startEmulator();
    storage = await openStorage(readSettings({ AzureWebJobsStorage: emulator.connectionString }));
    service = QueueServiceClient.fromConnectionString(emulator.connectionString);
  });
  afterAll(() => emulator?.stop());

  test('never expires, put back with a delay or not', async () => {
    await storage.queues.send('lasting', 'at once');
    await storage.queues.send('lasting', 'put back', 1000);
    const queue = service.getQueueClient('lasting');
    const expiry = new Map<string, number>();
    // The second is visible after its second.
    await expect
      .poll(
        async () => {
          const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32 });
          for (const item of receivedMessageItems)
            expiry.set(item.messageText, item.expiresOn.getUTCFullYear());
          return expiry.size;
        },
        { timeout: 20_000 },
      )
      .toBe(2);
    // "Never" is a date in a far century.
    for (const year of expiry.values()) expect(year).toBeGreaterThan(9000);
  });

  test('with a delay beyond what the service takes waits the longest the service takes', async () => {
    await storage.queues.send('patient', 'later', 400 * 86_400_000);
    const properties = await service.getQueueClient('patient').getProperties();
    expect(properties.approximateMessagesCount).toBe(1);
    expect((await service.getQueueClient('patient').peekMessages()).peekedMessageItems).toEqual([]);
  });
});
