import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Option } from 'commander';
import { imageCsv, imageCsvHead } from '../../admin/export/image-csv.ts';
import { subject } from '../../audit/subject.ts';
import type { ImageFilter, StoredImage } from '../../results/rows.ts';
import type { ResultStore } from '../../results/store.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError, EXIT } from '../errors.ts';
import { everyImage } from '../every-image.ts';
import { count } from '../format/count.ts';
import { imageJson } from '../format/image-json.ts';
import { printable } from '../format/printable.ts';
import { openScreen, type Screen } from '../format/screen.ts';
import { whoIsThis } from '../who.ts';

/** Rows read at once, and characters written at once. */
const PAGE = 500;
const CHUNK = 256 * 1024;

interface ExportOptions {
  format?: 'jsonl' | 'csv';
  batch?: string;
  out?: string;
  json?: boolean;
}

export const addExport: AddCommand = (program, context) => {
  program
    .command('export')
    .description('write all rows as JSON Lines or CSV')
    .addOption(
      new Option('--format <format>', 'default: by the name of the file, else jsonl').choices([
        'jsonl',
        'csv',
      ]),
    )
    .option('--batch <id>', 'images of this batch')
    .option('--out <file>', 'a file that does not exist yet (default: standard output)')
    .option('--json', 'the same as --format jsonl')
    .addHelpText(
      'after',
      `${examples('imaginem export > rows.jsonl', 'imaginem export --batch camp-4 --out camp-4.csv')}\n\nJSON Lines hold whole rows, the outputs of all steps included; CSV one line of what people look for.\nIn CSV a text that a spreadsheet would run as a formula begins with an apostrophe.`,
    )
    .action((options: ExportOptions) => exported(options, context));
};

async function exported(
  { format, batch, out, json }: ExportOptions,
  { connect, screen, signal }: CommandContext,
): Promise<void> {
  const csv = !json && (format ?? (out?.toLowerCase().endsWith('.csv') ? 'csv' : 'jsonl')) === 'csv';
  const store = await (await connect()).results();
  // Opened before it is written down that rows were given out: none are where there is no file for them.
  const file = out === undefined ? undefined : await newFile(out);
  const filter = batch === undefined ? {} : { batchId: batch };
  const total = (await store.batches())
    .filter(({ batchId }) => batch === undefined || batchId === batch)
    .reduce((sum, { images }) => sum + images, 0);
  await store.audit.record({
    who: whoIsThis(),
    action: 'results.exported',
    about: batch === undefined ? [] : [subject.batch(batch)],
    detail: { rows: total, format: csv ? 'csv' : 'jsonl' },
  });
  const progress = barOf(out, screen)?.progress('Rows', total);
  const chunks = chunksOf(store, filter, { csv, signal, at: (done) => progress?.at(done) });
  let written = 0;
  try {
    if (file === undefined) for await (const { text } of chunks) await screen.lines(text);
    else {
      const texts = async function* () {
        for await (const { text, rows } of chunks) {
          yield text;
          written = rows;
        }
      };
      await pipeline(Readable.from(texts()), file.createWriteStream());
    }
  } finally {
    progress?.end();
  }
  if (out !== undefined) screen.line(`Wrote ${count(written, 'row')} to ${printable(out)}.`);
}

/** Where it is shown how far it has got: beside rows that are piped on, and never among them. */
function barOf(out: string | undefined, screen: Screen): Screen | undefined {
  if (out !== undefined) return screen;
  return process.stdout.isTTY ? undefined : openScreen(process.stderr);
}

interface ChunkOptions {
  csv: boolean;
  signal: AbortSignal;
  /** Told how many rows there have been. */
  at(rows: number): void;
}

/** The rows in pieces of a size that a disk likes, however long each is: never more of them in memory than one page. */
async function* chunksOf(
  store: ResultStore,
  filter: ImageFilter,
  { csv, signal, at }: ChunkOptions,
): AsyncGenerator<{ text: string; rows: number }> {
  let text = csv ? `${imageCsvHead()}\n` : '';
  let rows = 0;
  for await (const image of everyImage(store, filter, PAGE)) {
    signal.throwIfAborted();
    text += `${csv ? imageCsv(image) : jsonLine(image)}\n`;
    rows += 1;
    if (text.length < CHUNK) continue;
    yield { text, rows };
    at(rows);
    text = '';
  }
  if (text !== '') yield { text, rows };
}

const jsonLine = (image: StoredImage): string => JSON.stringify(imageJson(image));

async function newFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new CliError(`${printable(file)} is there already: name another file.`, EXIT.usage);
    if (code === 'ENOENT' || code === 'EACCES') {
      throw new CliError(`${printable(file)} cannot be written (${code}): name another file.`, EXIT.usage);
    }
    throw error;
  }
}
