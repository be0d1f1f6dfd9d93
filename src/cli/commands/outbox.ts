import { Option } from 'commander';
import type { OutboxState } from '../../results/outbox.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError } from '../errors.ts';
import { count } from '../format/count.ts';
import { table } from '../format/table.ts';
import { whoIsThis } from '../who.ts';

const STATES: readonly OutboxState[] = ['waiting', 'delivered', 'dead', 'withheld'];

/** Events in one list at most. */
const LISTED = 200;

export const addOutbox: AddCommand = (program, context) => {
  const outbox = program
    .command('outbox')
    .description('what is told to others')
    .addHelpText('after', examples('imaginem outbox list', 'imaginem outbox again --dead'));
  outbox
    .command('list')
    .description('events about candidates, newest first, and what became of them')
    .addOption(new Option('--state <state>', 'only those').choices([...STATES]))
    .option('--json', 'a JSON array')
    .addHelpText('after', examples('imaginem outbox list --state dead'))
    .action((options: { state?: OutboxState; json?: boolean }) => list(options, context));
  outbox
    .command('again')
    .description('have an event sent again that was given up, or at once that waits')
    .argument('[id]', 'the event')
    .option('--dead', 'all that were given up')
    .option('--json', 'the ids, as a JSON array')
    .addHelpText('after', examples('imaginem outbox again <id>', 'imaginem outbox again --dead'))
    .action((id: string | undefined, options: { dead?: boolean; json?: boolean }) =>
      again(id, options, context),
    );
};

async function list(
  { state, json }: { state?: OutboxState; json?: boolean },
  { connect, screen }: CommandContext,
): Promise<void> {
  const { outbox } = await (await connect()).results();
  const events = await outbox.list({ limit: LISTED, ...(state !== undefined && { state }) });
  if (json) return screen.line(JSON.stringify(events, undefined, 2));
  if (events.length === 0) return screen.line('There is nothing to tell.');
  screen.line(
    table(
      ['id', 'what', 'candidate', 'state', 'sent', 'at', 'why'],
      events.map(({ id, type, candidate, state: stands, sent, at, reason }) => [
        ...[id, type, candidate, stands, String(sent), at.slice(0, 16), reason?.message ?? ''],
      ]),
    ),
  );
}

async function again(
  id: string | undefined,
  { dead = false, json }: { dead?: boolean; json?: boolean },
  { connect, screen }: CommandContext,
): Promise<void> {
  if ((id === undefined) === !dead) throw new CliError('Name one event, or say --dead.');
  const { outbox, audit } = await (await connect()).results();
  const ids =
    id !== undefined ? [id] : (await outbox.list({ state: 'dead', limit: LISTED })).map((one) => one.id);
  const sent: string[] = [];
  for (const event of ids) {
    await audit.record({ who: whoIsThis(), action: 'alert.sent.again', detail: { event } });
    if (await outbox.again(event)) sent.push(event);
  }
  if (id !== undefined && sent.length === 0)
    throw new CliError(
      'There is no such event that waits or was given up: "imaginem outbox list" lists them.',
    );
  if (json) return screen.line(JSON.stringify(sent, undefined, 2));
  screen.line(`${count(sent.length, 'event')} will be sent within a minute.`);
}
