import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DequeuedMessageItem, type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { type App, openApp } from '../../src/app.ts';
import { silentLog } from '../../src/domain/ports.ts';
import type { Analyzer } from '../../src/local/vision/analysis.ts';
import { createEngine } from '../../src/local/vision/engine.ts';
import type { Delivery } from '../../src/pipeline/delivery/delivery.ts';
import { takeIn } from '../../src/pipeline/delivery/intake.ts';
import { containers, EVENTS_QUEUE } from '../../src/storage/names.ts';
import { createFakeAnalyzer, picture, portrait } from '../../test/local/vision/fake-analyzer.ts';
import { startEmulator } from '../../test/support/emulator.ts';
import { jpeg, noise } from '../../test/support/images.ts';
import { bill } from '../bill.ts';
import { CallCounter, type Counts, storageCalls, visionCalls } from '../call-counter.ts';
import type { Part } from '../part.ts';

const FACES = [0, 1, 5] as const;
/** Faces enrolled at once while the gallery is filled. */
const AT_ONCE = 8;
/** Faces between two runs of the maintenance. */
const PORTION = 400;
/** People of the picture from which the gallery is filled: side by side they are not too small to be seen. */
const CROWD = 19;

interface Measured {
  enrolled: number;
  faces: number;
  counts: Counts;
  /** Messages worked on, each one function execution. */
  executions: number;
}

/**
 * What one image costs in calls, with few faces enrolled and with many. The app, the emulator and the engine's API
 * are the real ones; only what the models see is made up, so that an image has exactly the faces it should have.
 */
