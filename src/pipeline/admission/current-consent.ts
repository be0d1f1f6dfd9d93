import { type Consent, consentNow } from '../../domain/consent.ts';
import { isReserved } from '../../domain/enquiry-batch.ts';
import { UnavailableError } from '../../domain/errors.ts';
import type { StepJob } from '../../domain/step.ts';
import type { BatchSettings } from './batch-settings.ts';

interface Batches {
  readonly batches: Pick<BatchSettings, 'get'>;
}

/** On what terms the image of a job may be processed now. */
export async function currentConsent(job: StepJob, { batches }: Batches): Promise<Consent | undefined> {
  return consentNow(job.consent, (await batches.get(job.batchId))?.consent);
}

/** @throws {UnavailableError} where the image may not be matched */
export async function requireMatching(job: StepJob, services: Batches): Promise<void> {
  if (!(await currentConsent(job, services))?.doNotMatch) return;
  throw new UnavailableError(
    'DoNotMatch',
    'The batch of this photograph says that it may not be matched: its faces are neither enrolled nor compared.',
  );
}

/**
 * The same for who asks `requireMatching` before anything that follows can be seen: that nothing forbids it may have been
 * read some seconds ago.
 *
 * @throws {UnavailableError} where the image may not be matched now
 */
export async function expectMatching(
  job: StepJob,
  { batches }: { readonly batches: Pick<BatchSettings, 'get' | 'recent'> },
): Promise<void> {
  const recent = consentNow(job.consent, (await batches.recent(job.batchId))?.consent);
  if (recent?.doNotMatch) await requireMatching(job, { batches });
}

/** Whether the faces of a batch may not be offered; each batch is looked up once. */
export function barredBatches({ batches }: Batches): (batchId: string) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>();
  return (batchId) => {
    const asked =
      known.get(batchId) ?? batches.get(batchId).then((said) => said?.consent.doNotMatch ?? false);
    known.set(batchId, asked);
    return asked;
  };
}

/**
 * The same for who asks `get` before anything that follows can be seen. That a batch is barred is asked at once: of two
 * photographs the one that comes later may be alone in seeing the other, and what it leaves out is not looked for again.
 */
export function barredForNow({
  batches,
}: {
  readonly batches: Pick<BatchSettings, 'get' | 'recent'>;
}): (batchId: string) => Promise<boolean> {
  const get = async (batchId: string) => {
    const known = await batches.recent(batchId);
    return known?.consent.doNotMatch ? batches.get(batchId) : known;
  };
  return barredBatches({ batches: { get } });
}

/** The same for a search whose answers are shown: faces of enquiries are compared with what arrives, and shown as candidates only. */
export function barredFromSearch(services: Batches): (batchId: string) => Promise<boolean> {
  const isBarred = barredBatches(services);
  return async (batchId) => isReserved(batchId) || isBarred(batchId);
}
