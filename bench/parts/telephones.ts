import { writeFileSync } from 'node:fs';
import { startEngine } from '../../test/support/stack.ts';
import { SampleCopies } from '../images.ts';
import type { Part } from '../part.ts';
import { readProcess } from '../processes.ts';
import { openBenchStack } from '../stack.ts';

const KINDS = [
  { name: 'as the samples are', megapixels: 0, orientation: 1, part: 1 },
  { name: '12 megapixels', megapixels: 12, orientation: 1, part: 1 },
  { name: '12 megapixels, to be turned', megapixels: 12, orientation: 6, part: 1 },
  { name: '48 megapixels', megapixels: 48, orientation: 1, part: 0.5 },
] as const;

/** Images that go before those that are measured. */
const WARM_UP = 28;

/** Photographs as telephones take them through the whole pipeline, engine with one worker: what their size costs. */
export const telephones: Part = async ({ quick, say, checkout }) => {
  const copies = new SampleCopies();
  const engine = await startEngine(['--workers', '1'], checkout);
  const rows: (string | number)[][] = [];
  try {
    const stack = await openBenchStack(engine.url, { batchSize: 3, newBatchThreshold: 1 }, checkout);
    const pids = [engine.process.pid ?? 0, stack.hostPid, stack.emulatorPid];
    const facts = () => pids.map((pid) => readProcess(pid));
    try {
      say('warming up');
      await stack.process(await copies.take(quick ? 7 : WARM_UP));
      for (const { name, megapixels, orientation, part } of KINDS) {
        say(name);
        const count = Math.ceil(copies.samples * part * (quick ? 0.25 : 2));
        const images =
          megapixels === 0 ? await copies.take(count) : await copies.enlarged(count, megapixels, orientation);
        for (const pid of pids) forgetPeak(pid);
        const before = facts();
        const ms = await stack.process(images);
        const after = facts();
        rows.push([
          name,
          (count * 60_000) / ms,
          ...after.map(
            (now, of) => (1000 * ((now?.cpuSeconds ?? 0) - (before[of]?.cpuSeconds ?? 0))) / count,
          ),
          ...after.map((now) => now?.peakMb ?? 0),
        ]);
      }
    } finally {
      await stack.stop();
    }
  } finally {
    await engine.stop();
  }
  return {
    part: 'telephones',
    aims: [],
    tables: [
      {
        title: 'Processor milliseconds per image, and peak memory in MB',
        columns: [
          'photographs',
          'a minute',
          'engine',
          'host',
          'storage',
          'engine, MB',
          'host, MB',
          'storage, MB',
        ],
        rows,
      },
    ],
    notes: [
      'Samples enlarged, with noise of 5 in 255, as JPEG of quality 90: about an eighth of a byte a pixel.',
    ],
  };
};

/** From here on the peak of resident memory is that of what comes. Source: proc(5), clear_refs. */
function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
