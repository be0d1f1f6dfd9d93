import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { letterLines } from '../../../src/cli/poison/letter.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import { HOST_DELIVERIES } from '../../../src/domain/retry-policy.ts';
import type { DeadLetter } from '../../../src/pipeline/journal/dead-letters.ts';
import { decodeQueueMessage } from '../../../src/pipeline/message/codec.ts';
import { type Emulator, startEmulator } from '../../support/emulator.ts';
import { openPipeline, type TestPipeline } from '../../support/pipeline.ts';

const DEEP = `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
const never = new AbortController().signal;
let emulator: Emulator;
let pipeline: TestPipeline;
beforeAll(async () => {
  emulator = await startEmulator();
  const step = { name: 'only', needs: [], schema: z.unknown(), summary: '', run: async () => ({}) };
  pipeline = await openPipeline(emulator, [step]);
});
afterAll(() => emulator?.stop());
beforeEach(async () => {
  await pipeline.empty();
  for (const letter of await letters()) await pipeline.deadLetters.discard(letter);
});

async function letters(): Promise<DeadLetter[]> {
  const found: DeadLetter[] = [];
  for await (const letter of pipeline.deadLetters.list()) found.push(letter);
  return found;
}

/** A message over which so many deliveries have failed before any code of ours ran. */
async function failed(queue: string, text: string, deliveries: number): Promise<void> {
  const client = QueueServiceClient.fromConnectionString(emulator.connectionString).getQueueClient(queue);
  const { messageId, popReceipt } = await client.sendMessage(text, { visibilityTimeout: 0 });
  let receipt = popReceipt;
  for (let delivery = 0; delivery < deliveries; delivery += 1) {
    const { receivedMessageItems } = await client.receiveMessages({ numberOfMessages: 32 });
    for (const item of receivedMessageItems) {
      receipt = item.messageId === messageId ? item.popReceipt : receipt;
      await client.updateMessage(item.messageId, item.popReceipt, undefined, 0);
    }
  }
}

test.each(['only', 'inputimages-events'])(
  'what the library could not hand over stays in no poison queue: %s',
  async (queue) => {
    await failed(`${queue}-poison`, DEEP, HOST_DELIVERIES);
    expect(await pipeline.poison.leftBehind(silentLog, never)).toBe(1);
    expect(await pipeline.depth(`${queue}-poison`)).toBe(0);
    const [letter, ...others] = await letters();
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ queue, message: DEEP, error: { code: 'ContractError' } });
    // Shown as text: to print it as a value would fail as the library did.
    if (letter) expect(letterLines(letter).at(-1)).toBe(DEEP);
    expect(await pipeline.poison.leftBehind(silentLog, never)).toBe(0);
  },
);

test('a message that is still handed over is left where it is', async () => {
  await failed('only-poison', DEEP, HOST_DELIVERIES - 1);
  expect(await pipeline.poison.leftBehind(silentLog, never)).toBe(0);
  expect(await pipeline.depth('only-poison')).toBe(1);
});

test('one beside it is sent anew, none is lost', async () => {
  await failed('only-poison', DEEP, HOST_DELIVERIES);
  await failed('only-poison', '{"second":1}', 0);
  expect(await pipeline.poison.leftBehind(silentLog, never)).toBe(1);
  expect(await pipeline.take('only-poison')).toEqual({ text: '{"second":1}', dequeueCount: 1 });
});

test('a step refuses it at once, whatever carries it', () => {
  for (const text of [DEEP, Buffer.from(DEEP).toString('base64')]) {
    expect(() => decodeQueueMessage(text)).toThrow('more than 200 levels');
  }
  // Brackets in a text are no levels.
  const harmless = { text: '['.repeat(5000), quoted: `"${'{'.repeat(5000)}` };
  expect(decodeQueueMessage(JSON.stringify(harmless))).toEqual(harmless);
});
