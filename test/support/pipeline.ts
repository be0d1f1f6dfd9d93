import { QueueServiceClient } from '@azure/storage-queue';
import { z } from 'zod';
import { type Given, openApp } from '../../src/app.ts';
import { jobIdOf } from '../../src/domain/job-id.ts';
import { silentLog } from '../../src/domain/ports.ts';
import type { AnyStep, StepStanding } from '../../src/domain/step.ts';
import type { Delivery } from '../../src/pipeline/delivery/delivery.ts';
import { takeIn } from '../../src/pipeline/delivery/intake.ts';
import { allQueues, containers, EVENTS_QUEUE } from '../../src/storage/names.ts';
import { blobCreated } from './blob-created.ts';
import type { Emulator } from './emulator.ts';
import { jpeg } from './images.ts';

/** A row as the test's output step keeps it: what `pipelineoutput` would hand to the result store. */
interface TestRow {
  id: string;
  run: number;
  end: string | undefined;
  steps: Record<string, StepStanding>;
  outputs: Record<string, unknown>;
}

interface TestMessage {
  text: string;
  dequeueCount: number;
}

/**
 * The app over a real storage account with steps of the test's own, its queues pumped by the test itself one message at a time, so that a
 * test decides the order of everything. Messages that are put back with a delay are taken as due.
 */
export async function openPipeline(
  emulator: Emulator,
  steps: readonly AnyStep[],
  env: Record<string, string> = {},
  options: Pick<Given, 'fetchImage' | 'telemetry'> = {},
) {
  const rows = new Map<string, TestRow>();
  const output: AnyStep = {
    name: 'pipelineoutput',
    needs: [],
    schema: z.unknown(),
    summary: 'Keeps the row in memory.',
    patient: true,
    async run({ job, record }) {
      rows.set(job.id, {
        id: job.id,
        run: job.run,
        end: record.end?.kind,
        steps: { ...record.steps },
        outputs: await record.outputs(),
      });
      return {};
    },
  };
  const all = steps.some((step) => step.name === 'pipelineoutput') ? [...steps] : [...steps, output];
  let now = Date.parse('2026-01-01T00:00:00Z');
  const clock = () => now;
  const app = await openApp(
    {
      PIPELINE_DEFINITION: all.map((step) => step.name).join(','),
      AzureWebJobsStorage: emulator.connectionString,
      RETRY_BASE_SECONDS: '0.01',
      RETRY_MAX_SECONDS: '0.01',
      ...env,
    },
    silentLog,
    undefined,
    { clock, random: () => 0.5, steps: all, ...options },
  );
  await app.ensure();
  const { storage, registry } = app;
  const queues = allQueues(registry.names);
  const delays: { queue: string; delayMs: number }[] = [];
  let isDue = true;
  const send = storage.queues.send.bind(storage.queues);
  storage.queues.send = async (queue, text, delayMs = 0) => {
    if (delayMs > 0) delays.push({ queue, delayMs });
    await send(queue, text, isDue ? 0 : delayMs);
  };
  const service = QueueServiceClient.fromConnectionString(emulator.connectionString);
  let uploads = 0;

  /** Drops an image into the input container, as an operator does. */
  const drop = (name: string, bytes: Buffer, metadata: Record<string, string> = {}) =>
    storage.blobs.write(containers.input, name, bytes, 'application/octet-stream', metadata);

  /** The same of a batch of its own; nothing has heard of it yet. */
  async function upload(prefix = 'batch', bytes?: Buffer) {
    uploads += 1;
    const batch = `${prefix}-${uploads}`;
    const name = `${batch}/image.jpg`;
    const etag = await drop(name, bytes ?? (await jpeg()));
    const id = jobIdOf(containers.input, name, etag);
    return { name, etag, batch, id, event: blobCreated(name, etag) };
  }

  const delivery = (dequeueCount = 1): Delivery => ({
    dequeueCount,
    log: silentLog,
    signal: new AbortController().signal,
  });

  /** Takes one message off a queue. */
  async function take(queue: string): Promise<TestMessage | undefined> {
    const client = service.getQueueClient(queue);
    const { approximateMessagesCount = 0 } = await client.getProperties();
    if (approximateMessagesCount === 0) return undefined;
    for (;;) {
      const { receivedMessageItems } = await client.receiveMessages({ numberOfMessages: 1 });
      const [item] = receivedMessageItems;
      if (!item) continue;
      await client.deleteMessage(item.messageId, item.popReceipt);
      return { text: item.messageText, dequeueCount: item.dequeueCount };
    }
  }

  /** Handles one message of a queue the way the Functions host would. @returns false where there is none */
  async function pump(queue: string): Promise<boolean> {
    const message = await take(queue);
    if (!message) return false;
    await deliver(queue, message.text);
    return true;
  }

  async function deliver(queue: string, text: unknown, dequeueCount = 1): Promise<void> {
    const raw = typeof text === 'string' ? asTheLibraryWould(text) : text;
    if (queue === EVENTS_QUEUE) {
      return takeIn(raw, delivery(dequeueCount), app);
    }
    return app.helper.process(queue, raw, delivery(dequeueCount));
  }

  /** Handles messages until every queue is empty. */
  async function drain(limit = 200): Promise<void> {
    for (let handled = 0; handled < limit; ) {
      const before = handled;
      for (const queue of [EVENTS_QUEUE, ...registry.names]) {
        while (handled < limit && (await pump(queue))) handled += 1;
      }
      if (handled === before) return;
    }
    throw new Error(`Queues are not empty after ${limit} messages: something goes round in circles.`);
  }

  return {
    ...app,
    emulator,
    rows,
    delivery,
    /** How long messages that were put back were to wait: here they are due at once ... */
    delays,
    /** ... but while this works. */
    withDelays: async <T>(work: () => Promise<T>): Promise<T> => {
      isDue = false;
      return work().finally(() => {
        isDue = true;
      });
    },
    take,
    pump,
    deliver,
    drain,
    reconciler: app.reconciler(Number.NEGATIVE_INFINITY),
    advance: (ms: number) => {
      now += ms;
    },
    drop,
    upload,
    depth: async (queue: string) =>
      (await service.getQueueClient(queue).getProperties()).approximateMessagesCount ?? 0,
    empty: async () => {
      for (const queue of queues) {
        await service.getQueueClient(queue).clearMessages();
      }
      rows.clear();
    },
  };
}

export type TestPipeline = Awaited<ReturnType<typeof openPipeline>>;

/** `@azure/functions` hands a JSON message over as a value. */
function asTheLibraryWould(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
