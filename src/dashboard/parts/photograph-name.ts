import { strings } from '../strings.ts';

/** Where the batches of enquiries begin: their photographs are named by their content, which tells nobody anything. */
const ENQUIRY = '_enquiry/';

interface Named {
  name: string;
  batchId: string | null;
}

const isOfEnquiry = ({ batchId }: Named): boolean => batchId?.startsWith(ENQUIRY) ?? false;

/** The enquiry whose photographs a batch has; undefined for every other batch. */
export const enquiryOf = (batchId: string): string | undefined =>
  batchId.startsWith(ENQUIRY) ? batchId.slice(ENQUIRY.length) : undefined;

/** What a photograph is called where people read it. */
export const photographName = (place: Named): string =>
  isOfEnquiry(place) ? strings.enquiries.photographOf : place.name;

/** A place as people read it: of an enquiry neither hash nor number. */
export const readable = <T extends Named>(place: T): T =>
  isOfEnquiry(place) ? { ...place, name: photographName(place), batchId: '' } : place;
