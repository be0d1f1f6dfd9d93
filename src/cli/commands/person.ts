import { InvalidArgumentError } from 'commander';
import { subject } from '../../audit/subject.ts';
import { personNode } from '../../people/node.ts';
import type { People } from '../../people/people.ts';
import type { Person, PersonValues } from '../../people/person.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError } from '../errors.ts';
import { count } from '../format/count.ts';
import { printable } from '../format/printable.ts';
import { table } from '../format/table.ts';
import { saidBy } from '../said-by.ts';
import { whoIsThis } from '../who.ts';

interface Known {
  name?: string;
  alsoKnownAs?: string[];
  sex?: 'female' | 'male' | 'other';
  born?: string;
  description?: string;
  expires?: string;
  purpose?: string;
  legalBasis?: string;
  minor?: boolean;
  adult?: boolean;
  hide?: boolean;
  show?: boolean;
}

/** Persons in one listing. */
const MOST = 1000;

export const addPerson: AddCommand = (program, context) => {
  const person = program
    .command('person')
    .description('persons: whose faces these are, by the word of people')
    .addHelpText(
      'after',
      examples('imaginem person make --name Amal --face 0c1f...-1', 'imaginem person list'),
    );
  const values = (name: string, description: string) =>
    person
      .command(name)
      .description(description)
      .option('--name <name>', 'full name')
      .option('--also-known-as <name...>', 'other names')
      .option('--sex <sex>', 'female, male or other', oneOf('female', 'male', 'other'))
      .option('--born <date>', 'YYYY, YYYY-MM or YYYY-MM-DD: as far as it is known', partialDate)
      .option('--description <text>', 'what else helps to know them')
      .option('--expires <date>', 'from when on they are to be erased (UTC)', day)
      .option('--purpose <text>', 'what it is kept for')
      .option('--legal-basis <text>', 'on what ground of law')
      .option('--minor', 'a child')
      .option('--adult', 'not a child')
      .option('--json', 'one JSON object');
  values('make', 'make a person, with or without faces')
    .option('--face <key...>', 'faces that are theirs')
    .action((given: Known & { face?: string[]; json?: boolean }) =>
      withPeople(context, async (people) => {
        const made = await people.persons.make(valuesOf(given), { by: whoIsThis() }, given.face ?? []);
        tell(context, given.json, made, [`Made ${nameOf(made)}: ${made.id}`]);
      }),
    );
  values('set', 'change what is known of a person')
    .argument('<person>', 'their id')
    .option('--hide', 'leave them out of lists')
    .option('--show', 'put them back')
    .action((id: string, given: Known & { json?: boolean }) =>
      withPeople(context, async (people) => {
        const changed = await people.persons.change(id, valuesOf(given), whoIsThis());
        tell(context, given.json, changed, [`Changed ${nameOf(changed)}.`]);
      }),
    );
  person
    .command('list')
    .description('persons by name')
    .argument('[name]', 'how it begins')
    .option('--hidden', 'those that are left out of lists')
    .option('--json', 'a JSON array')
    .action((prefix: string | undefined, options: { hidden?: boolean; json?: boolean }) =>
      withPeople(context, async (people) => {
        const found = await people.persons.list({
          ...(prefix !== undefined && { prefix }),
          hidden: options.hidden === true,
          limit: MOST,
        });
        const persons = found.map(({ nameKey: _, ...rest }) => rest);
        const rows = persons.map((one) => [
          one.id,
          nameOf(one),
          one.dateOfBirth ?? '',
          one.minor ? 'child' : '',
        ]);
        tell(context, options.json, persons, [
          persons.length === 0 ? 'There is no such person.' : table(['id', 'name', 'born', ''], rows),
        ]);
      }),
    );
  person
    .command('show')
    .description('one person and their faces')
    .argument('<person>', 'their id')
    .option('--json', 'one JSON object')
    .action((id: string, { json }: { json?: boolean }) =>
      withPeople(context, async (people, record) => {
        const found = await people.persons.get(id);
        if (!found) throw new CliError(`There is no person ${id}: "imaginem person list" lists them.`);
        await record({ who: whoIsThis(), action: 'person.read', about: [subject.person(id)] });
        const keptAs = await people.persons.kept(id);
        const group = await people.groups.get(personNode(keptAs));
        const faces = group ? await people.groups.faces(group, { limit: MOST }) : [];
        tell(context, json, { ...found, keptAs, faces }, [
          `${nameOf(found)}${found.minor ? ' (a child)' : ''}`,
          ...(keptAs === id ? [] : [`Merged into ${keptAs}.`]),
          ...faceLines(faces),
        ]);
      }),
    );
  person
    .command('face')
    .description('say whether a face is this person')
    .argument('<person>', 'their id')
    .argument('<face>', 'its key')
    .argument('<verdict>', 'same, different or undecided', oneOf('same', 'different', 'undecided'))
    .option('--reason <text>', 'why')
    .option('--json', 'the decision as one JSON object')
    .action((id: string, face: string, verdict: 'same' | 'different' | 'undecided', options) =>
      withPeople(context, async (people) => {
        const decision = await people.decide(face, personNode(id), verdict, saidBy(options));
        tell(context, options.json, decision ?? null, [
          decision ? `Decided: ${decision.id}` : 'Nothing was said of them.',
        ]);
      }),
    );
  person
    .command('merge')
    .description('say that a person is another one; both go by that one')
    .argument('<person>', 'the one that goes')
    .argument('<into>', 'the one that stays')
    .option('--reason <text>', 'why')
    .option('--json', 'the decision as one JSON object')
    .action((id: string, into: string, options: { reason?: string; json?: boolean }) =>
      withPeople(context, async (people) => {
        const decision = await people.persons.merge(id, into, saidBy(options));
        tell(context, options.json, decision, [
          `Merged. "imaginem decisions undo ${decision.id}" takes it back.`,
        ]);
      }),
    );
  person
    .command('split')
    .description('take faces out of their group; whoever else is there stays')
    .argument('<face...>', 'their keys')
    .option('--to <person>', 'the person whose they are')
    .option('--reason <text>', 'why')
    .option('--json', 'the groups they are in now')
    .action((faces: string[], options: { to?: string; reason?: string; json?: boolean }) =>
      withPeople(context, async (people) => {
        const decisions = await people.split(faces, options.to, saidBy(options));
        const groups = Object.fromEntries(await people.groups.idsOf(faces));
        tell(context, options.json, groups, [
          `Taken out: ${count(faces.length, 'face')}. "imaginem decisions undo ${decisions.join(' ')}" takes it back.`,
        ]);
      }),
    );
  person
    .command('taken')
    .description('say when the photograph of a face was taken')
    .argument('<face>', 'its key')
    .argument('<date>', 'YYYY, YYYY-MM or YYYY-MM-DD', partialDate)
    .option('--json', 'what was noted, as one JSON object')
    .action((face: string, taken: string, { json }: { json?: boolean }) =>
      withPeople(context, async (people) => {
        await people.setTaken(face, taken, whoIsThis());
        tell(context, json, { face, taken }, ['Noted.']);
      }),
    );
  person
    .command('groups')
    .description('groups of faces, the largest first')
    .option('--batch <id>', 'of one batch')
    .option('--limit <n>', 'how many', '40')
    .option('--json', 'a JSON array')
    .action((options: { batch?: string; limit: string; json?: boolean }) =>
      withPeople(context, async (people) => {
        const groups = await people.groups.list({
          ...(options.batch !== undefined && { batchId: options.batch }),
          limit: Math.min(MOST, Math.max(1, Number(options.limit) || 40)),
        });
        const rows = groups.map(({ id, faces, decided, person: of, contested }) => [
          id,
          printable(of?.fullName ?? (of ? of.id : '')),
          String(faces),
          String(decided),
          contested ? 'contested' : '',
        ]);
        tell(context, options.json, groups, [
          groups.length === 0
            ? 'There are no groups: no two faces look alike, or are decided to be one.'
            : table(['group', 'person', 'faces', 'decided', ''], rows),
        ]);
      }),
    );
  person
    .command('group')
    .description('the faces of one group')
    .argument('<group>', 'its id, or the key of a face in it')
    .option('--json', 'one JSON object')
    .action((asked: string, { json }: { json?: boolean }) =>
      withPeople(context, async (people, record) => {
        const id = (await people.groups.idsOf([asked])).get(asked) ?? asked;
        const group = await people.groups.get(id);
        if (!group)
          throw new CliError(`There is no group or face ${asked}: "imaginem person groups" lists groups.`);
        const faces = await people.groups.faces(group, { limit: MOST });
        await record({
          who: whoIsThis(),
          action: 'group.read',
          about: faces.slice(0, 100).map(({ face }) => subject.face(face)),
          detail: { faces: faces.length },
        });
        tell(context, json, { ...group, members: faces }, faceLines(faces));
      }),
    );
  person
    .command('erase')
    .description('remove a person and all that was decided about them; photographs stay')
    .argument('<person>', 'their id')
    .option('--yes', 'without asking')
    .option('--json', 'whom that removed, as one JSON object')
    .action((id: string, { yes, json }: { yes?: boolean; json?: boolean }) =>
      withPeople(context, async (people) => {
        if (!yes) {
          const answer = await context.ask?.('This cannot be undone. Type "erase" to go on: ');
          if (answer?.trim() !== 'erase')
            throw new CliError('Nothing was erased. Say --yes, or type "erase".');
        }
        if (!(await people.persons.erase(id, whoIsThis()))) throw new CliError(`There is no person ${id}.`);
        tell(context, json, { erased: id }, ['Erased.']);
      }),
    );
};

