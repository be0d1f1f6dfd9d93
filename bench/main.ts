/**
 * How fast, how large, how many calls: `npm run bench`, or `npm run bench -- hop memory --quick`.
 * Every comparison is made within one run, turn by turn, for this is measured on machines that do other things too.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { Argument, Command } from 'commander';
import type { Part } from './part.ts';
import { calls } from './parts/calls.ts';
import { engine } from './parts/engine.ts';
import { faces } from './parts/faces.ts';
import { hop } from './parts/hop.ts';
import { memory } from './parts/memory.ts';
import { telephones } from './parts/telephones.ts';
import { throughput } from './parts/throughput.ts';
import { isMet, type Report, render } from './report.ts';

const PARTS: Readonly<Record<string, Part>> = { hop, engine, faces, throughput, telephones, memory, calls };

const command = new Command('npm run bench --')
  .description(
    'Measures a hop, the vision engine, a million faces, throughput, photographs of telephones, memory, and calls per image.',
  )
  .addArgument(
    new Argument('[parts...]', 'what to measure; everything when left out').choices(Object.keys(PARTS)),
  )
  .option('--quick', 'fewer repetitions: a smoke test, not a measurement')
  .option(
    '--checkout <folder>',
    'another checkout, built, whose engine the parts "engine" and "telephones" measure, the latter with its host: before and after',
  )
  .option('--json', 'print one JSON document in place of tables');
command.parse(process.argv);
const {
  quick = false,
  json = false,
  checkout,
} = command.opts<{ quick?: boolean; json?: boolean; checkout?: string }>();

const machine = {
  node: process.version,
  processors: availableParallelism(),
  model: cpus()[0]?.model ?? 'unknown',
  loadBefore: loadavg()[0],
};
if (!json) {
  console.log(
    `Node ${machine.node}, ${machine.processors} x ${machine.model}, load ${machine.loadBefore?.toFixed(1)}\n`,
  );
}
const names = command.args.length > 0 ? command.args : Object.keys(PARTS);
const reports: Report[] = [];
for (const name of names) {
  const part = PARTS[name];
  if (!part) continue;
  const say = (progress: string) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${name}: ${progress}`);
  };
  const report = await part({ quick, say, checkout });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
  reports.push(report);
  if (!json) console.log(render(report));
}
const missed = reports.flatMap(({ aims }) => aims.filter((aim) => !isMet(aim)));
if (json) console.log(JSON.stringify({ machine, quick, reports }, undefined, 2));
else if (missed.length > 0) console.log(`${missed.length} of the aims missed.`);