export const calls: Part = async ({ quick, say }) => {
  const gallerySizes = quick ? [10, 300] : [10, 3000];
  const folder = await mkdtemp(join(tmpdir(), 'imaginem-bench-'));
  const emulator = await startEmulator({ location: folder });
  const scenes = new Map<string, Buffer>();
  const engine = createEngine({ analyzer: seeing(scenes), trainingMs: 0 });
  const url = await engine.listen();
  const { blob, queue, table } = emulator.ports;
  const counter = new CallCounter({
    blob: `127.0.0.1:${blob}`,
    queue: `127.0.0.1:${queue}`,
    table: `127.0.0.1:${table}`,
    engine: new URL(url).host,
  });
  const app = await openApp({
    AzureWebJobsStorage: emulator.connectionString,
    COMPUTER_VISION_ENDPOINT: url,
    COMPUTER_VISION_KEY: 'local',
    COMPUTER_VISION_CALLS_PER_SECOND: '1000',
    FACE_ENDPOINT: url,
    FACE_KEY: 'local',
    FACE_CALLS_PER_SECOND: '1000',
    SQLITE_PATH: join(folder, 'results.db'),
  });
  try {
    await app.ensure();
    const queues = QueueServiceClient.fromConnectionString(emulator.connectionString);
    const signal = new AbortController().signal;
    let person = 0;
    let enrolled = 0;
    const image = async (faces: number): Promise<Buffer> => {
      person += 100;
      const [width, height] = [300 * Math.max(1, faces) + 40, 400];
      const bytes = await jpeg(noise(width, height, person));
      const people = Array.from({ length: faces }, (_, index) => person + index);
      scenes.set(digest(bytes), faces === 0 ? picture({ width, height }) : portrait(...people));
      return bytes;
    };
    /** One image from the drop to its row. */
    const through = async (faces: number): Promise<Omit<Measured, 'enrolled'>> => {
      const name = `calls/${person}.jpg`;
      await app.storage.blobs.write(containers.input, name, await image(faces), 'image/jpeg');
      await app.reconciler(Number.NEGATIVE_INFINITY).run(silentLog);
      counter.take();
      let executions = 0;
      for (const queueName of [EVENTS_QUEUE, ...app.pipeline]) {
        const queue = queues.getQueueClient(queueName);
        // Steps that are left nothing to do are sent no message.
        const { approximateMessagesCount } = await counter.aside(() => queue.getProperties());
        if (approximateMessagesCount === 0) continue;
        await handleOne(app, queue, queueName);
        executions += 1;
      }
      const counts = counter.take();
      const row = (await (await app.results()).list({ limit: 1 }))[0];
      if (row?.status !== 'done' || row.faces.length !== faces) {
        throw new Error(`An image with ${faces} faces ended as ${JSON.stringify(row?.steps)}.`);
      }
      enrolled += faces;
      return { faces, counts, executions };
    };
    /** Enrols so many at a time as come between two runs of the maintenance timer, and lets that do its work. */
    const fill = async (wanted: number) => {
      const { gallery, recognition } = app;
      const shared = picture({ width: CROWD * 100, faces: crowd() });
      const enrolUpTo = async (portion: number) => {
        while (enrolled < portion) {
          const number = enrolled++;
          const face = {
            key: `${digest(Buffer.from(String(number))).slice(0, 40)}-1`,
            jobId: `filler-${number}`,
            batchId: 'filler',
            imageUrl: `https://filler/${number}.jpg`,
            rectangle: { left: (number % CROWD) * 100, top: 40, width: 80, height: 80 },
          };
          await (await recognition()).gallery.enrol(face, shared, signal);
        }
      };
      while (enrolled < wanted) {
        const portion = Math.min(wanted, enrolled + PORTION);
        await Promise.all(Array.from({ length: AT_ONCE }, () => enrolUpTo(portion)));
        say(`${enrolled} of ${wanted} faces enrolled`);
        for (;;) {
          const { copied, retired, training } = await gallery().maintain(async () => shared, signal);
          if (copied === 0 && retired === 0 && !training) break;
        }
      }
    };

    await through(5);
    const measured: Measured[] = [];
    for (const size of gallerySizes) {
      await fill(size);
      const at = enrolled;
      // The first one fills what is read once a second or once per process.
      await through(1);
      for (const faces of FACES) measured.push({ enrolled: at, ...(await through(faces)) });
    }
    return report(measured, gallerySizes);
  } finally {
    counter.close();
    await app.close();
    await engine.close();
    await emulator.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

/** Receives, works and deletes, as the Functions host does; waits for a message that is not visible yet. */
async function handleOne(app: App, queue: QueueClient, name: string): Promise<void> {
  const item = await receive(queue);
  const raw: unknown = JSON.parse(item.messageText);
  const delivery: Delivery = { dequeueCount: 1, log: silentLog, signal: new AbortController().signal };
  if (name === EVENTS_QUEUE) await takeIn(raw, delivery, app);
  else await app.helper.process(name, raw, delivery);
  await queue.deleteMessage(item.messageId, item.popReceipt);
}

async function receive(queue: QueueClient): Promise<DequeuedMessageItem> {
  const { receivedMessageItems } = await queue.receiveMessages({
    numberOfMessages: 1,
    visibilityTimeout: 60,
  });
  const [item] = receivedMessageItems;
  if (!item)
    throw new Error(`The queue "${queue.name}" has no message: the step before it put its own back.`);
  return item;
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The fake analyzer, which reads scenes, behind real photographs, which are what admission lets in. */
function seeing(scenes: ReadonlyMap<string, Buffer>): Analyzer {
  const fake = createFakeAnalyzer();
  return {
    analyze: (bytes, parts) => fake.analyze(scenes.get(digest(bytes)) ?? bytes, parts),
    close: () => fake.close(),
  };
}

const crowd = () =>
  Array.from({ length: CROWD }, (_, index) => ({
    person: 1_000_000 + index,
    box: { left: index * 100, top: 40, width: 80, height: 80 },
  }));

function report(measured: Measured[], sizes: number[]): Awaited<ReturnType<Part>> {
  const [few = 0, many = 0] = sizes;
  const halves = [measured.slice(0, FACES.length), measured.slice(FACES.length)] as const;
  const growth = Math.max(
    ...halves[1].map(
      ({ counts, faces }, index) =>
        (visionCalls(counts) - visionCalls(halves[0][index]?.counts ?? {})) / Math.max(1, faces),
    ),
  );
  const names = [...new Set(measured.flatMap(({ counts }) => Object.keys(counts)))].sort();
  const columns = measured.map(
    ({ enrolled, faces }) => `${faces} ${faces === 1 ? 'face' : 'faces'}\n${enrolled} enrolled`,
  );
  return {
    part: 'calls',
    aims: [
      {
        text: `vision calls more per face with ${many} faces enrolled in place of ${few}`,
        measured: growth,
        limit: 1,
        sense: 'at most',
      },
    ],
    tables: [
      {
        title: 'Calls per image',
        columns: ['', ...columns],
        rows: [
          ['vision, all', ...measured.map(({ counts }) => String(visionCalls(counts)))],
          ['storage, all', ...measured.map(({ counts }) => String(storageCalls(counts)))],
          ...names.map((name) => [name, ...measured.map(({ counts }) => String(counts[name] ?? 0))]),
        ],
      },
      {
        title: 'Per 1,000 images',
        columns: ['', ...columns],
        rows: bill(measured),
      },
    ],
    notes: [
      'From the event to the row, receiving and deleting of each message included; what an idle host asks of its queues is not.',
    ],
  };
}
