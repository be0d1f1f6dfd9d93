import type { Command } from 'commander';
import { subject } from '../../audit/subject.ts';
import { silentLog } from '../../domain/ports.ts';
import { personNode } from '../../people/node.ts';
import type { CommandContext } from '../command.ts';
import { CliError } from '../errors.ts';
import { receiptLines } from '../format/receipt-lines.ts';
import { table } from '../format/table.ts';
import { saidBy } from '../said-by.ts';
import { whoIsThis } from '../who.ts';
import { faceLines, MOST, nameOf } from './lines.ts';
import { type Known, valuesOf, withValues } from './values.ts';
import { tell, withPeople } from './with-people.ts';

/** Making, changing, listing, showing, merging and erasing persons. */
export function addPersons(person: Command, context: CommandContext): void {
  withValues(person.command('make').description('make a person, with or without faces'))
    .option('--face <key...>', 'faces that are theirs')
    .action((given: Known & { face?: string[]; json?: boolean }) =>
      withPeople(context, async (people) => {
        const made = await people.persons.make(valuesOf(given), { by: whoIsThis() }, given.face ?? []);
        tell(context, given.json, made, [`Made ${nameOf(made)}: ${made.id}`]);
      }),
    );
  withValues(person.command('set').description('change what is known of a person'))
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
    .command('erase')
    .description('erase a person and all that was decided about them, with a receipt; photographs stay')
    .argument('<person>', 'their id')
    .option('--yes', 'without asking')
    .option('--json', 'the receipt as one JSON object')
    .action(async (id: string, { yes, json }: { yes?: boolean; json?: boolean }) => {
      if (!yes) {
        const answer = await context.ask?.('This cannot be undone. Type "erase" to go on: ');
        if (answer?.trim() !== 'erase') throw new CliError('Nothing was erased. Say --yes, or type "erase".');
      }
      const eraser = await (await (await context.connect()).app()).eraser(silentLog);
      const request = { kind: 'person', persons: [id] } as const;
      const receipt = await eraser.erase(request, whoIsThis(), context.signal);
      if (!receipt) throw new CliError(`There is no person ${id}: "imaginem person list" lists them.`);
      tell(context, json, receipt, receiptLines(receipt));
    });
}
