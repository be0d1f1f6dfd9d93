import { readFile } from 'node:fs/promises';
import { InvalidArgumentError, Option } from 'commander';
import { addPhotograph, changeEnquiry, endEnquiry, openEnquiry } from '../../admin/enquiry.ts';
import { subject } from '../../audit/subject.ts';
import type { Enquiry, EnquiryChange } from '../../people/enquiry/enquiry.ts';
import { ENDS, ENQUIRY_STATES, type EnquiryEnd, type EnquiryState } from '../../people/enquiry/state.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError, EXIT } from '../errors.ts';
import { count } from '../format/count.ts';
import { printable } from '../format/printable.ts';
import { table } from '../format/table.ts';
import { refusedInWords } from '../refused.ts';
import { existing } from '../submit/find-files.ts';
import { whoIsThis } from '../who.ts';

interface Values {
  purpose?: string;
  legalBasis?: string;
  case?: string;
  askedBy?: string;
  sought?: string;
  relation?: string;
  owner?: string;
  office?: string;
  expires?: string;
  adult?: boolean;
  minor?: boolean;
}

interface OpenOptions extends Values {
  photo?: string[];
  taken?: string;
  quiet?: boolean;
  json?: boolean;
}

/** Enquiries in one list at most. */
const LISTED = 200;

export const addEnquiry: AddCommand = (program, context) => {
  const enquiry = program
    .command('enquiry')
    .description('who is looked for, by whom, why')
    .addHelpText('after', examples('imaginem enquiry list', 'imaginem enquiry show <id>'));

  const withValues = (command: ReturnType<typeof enquiry.command>) =>
    command
      .option('--case <reference>', 'number or name of the case elsewhere')
      .option('--asked-by <person>', 'who asks: id of a person')
      .option('--sought <person>', 'who is sought: id of a person')
      .option('--relation <text>', 'what the one is to the other')
      .option('--owner <name>', 'the caseworker whose it is (default: you)')
      .option('--office <name>', 'the office')
      .option('--expires <date>', 'from when it is to be erased (UTC): 2027-01-31, or with a time', day)
      .option('--adult', 'who is sought is not under age')
      .option('--json', 'one JSON object');

  withValues(
    enquiry
      .command('open')
      .description('open an enquiry and search the archive for the faces in its photographs')
      .requiredOption('--purpose <text>', 'what the search is for')
      .requiredOption('--legal-basis <text>', 'on what ground of law')
      .option('--photo <file...>', 'photographs of who is sought')
      .option('--taken <date>', 'when they were taken, as far as known: 1998, 1998-07, 1998-07-30')
      .option('--quiet', 'only its id'),
  )
    .addHelpText(
      'after',
      examples(
        'imaginem enquiry open --purpose "tracing of relatives" --legal-basis "public interest" --photo portrait.jpg --taken 2019',
      ),
    )
    .action((options: OpenOptions) => refusedInWords(() => open(options, context)));

  withValues(
    enquiry
      .command('set')
      .description('change what is said of an enquiry; "" takes a value back')
      .argument('<id>', 'the enquiry')
      .option('--purpose <text>', 'what the search is for')
      .option('--legal-basis <text>', 'on what ground of law')
      .option('--minor', 'who is sought is, or may be, under age'),
  )
    .addHelpText('after', examples('imaginem enquiry set <id> --case TR-2026-114 --expires 2027-01-31'))
    .action((id: string, options: Values & { json?: boolean }) =>
      refusedInWords(() => set(id, options, context)),
    );

  enquiry
    .command('list')
    .description('enquiries, newest first')
    .addOption(new Option('--state <state>', 'only those that stand so').choices([...ENQUIRY_STATES]))
    .option('--case <reference>', 'only those of this case')
    .option('--json', 'a JSON array')
    .addHelpText('after', examples('imaginem enquiry list --state candidate'))
    .action((options: { state?: EnquiryState; case?: string; json?: boolean }) => list(options, context));

  enquiry
    .command('show')
    .description('one enquiry with its photographs and its time line')
    .argument('<id>', 'the enquiry')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem enquiry show <id> --json'))
    .action((id: string, options: { json?: boolean }) => show(id, options, context));

  enquiry
    .command('photo')
    .description('add photographs of who is sought')
    .argument('<id>', 'the enquiry')
    .argument('<files...>', 'JPEG, PNG, GIF, BMP, WebP or TIFF')
    .option('--taken <date>', 'when they were taken, as far as known: 1998, 1998-07, 1998-07-30')
    .option('--json', 'the ids of the images, as a JSON array')
    .addHelpText('after', examples('imaginem enquiry photo <id> portrait.jpg --taken 2019-07'))
    .action((id: string, files: string[], options: { taken?: string; json?: boolean }) =>
      refusedInWords(() => photo(id, files, options, context)),
    );

  enquiry
    .command('face')
    .description('say whether a face in a photograph of an enquiry is who is sought')
    .argument('<id>', 'the enquiry')
    .argument('<face>', 'the face')
    .option('--not-sought', 'somebody else in the photograph: nobody is looked for by this face')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem enquiry face <id> 0c1f...-1 --not-sought'))
    .action((id: string, face: string, options: { notSought?: boolean; json?: boolean }) =>
      refusedInWords(() => seek(id, face, options, context)),
    );

  enquiry
    .command('note')
    .description('add a note to the time line of an enquiry')
    .argument('<id>', 'the enquiry')
    .argument('<text>', 'the note')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem enquiry note <id> "the office in the north was told"'))
    .action((id: string, note: string, options: { json?: boolean }) =>
      refusedInWords(async () => {
        const app = await (await context.connect()).app();
        told(await (await app.enquiries()).note(id, note, whoIsThis()), options, context);
      }),
    );

  enquiry
    .command('end')
    .description('end an enquiry; withdrawn is for good: its faces are compared no more')
    .argument('<id>', 'the enquiry')
    .argument('<state>', ENDS.join(', '))
    .requiredOption('--reason <text>', 'why')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem enquiry end <id> closed --reason "found elsewhere"'))
    .action((id: string, state: string, options: { reason: string; json?: boolean }) =>
      refusedInWords(() => end(id, state, options, context)),
    );

  enquiry
    .command('reopen')
    .description('take the end of an enquiry back')
    .argument('<id>', 'the enquiry')
    .requiredOption('--reason <text>', 'why')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem enquiry reopen <id> --reason "closed by mistake"'))
    .action((id: string, options: { reason: string; json?: boolean }) =>
      refusedInWords(() => end(id, 'open', options, context)),
    );
};

