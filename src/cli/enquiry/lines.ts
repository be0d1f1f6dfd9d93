import type { Enquiry } from '../../people/enquiry/enquiry.ts';
import type { CommandContext } from '../command.ts';

/** Says how an enquiry stands. */
export function told(enquiry: Enquiry, { json }: { json?: boolean }, { screen }: CommandContext): void {
  if (json) screen.line(JSON.stringify(enquiryJson(enquiry), undefined, 2));
  else screen.line(`Enquiry ${enquiry.id} is ${enquiry.state}.`);
}

export const enquiryJson = (enquiry: Enquiry) => ({
  id: enquiry.id,
  state: enquiry.state,
  reason: enquiry.reason ?? null,
  case_reference: enquiry.caseReference ?? null,
  asked_by: enquiry.askedBy ?? null,
  sought: enquiry.sought ?? null,
  relation: enquiry.relation ?? null,
  owner: enquiry.owner ?? null,
  office: enquiry.office ?? null,
  purpose: enquiry.purpose,
  legal_basis: enquiry.legalBasis,
  expires: enquiry.expires ?? null,
  minor: enquiry.minor,
  opened_by: enquiry.openedBy,
  opened_at: enquiry.openedAt,
  changed_at: enquiry.changedAt,
});
