import type { Command } from 'commander';
import { subject } from '../../audit/subject.ts';
import type { CommandContext } from '../command.ts';
import { CliError } from '../errors.ts';
import { printable } from '../format/printable.ts';
import { table } from '../format/table.ts';
import { whoIsThis } from '../who.ts';
import { faceLines, MOST } from './lines.ts';
import { tell, withPeople } from './with-people.ts';

/** Groups of faces as they stand, by the machine and by what people decided. */
export function addGroups(person: Command, context: CommandContext): void {
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
}
