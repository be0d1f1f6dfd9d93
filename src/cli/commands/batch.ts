import { batchList } from '../../admin/batch-list.ts';
import { changeBatch, outlookOf, refuseOfEnquiry } from '../../admin/change-batch.ts';
import type { App } from '../../app.ts';
import { batchNameFault } from '../../domain/batch-name.ts';
import type { BatchSetting, ConsentChange } from '../../pipeline/admission/batch-settings.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { confirm, YES_OPTION } from '../confirm.ts';
import { CliError, EXIT } from '../errors.ts';
import { count } from '../format/count.ts';
import { printable } from '../format/printable.ts';
import { table } from '../format/table.ts';
import { consentWords, dayOrNone } from '../option-values.ts';
import { whoIsThis } from '../who.ts';

interface SetOptions {
  purpose?: string;
  legalBasis?: string;
  expires?: string;
  doNotMatch?: boolean;
  match?: boolean;
  keepFaceprints?: boolean;
  dropFaceprints?: boolean;
  yes?: boolean;
  json?: boolean;
}

export const addBatch: AddCommand = (program, context) => {
  const batch = program
    .command('batch')
    .description('on what terms the photographs of a batch may be processed')
    .addHelpText('after', examples('imaginem batch show camp-4', 'imaginem batch set camp-4 --do-not-match'));
  batch
    .command('set')
    .description('say it: of the images that are there and of those to come')
    .argument('<batch>', 'the batch, whether it has images or not')
    .option('--purpose <text>', 'what for; "" takes it back', consentWords)
    .option('--legal-basis <text>', 'on what ground of law; "" takes it back', consentWords)
    .option(
      '--expires <date>',
      'from when they are to be erased (UTC): 2027-01-31, or with a time; "" takes it back',
      dayOrNone,
    )
    .option('--do-not-match', 'faces are neither enrolled nor offered; those that are, are taken out')
    .option('--match', 'faces may be matched again, from the next run of faceprint on')
    .option(
      '--keep-faceprints',
      'FACEPRINT_RETENTION_DAYS leaves its faces alone: they can be found by later photographs',
    )
    .option('--drop-faceprints', 'it does not: those that match nobody can be found no more after that time')
    .option(...YES_OPTION)
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `${examples(
        'imaginem batch set camp-4 --purpose "tracing of relatives" --legal-basis consent --expires 2027-01-31',
        'imaginem batch set visitors --do-not-match',
      )}\n\nThese are words about a batch, kept with each of its images: name no person in them.`,
    )
    .action((id: string, options: SetOptions) => set(id, options, context));
  batch
    .command('list')
    .description('every batch that has rows, or of which something is said')
    .option('--json', 'a JSON array of batches')
    .addHelpText('after', examples('imaginem batch list'))
    .action((options: { json?: boolean }) => list(options, context));
  batch
    .command('show')
    .description('what is said of a batch')
    .argument('<batch>', 'the batch')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem batch show camp-4'))
    .action((id: string, options: { json?: boolean }) => show(id, options, context));
};

async function set(batchId: string, options: SetOptions, context: CommandContext): Promise<void> {
  const { screen, signal } = context;
  const { purpose, legalBasis, expires, doNotMatch, match, keepFaceprints, dropFaceprints, json } = options;
  if (keepFaceprints && dropFaceprints)
    throw new CliError('Give one of --keep-faceprints and --drop-faceprints.', EXIT.usage);
  if (doNotMatch && match) throw new CliError('Give one of --do-not-match and --match.', EXIT.usage);
  const fault = batchNameFault(batchId);
  if (fault !== undefined) throw new CliError(fault, EXIT.usage);
  const change: ConsentChange = {
    ...(purpose !== undefined && { purpose }),
    ...(legalBasis !== undefined && { legalBasis }),
    ...(expires !== undefined && { expires }),
    ...((doNotMatch || match) && { doNotMatch: doNotMatch === true }),
    ...((keepFaceprints || dropFaceprints) && { keepFaceprints: keepFaceprints === true }),
  };
  refuseOfEnquiry(batchId);
  const changed = Object.keys(change);
  if (changed.length === 0) {
    throw new CliError(
      'Say what is to be set: --purpose, --legal-basis, --expires, --do-not-match, --match, --keep-faceprints or --drop-faceprints.',
      EXIT.usage,
    );
  }
  const app = await (await context.connect()).app();
  await askFirst(batchId, change, options, app, context);
  const { setting, jobs } = await changeBatch(batchId, change, whoIsThis(), app, signal);
  if (setting.pending) context.exitWith(EXIT.failed);
  if (json) {
    return screen.line(JSON.stringify({ ...settingJson(setting), jobs }, undefined, 2));
  }
  for (const line of settingLines(setting)) screen.line(line);
  screen.line(
    setting.pending
      ? `Brought to ${count(jobs, 'image')}; the rest follows by the timer, or say it once more.`
      : `Brought to ${count(jobs, 'image')} that ${jobs === 1 ? 'was' : 'were'} there.`,
  );
}

