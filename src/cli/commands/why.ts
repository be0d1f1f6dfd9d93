import { explainImage } from '../../admin/why.ts';
import { OUTPUT_STEP } from '../../domain/step-name.ts';
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
  const connection = await connect();
  const answer = await explainImage(asked, await connection.app());
  const known = answer.step === undefined ? undefined : await connection.hostSteps();
  // No other advice helps: nobody takes a message out of the queue of a step that what runs does not have.
  if (answer.step !== undefined && known && answer.step !== OUTPUT_STEP && !known.has(answer.step)) {
    answer.advice = [
      `What runs does not know the step "${answer.step}": restart "npm start", which was started before this step was built.`,
    ];
  }
  if (json) screen.line(JSON.stringify(answer, undefined, 2));
  else for (const line of whyLines(answer)) screen.line(line);
  if (answer.state === 'unknown') exitWith(EXIT.failed);
}
