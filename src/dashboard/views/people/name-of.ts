import type { GroupView } from '../../../api/contract.ts';
import { strings } from '../../strings.ts';

const text = strings.people;

/** How a group is called: by its person, where there is one. */
export const nameOf = ({ person }: Pick<GroupView, 'person'>): string =>
  person === null ? text.unnamed : (person.fullName ?? text.nameless);

/** The group of a person, as addresses have it. */
export const groupOfPerson = (person: string): string => `person:${person}`;
