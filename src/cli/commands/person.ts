import { type AddCommand, examples } from '../command.ts';
import { addFaces } from '../person/faces.ts';
import { addGroups } from '../person/groups.ts';
import { addPersons } from '../person/persons.ts';

export const addPerson: AddCommand = (program, context) => {
  const person = program
    .command('person')
    .description('persons: whose faces these are, by the word of people')
    .addHelpText(
      'after',
      examples('imaginem person make --name Amal --face 0c1f...-1', 'imaginem person list'),
    );
  addPersons(person, context);
  addFaces(person, context);
  addGroups(person, context);
};
