import { setTimeout as delay } from 'node:timers/promises';
import { Option } from 'commander';
import type { App } from '../../app.ts';
import { subject } from '../../audit/subject.ts';
import { enquiryBatch } from '../../domain/enquiry-batch.ts';
import type { Candidate, CandidateDetail, ShownStanding } from '../../people/enquiry/candidates.ts';
import type { Word } from '../../people/enquiry/standing.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError } from '../errors.ts';
import { inWords } from '../format/confidence.ts';
import { count } from '../format/count.ts';
import { printable } from '../format/printable.ts';
import { refusedInWords } from '../refused.ts';
import { whoIsThis } from '../who.ts';

const STANDINGS: readonly ShownStanding[] = [
  'open',
  'pending',
  'secondLook',
  'contested',
  'different',
  'found',
];

/** Candidates in one list at most. */
const LISTED = 200;

/** How long --wait waits for photographs to come through the pipeline, and how often it looks. */
const WAIT_MS = 10 * 60_000;
const LOOK_MS = 500;

export const addCandidates: AddCommand = (program, context) => {
  const candidates = program
    .command('candidates')
    .description('who may be who is sought, and what you say of it')
    .addHelpText('after', examples('imaginem candidates list', 'imaginem candidates same <id>'));
  candidates
    .command('list')
    .description('candidates of one enquiry, or of all, the surest first')
    .argument('[enquiry]', 'only of this enquiry')
    .addOption(new Option('--standing <standing>', 'only those that stand so').choices([...STANDINGS]))
    .option('--wait', 'until the photographs of the enquiry have come through the pipeline')
    .option('--quiet', 'only their ids')
    .option('--json', 'a JSON array')
    .addHelpText(
      'after',
      `${examples('imaginem candidates list <enquiry> --wait', 'imaginem candidates list --standing secondLook')}\n\nOf those that wait for a second look you see neither what was said nor how sure the machine is.`,
    )
    .action((enquiry: string | undefined, options: ListOptions) => list(enquiry, options, context));
  candidates
    .command('show')
    .description('one candidate: what speaks for it, and what was said')
    .argument('<id>', 'the candidate')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem candidates show <id> --json'))
    .action((id: string, options: { json?: boolean }) => show(id, options, context));
  const verdicts: Record<Word, string> = {
    same: 'say that a candidate is who is sought; a find takes two people',
    different: 'say that a candidate is somebody else: for all faces of the group, until it is taken back',
    later: 'put a candidate off',
  };
  for (const [word, description] of Object.entries(verdicts)) {
    candidates
      .command(word)
      .description(description)
      .argument('<id>', 'the candidate')
      .option('--reason <text>', 'why')
      .option('--json', 'one JSON object')
      .addHelpText('after', examples(`imaginem candidates ${word} <id> --reason "the scar above the eye"`))
      .action((id: string, options: { reason?: string; json?: boolean }) =>
        refusedInWords(() => say(id, word as Word, options, context)),
      );
  }
  candidates
    .command('propose')
    .description(
      'put a face forward that the machine did not propose; it is judged like every other candidate',
    )
    .argument('<enquiry>', 'the enquiry')
    .argument('<face>', 'a face of the archive, as "results" and "matches" have it')
    .option('--own <face>', 'the face of the enquiry that it is compared with, where several are sought')
    .option('--reason <text>', 'why')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `${examples('imaginem candidates propose <enquiry> <face> --reason "the scar, as a child"')}\n\nIt has no score, and is no word about who it is: "candidates same" says that.`,
    )
    .action((enquiry: string, face: string, options: ProposeOptions) =>
      refusedInWords(async () => {
        const { own, reason, json } = options;
        const app = await (await context.connect()).app();
        const given = { face, ...(own !== undefined && { own }), ...(reason !== undefined && { reason }) };
        const id = await (await app.review()).propose(enquiry, given, whoIsThis());
        await answer(app, id, { json: json ?? false, whole: true }, context);
      }),
    );
  candidates
    .command('undo')
    .description('take a word about a candidate back')
    .argument('<word>', 'id of the word, as "candidates show" has it')
    .option('--reason <text>', 'why')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem candidates undo <word>'))
    .action((word: string, { reason, json }: { reason?: string; json?: boolean }) =>
      refusedInWords(async () => {
        const app = await (await context.connect()).app();
        const { candidate } = await (await app.review()).undo(word, whoIsThis(), reason);
        await answer(app, candidate, { json: json ?? false }, context);
      }),
    );
};

interface ProposeOptions {
  own?: string;
  reason?: string;
  json?: boolean;
}

interface ListOptions {
  standing?: ShownStanding;
  wait?: boolean;
  quiet?: boolean;
  json?: boolean;
}

