import { subject } from '../audit/subject.ts';
import type { Log } from '../domain/ports.ts';
import type { BatchSetting, ConsentChange } from '../pipeline/admission/batch-settings.ts';
import { type ApplyConsentDeps, applyConsent } from './apply-consent.ts';
import type { Audited } from './audited.ts';

export interface ChangedBatch {
  /** `pending` where some of what was there before is not in line yet. */
  setting: BatchSetting;
  /** Jobs that were brought in line. */
  jobs: number;
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
