import { changeBatch as sayOfBatch } from '../../admin/change-batch.ts';
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
  const limit = AbortSignal.any([signal, AbortSignal.timeout(APPLY_MS)]);
  const { setting } = await sayOfBatch(batchId, body, person.name, app, limit, log);
  return toBatchConsent(setting);
};
