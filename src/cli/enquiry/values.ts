import type { Command } from 'commander';
import { ENQUIRY_LIMITS } from '../../domain/enquiry-limits.ts';
import type { EnquiryChange } from '../../people/enquiry/enquiry.ts';
import { CliError, EXIT } from '../errors.ts';
import { dayOrNone, words } from '../option-values.ts';

/** What the options say of an enquiry. */
export interface Values {
  purpose?: string;
  legalBasis?: string;
  case?: string;
  askedBy?: string;
  sought?: string;
  relation?: string;
  owner?: string;
  office?: string;
  expires?: string;
  adult?: boolean;
  minor?: boolean;
}

/** The options by which an enquiry is opened or changed. */
export const withValues = (command: Command): Command =>
  command
    .option('--case <reference>', 'number or name of the case elsewhere', words(ENQUIRY_LIMITS.caseReference))
    .option('--asked-by <person>', 'who asks: id of a person')
    .option('--sought <person>', 'who is sought: id of a person')
    .option('--relation <text>', 'what the one is to the other', words(ENQUIRY_LIMITS.relation))
    .option('--owner <name>', 'the caseworker whose it is (default: you)', words(ENQUIRY_LIMITS.owner))
    .option('--office <name>', 'the office', words(ENQUIRY_LIMITS.office))
    .option('--expires <date>', 'from when it is to be erased (UTC): 2027-01-31, or with a time', dayOrNone)
    .option('--adult', 'who is sought is not under age')
    .option('--json', 'one JSON object');

/** @returns null for what is taken back */
export function valuesOf({ case: caseReference, adult, minor, ...rest }: Values): EnquiryChange {
  const { askedBy, sought, relation, owner, office, expires, purpose, legalBasis } = rest;
  for (const [name, value] of Object.entries({ purpose, legalBasis }))
    if (value === '') throw new CliError(`The ${name} of an enquiry cannot be taken back.`, EXIT.usage);
  const given = { caseReference, askedBy, sought, relation, owner, office, expires };
  const changed = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value === '' ? null : value]],
  );
  return {
    ...(Object.fromEntries(changed) as EnquiryChange),
    ...(purpose !== undefined && { purpose }),
    ...(legalBasis !== undefined && { legalBasis }),
    ...(adult && { minor: false }),
    ...(minor && { minor: true }),
  };
}
