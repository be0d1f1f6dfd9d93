import { type QueueStanding, queueStandings } from '../../admin/queue-states.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { countedAt } from '../format/counted-at.ts';
import { duration } from '../format/duration.ts';
import { printable } from '../format/printable.ts';
import { table } from '../format/table.ts';

export const addQueues: AddCommand = (program, context) => {
  program
    .command('queues')
    .description('how many messages wait where, since when, which are put back, and which steps are paused')
    .option('--json', 'a JSON array of queues')
    .addHelpText('after', examples('imaginem queues', 'imaginem queues --json'))
    .action((options: { json?: boolean }) => queues(options, context));
};

async function queues(options: { json?: boolean }, { connect, screen }: CommandContext): Promise<void> {
  const app = await (await connect()).app();
  const standings = await queueStandings(app);
  screen.line(options.json ? JSON.stringify(standings, undefined, 2) : queueTable(standings, app.clock()));
}

function queueTable(standings: readonly QueueStanding[], now: number): string {
  const some = (number: number) => (number === 0 ? '' : String(number));
  const rows = standings.map((standing) => [
    standing.queue,
    some(standing.messages),
    standing.oldest_ready === null ? '' : duration(now - Date.parse(standing.oldest_ready)),
    standing.delayed === 0 ? '' : `${standing.delayed}, next ${inTime(standing.next_try, now)}`,
    some(standing.poison),
    standing.paused === null
      ? ''
      : printable(
          `by ${standing.paused.by} for ${duration(now - Date.parse(standing.paused.at))}${standing.paused.reason === '' ? '' : `: ${standing.paused.reason}`}`,
        ),
  ]);
  const counted = standings.find((one) => one.delayed_counted_at !== null)?.delayed_counted_at;
  const note = counted ? `\n"Put back" was counted at ${countedAt(counted, now)}; the rest is of now.` : '';
  return table(['Queue', 'Messages', 'Oldest ready', 'Put back', 'Poison', 'Paused'], rows) + note;
}

function inTime(at: string | null, now: number): string {
  const ms = at === null ? 0 : Date.parse(at) - now;
  return ms <= 0 ? 'now' : `in ${duration(ms)}`;
}
