/**
 * `npm run bench:cold [-- --runs 5]`: how long the deployed package takes from the start of its process until the
 * first message is handled, the embedded host included, and which packages are loaded by then.
 */
import { atLeastOne, commandLine } from '../scripts/command-line.ts';
import { startQuickEngine } from '../test/support/any-picture.ts';
import { jpeg, noise } from '../test/support/images.ts';
import { coldStart, openColdStack, unpackNew } from '../test/support/package.ts';

const command = commandLine('bench:cold', 'Measures how long the package takes to its first message.')
  .option('--runs <number>', 'starts to measure', '5')
  .parse();
const runs = atLeastOne(command, '--runs', command.opts<{ runs: string }>().runs);

const unpacked = await unpackNew();
const engine = await startQuickEngine();
const stack = await openColdStack(engine.url);
try {
  const image = await jpeg(noise(640, 480));
  const times: number[] = [];
  const processor: number[] = [];
  for (let run = 0; run < runs; run++) {
    const { firstStepMs, cpuMs, host } = await coldStart(stack, unpacked.folder, image, false);
    await host.stop();
    times.push(firstStepMs);
    if (cpuMs !== undefined) processor.push(cpuMs);
  }
  console.log(`first message handled after ${summary(times)}; of it processor time ${summary(processor)}`);

  const { modules, host } = await coldStart(stack, unpacked.folder, image, true);
  await host.stop();
  const counts = new Map<string, number>();
  for (const path of modules) {
    const [, name = 'the app'] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  console.log(`${modules.length} modules loaded by then:`);
  for (const [name, count] of [...counts].sort((a, b) => b[1] - a[1]))
    console.log(`${String(count).padStart(6)}  ${name}`);
} finally {
  await stack.stop();
  await engine.close();
  await unpacked.remove();
}

function summary(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  return `${sorted[sorted.length >> 1]} ms (median of ${sorted.join(', ')})`;
}
