import { rerun } from '../../admin/rerun.ts';
import type { App } from '../../app.ts';
import { withOutput } from '../../domain/step-name.ts';
import { namesIn } from '../../pipeline/definition/resolve.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError, EXIT } from '../errors.ts';
import { imageJson } from '../format/image-json.ts';
import { imageLine } from '../format/image-line.ts';
import { printable } from '../format/printable.ts';
import { requireKnownToHost } from '../host-steps.ts';
import { wordsOfSteps } from '../steps.ts';
import { Awaited } from '../submit/awaited.ts';
import { type Found, findFiles } from '../submit/find-files.ts';
import { follow } from '../submit/follow.ts';
import { ResultFeed } from '../submit/result-feed.ts';
import { leftOutLines, submittedLine, WARMING_UP } from '../submit/sentences.ts';
import { summary } from '../submit/summary.ts';
import { type Submitted, upload } from '../submit/upload.ts';
import { whoIsThis } from '../who.ts';

interface SubmitOptions {
  batch?: string;
  pipeline?: string;
  wait?: boolean;
  json?: boolean;
}

export const addSubmit: AddCommand = (program, context) => {
  program
    .command('submit')
    .description('put images into the pipeline')
    .argument('<paths...>', 'files and folders')
    .option('--batch <id>', 'batch of these images (default: the name of their folder)')
    .option('--pipeline <steps>', 'steps, by commas, instead of PIPELINE_DEFINITION')
    .option('--wait', 'wait for their rows and print what was found')
    .option('--json', 'one JSON object: what was submitted and, with --wait, the rows')
    .addHelpText(
      'after',
      examples(
        'imaginem submit photos --wait',
        'imaginem submit a.jpg b.jpg --batch camp-4 --pipeline facedetection,facecrop',
      ),
    )
    .action((paths: string[], options: SubmitOptions) => submit(paths, options, context));
};

async function submit(paths: string[], options: SubmitOptions, context: CommandContext): Promise<void> {
  const { screen, signal } = context;
  const found = await findFiles(paths, options.batch);
  const { files, leftOut, passedOver } = found;
  if (!options.json) for (const line of leftOutLines(found)) screen.line(line);
  if (files.length === 0)
    throw new CliError('There are no images among these: nothing was submitted.', EXIT.usage);
  const connection = await context.connect();
  const app = await connection.app();
  const pipeline = options.pipeline === undefined ? undefined : pipelineOf(options.pipeline, app);
  if (pipeline) await requireKnownToHost(pipeline, connection);
  // Before the upload, so that no row is missed.
  const feed = options.wait ? new ResultFeed(await connection.results()) : undefined;
  await feed?.start();

  const progress = screen.progress('Upload', files.length);
  let uploaded = 0;
  const submitted = await upload(files, app.storage.blobs, {
    ...(pipeline && { pipeline }),
    onEach: () => {
      uploaded += 1;
      progress.at(uploaded);
    },
    signal,
  });
  progress.end();
  const refusals = await againWhereRejected(submitted, app);
  if (!options.json) for (const line of refusals) screen.line(line);
  if (!options.json) screen.line(submittedLine(submitted));
  const awaited = feed && new Awaited(await connection.results());
  if (awaited) await wait(submitted, feed, awaited, options, context);
  if (options.json)
    screen.line(JSON.stringify(await answer(submitted, { leftOut, passedOver }, awaited), undefined, 2));
}

/**
 * An image that is there and was rejected is looked at again: nobody submits a file twice to be told that it is there.
 *
 * @returns why some of them cannot be, in sentences
 */
async function againWhereRejected(submitted: readonly Submitted[], app: App): Promise<string[]> {
  const refusals: string[] = [];
  for (const one of submitted) {
    if (!one.there) continue;
    const batch = await app.journal.batchOf(one.id);
    const job = batch === undefined ? undefined : (await app.journal.read(batch, one.id))?.job;
    if (job?.end?.kind !== 'rejected') continue;
    for await (const plan of rerun({ image: one.id, which: 'all' }, whoIsThis(), app)) {
      if ('skipped' in plan) refusals.push(`${printable(one.blobName)}: ${printable(plan.skipped.message)}`);
      else one.again = true;
    }
  }
  return refusals;
}

async function answer(
  submitted: readonly Submitted[],
  { leftOut, passedOver }: Pick<Found, 'leftOut' | 'passedOver'>,
  awaited?: Awaited,
) {
  return {
    images: submitted.map(({ id, blobName, there, again = false }) => ({
      id,
      image: blobName,
      there_already: there,
      again,
    })),
    left_out: leftOut,
    passed_over: Object.fromEntries(passedOver),
    ...(awaited && { rows: (await awaited.rows()).map(imageJson) }),
  };
}

async function wait(
  submitted: readonly Submitted[],
  feed: ResultFeed,
  awaited: Awaited,
  { json }: SubmitOptions,
  { screen, signal, exitWith }: CommandContext,
): Promise<void> {
  for (const one of submitted) await awaited.expect(one);
  const ids = new Set(submitted.map(({ id }) => id));
  const progress = screen.progress('Images', awaited.total);
  await follow({
    feed,
    awaited,
    signal,
    onRow: (image) => {
      if (ids.has(image.id) && !json) screen.line(imageLine(image));
      progress.at(awaited.done);
    },
    onTrouble: (error) => {
      throw error;
    },
    ended: (all) => all,
    onNothingYet: () => {
      if (!json) screen.line(WARMING_UP);
    },
  });
  progress.end();
  const rows = await awaited.rows();
  const { text, exitCode } = summary(rows, awaited.total, await wordsOfSteps(rows));
  if (!json) screen.line(text);
  exitWith(exitCode);
}

function pipelineOf(text: string, { registry }: App): string[] {
  const names = namesIn(text);
  if (names.length === 0) throw new CliError('--pipeline: it is empty: name at least one step.', EXIT.usage);
  const pipeline = withOutput(names);
  const faults = registry.faults(pipeline);
  if (faults.length === 0) return pipeline;
  throw new CliError(`--pipeline: ${faults.join(' Also, ')}`, EXIT.usage);
}
