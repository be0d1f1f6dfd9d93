import { startEngine } from '../../test/support/stack.ts';
import { STAGES, type Stage, wholeImage } from '../engine/calls.ts';
import { copyOf, type Kind, pictures } from '../engine/pictures.ts';
import type { Part } from '../part.ts';
import { readProcess } from '../processes.ts';
import { spread } from '../stats.ts';

/** Calls that wait at the engine beside those it works on: enough that no worker waits for the next. */
const AHEAD = 2;

interface ByStage {
  kind: string;
  /** Processor milliseconds of one image, stage by stage. */
  cpuMs: Record<Stage, number>;
  images: number;
}

/**
 * The vision engine alone: processor time of an image by stage and by kind of picture, memory, the first image after
 * the start, and images a minute with one and two workers. Through HTTP, as the pipeline asks.
 */
export const engine: Part = async ({ quick, say, checkout }) => {
  const kinds = await pictures();
  let copies = 0;
  const copy = (picture: Buffer) => copyOf(picture, ++copies);
  const stages = await byStage(kinds, quick ? 2 : 6, copy, say, checkout);
  const rates: { workers: number; perMinute: number; peakMb: number; firstMs: number }[] = [];
  for (const workers of [1, 2]) {
    say(`images a minute, ${workers} workers`);
    rates.push({ workers, ...(await rate(kinds, workers, quick ? 1 : 2, copy, checkout)) });
  }
  const names = Object.keys(STAGES) as Stage[];
  const total = ({ cpuMs }: ByStage) => names.reduce((sum, name) => sum + cpuMs[name], 0);
  return {
    part: 'engine',
    aims: [
      {
        text: 'memory, 1 worker',
        measured: rates[0]?.peakMb ?? 0,
        limit: 800,
        sense: 'at most',
        unit: ' MB',
      },
      {
        text: 'memory, 2 workers',
        measured: rates[1]?.peakMb ?? 0,
        limit: 1200,
        sense: 'at most',
        unit: ' MB',
      },
    ],
    tables: [
      {
        title: 'Processor milliseconds per image, one worker',
        columns: ['picture', ...names, 'all'],
        rows: stages.map((row) => [row.kind, ...names.map((name) => row.cpuMs[name]), total(row)]),
      },
      {
        title: "Images of all kinds, the pipeline's calls",
        columns: ['workers', 'images a minute', 'peak memory, MB', 'first image, ms'],
        rows: rates.map(({ workers, perMinute, peakMb, firstMs }) => [
          String(workers),
          perMinute,
          peakMb,
          firstMs,
        ]),
      },
    ],
    notes: [
      'A stage is what one more call makes the engine do; the answering of the call is in it. 1 MB is 10^6 bytes.',
      'Half of the images of the second table are portraits, the rest groups, signs, pages of text and large photographs (12 megapixels).',
    ],
  };
};

async function byStage(
  kinds: readonly Kind[],
  images: number,
  copy: (picture: Buffer) => Promise<Buffer>,
  say: (progress: string) => void,
  checkout: string | undefined,
): Promise<ByStage[]> {
  const { url, process, stop } = await startEngine(['--workers', '1'], checkout);
  try {
    for (const {
      pictures: [first],
    } of kinds)
      if (first) await wholeImage(url, await copy(first));
    const found: ByStage[] = [];
    for (const { name, pictures: all } of kinds) {
      say(name);
      const cpuMs = Object.fromEntries(Object.keys(STAGES).map((stage) => [stage, 0])) as ByStage['cpuMs'];
      for (let index = 0; index < images; index++) {
        const image = await copy(all[index % all.length] as Buffer);
        for (const [stage, call] of Object.entries(STAGES) as [Stage, (typeof STAGES)[Stage]][]) {
          const before = cpuSeconds(process.pid);
          await call(url, image);
          cpuMs[stage] += (1000 * (cpuSeconds(process.pid) - before)) / images;
        }
      }
      found.push({ kind: name, cpuMs, images });
    }
    return found;
  } finally {
    await stop();
  }
}

async function rate(
  kinds: readonly Kind[],
  workers: number,
  rounds: number,
  copy: (picture: Buffer) => Promise<Buffer>,
  checkout: string | undefined,
): Promise<{ perMinute: number; peakMb: number; firstMs: number }> {
  const { url, process, stop } = await startEngine(['--workers', String(workers)], checkout);
  try {
    const [portraits, ...others] = kinds;
    const mixed = others.flatMap(({ pictures: [picture] }, index) => [
      portraits?.pictures[index % portraits.pictures.length] as Buffer,
      picture as Buffer,
    ]);
    const started = performance.now();
    await wholeImage(url, await copy(mixed[0] as Buffer));
    const firstMs = performance.now() - started;
    await work(url, await Promise.all(mixed.map(copy)), workers + AHEAD);
    const perMinute: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const images = await Promise.all(mixed.map(copy));
      const from = performance.now();
      await work(url, images, workers + AHEAD);
      perMinute.push((images.length * 60_000) / (performance.now() - from));
    }
    const peakMb = readProcess(process.pid ?? 0)?.peakMb ?? Number.NaN;
    return { perMinute: spread(perMinute).median, peakMb, firstMs };
  } finally {
    await stop();
  }
}

async function work(url: string, images: readonly Buffer[], atOnce: number): Promise<void> {
  const waiting = [...images];
  const one = async () => {
    for (let image = waiting.shift(); image; image = waiting.shift()) await wholeImage(url, image);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

/** @throws when the engine has ended */
function cpuSeconds(pid: number | undefined): number {
  const facts = readProcess(pid ?? 0);
  if (!facts)
    throw new Error('The engine has ended, or this system has no /proc to read its processor time from.');
  return facts.cpuSeconds;
}
