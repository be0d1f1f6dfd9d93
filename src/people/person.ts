/** What is known of a person. Names and dates as PFIF 1.4 has them (people finder interchange format). */
export interface PersonValues {
  fullName?: string | null;
  alternateNames?: readonly string[];
  sex?: 'female' | 'male' | 'other' | null;
  /** YYYY, YYYY-MM or YYYY-MM-DD: as far as it is known. */
  dateOfBirth?: string | null;
  description?: string | null;
  sourceName?: string | null;
  /** ISO 8601, UTC. */
  sourceDate?: string | null;
  sourceUrl?: string | null;
  /** ISO 8601, UTC: from then on the person is to be erased. */
  expiryDate?: string | null;
  /** What it is kept for. */
  purpose?: string | null;
  legalBasis?: string | null;
  /** Whether this is a child; null where nobody knows. */
  minor?: boolean | null;
  /** Left out of lists of groups. */
  hidden?: boolean;
}

export interface Person extends Required<Omit<PersonValues, 'alternateNames'>> {
  id: string;
  alternateNames: string[];
  /** ISO 8601, UTC: when it was made here. */
  entryDate: string;
  createdBy: string;
  changedAt: string;
  /** Grows with each change: whoever changes says which one they have read. */
  version: number;
}
