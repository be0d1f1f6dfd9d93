import { availableParallelism } from 'node:os';
import { startEngine } from '../../test/support/stack.ts';
import { storageCalls, visionCalls } from '../call-counter.ts';
import { openEngineDriver } from '../engine-alone.ts';
import { SampleCopies } from '../images.ts';
import type { Part } from '../part.ts';
import { readProcess } from '../processes.ts';
import { type Aim, figure } from '../report.ts';
import { openBenchStack } from '../stack.ts';
import { pairedRatios, spread } from '../stats.ts';

/** Calls that wait at the engine beside those it works on: enough that no worker waits for the next. */
const AHEAD = 2;

/** Images that go before those that are measured. */
const WARM_UP = 8;

/** How often each sample is in a round: the first and the last images of one have the machine to themselves. */
const SAMPLES_EACH = 2;

interface Round {
  aloneMs: number;
  wholeMs: number;
  /** Processor seconds during the pipeline's turn. */
  cpu: { engine: number; host: number; emulator: number; bench: number };
  /** Processor seconds of the engine during its own turn. */
  aloneCpu: number;
  aloneDriver: number;
  storage: number;
  vision: number;
}

/** Images per minute through the whole pipeline, and through the engine alone with the same calls, in turn. */
export const throughput: Part = async ({ quick, say }) => {
  const copies = new SampleCopies();
  const images = quick ? copies.samples / 2 : copies.samples * SAMPLES_EACH;
  const rounds = quick ? 1 : 3;
  const found: { workers: number; rounds: Round[] }[] = [];
  for (const workers of [1, 2]) {
    found.push({ workers, rounds: await measure(workers, images, rounds, copies, say) });
  }
  const processors = availableParallelism();
  const perMinute = (ms: number) => (images * 60_000) / ms;
  const ratios = (all: Round[]) =>
    spread(
      pairedRatios(
        all.map(({ aloneMs }) => aloneMs),
        all.map(({ wholeMs }) => wholeMs),
      ),
    );
  const mean = (all: Round[], of: (round: Round) => number) =>
    all.reduce((sum, round) => sum + of(round), 0) / all.length / images;
  return {
    part: 'throughput',
    aims: found
      .filter(({ workers }) => workers === Math.min(2, processors))
      .map(
        ({ workers, rounds: all }): Aim => ({
          text: `end to end over engine alone, ${workers} workers on ${processors} processors`,
          measured: ratios(all).median * 100,
          limit: 90,
          sense: 'at least',
          unit: ' %',
        }),
      ),
    tables: [
      {
        title: 'Images per minute',
        columns: ['engine workers', 'end to end over alone', 'range', 'end to end', 'engine alone'],
        rows: found.map(({ workers, rounds: all }) => {
          const ratio = ratios(all);
          return [
            String(workers),
            `${figure(ratio.median * 100)} %`,
            `${figure(ratio.low * 100)} - ${figure(ratio.high * 100)} %`,
            spread(all.map(({ wholeMs }) => perMinute(wholeMs))).median,
            spread(all.map(({ aloneMs }) => perMinute(aloneMs))).median,
          ];
        }),
      },
      {
        title: 'Processor milliseconds per image',
        columns: ['engine workers', 'engine alone', 'its driver', 'engine', 'host', 'emulator', 'benchmark'],
        rows: found.map(({ workers, rounds: all }) => [
          String(workers),
          1000 * mean(all, ({ aloneCpu }) => aloneCpu),
          1000 * mean(all, ({ aloneDriver }) => aloneDriver),
          1000 * mean(all, ({ cpu }) => cpu.engine),
          1000 * mean(all, ({ cpu }) => cpu.host),
          1000 * mean(all, ({ cpu }) => cpu.emulator),
          1000 * mean(all, ({ cpu }) => cpu.bench),
        ]),
      },
      {
        title: "The host's calls per image, the polling of its queues included",
        columns: ['engine workers', 'storage', 'vision'],
        rows: found.map(({ workers, rounds: all }) => [
          String(workers),
          mean(all, ({ storage }) => storage),
          mean(all, ({ vision }) => vision),
        ]),
      },
    ],
    notes: [
      `${rounds} rounds of ${images} images each; every copy of a sample has other bytes, so nothing comes from a cache.`,
    ],
  };
};

async function measure(
  workers: number,
  images: number,
  rounds: number,
  copies: SampleCopies,
  say: (progress: string) => void,
): Promise<Round[]> {
  const queues = { batchSize: workers + AHEAD, newBatchThreshold: 1 };
  const atOnce = queues.batchSize + queues.newBatchThreshold;
  const engine = await startEngine(['--workers', String(workers)]);
  try {
    const stack = await openBenchStack(engine.url, queues);
    try {
      const driver = await openEngineDriver(engine.url, stack.app.storage);
      // Models load at their first use, in each worker; so does much of the host, whose code is then still slow.
      say(`${workers} workers: warming up`);
      await driver.process(await copies.take(3 * workers), atOnce);
      await stack.process(await copies.take(WARM_UP));
      const found: Round[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        say(`${workers} workers, round ${round} of ${rounds}`);
        const parts = { engine: engine.process.pid ?? 0, host: stack.hostPid, emulator: stack.emulatorPid };
        const alone = await measured(parts, await copies.take(images), (own) => driver.process(own, atOnce));
        await stack.hostCalls();
        const whole = await measured(parts, await copies.take(images), (own) => stack.process(own));
        const counts = await stack.hostCalls();
        found.push({
          aloneMs: alone.ms,
          aloneCpu: alone.cpu.engine,
          aloneDriver: alone.cpu.bench,
          wholeMs: whole.ms,
          cpu: whole.cpu,
          storage: storageCalls(counts),
          vision: visionCalls(counts),
        });
      }
      const wrong = (await stack.rows()).filter(({ status }) => status !== 'done');
      if (wrong.length === 0) return found;
      throw new Error(`${wrong.length} images were not done: ${JSON.stringify(wrong[0]?.steps)}`);
    } finally {
      await stack.stop();
    }
  } finally {
    await engine.stop();
  }
}

/** What some work took: wall time, and processor seconds of each process that has a part in it. */
async function measured(
  pids: Record<'engine' | 'host' | 'emulator', number>,
  images: readonly Buffer[],
  work: (images: readonly Buffer[]) => Promise<number>,
): Promise<{ ms: number; cpu: Round['cpu'] }> {
  const used = () => {
    const { user, system } = process.cpuUsage();
    const of = (pid: number) => readProcess(pid)?.cpuSeconds ?? 0;
    return {
      engine: of(pids.engine),
      host: of(pids.host),
      emulator: of(pids.emulator),
      bench: (user + system) / 1e6,
    };
  };
  const from = used();
  const ms = await work(images);
  const to = used();
  return {
    ms,
    cpu: {
      engine: to.engine - from.engine,
      host: to.host - from.host,
      emulator: to.emulator - from.emulator,
      bench: to.bench - from.bench,
    },
  };
}
