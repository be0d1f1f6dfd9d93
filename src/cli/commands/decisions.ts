import type { Decision } from '../../people/decision.ts';
import { type AddCommand, examples } from '../command.ts';
import { CliError, EXIT } from '../errors.ts';
import { printable } from '../format/printable.ts';
import { table } from '../format/table.ts';
import { saidBy } from '../said-by.ts';
import { whoIsThis } from '../who.ts';

/** Decisions in one listing. */
const MOST = 1000;

const VERDICTS = ['same', 'different', 'undecided'] as const;

export const addDecisions: AddCommand = (program, { connect, screen }) => {
  const decisions = program
    .command('decisions')
    .description('what people decided about faces and persons')
    .addHelpText(
      'after',
      examples('imaginem decisions list --face 0c1f...-1', 'imaginem decisions undo 7e0b1c2a-...'),
    );
  decisions
    .command('list')
    .description('decisions, newest first')
    .option('--face <key>', 'about this face')
    .option('--person <id>', 'about this person')
    .option('--image <id>', 'about faces of this image')
    .option('--limit <n>', 'how many', '50')
    .option('--json', 'a JSON array')
    .action(
      async (options: { face?: string; person?: string; image?: string; limit: string; json?: boolean }) => {
        const connection = await connect();
        const people = await connection.people();
        const { face, person, image } = options;
        const found = await people.decisions({
          ...(face !== undefined && { face }),
          ...(person !== undefined && { person }),
          ...(image !== undefined && { image }),
          reader: whoIsThis(),
          limit: Math.min(MOST, Math.max(1, Number(options.limit) || 50)),
        });
        const { audit } = await connection.results();
        await audit.record({
          who: whoIsThis(),
          action: 'decisions.read',
          detail: { decisions: found.length },
        });
        if (options.json) return screen.line(JSON.stringify(found, undefined, 2));
        if (found.length === 0) return screen.line('Nothing was decided.');
        screen.line(table(['id', 'what', 'about', 'by', 'at', 'why'], found.map(cells)));
      },
    );
  decisions
    .command('say')
    .description('say whether two faces are one person: any two')
    .argument('<face>', 'its key')
    .argument('<other>', 'the key of the other')
    .argument('<verdict>', 'same, different or undecided')
    .option('--reason <text>', 'why')
    .option('--json', 'the decision as one JSON object')
    .action(
      async (face: string, other: string, said: string, options: { reason?: string; json?: boolean }) => {
        const verdict = VERDICTS.find((one) => one === said);
        if (verdict === undefined) throw new CliError(`Say one of ${VERDICTS.join(', ')}.`, EXIT.usage);
        const decision = await (await (await connect()).people()).decide(
          face,
          other,
          verdict,
          saidBy(options),
        );
        if (options.json) return screen.line(JSON.stringify(decision ?? null, undefined, 2));
        screen.line(decision ? `Decided: ${decision.id}` : 'Nothing was said of them.');
      },
    );
  decisions
    .command('undo')
    .description('take a decision back, as if it had never been; an undo, too')
    .argument('<decision...>', 'its id; of several, in the order in which they were made, all or none')
    .option('--reason <text>', 'why')
    .option('--json', 'the undo as one JSON object; of several, an array')
    .action(async (ids: string[], options: { reason?: string; json?: boolean }) => {
      const undone = await (await (await connect()).people()).undoAll(ids, saidBy(options));
      if (options.json) {
        const [first] = undone;
        return screen.line(JSON.stringify(undone.length === 1 ? first : undone, undefined, 2));
      }
      const restore = undone.map(({ id }) => id).join(' ');
      screen.line(`Taken back. "imaginem decisions undo ${restore}" restores it.`);
    });
};

const cells = ({ id, kind, faces, persons, by, at, reason, supersedes }: Decision): string[] => [
  id,
  kind === 'undo' ? `undo ${supersedes ?? ''}` : kind,
  [...faces, ...persons.map((person) => `person ${person}`)].join(' '),
  printable(by),
  at,
  printable(reason ?? ''),
];
