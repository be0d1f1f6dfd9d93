import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Job } from '../../src/domain/job.ts';
import { isFinished } from '../../src/domain/job.ts';
import type { AnyStep } from '../../src/domain/step.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';
import { jpeg } from '../support/images.ts';
import { openPipeline } from '../support/pipeline.ts';

const HOST = fileURLToPath(new URL('../../src/local/host/main.ts', import.meta.url));
const APP = fileURLToPath(new URL('./fixtures/deadly/', import.meta.url));
const PIPELINE = ['before', 'deadly', 'needy', 'pipelineoutput'];

let emulator: Emulator;
let host: ChildProcess | undefined;
let stopping = false;
let deaths = 0;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(async () => {
  stopping = true;
  if (host?.exitCode === null && host.signalCode === null) {
    host.kill('SIGKILL');
    await once(host, 'exit');
  }
  await emulator?.stop();
});

/** Starts the embedded host, and again each time it dies, as the platform does. */
function keepHost(): void {
  host = fork(HOST, ['--app', APP, '--main', 'app.js', '--visibility-timeout', '3'], {
    env: {
      PATH: process.env.PATH,
      AzureWebJobsStorage: emulator.connectionString,
      PIPELINE_DEFINITION: PIPELINE.join(','),
      RETRY_BASE_SECONDS: '0.01',
      RETRY_MAX_SECONDS: '0.01',
      AzureFunctionsJobHost__extensions__queues__messageEncoding: 'none',
      AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.100',
      AzureFunctionsJobHost__extensions__queues__maxDequeueCount: '2',
    },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  host.once('exit', (_code, signal) => {
    if (stopping) return;
    if (signal === 'SIGKILL') deaths += 1;
    keepHost();
  });
}

test('an image that kills the process ends as a recorded failure of that step; its neighbours go on and are not blamed', async () => {
  const steps = PIPELINE.map(
    (name): AnyStep => ({ name, needs: [], schema: z.unknown(), summary: '', run: async () => ({}) }),
  );
  const { drop, reconciler, pump, journal, deadLetters, delivery } = await openPipeline(emulator, steps);
  await drop('batch/deadly.jpg', await jpeg());
  for (let n = 0; n < 12; n += 1) await drop(`batch/neighbour-${n}.jpg`, await jpeg());
  await reconciler.run(delivery().log);
  while (await pump('inputimages-events'));
  keepHost();

  const jobs: Job[] = [];
  await expect
    .poll(
      async () => {
        jobs.length = 0;
        for await (const job of journal.jobs('batch')) jobs.push(job);
        return jobs.filter(isFinished).length;
      },
      { timeout: 220_000, interval: 250 },
    )
    .toBe(13);

  const deadly = jobs.filter((job) => job.source.name.includes('deadly'));
  expect(deadly).toMatchObject([
    {
      steps: {
        before: { state: 'done' },
        deadly: { state: 'failed', error: { code: 'ProcessDied' } },
        needy: { state: 'skipped', error: { code: 'NeedMissing' } },
        pipelineoutput: { state: 'done' },
      },
    },
  ]);
  for (const job of jobs.filter((one) => !deadly.includes(one))) {
    for (const step of PIPELINE) expect(job.steps[step], job.source.name).toMatchObject({ state: 'done' });
  }
  // Two deliveries in each of four rounds, the process dying over every one.
  expect(deaths).toBeGreaterThanOrEqual(8);
  const letters: unknown[] = [];
  for await (const { jobId, queue, error, attempts } of deadLetters.list())
    letters.push({ jobId, queue, code: error.code, attempts });
  expect(letters).toEqual([{ jobId: deadly[0]?.id, queue: 'deadly', code: 'ProcessDied', attempts: 4 }]);
}, 240_000);
