import { type Latency, type Stats, statsOf } from '../../admin/stats.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError } from '../errors.ts';
import { count } from '../format/count.ts';
import { duration } from '../format/duration.ts';
import { printable } from '../format/printable.ts';
import { table } from '../format/table.ts';

export const addStats: AddCommand = (program, context) => {
  program
    .command('stats')
    .description(
      'throughput, latency by step (to within 5 %), calls and retries by service, of the images that have a row',
    )
    .argument('[batch]', 'only this batch')
    .option('--json', 'one JSON object; latencies in milliseconds, to within 5 %')
    .addHelpText('after', examples('imaginem stats', 'imaginem stats camp-4 --json'))
    .action((batch: string | undefined, options: { json?: boolean }) => stats(batch, options, context));
};

async function stats(
  batch: string | undefined,
  options: { json?: boolean },
  { connect, screen }: CommandContext,
): Promise<void> {
  const figures = await statsOf(await (await connect()).app(), batch);
  if (options.json) return screen.line(JSON.stringify(figures, undefined, 2));
  if (batch !== undefined && figures.images.finished === 0) {
    throw new CliError('No image of such a batch has a row yet: "imaginem status" lists all batches.');
  }
  screen.line(statsText(figures));
}

function statsText({ images, throughput, image_latency: latency, steps, services }: Stats): string {
  const rate =
    throughput.per_minute === null
      ? ''
      : `, ${throughput.per_minute.toFixed(1)} a minute from the first to the last`;
  const lines = [
    `${count(images.finished, 'image')} finished${rate}; ${throughput.last_hour.toLocaleString('en')} in the last hour.`,
  ];
  if (images.under_way !== null)
    lines.push(
      `About ${images.under_way.toLocaleString('en')} under way, and ${(images.announced ?? 0).toLocaleString('en')} announced before that.`,
    );
  if (latency) lines.push(`From admission to the row: ${inWords(latency)}.`);
  if (steps.length > 0) {
    const rows = steps.map((step) => [
      step.step,
      Object.entries(step.outcomes)
        .map(([state, number]) => `${number} ${state}`)
        .join('\n'),
      step.latency ? duration(step.latency.median) : '',
      step.latency ? duration(step.latency.p95) : '',
      step.latency ? duration(step.latency.longest) : '',
      String(step.calls),
      step.retries === 0 ? '' : String(step.retries),
    ]);
    lines.push(table(['Step', 'Outcomes', 'Median', '95 %', 'Longest', 'Calls', 'Retries'], rows));
  }
  for (const { service, calls, retries } of services) {
    lines.push(`${printable(service)}: ${count(calls, 'call')}, ${count(retries, 'retry', 'retries')}.`);
  }
  return lines.join('\n');
}

const inWords = ({ median, p95, longest }: Latency): string =>
  `median ${duration(median)}, 95 % within ${duration(p95)}, longest ${duration(longest)}`;
