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
  const images = quick ? copies.samples : copies.samples * 2;
  const rounds = quick ? 1 : 2;
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
  const engine = await startEngine(['--workers', String(workers)]);
  const enginePid = engine.process.pid ?? 0;
  const cpuOf = (pid: number) => readProcess(pid)?.cpuSeconds ?? 0;
  const own = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  const queues = { batchSize: workers + AHEAD, newBatchThreshold: 1 };
  const found: Round[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      const stack = await openBenchStack(engine.url, queues);
      try {
        const driver = await openEngineDriver(engine.url, stack.app.storage);
        // Models load at their first use, in each worker; so does much of the host.
        say(`${workers} workers, round ${round + 1}: warming up`);
        await Promise.all([
          driver.process(await copies.take(3 * workers), workers + AHEAD),
          stack.process(await copies.take(2)),
        ]);
        const ofAlone = await copies.take(images);
        const ofWhole = await copies.take(images);

        say(`${workers} workers, round ${round + 1}: engine alone`);
        const aloneFrom = [cpuOf(enginePid), own()] as const;
        const aloneMs = await driver.process(ofAlone, queues.batchSize + queues.newBatchThreshold);
        const aloneCpu = cpuOf(enginePid) - aloneFrom[0];
        const aloneDriver = own() - aloneFrom[1];

        say(`${workers} workers, round ${round + 1}: end to end`);
        await stack.hostCalls();
        const usage = () => ({
          engine: cpuOf(enginePid),
          host: cpuOf(stack.hostPid),
          emulator: cpuOf(stack.emulatorPid),
          bench: own(),
        });
        const from = usage();
        const wholeMs = await stack.process(ofWhole);
        const to = usage();
        const counts = await stack.hostCalls();
        const wrong = (await stack.rows()).filter(({ status }) => status !== 'done');
        if (wrong.length > 0) {
          throw new Error(`${wrong.length} images were not done: ${JSON.stringify(wrong[0]?.steps)}`);
        }
        found.push({
          ...{ aloneMs, wholeMs, aloneCpu, aloneDriver },
          cpu: {
            engine: to.engine - from.engine,
            host: to.host - from.host,
            emulator: to.emulator - from.emulator,
            bench: to.bench - from.bench,
          },
          storage: storageCalls(counts),
          vision: visionCalls(counts),
        });
      } finally {
        await stack.stop();
      }
    }
  } finally {
    await engine.stop();
  }
  return found;
}
