import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type App, openApp } from '../src/app.ts';
import { silentLog } from '../src/domain/ports.ts';
import { HOST_ENV, HOST_NODE_ARGS } from '../src/local/launcher/services.ts';
import type { StoredImage } from '../src/results/rows.ts';
import { containers } from '../src/storage/names.ts';
import { startEmulator } from '../test/support/emulator.ts';
import { projectRoot } from '../test/support/project-root.ts';
import { startChild } from '../test/support/stack.ts';
import type { Counts } from './call-counter.ts';
import type { Addresses } from './operations.ts';

const READY_LIMIT_MS = 60_000;
const ROW_LIMIT_MS = 300_000;

/** Emulator on disk, host and database, as `npm start` sets them up, over an engine that is given. */
interface BenchStack {
  readonly app: App;
  readonly hostPid: number;
  readonly emulatorPid: number;
  /** Drops images and waits for their rows. @returns milliseconds from the first drop to the last row */
  process(images: readonly Buffer[]): Promise<number>;
  rows(): Promise<StoredImage[]>;
  /** The host's calls since this was last asked. */
  hostCalls(): Promise<Counts>;
  stop(): Promise<void>;
}

/** @param checkout the folder of the project whose built host works: this one unless told otherwise */
export async function openBenchStack(
  engineUrl: string,
  queues: { batchSize: number; newBatchThreshold: number },
  checkout = projectRoot,
): Promise<BenchStack> {
  const folder = await mkdtemp(join(tmpdir(), 'imaginem-bench-'));
  const emulator = await startEmulator({ location: join(folder, 'emulator') });
  const { blob, queue, table } = emulator.ports;
  const addresses: Addresses = {
    blob: `127.0.0.1:${blob}`,
    queue: `127.0.0.1:${queue}`,
    table: `127.0.0.1:${table}`,
    engine: new URL(engineUrl).host,
  };
  const env: Record<string, string> = {
    AzureWebJobsStorage: emulator.connectionString,
    COMPUTER_VISION_ENDPOINT: engineUrl,
    COMPUTER_VISION_KEY: 'local',
    COMPUTER_VISION_CALLS_PER_SECOND: '200',
    FACE_ENDPOINT: engineUrl,
    FACE_KEY: 'local',
    FACE_CALLS_PER_SECOND: '200',
    // One engine serves all stacks of a run, one after the other: each has lists of its own.
    FACE_LIST_PREFIX: `bench-${Date.now().toString(36)}`,
    SQLITE_PATH: join(folder, 'results.db'),
    AzureFunctionsJobHost__extensions__queues__batchSize: String(queues.batchSize),
    AzureFunctionsJobHost__extensions__queues__newBatchThreshold: String(queues.newBatchThreshold),
  };
  const app = await openApp(env);
  await app.ensure();
  const preload = new URL('./call-preload.ts', import.meta.url).href;
  const host = startChild(
    join(relative(projectRoot, checkout), 'dist/src/local/host/main.js'),
    ['--app', checkout, '--visibility-timeout', '60'],
    {
      ...process.env,
      ...HOST_ENV,
      ...env,
      BENCH_ADDRESSES: JSON.stringify(addresses),
      NODE_OPTIONS: `--import ${preload} ${HOST_NODE_ARGS.join(' ')}`,
    },
  );
  const stop = async () => {
    await host.stop();
    await app.close();
    await emulator.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await once(host.process, 'message', { signal: AbortSignal.timeout(READY_LIMIT_MS) });
  } catch (error) {
    await stop();
    throw new Error(`The host did not get ready. It said:\n${host.output()}`, { cause: error });
  }

  const reconciler = app.reconciler(Number.NEGATIVE_INFINITY);
  const rows = async () => (await app.results()).list({ limit: 10_000 });
  let dropped = 0;
  return {
    app,
    hostPid: host.process.pid ?? 0,
    emulatorPid: emulator.pid,
    rows,
    async process(images) {
      const started = performance.now();
      for (const bytes of images) {
        dropped += 1;
        const name = `bench/${String(dropped).padStart(5, '0')}.jpg`;
        await app.storage.blobs.write(containers.input, name, bytes, 'image/jpeg');
      }
      await reconciler.run(silentLog);
      const { counts } = await app.results();
      // A question that costs next to nothing: what the benchmark itself takes, the pipeline lacks.
      while ((await counts.totals()).images < dropped) {
        if (performance.now() - started > ROW_LIMIT_MS) {
          throw new Error(`Not all rows appeared in time. The host said:\n${host.output()}`);
        }
        await delay(100);
      }
      return performance.now() - started;
    },
    async hostCalls() {
      const answered = once(host.process, 'message', { signal: AbortSignal.timeout(READY_LIMIT_MS) });
      host.process.send?.({ type: 'counts' });
      const [{ counts }] = (await answered) as [{ counts: Counts }];
      return counts;
    },
    stop,
  };
}
