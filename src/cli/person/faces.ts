import type { Command } from 'commander';
import { personNode } from '../../people/node.ts';
import type { CommandContext } from '../command.ts';
import { count } from '../format/count.ts';
import { oneOf, partialDate } from '../option-values.ts';
import { saidBy } from '../said-by.ts';
import { whoIsThis } from '../who.ts';
import { tell, withPeople } from './with-people.ts';

/** What is said of faces: whose they are, whose not, and when they were photographed. */
export function addFaces(person: Command, context: CommandContext): void {
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
}
