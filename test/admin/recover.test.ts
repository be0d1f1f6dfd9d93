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

test('it tells of queues in which it has put something back only, and ends when nothing is left, at its limit or when stopped', async () => {
  const due = (dequeueCount: number) => ({ dequeueCount });
  /** @param looks what a look finds, the last again and again; with how many messages are still there to be sent anew */
  async function run(
    looks: readonly [messages: number, delivered: number, renewed: number][],
    limit = 2,
    stop = 99,
  ) {
    let now = 0;
    let at = 0;
    const asked: string[] = [];
    const told: [string, number][] = [];
    const aborting = new AbortController();
    const here = () => looks[Math.min(at, looks.length - 1)] as (typeof looks)[number];
    const queues = {
      look: async (queue: string) => {
        asked.push(queue);
        const [messages, delivered] = here();
        return { messages, visible: messages === 0 ? [] : [due(1), due(delivered)] };
      },
      renew: async () => here()[2],
    };
    const recovered = await recoverHeld(
      { storage: { queues }, clock: () => now } as never,
      {
        queues: ['only'],
        limitMs: limit,
        pause: async () => {
          at += 1;
          now += 1;
          if (at === stop) aborting.abort();
        },
        onRecovered: (queue, count) => void told.push([queue, count]),
      },
      aborting.signal,
    );
    return { recovered, told, looks: asked.length };
  }
  const most = HOST_DELIVERIES;
  expect(await run([[0, 0, 0]])).toEqual({ recovered: 0, told: [], looks: 1 });
  expect(await run([[2, most, 2]])).toEqual({ recovered: 2, told: [['only-poison', 2]], looks: 1 });
  // Another process was quicker.
  expect(await run([[2, most, 0]])).toEqual({ recovered: 0, told: [], looks: 3 });
  expect(await run([[2, most - 1, 2]], 1)).toEqual({ recovered: 0, told: [], looks: 2 });
  expect(
    await run([
      [3, most, 1],
      [2, most, 2],
    ]),
  ).toMatchObject({ recovered: 3, looks: 2 });
  expect(await run([[2, most, 0]], 99, 4)).toMatchObject({ looks: 5 });
});
