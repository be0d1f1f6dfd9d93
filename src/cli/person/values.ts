import type { Command } from 'commander';
import type { PersonValues } from '../../people/person.ts';
import { consentWords, day, oneOf, partialDate } from '../option-values.ts';

/** What the options say of a person. */
export interface Known {
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

/** The options by which a person is made or changed. */
export const withValues = (command: Command): Command =>
  command
    .option('--name <name>', 'full name')
    .option('--also-known-as <name...>', 'other names')
    .option('--sex <sex>', 'female, male or other', oneOf('female', 'male', 'other'))
    .option('--born <date>', 'YYYY, YYYY-MM or YYYY-MM-DD: as far as it is known', partialDate)
    .option('--description <text>', 'what else helps to know them')
    .option('--expires <date>', 'from when on they are to be erased (UTC)', day)
    .option('--purpose <text>', 'what it is kept for', consentWords)
    .option('--legal-basis <text>', 'on what ground of law', consentWords)
    .option('--minor', 'a child')
    .option('--adult', 'not a child')
    .option('--json', 'one JSON object');

export function valuesOf(given: Known): PersonValues {
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