/** What a person would not expect of the change is asked before it is made. */
async function askFirst(
  batchId: string,
  change: ConsentChange,
  { yes }: SetOptions,
  app: App,
  context: CommandContext,
): Promise<void> {
  const { images, isKnown, isExpired } = await outlookOf(batchId, change, app);
  const named = `the batch "${printable(batchId)}"`;
  if (isExpired) {
    const what = images === 0 ? 'whatever comes into it' : `the ${count(images, 'image')} in it`;
    const does = `That day has passed: ${named} would expire at once, and ${what} would be erased tonight, for good.`;
    await confirm({ does }, yes, context);
  } else if (!isKnown) {
    await confirm({ does: `There is no ${named.slice(4)} yet: this is for images to come.` }, yes, context);
  } else if (images > 1) {
    await confirm({ does: `This is for the ${count(images, 'image')} in ${named}.` }, yes, context);
  }
}

async function list({ json }: { json?: boolean }, { connect, screen }: CommandContext): Promise<void> {
  const batches = await batchList(await (await connect()).app());
  if (json) return screen.line(JSON.stringify(batches, undefined, 2));
  if (batches.length === 0)
    return screen.line('No batches yet: submit images with "imaginem submit <paths>".');
  const rows = batches.map(({ batch, images, faces, setting }) => [
    printable(batch),
    String(images),
    String(faces),
    printable(setting?.consent.purpose ?? ''),
    setting?.consent.expires?.slice(0, 10) ?? '',
    setting?.consent.doNotMatch ? 'forbidden' : '',
  ]);
  screen.line(
    `${table(['Batch', 'Rows', 'Faces', 'Purpose', 'Expires', 'Matching'], rows)}\n${count(batches.length, 'batch', 'batches')}. Images under way are in "imaginem status".`,
  );
}

async function show(batchId: string, { json }: { json?: boolean }, context: CommandContext): Promise<void> {
  const app = await (await context.connect()).app();
  const setting = await app.batches.get(batchId);
  if (!setting) throw new CliError('Nothing is said of this batch: "imaginem batch set" says it.');
  if (json) return context.screen.line(JSON.stringify(settingJson(setting), undefined, 2));
  for (const line of settingLines(setting)) context.screen.line(line);
  if (setting.pending) context.screen.line('Not yet brought to all images that were there.');
}

const settingJson = ({ batchId, consent, keepFaceprints, by, at, pending }: BatchSetting) => ({
  batch_id: batchId,
  purpose: consent.purpose ?? null,
  legal_basis: consent.legalBasis ?? null,
  expires: consent.expires ?? null,
  do_not_match: consent.doNotMatch,
  keep_faceprints: keepFaceprints,
  changed_by: by,
  changed_at: at,
  pending,
});

const settingLines = ({ consent, keepFaceprints, by, at }: BatchSetting): string[] => [
  `Purpose      ${printable(consent.purpose ?? '(not said)')}`,
  `Legal basis  ${printable(consent.legalBasis ?? '(not said)')}`,
  `Expires      ${consent.expires ?? '(not said)'}`,
  `Matching     ${consent.doNotMatch ? 'forbidden' : 'allowed'}`,
  ...(keepFaceprints ? ['Faceprints   kept, whatever FACEPRINT_RETENTION_DAYS says'] : []),
  `Set          ${printable(`by ${by}, ${at}`)}`,
];
