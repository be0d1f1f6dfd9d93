import { QueueServiceClient } from '@azure/storage-queue';
import { z } from 'zod';
import { silentLog } from '../../src/domain/ports.ts';
import { readSettings } from '../../src/domain/settings.ts';
import type { AnyStep, StepStanding } from '../../src/domain/step.ts';
import { fetchForeignImage } from '../../src/imaging/foreign/fetch.ts';
import { Admission } from '../../src/pipeline/admission/admission.ts';
import { Registry } from '../../src/pipeline/definition/registry.ts';
import type { Delivery } from '../../src/pipeline/delivery/delivery.ts';
import { PipelineHelper } from '../../src/pipeline/delivery/helper.ts';
import { takeIn } from '../../src/pipeline/delivery/intake.ts';
import { Pauses } from '../../src/pipeline/delivery/pauses.ts';
import { DeadLetters } from '../../src/pipeline/journal/dead-letters.ts';
import { Journal } from '../../src/pipeline/journal/journal.ts';
import { ClaimCheck } from '../../src/pipeline/message/claim-check.ts';
import { Poison } from '../../src/pipeline/rescue/poison.ts';
import { Reconciler } from '../../src/pipeline/rescue/reconcile.ts';
import { openStorage } from '../../src/storage/account.ts';
import { containers, EVENTS_QUEUE, poisonQueue, tables } from '../../src/storage/names.ts';
import { noTelemetry, type Telemetry } from '../../src/telemetry/telemetry.ts';
import type { Azurite } from './azurite.ts';

/** A row as the test's output step keeps it: what `pipelineoutput` would hand to the result store. */
export interface TestRow {
  id: string;
  run: number;
  end: string | undefined;
  steps: Record<string, StepStanding>;
  outputs: Record<string, unknown>;
}

export interface TestMessage {
  text: string;
  dequeueCount: number;
}

/**
 * The pipeline over a real storage account, its queues pumped by the test itself one message at a time, so that a
 * test decides the order of everything. Messages that are put back with a delay are taken as due.
 */
export async function openPipeline(
  azurite: Azurite,
  steps: readonly AnyStep[],
  env: Record<string, string> = {},
  options: { fetchImage?: (url: string) => Promise<Buffer>; telemetry?: Telemetry } = {},
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
  const registry = new Registry(all);
  const settings = readSettings({
    PIPELINE_DEFINITION: all.map((step) => step.name).join(','),
    AzureWebJobsStorage: azurite.connectionString,
    RETRY_BASE_SECONDS: '0.01',
    RETRY_MAX_SECONDS: '0.01',
    ...env,
  });
  const storage = await openStorage(settings);
  const queues = [...all.map((step) => step.name), EVENTS_QUEUE];
  await Promise.all([
    storage.blobs.ensure(Object.values(containers)),
    storage.tables.ensure(Object.values(tables)),
    storage.queues.ensure([...queues, ...queues.map(poisonQueue)]),
  ]);
  const delays: { queue: string; delayMs: number }[] = [];
  let isDue = true;
  const send = storage.queues.send.bind(storage.queues);
  storage.queues.send = async (queue, text, delayMs = 0) => {
    if (delayMs > 0) delays.push({ queue, delayMs });
    await send(queue, text, isDue ? 0 : delayMs);
  };
  let now = Date.parse('2026-01-01T00:00:00Z');
  const clock = () => now;
  const random = () => 0.5;
  const journal = new Journal(storage);
  const claimCheck = new ClaimCheck(storage.blobs);
  const deadLetters = new DeadLetters(storage, clock);
  const shared = {
    storage,
    journal,
    claimCheck,
    deadLetters,
    registry,
    settings,
    clock,
    random,
    telemetry: options.telemetry ?? noTelemetry,
  };
  const admission = new Admission({
    ...shared,
    fetchImage:
      options.fetchImage ??
      ((url) =>
        fetchForeignImage(url, {
          allowedHosts: settings.ALLOWED_IMAGE_HOSTS,
          maxBytes: settings.MAX_IMAGE_BYTES,
          signal: AbortSignal.timeout(10_000),
        })),
  });
  const pauses = new Pauses(storage, clock);
  const helper = new PipelineHelper({ ...shared, admission, pauses });
  const poison = new Poison({ ...shared, admission, helper });
  const service = QueueServiceClient.fromConnectionString(azurite.connectionString);
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
      return takeIn(raw, delivery(dequeueCount), { storage, admission, deadLetters, settings, random });
    }
    return helper.process(queue, raw, delivery(dequeueCount));
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
    rows,
    registry,
    settings,
    storage,
    journal,
    claimCheck,
    deadLetters,
    admission,
    helper,
    pauses,
    poison,
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
    reconciler: new Reconciler({ storage, journal, clock, minAgeMs: Number.NEGATIVE_INFINITY }),
    clock,
    advance: (ms: number) => {
      now += ms;
    },
    /** Drops an image into the input container, as an operator does. */
    drop: async (name: string, bytes: Buffer) =>
      storage.blobs.write(containers.input, name, bytes, 'application/octet-stream'),
    depth: async (queue: string) =>
      (await service.getQueueClient(queue).getProperties()).approximateMessagesCount ?? 0,
    empty: async () => {
      for (const queue of [...queues, ...queues.map(poisonQueue)]) {
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
