import { selectLetters } from '../../admin/select-letters.ts';
import type { DeadLetter } from '../../pipeline/journal/dead-letters.ts';
import { poisonQueue, workQueues } from '../../storage/names.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { YES_OPTION } from '../confirm.ts';
import { count } from '../format/count.ts';
import { jsonArray } from '../format/json-array.ts';
import { type DropOptions, drop } from '../poison/drop.ts';
import { addFilter, type FilterOptions } from '../poison/filter.ts';
import { letterJson, letterLines, lettersTable, oneLetter } from '../poison/letter.ts';
import { type RecoverOptions, recover } from '../poison/recover.ts';
import { type ReplayOptions, replayAll } from '../poison/replay.ts';

export const addPoison: AddCommand = (program, context) => {
  const poison = program
    .command('poison')
    .description('dead letters: messages that could not be worked on')
    .addHelpText(
      'after',
      examples(
        'imaginem poison list --step ocr',
        'imaginem poison show 3f2a91c0',
        'imaginem poison replay --code ProcessDied --dry-run',
        'imaginem poison replay 3f2a91c0 --set job_definition.processing_step=2',
        'imaginem poison drop --batch test --yes',
        'imaginem poison recover',
      ),
    );
  addFilter(poison.command('list').description('what died where, why and how often'))
    .option('--json', 'a JSON array with the whole messages')
    .action((options: FilterOptions & { json?: boolean }) => list(options, context));
  poison
    .command('show')
    .description('one dead letter, whole, and what to do about it')
    .argument('<id>', 'its id, or the beginning of it')
    .option('--json', 'as JSON')
    .action((id: string, options: { json?: boolean }) => show(id, options, context));
  addFilter(poison.command('replay').description('put dead letters back to work'))
    .argument('[ids...]', 'their ids, or the beginnings of them')
    .option('--all', 'all there are')
    .option(
      '--set <field=value...>',
      'change a field of the message first, e.g. job_definition.processing_step=2',
    )
    .option('--edit', 'change the message in your editor (EDITOR) first')
    .option(...YES_OPTION)
    .option('--dry-run', 'only say what would be done')
    .option('--json', 'what became of each, as a JSON array')
    .action((ids: string[], options: ReplayOptions) => replayAll(ids, options, context));
  addFilter(poison.command('drop').description('remove dead letters for good'))
    .argument('[ids...]', 'their ids, or the beginnings of them')
    .option('--all', 'all there are')
    .option(...YES_OPTION)
    .option('--dry-run', 'only say what would be done')
    .option('--json', 'as JSON')
    .action((ids: string[], options: DropOptions) => drop(ids, options, context));
  poison
    .command('recover')
    .description('put back to work what the Functions host holds back in the poison queues')
    .option('--step <queue>', 'only of this step, or of the queue inputimages-events')
    .option(
      '--minutes <n>',
      'how long to wait for messages that are hidden; the host hides them for ten',
      '11',
    )
    .option('--json', 'one JSON object: how many, of which queues')
    .action((options: RecoverOptions) => recover(options, context));
};

async function list(options: FilterOptions & { json?: boolean }, { connect, screen }: CommandContext) {
  const app = await (await connect()).app();
  if (options.json) {
    await jsonArray(selectLetters(app.deadLetters, options), letterJson, screen);
    return;
  }
  const letters: DeadLetter[] = [];
  for await (const letter of selectLetters(app.deadLetters, options)) letters.push(letter);
  letters.sort((one, other) => (one.lastSeen < other.lastSeen ? 1 : -1));
  if (letters.length > 0) screen.line(lettersTable(letters));
  screen.line(letters.length === 0 ? 'No dead letters.' : `${count(letters.length, 'dead letter')}.`);
  for (const queue of workQueues(app.registry.names)) {
    const waiting = (await app.storage.queues.look(poisonQueue(queue)))?.messages ?? 0;
    if (waiting > 0) {
      screen.line(
        `${count(waiting, 'message')} in ${poisonQueue(queue)}: the Functions app takes these by itself once it runs. What is there for more than a quarter of an hour, "imaginem poison recover" puts back to work.`,
      );
    }
  }
}

async function show(id: string, options: { json?: boolean }, { connect, screen }: CommandContext) {
  const letter = await oneLetter(await (await connect()).app(), id);
  if (options.json) screen.line(JSON.stringify(letterJson(letter), undefined, 2));
  else for (const line of letterLines(letter)) screen.line(line);
}
