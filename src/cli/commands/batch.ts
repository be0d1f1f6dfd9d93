import { InvalidArgumentError } from 'commander';
import { changeBatch } from '../../admin/change-batch.ts';
import { MAX_CONSENT_TEXT } from '../../domain/consent.ts';
import { MAX_BATCH_ID } from '../../domain/job-id.ts';
import type { BatchSetting, ConsentChange } from '../../pipeline/admission/batch-settings.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError, EXIT } from '../errors.ts';
import { count } from '../format/count.ts';
import { printable } from '../format/printable.ts';
import { whoIsThis } from '../who.ts';

interface SetOptions {
  purpose?: string;
  legalBasis?: string;
  expires?: string;
  doNotMatch?: boolean;
  match?: boolean;
  keepFaceprints?: boolean;
  dropFaceprints?: boolean;
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
    .option('--purpose <text>', 'what for; "" takes it back', words)
    .option('--legal-basis <text>', 'on what ground of law; "" takes it back', words)
    .option(
      '--expires <date>',
      'from when they are to be erased (UTC): 2027-01-31, or with a time; "" takes it back',
      day,
    )
    .option('--do-not-match', 'faces are neither enrolled nor offered; those that are, are taken out')
    .option('--match', 'faces may be matched again, from the next run of faceprint on')
    .option(
      '--keep-faceprints',
      'FACEPRINT_RETENTION_DAYS leaves its faces alone: they can be found by later photographs',
    )
    .option('--drop-faceprints', 'it does not: those that match nobody can be found no more after that time')
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
    .command('show')
    .description('what is said of a batch')
    .argument('<batch>', 'the batch')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem batch show camp-4'))
    .action((id: string, options: { json?: boolean }) => show(id, options, context));
};

function words(text: string): string {
  if (text.length <= MAX_CONSENT_TEXT) return text.trim();
  throw new InvalidArgumentError(`It may have ${MAX_CONSENT_TEXT} characters at most.`);
}

function day(text: string): string {
  if (text.trim() === '') return '';
  const time = /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(text.trim()) ? new Date(text.trim()) : undefined;
  if (time && !Number.isNaN(time.getTime())) return time.toISOString();
  throw new InvalidArgumentError(
    'It must be a date such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z.',
  );
}

async function set(batchId: string, options: SetOptions, context: CommandContext): Promise<void> {
  const { screen, signal } = context;
  const { purpose, legalBasis, expires, doNotMatch, match, keepFaceprints, dropFaceprints, json } = options;
  if (keepFaceprints && dropFaceprints)
    throw new CliError('Give one of --keep-faceprints and --drop-faceprints.', EXIT.usage);
  if (doNotMatch && match) throw new CliError('Give one of --do-not-match and --match.', EXIT.usage);
  if (batchId.length > MAX_BATCH_ID) throw new CliError('No batch has so long a name.', EXIT.usage);
  const change: ConsentChange = {
    ...(purpose !== undefined && { purpose }),
    ...(legalBasis !== undefined && { legalBasis }),
    ...(expires !== undefined && { expires }),
    ...((doNotMatch || match) && { doNotMatch: doNotMatch === true }),
    ...((keepFaceprints || dropFaceprints) && { keepFaceprints: keepFaceprints === true }),
  };
  const changed = Object.keys(change);
  if (changed.length === 0) {
    throw new CliError(
      'Say what is to be set: --purpose, --legal-basis, --expires, --do-not-match, --match, --keep-faceprints or --drop-faceprints.',
      EXIT.usage,
    );
  }
  const app = await (await context.connect()).app();
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