function day(text: string): string {
  if (text === '') return text;
  const at = Date.parse(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(at)) return new Date(at).toISOString();
  throw new InvalidArgumentError('Write a date such as 2027-01-31.');
}

function checkTaken(taken: string | undefined): void {
  if (taken === undefined || /^\d{4}(-\d{2}(-\d{2})?)?$/.test(taken)) return;
  throw new CliError('--taken: write a year, a month or a day: 1998, 1998-07, 1998-07-30.', EXIT.usage);
}

async function open(options: OpenOptions, context: CommandContext): Promise<void> {
  const { purpose = '', legalBasis = '', photo: files = [], taken, json } = options;
  checkTaken(taken);
  const photographs = await Promise.all(files.map(read));
  const app = await (await context.connect()).app();
  const { minor: _, ...values } = valuesOf(options);
  const who = whoIsThis();
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value));
  const enquiry = await openEnquiry(
    { owner: who, ...given, purpose, legalBasis, minor: !options.adult },
    who,
    app,
  );
  const images: string[] = [];
  for (const bytes of photographs)
    images.push(await addPhotograph(enquiry.id, { bytes, ...(taken !== undefined && { taken }) }, who, app));
  if (json) return context.screen.line(JSON.stringify({ ...enquiryJson(enquiry), images }, undefined, 2));
  if (options.quiet) return context.screen.line(enquiry.id);
  context.screen.line(`Enquiry ${enquiry.id} is open, with ${count(images.length, 'photograph')}.`);
  context.screen.line(
    images.length === 0
      ? `Add one: imaginem enquiry photo ${enquiry.id} <file>`
      : `Its candidates: imaginem candidates list ${enquiry.id} --wait`,
  );
}

async function set(id: string, options: Values & { json?: boolean }, context: CommandContext): Promise<void> {
  const app = await (await context.connect()).app();
  const change = valuesOf(options);
  if (Object.keys(change).length === 0)
    throw new CliError('Say what changes: "imaginem enquiry set --help" lists it.', EXIT.usage);
  told(await changeEnquiry(id, change, whoIsThis(), app), options, context);
}

/** @returns null for what is taken back */
function valuesOf({
  case: caseReference,
  adult,
  minor,
  ...rest
}: Values & Partial<OpenOptions>): EnquiryChange {
  const { askedBy, sought, relation, owner, office, expires, purpose, legalBasis } = rest;
  for (const [name, value] of Object.entries({ purpose, legalBasis }))
    if (value === '') throw new CliError(`The ${name} of an enquiry cannot be taken back.`, EXIT.usage);
  const given = { caseReference, askedBy, sought, relation, owner, office, expires };
  const changed = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value === '' ? null : value]],
  );
  return {
    ...(Object.fromEntries(changed) as EnquiryChange),
    ...(purpose !== undefined && { purpose }),
    ...(legalBasis !== undefined && { legalBasis }),
    ...(adult && { minor: false }),
    ...(minor && { minor: true }),
  };
}

async function list(
  { state, case: caseReference, json }: { state?: EnquiryState; case?: string; json?: boolean },
  { connect, screen }: CommandContext,
): Promise<void> {
  const app = await (await connect()).app();
  const enquiries = await (await app.enquiries()).list({
    limit: LISTED,
    ...(state !== undefined && { state }),
    ...(caseReference !== undefined && { caseReference }),
  });
  if (json) return screen.line(JSON.stringify(enquiries.map(enquiryJson), undefined, 2));
  if (enquiries.length === 0)
    return screen.line('There are no enquiries: "imaginem enquiry open" opens one.');
  screen.line(
    table(
      ['id', 'case', 'state', 'owner', 'opened', 'expires'],
      enquiries.map(({ id, caseReference: of, state: stands, owner, openedAt, expires }) => [
        ...[
          id,
          printable(of ?? ''),
          stands,
          printable(owner ?? ''),
          openedAt.slice(0, 16),
          expires?.slice(0, 10) ?? '',
        ],
      ]),
    ),
  );
}

