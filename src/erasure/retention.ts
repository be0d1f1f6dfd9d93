import type { Settings } from '../domain/settings.ts';
import { jobKeyOf } from '../vision/gallery/face-index.ts';
import type { Eraser } from './eraser.ts';
import type { ErasureParts } from './place.ts';
import type { Receipt } from './receipt.ts';
import type { RetentionRules } from './request.ts';

/** Who asks for erasures that a setting asked for. */
export const RETENTION = 'retention';

const DAY_MS = 24 * 3600 * 1000;

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

/** Faces in one look at their matches. */
const AT_ONCE = 400;

/**
 * Takes faces out of the gallery that were enrolled longer ago than FACEPRINT_RETENTION_DAYS and match nobody: their
 * images keep them, but no other photograph finds them. Those stay that have a match which nobody has rejected, or are confirmed
 * as somebody, and those of batches that are kept out of it.
 *
 * @returns the receipt; undefined where there was nothing to do
 */
export async function eraseOldFaceprints(
  app: Pick<ErasureParts, 'settings' | 'gallery' | 'results' | 'batches'>,
  eraser: Eraser,
  now: number,
  signal: AbortSignal,
): Promise<Receipt | undefined> {
  const days = app.settings.FACEPRINT_RETENTION_DAYS;
  if (days === undefined) return undefined;
  // While two models are in use a face is enrolled twice.
  const found = new Set<string>();
  for await (const { key, at } of app.gallery().enrolled()) if (now - at >= days * DAY_MS) found.add(key);
  const old = [...found];
  const { erasures } = await app.results();
  const alone: string[] = [];
  for (let start = 0; start < old.length; start += AT_ONCE) {
    const some = old.slice(start, start + AT_ONCE);
    const matched = await erasures.matchedAmong(some);
    const kept = await keptAmong(some, app);
    alone.push(...some.filter((key) => !matched.has(key) && !kept.has(key)));
  }
  if (alone.length === 0) return undefined;
  for (const [jobKey, keys] of Map.groupBy(alone, jobKeyOf)) {
    signal.throwIfAborted();
    await app.gallery().removeFaces(jobKey, keys, signal);
  }
  await erasures.withdraw(alone);
  const gone = new Set(alone);
  let remaining = 0;
  for await (const { key } of app.gallery().enrolled()) if (gone.has(key)) remaining += 1;
  return eraser.recordFaceprints(alone, remaining, RETENTION);
}

/** Those of the faces whose batch keeps its faceprints. */
async function keptAmong(
  faces: readonly string[],
  { batches, results }: Pick<ErasureParts, 'batches' | 'results'>,
): Promise<Set<string>> {
  const keeping = new Set<string>();
  for await (const { batchId, keepFaceprints } of batches.list()) if (keepFaceprints) keeping.add(batchId);
  if (keeping.size === 0) return new Set();
  const places = await (await results()).faces(faces);
  return new Set(places.filter(({ batchId }) => keeping.has(batchId ?? '')).map(({ face }) => face));
}
