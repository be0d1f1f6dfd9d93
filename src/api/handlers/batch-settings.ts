import { outlookOf, refuseOfEnquiry, changeBatch as sayOfBatch } from '../../admin/change-batch.ts';
import { batchNameFault } from '../../domain/batch-name.ts';
import type { BatchSetting } from '../../pipeline/admission/batch-settings.ts';
import type { Handler } from '../call.ts';
import type { BatchConsent } from '../contract.ts';
import { ApiError } from '../problem.ts';

/** Within what proxies wait for an answer; the timer goes on where a batch is larger. */
const APPLY_MS = 60_000;

export const toBatchConsent = ({ consent, keepFaceprints, by, at, pending }: BatchSetting): BatchConsent => ({
  purpose: consent.purpose ?? null,
  legalBasis: consent.legalBasis ?? null,
  expires: consent.expires ?? null,
  doNotMatch: consent.doNotMatch,
  keepFaceprints,
  changedBy: by,
  changedAt: at,
  pending,
});

export const changeBatch: Handler<'changeBatch'> = async ({
  app,
  person,
  params: { batch: batchId },
  body,
  log,
  signal,
}) => {
  // A date of expiry is an erasure that waits.
  if (body.expires !== undefined && person.role !== 'administrator') {
    throw new ApiError(
      403,
      'RoleRequired',
      `When a batch expires it is erased: to say so needs the role administrator, and you have ${person.role}.`,
    );
  }
  refuseOfEnquiry(batchId);
  const fault = batchNameFault(batchId);
  if (fault !== undefined) throw new ApiError(422, 'BadBatchName', fault);
  const { eraseNow, ...change } = body;
  const { images, isExpired } = await outlookOf(batchId, change, app);
  if (isExpired && !eraseNow) {
    throw new ApiError(
      422,
      'ExpiryPassed',
      `That day has passed: the batch would expire at once, and the images in it (${images}) would be erased the next night, for good.`,
    );
  }
  const limit = AbortSignal.any([signal, AbortSignal.timeout(APPLY_MS)]);
  const { setting } = await sayOfBatch(batchId, change, person.name, app, limit, log);
  return { ...toBatchConsent(setting), images };
};