async function show(
  id: string,
  { json }: { json?: boolean },
  { connect, screen }: CommandContext,
): Promise<void> {
  const app = await (await connect()).app();
  const enquiries = await app.enquiries();
  const enquiry = await enquiries.get(id);
  if (!enquiry) throw new CliError('There is no such enquiry: "imaginem enquiry list" lists them.');
  await app.audit.record({ who: whoIsThis(), action: 'enquiry.read', about: [subject.enquiry(id)] });
  const [photographs, events, counts] = await Promise.all([
    enquiries.photographs(id),
    enquiries.events(id, { limit: LISTED }),
    (await app.candidates()).counts(id, whoIsThis()),
  ]);
  if (json)
    return screen.line(
      JSON.stringify({ ...enquiryJson(enquiry), ...counts, photographs, events }, undefined, 2),
    );
  for (const [name, value] of Object.entries(enquiryJson(enquiry)))
    if (value !== null) screen.line(`${name.padEnd(14)} ${printable(String(value))}`);
  screen.line(
    `${'candidates'.padEnd(14)} ${counts.candidates}, ${counts.secondLook} of them for your second look`,
  );
  for (const { imageId, taken } of photographs)
    screen.line(`photograph     ${imageId}${taken === undefined ? '' : `, taken ${taken}`}`);
  for (const { at, who, kind, from, to, note } of events.toReversed())
    screen.line(
      printable(
        `${at.slice(0, 16)}  ${who}  ${kind}${to === undefined ? '' : ` ${from} to ${to}`}${note === undefined ? '' : `: ${note}`}`,
      ),
    );
}

async function photo(
  id: string,
  files: readonly string[],
  { taken, json }: { taken?: string; json?: boolean },
  { connect, screen }: CommandContext,
): Promise<void> {
  checkTaken(taken);
  const app = await (await connect()).app();
  const images: string[] = [];
  for (const file of files) {
    const bytes = await read(file);
    images.push(await addPhotograph(id, { bytes, ...(taken !== undefined && { taken }) }, whoIsThis(), app));
  }
  if (json) return screen.line(JSON.stringify(images, undefined, 2));
  screen.line(`Added ${count(images.length, 'photograph')}: the archive is searched for their faces.`);
}

async function read(file: string): Promise<Buffer> {
  const full = await existing(file);
  return readFile(full).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`${printable(file)} cannot be read (${error.code}).`, EXIT.usage);
  });
}

async function seek(
  id: string,
  face: string,
  { notSought = false, json }: { notSought?: boolean; json?: boolean },
  context: CommandContext,
): Promise<void> {
  const app = await (await context.connect()).app();
  const [place] = await (await app.results()).faces([face]);
  if (!place)
    throw new CliError('There is no such face: "imaginem results --json" shows the faces of an image.');
  const enquiry = await (await app.enquiries()).seekFace(
    id,
    { key: face, imageId: place.imageId },
    !notSought,
    whoIsThis(),
  );
  told(enquiry, json === undefined ? {} : { json }, context);
}

async function end(
  id: string,
  state: string,
  { reason, json }: { reason: string; json?: boolean },
  context: CommandContext,
): Promise<void> {
  if (![...ENDS, 'open'].includes(state))
    throw new CliError(`An enquiry ends as one of ${ENDS.join(', ')}.`, EXIT.usage);
  const app = await (await context.connect()).app();
  const ending = { to: state as EnquiryEnd | 'open', reason };
  told(
    await endEnquiry(id, ending, whoIsThis(), app, context.signal),
    json === undefined ? {} : { json },
    context,
  );
}

function told(enquiry: Enquiry, { json }: { json?: boolean }, { screen }: CommandContext): void {
  if (json) screen.line(JSON.stringify(enquiryJson(enquiry), undefined, 2));
  else screen.line(`Enquiry ${enquiry.id} is ${enquiry.state}.`);
}

const enquiryJson = (enquiry: Enquiry) => ({
  id: enquiry.id,
  state: enquiry.state,
  reason: enquiry.reason ?? null,
  case_reference: enquiry.caseReference ?? null,
  asked_by: enquiry.askedBy ?? null,
  sought: enquiry.sought ?? null,
  relation: enquiry.relation ?? null,
  owner: enquiry.owner ?? null,
  office: enquiry.office ?? null,
  purpose: enquiry.purpose,
  legal_basis: enquiry.legalBasis,
  expires: enquiry.expires ?? null,
  minor: enquiry.minor,
  opened_by: enquiry.openedBy,
  opened_at: enquiry.openedAt,
  changed_at: enquiry.changedAt,
});
