import { createHash } from 'node:crypto';
import { atOnce } from '../domain/at-once.ts';
import { enquiryBatch, enquiryOfBatch } from '../domain/enquiry-batch.ts';
import { jobKey } from '../domain/job-id.ts';
import { personNode } from '../people/node.ts';

/** One image that is to be erased: a job, or a version of a blob that has none yet. */
export interface Subject {
  readonly id: string;
  readonly batchId: string;
  readonly imageUrl: string;
  /** Where the original is, in our own account. */
  readonly source?: { readonly container: string; readonly name: string; readonly etag: string };
}

/** An enquiry, as it stands among its photographs in an erasure. */
export const enquirySubject = (enquiry: string): Subject => ({
  id: enquiry,
  batchId: enquiryBatch(enquiry),
  imageUrl: '',
});

/** A person, as they stand in an erasure: they have no photograph, and so no address. */
export const personSubject = (person: string): Subject => ({
  id: person,
  batchId: personNode(person),
  imageUrl: '',
});

export const isPerson = ({ id, batchId, imageUrl }: Subject): boolean =>
  imageUrl === '' && batchId === personNode(id);

export const isEnquiry = ({ id, batchId }: Subject): boolean => enquiryOfBatch(batchId) === id;

/** The images of one erasure, by what places know them by. */
export interface Target {
  readonly subjects: readonly Subject[];
  readonly ids: ReadonlySet<string>;
  /** The ids as blob names and face keys spell them. */
  readonly keys: ReadonlySet<string>;
}

export const targetOf = (subjects: readonly Subject[]): Target => ({
  subjects,
  ids: new Set(subjects.map(({ id }) => id)),
  keys: new Set(subjects.map(({ id }) => jobKey(id))),
});

/** SHA-256 over the ids in their order, a line each: who has the ids can show that a receipt is about them. */
export function hashOfIds(ids: Iterable<string>): string {
  return createHash('sha256')
    .update([...ids].sort().join('\n'))
    .digest('hex');
}

/** How a place is looked at. */
export interface Look {
  readonly signal: AbortSignal;
  /** Who asked for the erasure; absent where only counted. */
  readonly by?: string;
}

/** Subjects worked on at the same time. */
const AT_ONCE = 8;

/** What `count` says of each, together. */
export async function sumOf<T>(
  all: Iterable<T>,
  look: Pick<Look, 'signal'>,
  count: (one: T) => Promise<number>,
): Promise<number> {
  let sum = 0;
  await forEach(all, look, async (one) => {
    const found = await count(one);
    sum += found;
  });
  return sum;
}

/** Does `work` for each, a few at a time; the first failure ends it. */
export async function forEach<T>(
  all: Iterable<T>,
  { signal }: Pick<Look, 'signal'>,
  work: (one: T) => Promise<void>,
): Promise<void> {
  await atOnce(AT_ONCE, all, work, signal);
}