type Record = Awaited<
  ReturnType<Awaited<ReturnType<CommandContext['connect']>>['results']>
>['audit']['record'];

async function withPeople(
  context: CommandContext,
  work: (people: People, record: Record) => Promise<void>,
): Promise<void> {
  const connection = await context.connect();
  const { audit } = await connection.results();
  await work(await connection.people(), (request) => audit.record(request));
}

function tell(
  { screen }: CommandContext,
  json: boolean | undefined,
  value: unknown,
  lines: readonly string[],
): void {
  if (json) screen.line(JSON.stringify(value, undefined, 2));
  else for (const line of lines) screen.line(line);
}

const nameOf = ({ fullName, id }: Pick<Person, 'fullName' | 'id'>): string => printable(fullName ?? id);

const faceLines = (
  faces: readonly { face: string; imageUrl: string; decided: boolean; taken?: string }[],
): string[] =>
  faces.length === 0
    ? ['No faces.']
    : [
        table(
          ['face', '', 'taken', 'photograph'],
          faces.map(({ face, decided, taken, imageUrl }) => [
            face,
            decided ? 'decided' : 'possible',
            taken ?? '',
            printable(imageUrl),
          ]),
        ),
      ];

function valuesOf(given: Known): PersonValues {
  const text = (value: string | undefined) => (value === '' ? null : value);
  const values: PersonValues = {
    ...(given.name !== undefined && { fullName: text(given.name) ?? null }),
    ...(given.alsoKnownAs !== undefined && { alternateNames: given.alsoKnownAs }),
    ...(given.sex !== undefined && { sex: given.sex }),
    ...(given.born !== undefined && { dateOfBirth: given.born }),
    ...(given.description !== undefined && { description: text(given.description) ?? null }),
    ...(given.expires !== undefined && { expiryDate: given.expires }),
    ...(given.purpose !== undefined && { purpose: text(given.purpose) ?? null }),
    ...(given.legalBasis !== undefined && { legalBasis: text(given.legalBasis) ?? null }),
    ...((given.minor || given.adult) && { minor: given.minor === true }),
    ...((given.hide || given.show) && { hidden: given.hide === true }),
  };
  return values;
}

const oneOf =
  <T extends string>(...choices: readonly T[]) =>
  (text: string): T => {
    const found = choices.find((choice) => choice === text);
    if (found === undefined) throw new InvalidArgumentError(`It must be one of ${choices.join(', ')}.`);
    return found;
  };

function partialDate(text: string): string {
  if (/^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a year, 2015, a month, 2015-03, or a day, 2015-03-31.');
}

function day(text: string): string {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime()) && /^\d{4}-\d{2}-\d{2}/.test(text)) return time.toISOString();
  throw new InvalidArgumentError('It must be a date such as 2027-01-31.');
}
