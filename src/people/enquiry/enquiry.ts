import type { Row } from '../../database/database.ts';
import { int, type Parameter, text } from '../../database/sql.ts';
import { whoText } from '../who-column.ts';
import type { EnquiryEnd, EnquiryState } from './state.ts';

/** What a caseworker says of an enquiry. */
export interface EnquiryValues {
  /** Number or name of the case elsewhere. */
  caseReference?: string;
  /** Who asks: id of a person. */
  askedBy?: string;
  /** Who is sought: id of a person. */
  sought?: string;
  /** What the one is to the other: "mother". */
  relation?: string;
  /** The caseworker whose it is. */
  owner?: string;
  office?: string;
  /** What the search is for, and on what ground of law: without these nobody is searched for. */
  purpose: string;
  legalBasis: string;
  /** ISO 8601, UTC: from then on nobody is told of anything, and it is erased. */
  expires?: string;
  /** Whether who is sought is, or may be, under age. */
  minor: boolean;
}

/** What changes: null takes a value away, absent leaves it. */
export type EnquiryChange = {
  [Name in keyof EnquiryValues]?:
    | EnquiryValues[Name]
    | (undefined extends EnquiryValues[Name] ? null : never)
    | undefined;
};

export interface Enquiry extends EnquiryValues {
  id: string;
  state: EnquiryState;
  ended?: EnquiryEnd;
  /** Why it was ended. */
  reason?: string;
  openedBy: string;
  /** ISO 8601, UTC, as are all times. */
  openedAt: string;
  changedAt: string;
  /** One more with every change. */
  version: number;
}

/** Column by value. */
const COLUMN_OF = {
  caseReference: 'case_reference',
  askedBy: 'asked_by',
  sought: 'sought',
  relation: 'relation',
  owner: 'owner',
  office: 'office',
  purpose: 'purpose',
  legalBasis: 'legal_basis',
  expires: 'expires',
} as const satisfies Partial<Record<keyof EnquiryValues, string>>;

export const ENQUIRY_COLUMNS = `enquiry_id, ${Object.values(COLUMN_OF).join(', ')}, minor, state, ended, reason, opened_by, opened_at,
  changed_at, version`;

/** Its columns where nothing is said. */
export const NOTHING_SAID = Object.values(COLUMN_OF).map((column) => [column, text(null)] as const);

/** Columns and values of what changes. */
export function columnsOf(change: EnquiryChange): [string, Parameter][] {
  const columns: [string, Parameter][] = [];
  for (const [name, column] of Object.entries(COLUMN_OF)) {
    const value = change[name as keyof typeof COLUMN_OF];
    if (value !== undefined)
      columns.push([column, name === 'owner' && value !== null ? whoText(value) : text(value)]);
  }
  if (change.minor !== undefined) columns.push(['minor', int(change.minor ? 1 : 0)]);
  return columns;
}

export function toEnquiry(row: Row): Enquiry {
  const values = Object.entries(COLUMN_OF).flatMap(([name, column]) =>
    row[column] === null ? [] : [[name, row[column]]],
  );
  return {
    ...(Object.fromEntries(values) as Pick<EnquiryValues, 'purpose' | 'legalBasis'>),
    id: row.enquiry_id as string,
    minor: row.minor === 1,
    state: row.state as EnquiryState,
    ...(row.ended !== null && { ended: row.ended as EnquiryEnd }),
    ...(row.reason !== null && { reason: row.reason as string }),
    openedBy: row.opened_by as string,
    openedAt: row.opened_at as string,
    changedAt: row.changed_at as string,
    version: row.version as number,
  };
}
