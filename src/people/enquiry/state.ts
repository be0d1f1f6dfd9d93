import type { Standing } from './standing.ts';

/** How an enquiry stands. The first three follow from its candidates; the others a person says. */
export const ENQUIRY_STATES = ['open', 'candidate', 'verified', 'reunited', 'closed', 'withdrawn'] as const;
export type EnquiryState = (typeof ENQUIRY_STATES)[number];

/** States that end an enquiry: nobody is told of anything any more, and no new candidates are made. */
export const ENDS = ['reunited', 'closed', 'withdrawn'] as const;
export type EnquiryEnd = (typeof ENDS)[number];

/**
 * What a person may make of an enquiry, by how it stands. `open` takes an end back: it then stands as its candidates
 * say. Nobody is reunited with somebody who was not found; what was withdrawn stays so, for its faces are gone from the
 * lists.
 */
export const TRANSITIONS: Readonly<Record<EnquiryState, readonly (EnquiryEnd | 'open')[]>> = {
  open: ['closed', 'withdrawn'],
  candidate: ['closed', 'withdrawn'],
  verified: ['reunited', 'closed', 'withdrawn'],
  reunited: ['open', 'withdrawn'],
  closed: ['open', 'withdrawn'],
  withdrawn: [],
};

export const mayBecome = (from: EnquiryState, to: EnquiryEnd | 'open'): boolean =>
  TRANSITIONS[from].includes(to);

/**
 * How an enquiry stands: as a person ended it, else as its candidates do. One that waits for a second look is a
 * candidate as before: nobody may see by the enquiry what was said of it.
 */
export function stateOf(
  ended: EnquiryEnd | undefined,
  candidates: Iterable<{ standing: Standing; awaits: boolean }>,
): EnquiryState {
  if (ended !== undefined) return ended;
  let isCandidate = false;
  for (const { standing, awaits } of candidates) {
    if (standing === 'found') return 'verified';
    isCandidate ||= awaits || standing !== 'different';
  }
  return isCandidate ? 'candidate' : 'open';
}
