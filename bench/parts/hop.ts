import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { QueueServiceClient } from '@azure/storage-queue';
import { z } from 'zod';
import type { AnyStep } from '../../src/domain/step.ts';
import { EVENTS_QUEUE, tables } from '../../src/storage/names.ts';
import { startEmulator } from '../../test/support/emulator.ts';
import { jpeg } from '../../test/support/images.ts';
import { openPipeline } from '../../test/support/pipeline.ts';
import { CallCounter, type Counts, storageCalls } from '../call-counter.ts';
import type { Part } from '../part.ts';
import { figure } from '../report.ts';
import { pairedRatios, spread } from '../stats.ts';

const VARIANTS = ['bare hop', 'ours', 'ours, elsewhere', '2017 helper'] as const;
type Variant = (typeof VARIANTS)[number];

const noop = (name: string): AnyStep => ({
  name,
  needs: [],
  schema: z.unknown(),
  summary: 'Does nothing.',
  run: async () => ({}),
});

/** One hop, three ways, turn by turn on one emulator. */
export const hop: Part = async ({ quick, say }) => {
  const hops = quick ? 60 : 400;
  const folder = await mkdtemp(join(tmpdir(), 'imaginem-bench-'));
  const emulator = await startEmulator({ location: folder });
  const { blob, queue, table } = emulator.ports;
  const counter = new CallCounter({
    blob: `127.0.0.1:${blob}`,
    queue: `127.0.0.1:${queue}`,
    table: `127.0.0.1:${table}`,
  });
  try {
    const steps = [noop('first'), noop('middle')];
    const pipeline = await openPipeline(emulator, steps);
    const elsewhere = await openPipeline(emulator, steps);
    const queues = QueueServiceClient.fromConnectionString(emulator.connectionString);
    const options = { allowInsecureConnection: true };
    const tableService = TableServiceClient.fromConnectionString(emulator.connectionString, options);
    const legacyLog = TableClient.fromConnectionString(emulator.connectionString, tables.journal, options);
    for (const name of ['bare', 'bareoutput', 'legacy', 'legacyoutput']) await queues.createQueue(name);

    const bytes = await jpeg();
    const prepare = async (count: number) => {
      for (let index = 0; index < count; index += 1) {
        const name = `hop/${Math.random().toString(36).slice(2)}.jpg`;
        const etag = await pipeline.drop(name, bytes);
        await pipeline.admission.admitBlob(name, etag, pipeline.delivery().log);
        await pipeline.pump('first');
      }
    };

    /** Receives, works, deletes, as the Functions host does around every variant alike. */
    const handle = async (queueName: string, work: (text: string) => Promise<void>) => {
      const client = queues.getQueueClient(queueName);
      const { receivedMessageItems } = await client.receiveMessages({
        numberOfMessages: 1,
        visibilityTimeout: 60,
      });
      const [item] = receivedMessageItems;
      if (!item)
        throw new Error(`The queue "${queueName}" is empty: the benchmark prepared too few messages.`);
      await work(item.messageText);
      await client.deleteMessage(item.messageId, item.popReceipt);
    };
    const run: Record<Variant, () => Promise<void>> = {
      'bare hop': () =>
        handle('bare', async (text) => {
          await queues.getQueueClient('bareoutput').sendMessage(text, { messageTimeToLive: -1 });
        }),
      ours: () => handle('middle', (text) => pipeline.deliver('middle', text)),
      'ours, elsewhere': () => handle('middle', (text) => elsewhere.deliver('middle', text)),
      // Order of the first PipelineHelper: create what may be missing, send, then log.
      '2017 helper': () =>
        handle('legacy', async (text) => {
          await tableService.createTable(tables.journal).catch(ignoreConflict);
          const next = queues.getQueueClient('legacyoutput');
          await next.createIfNotExists();
          await next.sendMessage(text, { messageTimeToLive: -1 });
          const message = JSON.parse(text) as { job_definition: { id: string; batch_id: string } };
          const { id, batch_id: partitionKey } = message.job_definition;
          const entity = { partitionKey, rowKey: `legacy-${id.replace(/\W/g, '-')}`, middle: '{}' };
          await legacyLog.upsertEntity(entity, 'Merge');
        }),
    };

    const forEach = <T>(make: () => T) =>
      Object.fromEntries(VARIANTS.map((variant) => [variant, make()])) as Record<Variant, T>;
    const times = forEach((): number[] => []);
    const counts = forEach((): Counts => ({}));
    const warmUp = quick ? 20 : 400;
    // Two variants take from "middle", and a look into a queue shows 32 messages.
    const batch = 16;
    for (let done = 0; done < warmUp + hops; done += batch) {
      await prepare(2 * batch);
      const texts = await peekAll(queues, 'middle', batch);
      for (const text of texts) {
        await queues.getQueueClient('bare').sendMessage(text);
        await queues.getQueueClient('legacy').sendMessage(text);
      }
      counter.take();
      for (let turn = 0; turn < batch; turn += 1) {
        // Another one goes first each turn, so that none always has the warmest caches.
        for (let place = 0; place < VARIANTS.length; place += 1) {
          const variant = VARIANTS[(turn + place) % VARIANTS.length] ?? 'ours';
          counter.take();
          const started = performance.now();
          await run[variant]();
          const ms = performance.now() - started;
          if (done < warmUp) continue;
          times[variant].push(ms);
          addTo(counts[variant], counter.take());
        }
      }
      for (const name of ['pipelineoutput', 'bareoutput', 'legacyoutput', EVENTS_QUEUE]) {
        await queues.getQueueClient(name).clearMessages();
      }
      say(`${Math.max(0, done + batch - warmUp)} of ${hops} hops`);
    }

    const calls = (variant: Variant) => storageCalls(counts[variant]) / times[variant].length;
    const bareCalls = calls('bare hop');
    const ratio = (variant: Variant) => spread(pairedRatios(times[variant], times['bare hop']));
    return {
      part: 'hop',
      aims: [
        {
          text: 'ours over bare, time',
          measured: ratio('ours').median,
          limit: 1.5,
          sense: 'at most',
          unit: 'x',
        },
        {
          text: 'ours over bare, storage calls more, wherever the step before ran',
          measured: calls('ours, elsewhere') - bareCalls,
          limit: 2,
          sense: 'at most',
        },
      ],
      tables: [
        {
          title: 'One hop',
          columns: ['', 'over bare', 'quartiles', 'ms (median)', 'quartiles', 'storage calls', 'which'],
          rows: VARIANTS.map((variant) => {
            const over = ratio(variant);
            const ms = spread(times[variant]);
            return [
              variant,
              over.median,
              `${figure(over.low)} - ${figure(over.high)}`,
              ms.median,
              `${figure(ms.low)} - ${figure(ms.high)}`,
              calls(variant),
              which(counts[variant], times[variant].length),
            ];
          }),
        },
      ],
      notes: [
        `${hops} hops of each kind in turn, one at a time, on one emulator that keeps its data on disk.`,
        '"Elsewhere": another instance of the app ran the step before, so the journal row has to be read.',
      ],
    };
  } finally {
    counter.close();
    await emulator.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

function ignoreConflict(error: unknown): void {
  if ((error as { statusCode?: number }).statusCode !== 409) throw error;
}

async function peekAll(queues: QueueServiceClient, name: string, count: number): Promise<string[]> {
  const { peekedMessageItems } = await queues.getQueueClient(name).peekMessages({ numberOfMessages: count });
  return peekedMessageItems.map((item) => item.messageText);
}

function addTo(sum: Counts, more: Counts): void {
  for (const [key, count] of Object.entries(more)) sum[key] = (sum[key] ?? 0) + count;
}

const which = (counts: Counts, times: number): string =>
  Object.entries(counts)
    .map(([key, count]) => (count === times ? key.replace(/^\w+: /, '') : `${figure(count / times)} ${key}`))
    .join(', ');
