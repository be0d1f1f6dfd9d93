import { clear } from '../../admin/clear.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { confirmByWord, YES_OPTION } from '../confirm.ts';
import { EXIT, sentenceOf } from '../errors.ts';
import { count } from '../format/count.ts';
import { whoIsThis } from '../who.ts';

/** What a person types to go on. */
const WORD = 'clear';

export const addClear: AddCommand = (program, context) => {
  program
    .command('clear')
    .description('remove everything of an instance: images, messages, faces, journal, results')
    .option(...YES_OPTION)
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `${examples('imaginem clear', 'imaginem clear --yes')}\n\nThis cannot be undone. Pauses stay. Stop what submits images, and pause the steps, before you clear a deployment that works.`,
    )
    .action((options: { yes?: boolean; json?: boolean }) => clearAll(options, context));
};

async function clearAll(
  { yes, json }: { yes?: boolean; json?: boolean },
  context: CommandContext,
): Promise<void> {
  const { screen, signal } = context;
  const connection = await context.connect();
  const app = await connection.app();
  const results = await connection.results();
  const images = (await results.batches()).reduce((sum, batch) => sum + batch.images, 0);
  const does = `This removes everything of ${connection.what}, ${count(images, 'result')} and all images among it.`;
  await confirmByWord(does, WORD, yes, context);
  const { left, ...removed } = await clear(whoIsThis(), app, signal, () => {
    if (!json) screen.line('Removing ...');
  });
  const why = left.images === 0 ? null : sentenceOf(left.why);
  const cleared = { ...removed, left: { images: left.images, why } };
  if (cleared.left.images > 0) context.exitWith(EXIT.failed);
  if (json) return screen.line(JSON.stringify(cleared, undefined, 2));
  screen.line(
    `Removed ${count(cleared.results, 'result')}, ${count(cleared.blobs, 'blob')} and ${count(cleared.rows, 'table row')}, and emptied ${count(cleared.queues, 'queue')}.`,
  );
  if (cleared.left.images > 0) {
    screen.line(
      `The faces of ${count(cleared.left.images, 'image')} could not be taken out of the Face service (${why}). Nothing matches them any more, and the hourly sweep removes them.`,
    );
  }
}
