import type { Settings } from '../domain/settings.ts';
import type { Eraser } from './eraser.ts';
import type { ErasureParts } from './place.ts';
import type { Receipt } from './receipt.ts';
import type { RetentionRules } from './request.ts';

/** Who asks for erasures that a setting asked for. */
export const RETENTION = 'retention';

/** Erasures of one run of the timer at most: the next goes on. */
const MAX_RUNS = 20;

/** The rules of the settings, or undefined where everything is kept until somebody erases it. */
function rulesOf(settings: Settings): RetentionRules | undefined {
  const { RETENTION_DAYS: days, RETENTION_DAYS_BY_BATCH: byBatch } = settings;
  if (days === undefined && byBatch.length === 0) return undefined;
  return { byBatch, ...(days !== undefined && { days }) };
}

/** What the settings say about how long anything is kept, for the log at start-up: figures only. */
export function describeRetention(settings: Settings): Record<string, unknown> {
  const rules = rulesOf(settings);
  return {
    images:
      rules === undefined ? 'kept until erased' : (rules.days ?? 'kept until erased, but for some batches'),
    batchRules: rules?.byBatch.length ?? 0,
    faceprints:
      settings.FACEPRINT_RETENTION_DAYS === undefined
        ? 'as long as their images'
        : `${settings.FACEPRINT_RETENTION_DAYS} days where they match nobody: an enquiry opened later does not find those`,
  };
}

/** Erases what is older than the settings say, through the same door as everybody, with receipts. */
export async function eraseTooOld(
  app: Pick<ErasureParts, 'settings'>,
  eraser: Eraser,
  now: number,
  signal: AbortSignal,
): Promise<Receipt[]> {
  const rules = rulesOf(app.settings);
  const receipts: Receipt[] = [];
  if (!rules) return receipts;
  for (let run = 0; run < MAX_RUNS; run += 1) {
    const request = { kind: 'retention', now: new Date(now).toISOString(), rules } as const;
    const receipt = await eraser.erase(request, RETENTION, signal);
    // The same erasure came back: nothing else is too old, and it only waits for its second count.
    if (!receipt || receipts.some(({ id }) => id === receipt.id)) break;
    receipts.push(receipt);
  }
  return receipts;
}
