import { type BatchStatus, batchStatuses } from '../../admin/batch-status.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError } from '../errors.ts';
import { countedAt } from '../format/counted-at.ts';
import { statusTable } from '../format/status-table.ts';

export const addStatus: AddCommand = (program, context) => {
  program
    .command('status')
    .description('how many images wait, are under way at which step, and have finished how')
    .argument('[batch]', 'only this batch')
    .option('--json', 'a JSON array of batches')
    .addHelpText('after', examples('imaginem status', 'imaginem status samples --json'))
    .action((batch: string | undefined, options: { json?: boolean }) => status(batch, options, context));
};

async function status(
  batch: string | undefined,
  options: { json?: boolean },
  { connect, screen }: CommandContext,
): Promise<void> {
  const app = await (await connect()).app();
  const statuses = await batchStatuses(app, batch);
  if (options.json) {
    screen.line(JSON.stringify(statuses, undefined, 2));
    return;
  }
  if (batch !== undefined && statuses.length === 0) {
    throw new CliError('There is no such batch: "imaginem status" lists them all.');
  }
  screen.line(
    statuses.length === 0
      ? 'No images yet: submit some with "imaginem submit <paths>".'
      : [statusTable(statuses), ...notOfNow(statuses, app.clock())].join('\n'),
  );
}

function notOfNow(statuses: readonly BatchStatus[], now: number): string[] {
  const counted = statuses.find((one) => one.countedAt !== null)?.countedAt;
  return counted
    ? [
        `What waits, is under way and was passed over was counted at ${countedAt(counted, now)}; the rest is of now. What the queues hold now: "imaginem queues".`,
      ]
    : [];
}
