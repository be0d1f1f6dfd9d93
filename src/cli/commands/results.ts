import { Option } from 'commander';
import { subject } from '../../audit/subject.ts';
import type { ImageFilter, ImageStatus, StoredImage } from '../../results/rows.ts';
import type { ResultStore } from '../../results/store.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { everyImage } from '../every-image.ts';
import { count } from '../format/count.ts';
import { imageJson } from '../format/image-json.ts';
import { imageTable } from '../format/image-table.ts';
import { jsonArray } from '../format/json-array.ts';
import { printable } from '../format/printable.ts';
import { IMAGE_ARGUMENT, requireImage } from '../named-image.ts';
import { whole } from '../option-values.ts';
import { wordsOfSteps } from '../steps.ts';
import { whoIsThis } from '../who.ts';

interface ResultsOptions {
  batch?: string;
  tag?: string;
  text?: string;
  purpose?: string;
  doNotMatch?: boolean;
  warning?: string;
  status?: ImageStatus;
  image?: string;
  limit?: number;
  json?: boolean;
}

const STATUSES: readonly ImageStatus[] = ['done', 'partial', 'rejected', 'superseded', 'gone'];

export const addResults: AddCommand = (program, context) => {
  program
    .command('results')
    .description('what was found in the images, newest first')
    .option('--batch <id>', 'images of this batch')
    .option('--tag <name>', 'images with this tag')
    .option(
      '--text <words>',
      'images whose caption, tags or text hold all these words; "word*" for a beginning',
    )
    .option('--purpose <text>', 'images whose batch is for this purpose')
    .option('--do-not-match', 'images that may not be matched')
    .addOption(new Option('--status <status>', 'images that ended so').choices(STATUSES))
    .option('--warning <code>', 'images whose row has this warning, e.g. ImageDamaged')
    .option('--image <image>', IMAGE_ARGUMENT)
    .option('--limit <number>', 'at most so many', whole)
    .option('--json', 'a JSON array of rows')
    .addHelpText(
      'after',
      examples('imaginem results --batch samples', 'imaginem results --tag person --text "reunion*" --json'),
    )
    .action((options: ResultsOptions) => results(options, context));
};

async function results(options: ResultsOptions, { connect, screen }: CommandContext): Promise<void> {
  const connection = await connect();
  const store = await connection.results();
  const filter: ImageFilter = {
    ...(options.batch !== undefined && { batchId: options.batch }),
    ...(options.tag !== undefined && { tag: options.tag.toLowerCase() }),
    ...(options.text !== undefined && { text: options.text }),
    ...(options.purpose !== undefined && { purpose: options.purpose }),
    ...(options.doNotMatch && { doNotMatch: true }),
    ...(options.warning !== undefined && { warning: options.warning }),
    ...(options.status !== undefined && { status: options.status }),
  };
  await store.audit.record({
    who: whoIsThis(),
    action: 'results.read',
    about: options.batch === undefined ? [] : [subject.batch(options.batch)],
    // What was asked for, not the words: those may be somebody's name.
    detail: { filters: Object.keys(filter) },
  });
  const found =
    options.image === undefined
      ? everyImage(store, filter, Math.min(200, options.limit ?? 200))
      : oneImage(options.image, connection, store);
  const images = options.limit === undefined ? found : firstOf(found, options.limit);
  if (options.json) return jsonArray(images, imageJson, screen);
  const all: StoredImage[] = [];
  for await (const image of images) all.push(image);
  const shown = count(all.length, 'image');
  const isCut = options.limit !== undefined && all.length === options.limit;
  screen.line(
    all.length === 0
      ? 'No images.'
      : `${imageTable(all, await wordsOfSteps(all))}\n${isCut ? `${shown}, as --limit says: there may be more` : shown}.`,
  );
}

async function* oneImage(
  asked: string,
  connection: Connection,
  store: ResultStore,
): AsyncGenerator<StoredImage> {
  const app = await connection.app().catch((error: unknown) => {
    if (error instanceof CliError) return undefined;
    throw error;
  });
  const { id, name } = await requireImage(asked, { ...app, results: async () => store });
  const image = await store.get(id);
  if (!image)
    throw new CliError(`There is no row of ${printable(name)} yet: "imaginem why" says where it is.`);
  yield image;
}

async function* firstOf<T>(items: AsyncIterable<T>, most: number): AsyncGenerator<T> {
  let left = most;
  for await (const item of items) {
    yield item;
    left -= 1;
    if (left === 0) return;
  }
}
