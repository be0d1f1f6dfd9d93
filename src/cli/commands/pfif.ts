import { createReadStream, type WriteStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exportPage, type PfifExportOptions } from '../../admin/pfif-export.ts';
import { importPfif, type PfifImportReport } from '../../admin/pfif-import.ts';
import { pfifImportDeps } from '../../admin/pfif-parts.ts';
import type { PfifPerson } from '../../people/pfif/fields.ts';
import { PFIF_FOOT, PFIF_HEAD } from '../../people/pfif/write.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError, EXIT } from '../errors.ts';
import { count } from '../format/count.ts';
import { pfifLines } from '../format/pfif-lines.ts';
import { printable } from '../format/printable.ts';
import { consentWords } from '../option-values.ts';
import { refusedInWords } from '../refused.ts';
import { whoIsThis } from '../who.ts';

interface ImportOptions {
  purpose: string;
  legalBasis: string;
  photographs?: string;
  refused?: string;
  domain?: string;
  enquiries: boolean;
  deaths?: boolean;
  json?: boolean;
}

interface ExportOptions extends Omit<PfifExportOptions, 'domain'> {
  domain: string;
  out?: string;
  json?: boolean;
}

const PAGE = 200;

export const addPfif: AddCommand = (program, context) => {
  const pfif = program
    .command('pfif')
    .description('exchange persons with other organisations, as PFIF 1.4')
    .addHelpText(
      'after',
      examples('imaginem pfif import missing.xml --purpose "tracing" --legal-basis "public interest"'),
    );

  pfif
    .command('import')
    .description('take a PFIF file in: persons, what is said of them, enquiries for those who are sought')
    .argument('<file>', 'PFIF 1.1 to 1.4, of any size, or a feed that carries it')
    .requiredOption('--purpose <text>', 'what the records are kept for', consentWords)
    .requiredOption('--legal-basis <text>', 'on what ground of law', consentWords)
    .option(
      '--photographs <folder>',
      'where photographs are, by the names in photo_url (default: beside the file)',
    )
    .option('--no-enquiries', 'open no enquiries')
    .option('--deaths', 'take notes that somebody is dead, too')
    .option('--domain <name>', 'in which ids of our own records are: copies of them are left alone')
    .option('--refused <file>', 'write a line for each record that could not be read to a new file')
    .option('--json', 'what became of the records, as one JSON object')
    .addHelpText(
      'after',
      `${examples('imaginem pfif import missing.xml --purpose "tracing" --legal-basis "public interest"')}\n\nDone again, nothing is made twice; what was erased here does not come back.`,
    )
    .action((file: string, options: ImportOptions) => refusedInWords(() => take(file, options, context)));

  pfif
    .command('export')
    .description('write persons who are sought, with what is said of them')
    .requiredOption('--domain <name>', 'in which ids of our own records are: a name that you are known by')
    .option('--photographs', 'with the addresses of photographs that came with records', false)
    .option('--minors', 'children, too (never their photographs)', false)
    .option('--closed', 'persons whose enquiry has ended, too', false)
    .option('--deaths', 'notes that somebody is dead, too', false)
    .option('--out <file>', 'a file that does not exist yet (default: standard output)')
    .option('--json', 'the document and what was left out, as one JSON object')
    .addHelpText('after', examples('imaginem pfif export --domain tracing.example.org --out sought.xml'))
    .action((options: ExportOptions) => give(options, context));
};

async function take(
  file: string,
  { purpose, legalBasis, photographs, refused, domain, enquiries, deaths = false, json }: ImportOptions,
  { connect, screen, signal, exitWith }: CommandContext,
): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (!there?.isFile()) throw new CliError(`${printable(file)} is not a file that can be read.`, EXIT.usage);
  const app = await (await connect()).app();
  const deps = await pfifImportDeps(app, whoIsThis(), photographIn(photographs ?? dirname(resolve(file))));
  const written = refused === undefined ? undefined : await newFile(refused);
  let report: PfifImportReport;
  try {
    report = await importPfif(
      createReadStream(file),
      whoIsThis(),
      { purpose, legalBasis, enquiries, deaths, domain },
      deps,
      signal,
      (sentence) => void written?.write(`${printable(sentence)}\n`),
    );
  } finally {
    await new Promise<void>((done) => (written ? written.end(done) : done()));
  }
  if (json) screen.line(JSON.stringify(report, undefined, 2));
  else for (const line of pfifLines(report)) screen.line(line);
  if (report.ended) exitWith(EXIT.failed);
}

/** The photograph of a record in a folder, by the last part of its address: never outside of it. */
function photographIn(folder: string) {
  return async ({ photo_url: url }: PfifPerson): Promise<Buffer | undefined> => {
    if (url === undefined) return undefined;
    const last = URL.parse(url)?.pathname.split('/').at(-1) ?? '';
    let name: string;
    try {
      name = decodeURIComponent(last);
    } catch {
      return undefined;
    }
    if (name === '' || name === '.' || name === '..' || /[\\/\0]/.test(name)) return undefined;
    const path = join(folder, name);
    return (await stat(path).catch(() => undefined))?.isFile() ? readFile(path) : undefined;
  };
}

/** @throws {CliError} where it cannot be made */
async function newFile(path: string): Promise<WriteStream> {
  try {
    return (await open(path, 'wx', 0o600)).createWriteStream();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'is there already' : `cannot be written (${code})`;
    throw new CliError(`${printable(path)} ${why}: name another file.`, EXIT.usage);
  }
}

async function give(
  { out, json, ...options }: ExportOptions,
  { connect, screen, signal }: CommandContext,
): Promise<void> {
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(options.domain)) {
    throw new CliError('--domain must be the name of a domain, such as tracing.example.org.', EXIT.usage);
  }
  const app = await (await connect()).app();
  const deps = { ledger: await app.pfif(), clock: app.clock, audit: app.audit };
  const leftOut = { minors: 0, closed: 0, hidden: 0 };
  let persons = 0;
  async function* document() {
    yield PFIF_HEAD;
    for (let after: string | undefined; ; ) {
      signal.throwIfAborted();
      const page = await exportPage(whoIsThis(), options, deps, { after, limit: PAGE });
      for (const record of page.records) yield record;
      persons += page.records.length;
      for (const why of ['minors', 'closed', 'hidden'] as const) leftOut[why] += page.leftOut[why];
      after = page.next;
      if (after === undefined) break;
    }
    yield PFIF_FOOT;
  }
  if (out !== undefined && !json) {
    await pipeline(Readable.from(document()), await newFile(out));
    const left = `${leftOut.minors} children, ${leftOut.closed} ended, ${leftOut.hidden} hidden`;
    return screen.line(`Wrote ${count(persons, 'person')} to ${printable(out)}. Left out: ${left}.`);
  }
  let text = '';
  for await (const piece of document()) text += piece;
  screen.line(json ? JSON.stringify({ document: text, persons, leftOut }, undefined, 2) : text.trimEnd());
}