async function list(
  enquiry: string | undefined,
  { standing, wait, quiet, json }: ListOptions,
  { connect, screen, signal }: CommandContext,
): Promise<void> {
  const app = await (await connect()).app();
  if (enquiry !== undefined && !(await (await app.enquiries()).get(enquiry)))
    throw new CliError('There is no such enquiry: "imaginem enquiry list" lists them.');
  if (wait && enquiry !== undefined) await untilThrough(app, enquiry, signal);
  const found = await (await app.candidates()).list(
    {
      limit: LISTED,
      ...(enquiry !== undefined && { enquiry }),
      ...(standing !== undefined && { standing }),
    },
    whoIsThis(),
  );
  if (json) return screen.line(JSON.stringify(found.map(candidateJson), undefined, 2));
  if (quiet) {
    for (const { id } of found) screen.line(id);
    return;
  }
  if (found.length === 0) return screen.line('There are no candidates.');
  for (const one of found) {
    const facts = [
      standingText(one),
      ...(one.score === undefined ? [] : [inWords(one.score)]),
      count(one.faces, 'face'),
    ];
    screen.line(`${one.id}  ${facts.join(', ')}`);
  }
}

/** Every photograph has a row, and nothing that follows from it is still to be made. */
async function untilThrough(app: App, enquiry: string, signal: AbortSignal): Promise<void> {
  const [enquiries, results, people] = await Promise.all([app.enquiries(), app.results(), app.people()]);
  const ends = Date.now() + WAIT_MS;
  for (;;) {
    const photographs = await enquiries.photographs(enquiry);
    const images = photographs.map(({ imageId }) => imageId);
    const rows = await Promise.all(images.map((id) => results.get(id)));
    if (rows.every((row) => row !== undefined)) {
      await people.settle(images);
      return;
    }
    if (Date.now() > ends)
      throw new CliError(
        `The photographs are not through after ten minutes: "imaginem status ${enquiryBatch(enquiry)}" shows where they are.`,
      );
    await delay(LOOK_MS, undefined, { signal });
  }
}

async function show(id: string, { json }: { json?: boolean }, context: CommandContext): Promise<void> {
  const app = await (await context.connect()).app();
  await answer(app, id, { json: json ?? false, whole: true }, context);
}

async function say(
  id: string,
  word: Word,
  { reason, json }: { reason?: string; json?: boolean },
  context: CommandContext,
): Promise<void> {
  const app = await (await context.connect()).app();
  await (await app.review()).say(id, { word, ...(reason !== undefined && { reason }) }, whoIsThis());
  await answer(app, id, { json: json ?? false }, context);
}

async function answer(
  app: App,
  id: string,
  { json, whole = false }: { json: boolean; whole?: boolean },
  { screen }: CommandContext,
): Promise<void> {
  const detail = await (await app.candidates()).get(id, whoIsThis());
  if (!detail) throw new CliError('There is no such candidate: "imaginem candidates list" lists them.');
  await app.audit.record({
    who: whoIsThis(),
    action: 'candidate.read',
    about: [subject.candidate(id), subject.enquiry(detail.enquiry)],
  });
  if (json) return screen.line(JSON.stringify(detailJson(detail), undefined, 2));
  screen.line(`Candidate ${id}: ${standingText(detail)}.`);
  if (whole) for (const line of detailLines(detail)) screen.line(line);
}

const WORDS: Record<ShownStanding, string> = {
  open: 'nobody has decided',
  pending: 'the same person, you say; another must say so, too',
  secondLook: 'wants your second look',
  contested: 'contested: some say the same person, some another',
  different: 'somebody else',
  found: 'found',
};
const standingText = ({ standing }: Candidate): string => WORDS[standing];

function* detailLines({
  worth,
  evidence,
  proposals,
  unlike,
  words,
  ageGapYears,
  ...one
}: CandidateDetail): Generator<string> {
  if (one.score !== undefined) yield `Score         ${inWords(one.score)}, by ${one.model}`;
  else if (!one.blind) yield 'Score         none: the machine has not found them alike';
  if (one.margin !== undefined) yield `Next person   ${one.margin.toFixed(2)} below`;
  if (worth?.falseCandidates != null)
    yield `Chance        by the engine's published figures ${worth.falseCandidates.toFixed(2)} wrong ones as sure as this are to be expected among ${worth.faces} faces`;
  if (ageGapYears !== undefined) yield `Years between ${ageGapYears}`;
  for (const { own, other, confidence: sure } of evidence)
    yield `Speaks for it ${own} and ${other}${sure === undefined ? '' : `, ${inWords(sure)}`}`;
  for (const { id, other, by, at, reason } of proposals)
    yield `By hand       ${printable(
      `${other}, proposed by ${by}, ${at.slice(0, 16)}${reason === undefined ? '' : `, ${reason}`}  (${id})`,
    )}`;
  for (const face of unlike) yield `Is like none  ${face}`;
  for (const { id, word, by, at, reason } of words)
    yield printable(
      `${at.slice(0, 16)}  ${by}: ${word}${reason === undefined ? '' : `, ${reason}`}  (${id})`,
    );
}

const candidateJson = (one: Candidate) => ({
  id: one.id,
  enquiry: one.enquiry,
  standing: one.standing,
  score: one.score ?? null,
  margin: one.margin ?? null,
  model: one.model ?? null,
  best_face: one.bestFace,
  own_face: one.ownFace ?? null,
  faces: one.faces,
  first_seen: one.firstSeen,
});

const detailJson = ({
  worth,
  evidence,
  proposals,
  unlike,
  group,
  own,
  words,
  ageGapYears,
  ...one
}: CandidateDetail) => ({
  ...candidateJson(one),
  worth: worth ?? null,
  evidence,
  proposals,
  unlike,
  group,
  own,
  words,
  age_gap_years: ageGapYears ?? null,
});
