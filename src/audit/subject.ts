import { createHash } from 'node:crypto';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** Ids the app made itself: hashes, random, or a hash and the number of a face. They tell nothing of whom they are about. */
const OPAQUE = /^x?[0-9a-f]{32}(-\d+)?$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(-\d+)?$/;

const opaque = (kind: string, id: string): string => `${kind}:${OPAQUE.test(id) ? id : `h${hash(id)}`}`;

/**
 * What an entry is about: a kind and an id that tells nothing by itself. Messages posted by hand bring ids of any form,
 * and the name of a batch may be that of a family: such an id is replaced by its hash, under which it is found again.
 */
export const subject = {
  image: (id: string): string => opaque('image', id),
  face: (key: string): string => opaque('face', key),
  person: (id: string): string => opaque('person', id),
  decision: (id: string): string => opaque('decision', id),
  deadLetter: (id: string): string => opaque('deadletter', id),
  enquiry: (id: string): string => opaque('enquiry', id),
  candidate: (id: string): string => opaque('candidate', id),
  batch: (id: string): string => `batch:h${hash(id)}`,
};

/** A dead letter, and what its message said it was about. */
export const aboutDeadLetter = (letter: {
  id: string;
  jobId?: string | undefined;
  batchId?: string | undefined;
}): string[] => [
  subject.deadLetter(letter.id),
  ...(letter.jobId === undefined ? [] : [subject.image(letter.jobId)]),
  ...(letter.batchId === undefined ? [] : [subject.batch(letter.batchId)]),
];

export const isSubject = (text: string): boolean => /^[a-z]+:h?[0-9a-fx-]+$/.test(text);
