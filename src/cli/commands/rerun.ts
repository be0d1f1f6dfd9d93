import {
  planRerun,
  type RerunPlan,
  type RerunRequest,
  type RerunSkipped,
  type RerunWhich,
  rerun,
} from '../../admin/rerun.ts';
import { OUTPUT_STEP } from '../../domain/step-name.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { confirm, YES_OPTION } from '../confirm.ts';
import type { Connection } from '../connect.ts';
import { CliError, EXIT } from '../errors.ts';
import { count } from '../format/count.ts';
import { imageName } from '../format/image-name.ts';
import { printable } from '../format/printable.ts';
import { requireKnownToHost } from '../host-steps.ts';
import { refuseUnknownSteps } from '../known-step.ts';
import { IMAGE_ARGUMENT, requireImage } from '../named-image.ts';
import { whoIsThis } from '../who.ts';

interface RerunOptions {
  step?: string;
  missing?: boolean;
  failed?: boolean;
  all?: boolean;
  batch?: string;
  image?: string;
  biometric?: boolean;
  yes?: boolean;
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
    .option('--image <image>', `only this one, even if it is still under way: ${IMAGE_ARGUMENT}`)
    .option('--biometric', 'say yes to faceprints of people in images that were not submitted for that')
    .option(...YES_OPTION)
    .option('--dry-run', 'only say what would be done')
    .option('--json', 'what is done about each image, as a JSON array')
    .addHelpText(
      'after',
      `\nAn image keeps the pipeline it was submitted with: more steps only where --step names one, and what that needs.\nAsking twice is safe: an image whose rerun is under way is left alone.\n${examples(
        'imaginem rerun --step ocr --failed',
        'imaginem rerun --step faceprint --missing --batch camp-4 --dry-run',
      )}`,
    )
    .action((options: RerunOptions) => runAgain(options, context));
};

async function runAgain(options: RerunOptions, context: CommandContext): Promise<void> {
  const { screen, signal, connect } = context;
  const which = whichOf(options);
  const connection = await connect();
  const app = await connection.app();
  const { step, batch } = options;
  if (step !== undefined) {
    refuseUnknownSteps([step], app.registry);
    await requireKnownToHost([step], connection);
  }
  const image =
    options.image === undefined
      ? undefined
      : (await requireImage(options.image, { storage: app.storage, journal: app.journal })).id;
  const request = { step, which, batch, image };
  const biometric = options.dryRun ? undefined : await askFirst(request, options, connection, context);
  const done: Omit<RerunPlan, 'text'>[] = [];
  const skipped: RerunSkipped[] = [];
  let progress = screen.progress('Images', 0);
  let total = 0;
  const work = options.dryRun ? planRerun(request, app) : rerun({ ...request, biometric }, whoIsThis(), app);
  for await (const one of work) {
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
  // That what was named was left alone is no success.
  if (image !== undefined && done.length === 0 && skipped.length > 0) context.exitWith(EXIT.failed);
  tell(done, skipped, options, context);
}

/**
 * Looks at what it comes to before anything of it is done: asks where that is several images, and where steps that make
 * biometric data would be added to what an image was submitted for.
 *
 * @returns whether such steps may be added
 */
async function askFirst(
  request: RerunRequest,
  { yes, biometric }: RerunOptions,
  connection: Connection,
  context: CommandContext,
): Promise<boolean> {
  const app = await connection.app();
  let images = 0;
  const steps = new Set<string>();
  const added = { images: 0, steps: new Set<string>() };
  for await (const one of planRerun(request, app)) {
    if ('skipped' in one) continue;
    images += 1;
    for (const name of one.steps) steps.add(name);
    if (one.biometric.length > 0) added.images += 1;
    for (const name of one.biometric) added.steps.add(name);
  }
  await requireKnownToHost([...steps], connection);
  if (images > 1) {
    const does = `This runs ${count(images, 'image')} again: ${[...steps].join(', ') || 'their rows'}.`;
    await confirm({ does }, yes, context);
  }
  if (added.images === 0) return false;
  const does = `This makes faceprints, biometric data of people, of ${count(added.images, 'image')} not submitted for that (${[...added.steps].join(', ')}).`;
  await confirm({ does, option: '--biometric' }, biometric, context);
  return true;
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
    screen.line(`${imageName(imageUrl)}  left alone: ${printable(why.message)}`);
  }
  if (skipped.length > SHOWN)
    screen.line(`... and ${count(skipped.length - SHOWN, 'more image')} left alone.`);
  const byPlan = new Map<string, number>();
  for (const { steps } of done) {
    const what = [...steps, OUTPUT_STEP].join(', ');
    byPlan.set(what, (byPlan.get(what) ?? 0) + 1);
  }
  for (const [what, number] of byPlan) screen.line(`${count(number, 'image')}: ${what}`);
  const images = count(done.length, 'image');
  if (done.length === 0) screen.line('No image calls for it.');
  else if (dryRun) {
    const asked = done.filter(({ biometric }) => biometric.length > 0).length;
    if (asked > 0)
      screen.line(
        `${count(asked, 'image')} of them would get faceprints, which --biometric has to say yes to.`,
      );
    screen.line(`${images} would be run again. Nothing was sent.`);
  } else screen.line(`${images} sent. "imaginem status" shows them under way.`);
}
