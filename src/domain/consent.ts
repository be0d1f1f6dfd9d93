import { z } from 'zod';

/** Longest purpose and legal basis, in characters: what an indexed SQL column holds. */
export const MAX_CONSENT_TEXT = 200;

/** On what terms photographs may be processed: said of their batch, and carried by each of its jobs. */
export interface Consent {
  /** That its own message forbids matching: no change of the batch takes that back. */
  refused?: true;
  /** What for, e.g. "tracing of missing relatives". */
  purpose?: string;
  /** On what ground of law, e.g. "consent". */
  legalBasis?: string;
  /** ISO 8601, UTC: from then on they are to be erased. */
  expires?: string;
  /** Whether their faces are neither enrolled nor offered as a match. */
  doNotMatch: boolean;
}

/** The terms as a message carries them, in `job_definition.consent`: a wrong one must not be taken for none. */
export const consentSchema = z.looseObject({
  purpose: z.string().max(MAX_CONSENT_TEXT).optional(),
  legal_basis: z.string().max(MAX_CONSENT_TEXT).optional(),
  expires: z.iso.datetime().optional(),
  do_not_match: z.boolean().optional(),
});
type ConsentMessage = z.infer<typeof consentSchema>;

export const fromConsentMessage = (given: ConsentMessage | undefined): Consent | undefined =>
  given && {
    ...(given.purpose !== undefined && { purpose: given.purpose }),
    ...(given.legal_basis !== undefined && { legalBasis: given.legal_basis }),
    ...(given.expires !== undefined && { expires: new Date(given.expires).toISOString() }),
    ...(given.do_not_match && { refused: true as const }),
    doNotMatch: given.do_not_match ?? false,
  };

export const toConsentMessage = ({ purpose, legalBasis, expires, doNotMatch }: Consent): ConsentMessage => ({
  ...(purpose !== undefined && { purpose }),
  ...(legalBasis !== undefined && { legal_basis: legalBasis }),
  ...(expires !== undefined && { expires }),
  do_not_match: doNotMatch,
});

/** What holds for a job: what is said of its batch now goes before what it was admitted with; either may forbid matching. */
export function consentNow(admitted: Consent | undefined, batch: Consent | undefined): Consent | undefined {
  if (!admitted || !batch) return admitted ?? batch;
  return { ...admitted, ...batch, doNotMatch: admitted.doNotMatch || batch.doNotMatch };
}
