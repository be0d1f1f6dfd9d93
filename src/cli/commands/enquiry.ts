import { Option } from 'commander';
import { ENDS, ENQUIRY_STATES, type EnquiryState } from '../../people/enquiry/state.ts';
import { type AddCommand, examples } from '../command.ts';
import { end, note, seek, set } from '../enquiry/change.ts';
import { type OpenOptions, open } from '../enquiry/open.ts';
import { photo } from '../enquiry/photographs.ts';
import { list, show } from '../enquiry/show.ts';
import { type Values, withValues } from '../enquiry/values.ts';
import { consentWords, partialDate } from '../option-values.ts';
import { refusedInWords } from '../refused.ts';

export const addEnquiry: AddCommand = (program, context) => {
  const enquiry = program
    .command('enquiry')
    .description('who is looked for, by whom, why')
    .addHelpText('after', examples('imaginem enquiry list', 'imaginem enquiry show <id>'));

  withValues(
    enquiry
      .command('open')
      .description('open an enquiry and search the archive for the faces in its photographs')
      .requiredOption('--purpose <text>', 'what the search is for', consentWords)
      .requiredOption('--legal-basis <text>', 'on what ground of law', consentWords)
      .option('--photo <file...>', 'photographs of who is sought')
      .option(
        '--taken <date>',
        'when they were taken, as far as known: 1998, 1998-07, 1998-07-30',
        partialDate,
      )
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
      .option('--purpose <text>', 'what the search is for', consentWords)
      .option('--legal-basis <text>', 'on what ground of law', consentWords)
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
    .option('--search <words>', 'only those with this in the case reference or the name of who is sought')
    .option('--json', 'a JSON array')
    .addHelpText(
      'after',
      examples('imaginem enquiry list --state candidate', 'imaginem enquiry list --search haddad'),
    )
    .action((options: { state?: EnquiryState; case?: string; search?: string; json?: boolean }) =>
      list(options, context),
    );

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
    .option('--taken <date>', 'when they were taken, as far as known: 1998, 1998-07, 1998-07-30', partialDate)
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
    .action((id: string, text: string, options: { json?: boolean }) =>
      refusedInWords(() => note(id, text, options, context)),
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
