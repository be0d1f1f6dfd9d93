import type { App } from '../../app.ts';
import { OUTPUT_STEP } from '../../pipeline/step.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError, EXIT } from '../errors.ts';
import { imageLine } from '../format/image-line.ts';
import { Awaited } from '../submit/awaited.ts';
import { findFiles } from '../submit/find-files.ts';
import { follow } from '../submit/follow.ts';
import { ResultFeed } from '../submit/result-feed.ts';
import { leftOutLines, submittedLine } from '../submit/sentences.ts';
import { summary } from '../submit/summary.ts';
import { type Submitted, upload } from '../submit/upload.ts';

interface SubmitOptions {
  batch?: string;
  pipeline?: string;
  wait?: boolean;
}

export const addSubmit: AddCommand = (program, context) => {
  program
    .command('submit')
    .description('put images into the pipeline')
    .argument('<paths...>', 'files and folders')
    .option('--batch <id>', 'batch of these images (default: the name of their folder)')
    .option('--pipeline <steps>', 'steps, by commas, instead of PIPELINE_DEFINITION')
    .option('--wait', 'wait for their rows and print what was found')
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
  const { files, leftOut } = await findFiles(paths, options.batch);
  for (const line of leftOutLines(leftOut)) screen.line(line);
  if (files.length === 0) throw new CliError('There are no images among these.', EXIT.usage);
  const connection = await context.connect();
  const app = await connection.app();
  const pipeline = options.pipeline === undefined ? undefined : pipelineOf(options.pipeline, app);
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
  screen.line(submittedLine(submitted));
  if (feed) await wait(submitted, feed, new Awaited(await connection.results()), context);
}

async function wait(
  submitted: readonly Submitted[],
  feed: ResultFeed,
  awaited: Awaited,
  { screen, signal, exitWith }: CommandContext,
): Promise<void> {
  for (const one of submitted) await awaited.expect(one);
  const ids = new Set(submitted.map(({ id }) => id));
  const progress = screen.progress('Images', awaited.total);
  await follow({
    ...{ feed, awaited, signal },
    onRow: (image) => {
      if (ids.has(image.id)) screen.line(imageLine(image));
      progress.at(awaited.done);
    },
    onTrouble: (error) => {
      throw error;
    },
    ended: (all) => all,
  });
  progress.end();
  const { text, exitCode } = summary(await awaited.rows(), awaited.total);
  screen.line(text);
  exitWith(exitCode);
}

function pipelineOf(text: string, { registry }: App): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const pipeline = names.includes(OUTPUT_STEP) ? names : [...names, OUTPUT_STEP];
  const faults = registry.faults(pipeline);
  if (faults.length === 0) return pipeline;
  throw new CliError(`--pipeline: ${faults.join(' Also, ')}`, EXIT.usage);
}
