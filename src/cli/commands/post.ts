import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { containers } from '../../storage/names.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError } from '../errors.ts';
import { count } from '../format/count.ts';
import { type Posted, send } from '../post/send.ts';
import { readTemplate } from '../post/template.ts';

interface PostOptions {
  batch?: string;
  prefix?: string;
  json?: boolean;
}

export const addPost: AddCommand = (program, context) => {
  program
    .command('post')
    .description('post a message file (the "pipeline <file>" of 2017)')
    .argument('<file>', 'JSON: a message, with marks where something is known only now')
    .option('--batch <id>', 'what <<BATCHID>> stands for (default: the name of the file)')
    .option('--prefix <text>', 'with <<URL>>: only images whose name begins so')
    .option('--json', 'a JSON array of what was posted')
    .addHelpText(
      'after',
      `${examples('imaginem post samples/messages/ocr.json --prefix camp-4/')}\n\n<<JOBID>> becomes a new id. Where the file has <<URL>>, one message is posted for each image of the container ${containers.input}.`,
    )
    .action((file: string, options: PostOptions) => post(file, options, context));
};

async function post(
  file: string,
  { batch = path.parse(file).name, prefix = '', json }: PostOptions,
  { connect, screen, signal }: CommandContext,
): Promise<void> {
  const template = await readTemplate(file);
  const app = await (await connect()).app();
  const urls: (string | undefined)[] = [];
  if (template.perImage) {
    for await (const { name } of app.storage.blobs.list(containers.input, prefix)) {
      urls.push(app.storage.blobs.url(containers.input, name));
    }
    if (urls.length === 0) {
      throw new CliError(
        `The file has <<URL>>, and there are no ${prefix === '' ? '' : 'such '}images: submit some with "imaginem submit <paths>".`,
      );
    }
  } else urls.push(undefined);
  const progress = screen.progress('Messages', urls.length);
  const posted: Posted[] = [];
  for (const url of urls) {
    if (signal.aborted) break;
    const marks = { batchId: batch, jobId: randomUUID(), ...(url !== undefined && { url }) };
    posted.push(await send(template.fill(marks), app));
    progress.at(posted.length);
  }
  progress.end();
  if (json) return screen.line(JSON.stringify(posted, undefined, 2));
  const queues = [...new Set(posted.map(({ queue }) => queue))];
  const batches = [...new Set(posted.map(({ batch_id }) => batch_id))];
  screen.line(
    `Posted ${count(posted.length, 'message')} to ${queues.join(', ')}, batch ${batches.join(', ')}.`,
  );
}
