import { readFile } from 'node:fs/promises';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { recoverHeld } from '../../src/admin/recover.ts';
import { HOST_DELIVERIES } from '../../src/domain/retry-policy.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';
import { openPipeline, type TestPipeline } from '../support/pipeline.ts';
import { projectRoot } from '../support/project-root.ts';

let emulator: Emulator;
let pipeline: TestPipeline;
beforeAll(async () => {
  emulator = await startEmulator();
  const step = { name: 'only', needs: [], schema: z.unknown(), summary: '', run: async () => ({}) };
  pipeline = await openPipeline(emulator, [step]);
});
afterAll(() => emulator?.stop());

/** A message that the host has handed out so often, every process dying over it. */
async function heldBack(text: string, deliveries: number) {
  const queue = QueueServiceClient.fromConnectionString(emulator.connectionString).getQueueClient(
    'only-poison',
  );
  await queue.sendMessage(text);
  for (let delivery = 0; delivery < deliveries; delivery += 1) {
    const { receivedMessageItems } = await queue.receiveMessages({ visibilityTimeout: 30 });
    for (const { messageId, popReceipt } of receivedMessageItems)
      await queue.updateMessage(messageId, popReceipt, undefined, 0);
  }
  return queue;
}

const options = (looks: number, found: [string, number][], between = async () => {}) => ({
  queues: ['only', 'pipelineoutput', 'nosuchqueue'],
  limitMs: looks * 1000,
  pause: async () => {
    pipeline.advance(1000);
    await between();
  },
  onRecovered: (queue: string, count: number) => void found.push([queue, count]),
});
const never = new AbortController().signal;

test('a message that the host never hands over again is put back as a new one, whole', async () => {
  await heldBack('{"whole":"message"}', HOST_DELIVERIES);
  const found: [string, number][] = [];
  expect(await recoverHeld(pipeline, options(0, found), never)).toBe(1);
  expect(found).toEqual([['only-poison', 1]]);
  expect(await pipeline.take('only-poison')).toEqual({ text: '{"whole":"message"}', dequeueCount: 1 });
  expect(await pipeline.depth('only-poison')).toBe(0);
});

test('one that the host still hands over is left to it, and one that is hidden is waited for', async () => {
  const queue = await heldBack('{}', HOST_DELIVERIES - 1);
  expect(await recoverHeld(pipeline, options(1, []), never)).toBe(0);
  const { receivedMessageItems } = await queue.receiveMessages({ visibilityTimeout: 30 });
  let looks = 0;
  const show = async () => {
    looks += 1;
    const [hidden] = receivedMessageItems;
    if (looks === 3 && hidden) await queue.updateMessage(hidden.messageId, hidden.popReceipt, undefined, 0);
  };
  expect(await recoverHeld(pipeline, options(10, [], show), never)).toBe(1);
  expect(looks).toBe(3);
});

test('what counts as held back is what host.json says', async () => {
  const host = JSON.parse(await readFile(`${projectRoot}host.json`, 'utf8'));
  expect(host.extensions.queues.maxDequeueCount).toBe(HOST_DELIVERIES);
});
