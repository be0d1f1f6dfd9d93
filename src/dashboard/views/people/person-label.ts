import type { PersonView } from '../../../api/contract.ts';
import { strings } from '../../strings.ts';

const text = strings.people;

/** Persons as a list to choose from shows them: namesakes are told apart by their birth, and where that is not known by their ids. */
export function personLabels(
  people: readonly Pick<PersonView, 'id' | 'fullName' | 'dateOfBirth'>[],
): { id: string; label: string }[] {
  const named = people.map(({ id, fullName, dateOfBirth }) => ({
    id,
    label: [fullName ?? text.nameless, ...(dateOfBirth === null ? [] : [text.born(dateOfBirth)])].join(', '),
  }));
  const alike = Map.groupBy(named, ({ label }) => label);
  return named.map(({ id, label }) => ({
    id,
    label: (alike.get(label)?.length ?? 0) > 1 ? `${label} (${id.slice(0, 8)})` : label,
  }));
}
