import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Option } from 'commander';
import { imageCsv, imageCsvHead } from '../../admin/export/image-csv.ts';
import { subject } from '../../audit/subject.ts';
import type { StoredImage } from '../../results/rows.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError, EXIT } from '../errors.ts';
import { everyImage } from '../every-image.ts';
import { count } from '../format/count.ts';
import { imageJson } from '../format/image-json.ts';
import { printable } from '../format/printable.ts';
import { whoIsThis } from '../who.ts';

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
  let written = 0;
  const progress = out === undefined ? undefined : screen.progress('Rows', total);
  async function* lines() {
    if (csv) yield imageCsvHead();
    for await (const image of everyImage(store, filter)) {
      signal.throwIfAborted();
      yield csv ? imageCsv(image) : jsonLine(image);
      written += 1;
      progress?.at(written);
    }
  }
  if (out === undefined || file === undefined) {
    for await (const line of lines()) screen.line(line);
    return;
  }
  const ended = async function* () {
    for await (const line of lines()) yield `${line}\n`;
  };
  await pipeline(Readable.from(ended()), file.createWriteStream());
  progress?.end();
  screen.line(`Wrote ${count(written, 'row')} to ${printable(out)}.`);
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
