import { explainImage } from '../../admin/why.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { EXIT } from '../errors.ts';
import { whyLines } from '../format/why-lines.ts';
import { IMAGE_ARGUMENT } from '../named-image.ts';

export const addWhy: AddCommand = (program, context) => {
  program
    .command('why')
    .description('where an image is, why it is not further, and what to do')
    .argument('<image>', IMAGE_ARGUMENT)
    .option('--json', 'as JSON')
    .addHelpText('after', examples('imaginem why samples/sign.jpg', 'imaginem why 0c1f… --json'))
    .action((asked: string, options: { json?: boolean }) => why(asked, options, context));
};

async function why(
  asked: string,
  { json }: { json?: boolean },
  { connect, screen, exitWith }: CommandContext,
) {
  const answer = await explainImage(asked, await (await connect()).app());
  if (json) screen.line(JSON.stringify(answer, undefined, 2));
  else for (const line of whyLines(answer)) screen.line(line);
  if (answer.state === 'unknown') exitWith(EXIT.failed);
}
