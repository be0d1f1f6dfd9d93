import { planRerun, type RerunPlan, type RerunSkipped, type RerunWhich, rerun } from '../../admin/rerun.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError, EXIT } from '../errors.ts';
import { count } from '../format/count.ts';
import { imageName } from '../format/image-name.ts';
import { refuseUnknownSteps } from '../known-step.ts';
import { whoIsThis } from '../who.ts';

interface RerunOptions {
  step?: string;
  missing?: boolean;
  failed?: boolean;
  all?: boolean;
  batch?: string;
  image?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** Reasons shown one by one; the rest are counted. */
const SHOWN = 10;

export const addRerun: AddCommand = (program, context) => {
  program
    .command('rerun')
    .description('run a step again on finished images, and the steps that need it')
    .option('--step <step>', 'the step, also one that was not in their pipeline (default: every step)')
    .option(
      '--missing',
      'where it never ran, was skipped or was unavailable; not where it ran and found nothing',
    )
    .option('--failed', 'where it failed')
    .option('--all', 'wherever; a rejected image is looked at again')
    .option('--batch <id>', 'only images of this batch')
    .option('--image <id>', 'only the image of this job id, even if it is still under way')
    .option('--dry-run', 'only say what would be done')
    .option('--json', 'what is done about each image, as a JSON array')
    .addHelpText(
      'after',
      `\nAsking twice is safe: an image whose rerun is under way is left alone.\n${examples(
        'imaginem rerun --step ocr --failed',
        'imaginem rerun --step faceprint --missing --batch camp-4 --dry-run',
      )}`,
    )
    .action((options: RerunOptions) => runAgain(options, context));
};

async function runAgain(options: RerunOptions, context: CommandContext): Promise<void> {
  const { screen, signal, connect } = context;
  const which = whichOf(options);
  const app = await (await connect()).app();
  const { step, batch, image } = options;
  if (step !== undefined) refuseUnknownSteps([step], app.registry);
  const request = { step, which, batch, image };
  const done: Omit<RerunPlan, 'text'>[] = [];
  const skipped: RerunSkipped[] = [];
  let progress = screen.progress('Images', 0);
  let total = 0;
  for await (const one of options.dryRun ? planRerun(request, app) : rerun(request, whoIsThis(), app)) {
    if (signal.aborted) break;
    if ('skipped' in one) {
      skipped.push(one);
      continue;
    }
    const { text: _, ...told } = one;
    done.push(told);
    // How many there are is known only at the end: the bar grows by hundreds.
    if (done.length > total) {
      total += 100;
      progress = screen.progress('Images', total);
    }
    progress.at(done.length);
  }
  progress.end();
  if (image !== undefined && done.length + skipped.length === 0 && !(await app.journal.batchOf(image))) {
    throw new CliError(
      `There is no image with the job id "${image}": "imaginem why <name>" says what its id is.`,
    );
  }
  tell(done, skipped, options, context);
}

function whichOf({ missing, failed, all }: RerunOptions): RerunWhich {
  const named = Object.entries({ missing, failed, all }).filter(([, given]) => given);
  const [only] = named;
  if (only && named.length === 1) return only[0] as RerunWhich;
  throw new CliError('Say which images: one of --missing, --failed and --all.', EXIT.usage);
}

function tell(
  done: readonly Omit<RerunPlan, 'text'>[],
  skipped: readonly RerunSkipped[],
  { dryRun, json }: RerunOptions,
  { screen }: CommandContext,
): void {
  if (json) {
    screen.line(JSON.stringify([...done, ...skipped], undefined, 2));
    return;
  }
  for (const { imageUrl, skipped: why } of skipped.slice(0, SHOWN)) {
    screen.line(`${imageName(imageUrl)}  left alone: ${why.message}`);
  }
  if (skipped.length > SHOWN)
    screen.line(`... and ${count(skipped.length - SHOWN, 'more image')} left alone.`);
  const byPlan = new Map<string, number>();
  for (const { steps } of done) {
    const what = [...steps, 'pipelineoutput'].join(', ');
    byPlan.set(what, (byPlan.get(what) ?? 0) + 1);
  }
  for (const [what, number] of byPlan) screen.line(`${count(number, 'image')}: ${what}`);
  const images = count(done.length, 'image');
  if (done.length === 0) screen.line('No image calls for it.');
  else if (dryRun) screen.line(`${images} would be run again. Nothing was sent.`);
  else screen.line(`${images} sent. "imaginem status" shows them under way.`);
}
