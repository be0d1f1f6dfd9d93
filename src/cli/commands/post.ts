import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { App } from '../../app.ts';
import { batchOf } from '../../domain/job-id.ts';
import { withOutput } from '../../domain/step-name.ts';
import type { Message } from '../../pipeline/message/message.ts';
import { containers } from '../../storage/names.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { confirm, YES_OPTION } from '../confirm.ts';
import { CliError, EXIT } from '../errors.ts';
import { count } from '../format/count.ts';
import { printable } from '../format/printable.ts';
import { requireKnownToHost } from '../host-steps.ts';
import { IMAGE_ARGUMENT, requireImage } from '../named-image.ts';
import { type Posted, send } from '../post/send.ts';
import { queueOf, readTemplate, type Template } from '../post/template.ts';

interface PostOptions {
  as?: string;
  image?: string;
  prefix?: string;
  batch?: string;
  all?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

export const addPost: AddCommand = (program, context) => {
  program
    .command('post')
    .description('post a message file (the "pipeline <file>" of 2017)')
    .argument('<file>', 'JSON: a message, with marks where something is known only now')
    .option('--image <image>', `with <<URL>>: only this one: ${IMAGE_ARGUMENT}`)
    .option('--prefix <text>', 'with <<URL>>: images whose name in the container begins so')
    .option('--batch <id>', 'with <<URL>>: the images of this batch')
    .option('--all', 'with <<URL>>: every image there is')
    .option(
      '--as <id>',
      'what <<BATCHID>> stands for (default: what --batch says, else the name of the file)',
    )
    .option(...YES_OPTION)
    .option('--dry-run', 'only say what would be posted')
    .option('--json', 'a JSON array of what was posted')
    .addHelpText(
      'after',
      `${examples(
        'imaginem post samples/messages/ocr.json --batch camp-4 --dry-run',
        'imaginem post samples/messages/ocr.json --image camp-4/sign.jpg',
      )}\n\n<<JOBID>> becomes a new id. Where the file has <<URL>>, one message is posted for each image that is chosen, out of the container ${containers.input}.`,
    )
    .action((file: string, options: PostOptions) => post(file, options, context));
};

async function post(file: string, options: PostOptions, context: CommandContext): Promise<void> {
  const { connect, screen, signal } = context;
  const template = await readTemplate(file);
  refuseChoice(template, options);
  const connection = await connect();
  const app = await connection.app();
  const batch = options.as ?? options.batch ?? path.parse(file).name;
  const urls = template.perImage ? await chosen(options, app) : [undefined];
  // Filled in before anything is asked: what cannot be posted is nobody's question.
  const messages = urls.map((url) =>
    template.fill({ batchId: batch, jobId: randomUUID(), ...(url !== undefined && { url }) }),
  );
  const queues = [...new Set(messages.map((message) => queueOf(message, app.registry, app.pipeline)))];
  const steps = new Set(messages.flatMap((message) => stepsOf(message, app.pipeline)));
  await requireKnownToHost([...steps], connection);
  const number = count(messages.length, 'message');
  const does = `This posts ${number} to ${queues.join(', ')}, batch ${printable(batch)}: ${[...steps].join(', ')}.`;
  if (options.dryRun) return screen.line(`${does} Nothing was posted.`);
  if (messages.length > 1) await confirm({ does }, options.yes, context);
  const progress = screen.progress('Messages', messages.length);
  const posted: Posted[] = [];
  for (const message of messages) {
    if (signal.aborted) break;
    posted.push(await send(message, app));
    progress.at(posted.length);
  }
  progress.end();
  if (options.json) return screen.line(JSON.stringify(posted, undefined, 2));
  const batches = [...new Set(posted.map(({ batch_id }) => batch_id))];
  screen.line(
    `Posted ${count(posted.length, 'message')} to ${queues.join(', ')}, batch ${batches.map(printable).join(', ')}.`,
  );
}

/** Never for all images by accident. */
function refuseChoice({ perImage }: Template, { image, prefix, batch, all }: PostOptions): void {
  const given = [image, prefix, batch, all].filter((one) => one !== undefined).length;
  if (perImage && given === 0) {
    throw new CliError(
      'The file has <<URL>>: say for which images, by --image, --prefix, --batch or --all.',
      EXIT.usage,
    );
  }
  if (given > 1) throw new CliError('Give one of --image, --prefix, --batch and --all.', EXIT.usage);
  if (!perImage && (image !== undefined || prefix !== undefined || all)) {
    throw new CliError('The file names its image itself, for it has no <<URL>>: choose none.', EXIT.usage);
  }
}

/** Addresses of the chosen images. @throws {CliError} where there are none */
async function chosen({ image, prefix = '', batch }: PostOptions, app: App): Promise<string[]> {
  const { blobs } = app.storage;
  if (image !== undefined) {
    const { name } = await requireImage(image, { storage: app.storage, journal: app.journal });
    return [URL.canParse(name) ? name : blobs.url(containers.input, name)];
  }
  const urls: string[] = [];
  const begins = batch === undefined || batch === 'default' ? prefix : `${batch}/`;
  for await (const { name } of blobs.list(containers.input, begins)) {
    if (batch === undefined || batchOf(name) === batch) urls.push(blobs.url(containers.input, name));
  }
  if (urls.length === 0) {
    throw new CliError('There are no such images: "imaginem status" lists the batches.');
  }
  return urls;
}

const stepsOf = (message: Message, definition: readonly string[]): string[] => {
  const { processing_pipeline: asked, processing_step: position } = message.job_definition;
  return (asked ? withOutput(asked) : [...definition]).slice(position);
};
