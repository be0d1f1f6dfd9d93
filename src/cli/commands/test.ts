import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '../../app.ts';
import { jobIdOf } from '../../domain/job-id.ts';
import { OUTPUT_STEP } from '../../domain/step-name.ts';
import { propose } from '../../pipeline/definition/propose.ts';
import type { StoredImage } from '../../results/rows.ts';
import type { ResultStore } from '../../results/store.ts';
import { containers } from '../../storage/names.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError, EXIT } from '../errors.ts';
import { printable } from '../format/printable.ts';
import { refuseUnknownSteps } from '../known-step.ts';
import { PROJECT } from '../paths.ts';
import { send } from '../post/send.ts';
import { readTemplate, type Template, templateOf } from '../post/template.ts';

/** Batch of what `test` posts: its rows are told from others by it. */
const BATCH = 'imaginem-test';
const IMAGE = 'samples/group.jpg';
/** Steps for which the group photograph shows nothing. */
const IMAGES: Readonly<Record<string, string>> = { ocr: 'samples/sign.jpg' };
const POLL_MS = 250;

interface TestOptions {
  image?: string;
  wait?: boolean;
  json?: boolean;
}

export const addTest: AddCommand = (program, context) => {
  program
    .command('test')
    .description("post a step's sample message")
    .argument('<step>', 'the step')
    .option('--image <file>', 'the image to take (default: a sample)')
    .option('--wait', 'wait for its row and print what the step put out')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `${examples('imaginem test ocr --wait')}\n\nThe message is samples/messages/<step>.json, which brings the outputs that the step needs; a step without one gets a message that runs first what it needs. The image goes into batch ${BATCH}.`,
    )
    .action((step: string, options: TestOptions) => test(step, options, context));
};

async function test(step: string, options: TestOptions, context: CommandContext): Promise<void> {
  const { connect, screen } = context;
  const connection = await connect();
  const app = await connection.app();
  refuseUnknownSteps([step], app.registry);
  const template = await sampleOf(step, app);
  const file = options.image ?? path.join(PROJECT, IMAGES[step] ?? IMAGE);
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new CliError(`The image ${printable(file)} cannot be read.`, EXIT.usage, { cause });
  });
  const name = `${BATCH}/${step}-${app.clock().toString(36)}${path.extname(file)}`;
  const url = app.storage.blobs.url(containers.input, name);
  const pipeline =
    template.fill({ batchId: BATCH, jobId: 'sample', url }).job_definition.processing_pipeline ?? [];
  // The event of this upload makes the same job with the same pipeline: whichever comes first, there is one row, and
  // what the message brings along stands in it.
  const etag = await app.storage.blobs.write(containers.input, name, bytes, 'application/octet-stream', {
    pipeline: pipeline.join(','),
  });
  const id = jobIdOf(containers.input, name, etag);
  const posted = await send(template.fill({ batchId: BATCH, jobId: id, url }), app);
  if (!options.wait) {
    screen.line(
      options.json
        ? JSON.stringify(posted, undefined, 2)
        : `Posted to ${posted.queue}: batch ${BATCH}, job ${id}. "imaginem results --batch ${BATCH}" shows its row.`,
    );
    return;
  }
  const row = await rowOf(id, await connection.results(), context);
  if (!row) return;
  const state = row.steps[step];
  if (state?.state === 'failed' || state?.state === 'skipped' || row.reason) context.exitWith(EXIT.failed);
  const answer = { ...posted, status: row.status, ...state, output: row.jobOutput[step] ?? null };
  screen.line(JSON.stringify(answer, undefined, 2));
}

/** The step's own sample, else one made from what it needs. */
async function sampleOf(step: string, { registry }: Pick<App, 'registry'>): Promise<Template> {
  const file = path.join(PROJECT, 'samples', 'messages', `${step}.json`);
  if (existsSync(file)) return readTemplate(file);
  const definition = {
    id: '<<JOBID>>',
    batch_id: '<<BATCHID>>',
    input: { image_url: '<<URL>>' },
    processing_pipeline: step === OUTPUT_STEP ? [OUTPUT_STEP] : propose([step], registry),
    processing_step: 0,
  };
  return templateOf({ job_definition: definition, job_output: {} }, `the sample of ${step}`);
}

/** @returns undefined where the person has seen enough */
async function rowOf(
  id: string,
  results: ResultStore,
  { signal }: Pick<CommandContext, 'signal'>,
): Promise<StoredImage | undefined> {
  while (!signal.aborted) {
    const row = await results.get(id);
    if (row) return row;
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}
