import { createHash } from 'node:crypto';
import { enquiryBatch } from '../domain/enquiry-batch.ts';
import { PermanentError } from '../domain/errors.ts';
import { jobIdOf } from '../domain/job-id.ts';
import type { Clock } from '../domain/ports.ts';
import { IMAGE_FORMATS, sniffFormat } from '../imaging/format.ts';
import type { Enquiries } from '../people/enquiry/enquiries.ts';
import type { Enquiry, EnquiryChange, EnquiryValues } from '../people/enquiry/enquiry.ts';
import { UnknownEnquiryError } from '../people/enquiry/over.ts';
import type { EnquiryEnd } from '../people/enquiry/state.ts';
import { ChangedMeanwhileError, PeopleRefusedError } from '../people/errors.ts';
import type { People } from '../people/people.ts';
import type { Blobs } from '../storage/blobs.ts';
import { containers } from '../storage/names.ts';
import type { ApplyConsentDeps } from './apply-consent.ts';
import type { Audited } from './audited.ts';
import { changeBatch } from './change-batch.ts';

export interface EnquiryDeps extends ApplyConsentDeps, Audited {
  readonly clock: Clock;
  readonly storage: { readonly blobs: Blobs };
  enquiries(): Promise<Enquiries>;
  people(): Promise<{ persons: Pick<People['persons'], 'get'> }>;
}

/**
 * Refuses what nobody can mean of an enquiry: a day that has passed, on which it and its photographs would be erased tonight,
 * and persons that there are not.
 *
 * @throws {PeopleRefusedError}
 */
async function checkSaid(
  { expires, askedBy, sought }: Pick<EnquiryChange, 'expires' | 'askedBy' | 'sought'>,
  { clock, people }: Pick<EnquiryDeps, 'clock' | 'people'>,
): Promise<void> {
  if (expires && Date.parse(expires) <= clock())
    throw new PeopleRefusedError(
      'ExpiryPassed',
      'That day has passed: the enquiry and its photographs would be erased tonight. Give a later one, or erase it.',
    );
  for (const id of [askedBy, sought])
    if (id && !(await (await people()).persons.get(id)))
      throw new PeopleRefusedError(
        'UnknownPerson',
        'There is no such person: look the id up among the people.',
      );
}

/** Opens an enquiry, once for each id that is chosen; its photographs will be processed on its terms. */
export async function openEnquiry(
  values: EnquiryValues,
  who: string,
  deps: EnquiryDeps,
  chosen?: string,
): Promise<Enquiry> {
  await checkSaid(values, deps);
  const enquiry = await (await deps.enquiries()).open(values, who, chosen);
  await sayTerms(enquiry, who, deps);
  return enquiry;
}

/** Changes what is said of an enquiry, and with it the terms of its photographs. */
export async function changeEnquiry(
  id: string,
  change: EnquiryChange,
  who: string,
  deps: EnquiryDeps,
  version?: number,
): Promise<Enquiry> {
  await checkSaid(change, deps);
  const enquiry = await (await deps.enquiries()).change(id, change, who, version);
  await sayTerms(enquiry, who, deps);
  return enquiry;
}

/**
 * Ends an enquiry, or takes its end back. One that is withdrawn is matched no more: that is written down first, for
 * whoever sends an alert asks there, and its faces go out of the lists.
 */
export async function endEnquiry(
  id: string,
  { to, reason, version }: { to: EnquiryEnd | 'open'; reason: string; version?: number },
  who: string,
  deps: EnquiryDeps,
  signal: AbortSignal,
): Promise<Enquiry> {
  const enquiries = await deps.enquiries();
  if (to !== 'withdrawn') return enquiries.end(id, to, reason, who, version);
  const before = await enquiries.get(id);
  if (!before) throw new UnknownEnquiryError('enquiry');
  // What takes its faces out cannot be taken back: nothing of it is done to one that has changed since it was read.
  if (version !== undefined && version !== before.version) throw new ChangedMeanwhileError();
  await changeBatch(enquiryBatch(id), { doNotMatch: true }, who, deps, signal);
  return enquiries.end(id, to, reason, who, version);
}

/**
 * Takes a photograph into an enquiry: it goes through the pipeline as all others do, on the enquiry's terms. Named by its
 * content, so that the same one sent twice is one, and no name of a file tells of anybody.
 *
 * @param taken when it was taken, as far as known
 * @returns the id of its job, and so of its row
 * @throws {PermanentError} where it is no image @throws {PeopleRefusedError} where the enquiry has ended
 */
export async function addPhotograph(
  id: string,
  { bytes, taken }: { bytes: Buffer; taken?: string },
  who: string,
  deps: EnquiryDeps,
): Promise<string> {
  const enquiries = await deps.enquiries();
  const enquiry = await enquiries.get(id);
  if (!enquiry) throw new UnknownEnquiryError('enquiry');
  if (enquiry.ended !== undefined)
    throw new PeopleRefusedError('EnquiryEnded', `The enquiry is ${enquiry.ended}: reopen it first.`);
  checkSize(bytes, deps.settings.MAX_IMAGE_BYTES);
  const sniffed = sniffFormat(bytes);
  if (sniffed.kind !== 'accepted') throw new PermanentError('NotAnImage', `The file holds ${sniffed.name}.`);
  // Before the photograph is there: from its first step on these hold.
  await sayTerms(enquiry, who, deps);
  const { blobs } = deps.storage;
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  const ending = sniffed.format === 'jpeg' ? 'jpg' : sniffed.format;
  const name = `${enquiryBatch(id)}/${hash}.${ending}`;
  const { contentType } = IMAGE_FORMATS[sniffed.format];
  const etag =
    (await blobs.create(containers.input, name, bytes, contentType)) ??
    (await blobs.head(containers.input, name))?.etag;
  if (etag === undefined) throw new Error('The photograph vanished while it was written.');
  const job = jobIdOf(containers.input, name, etag);
  await enquiries.addPhotograph(id, job, taken, who);
  return job;
}

function checkSize(bytes: Buffer, most: number): void {
  if (bytes.length === 0) throw new PermanentError('EmptyImage', 'The file is empty.');
  if (bytes.length > most)
    throw new PermanentError('ImageTooManyBytes', `The file has more than ${most} bytes. Make it smaller.`);
}

/** What is said of the enquiry holds for the batch of its photographs, where that is not so yet. */
async function sayTerms(
  { id, purpose, legalBasis, expires }: Enquiry,
  who: string,
  { batches }: EnquiryDeps,
): Promise<void> {
  const batch = enquiryBatch(id);
  const setting = await batches.get(batch);
  const said = setting?.consent;
  const isSaid =
    setting?.keepFaceprints === true &&
    said?.purpose === purpose &&
    said.legalBasis === legalBasis &&
    said.expires === expires;
  if (isSaid) return;
  // Whoever is looked for is found by later photographs as long as the enquiry lasts.
  await batches.change(batch, { purpose, legalBasis, expires: expires ?? null, keepFaceprints: true }, who);
}
