import { subject } from '../audit/subject.ts';
import { isReserved } from '../domain/enquiry-batch.ts';
import { batchOf } from '../domain/job-id.ts';
import type { Clock, Log } from '../domain/ports.ts';
import { PeopleRefusedError } from '../people/errors.ts';
import type { BatchSetting, ConsentChange } from '../pipeline/admission/batch-settings.ts';
import type { Journal } from '../pipeline/journal/journal.ts';
import type { StorageAccount } from '../storage/account.ts';
import { containers } from '../storage/names.ts';
import { type ApplyConsentDeps, applyConsent } from './apply-consent.ts';
import type { Audited } from './audited.ts';

interface ChangedBatch {
  /** `pending` where some of what was there before is not in line yet. */
  setting: BatchSetting;
  /** Jobs that were brought in line. */
  jobs: number;
}

/** What a change would come to, before anybody makes it. */
interface ChangeOutlook {
  /** Jobs and waiting images that are there. */
  images: number;
  /** Whether anything is known of the batch: images, or what was said of it before. */
  isKnown: boolean;
  /** Whether the date that is set has passed: then what is there is erased the next night. */
  isExpired: boolean;
}

export async function outlookOf(
  batchId: string,
  { expires }: ConsentChange,
  { batches, journal, storage, clock }: OutlookDeps,
): Promise<ChangeOutlook> {
  let images = 0;
  for await (const _ of journal.idsOf(batchId)) images += 1;
  if (images === 0) {
    // Images that came a moment ago have no job yet.
    for await (const { name } of storage.blobs.list(
      containers.input,
      batchId === 'default' ? '' : `${batchId}/`,
    ))
      if (batchOf(name) === batchId) images += 1;
  }
  return {
    images,
    isKnown: images > 0 || (await batches.get(batchId)) !== undefined,
    isExpired: Boolean(expires) && Date.parse(expires ?? '') <= clock(),
  };
}

interface OutlookDeps extends Pick<ApplyConsentDeps, 'batches'> {
  journal: Pick<Journal, 'idsOf'>;
  storage: StorageAccount;
  clock: Clock;
}

/**
 * The terms of an enquiry's photographs are those of the enquiry: changed by themselves, it would look for nobody any more, or
 * lose its photographs, and say nothing of it.
 *
 * @throws {PeopleRefusedError}
 */
export function refuseOfEnquiry(batchId: string): void {
  if (isReserved(batchId))
    throw new PeopleRefusedError(
      'TermsOfEnquiry',
      'These are the photographs of an enquiry, and its terms are theirs: change, close or withdraw the enquiry.',
    );
}

/**
 * Says on what terms the photographs of a batch may be processed, and brings in line what was there before, as far as
 * the signal lets it; the timer goes on. Who said so is written down first.
 */
export async function changeBatch(
  batchId: string,
  change: ConsentChange,
  who: string,
  deps: ApplyConsentDeps & Audited,
  signal: AbortSignal,
  log?: Log,
): Promise<ChangedBatch> {
  const { doNotMatch, expires } = change;
  await deps.audit.record({
    who,
    action: 'batch.changed',
    about: [subject.batch(batchId)],
    detail: {
      changed: Object.keys(change),
      ...(doNotMatch !== undefined && { doNotMatch }),
      ...(expires !== undefined && { expires }),
    },
  });
  const setting = await deps.batches.change(batchId, change, who);
  const { jobs, complete } = await applyConsent(setting, deps, signal, log);
  return { setting: { ...setting, pending: !complete }, jobs };
}
