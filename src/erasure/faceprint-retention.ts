import { atOnce } from '../domain/at-once.ts';
import { jobKeyOf } from '../vision/gallery/face-index.ts';
import type { Eraser } from './eraser.ts';
import { FaceprintsDue, forgetDue } from './faceprints-due.ts';
import type { ErasureParts } from './place.ts';
import type { Receipt } from './receipt.ts';
import { RETENTION } from './retention.ts';

const DAY_MS = 24 * 3600 * 1000;

/** Faces in one look at their matches. */
const FACES_AT_ONCE = 400;
/** Jobs whose faces are read at once. */
const JOBS_AT_ONCE = 16;

type App = Pick<ErasureParts, 'settings' | 'gallery' | 'results' | 'batches' | 'journal' | 'storage'>;

/**
 * Takes faces out of the gallery that were enrolled longer ago than FACEPRINT_RETENTION_DAYS and match nobody: their
 * images keep them, but no other photograph finds them. Those stay that have a match which nobody has rejected, or are confirmed
 * as somebody, and those of batches that are kept out of it.
 *
 * @param now milliseconds since the epoch
 * @param most faces that are looked at whether they are due or not: see `FaceprintsDue`
 * @returns the receipt; undefined where there was nothing to do
 */
export async function eraseOldFaceprints(
  app: App,
  eraser: Pick<Eraser, 'recordFaceprints'>,
  now: number,
  signal: AbortSignal,
  most?: number,
): Promise<Receipt | undefined> {
  const days = app.settings.FACEPRINT_RETENTION_DAYS;
  if (days === undefined) {
    await forgetDue(app);
    return undefined;
  }
  const before = now - days * DAY_MS;
  const due = new FaceprintsDue(app, { before, now, ...(most !== undefined && { most }) });
  const { erasures } = await app.results();
  const alone: string[] = [];
  let some: string[] = [];
  const look = async () => {
    const matched = await erasures.matchedAmong(some);
    const kept = await keptAmong(some, app);
    alone.push(...some.filter((key) => !matched.has(key) && !kept.has(key)));
    some = [];
  };
  const seen = new Set<string>();
  for await (const key of due.faces(signal)) {
    // A face may be enrolled with two models, and be found by its day as well.
    if (seen.has(key)) continue;
    seen.add(key);
    some.push(key);
    if (some.length >= FACES_AT_ONCE) await look();
  }
  if (some.length > 0) await look();
  for (const [job, keys] of Map.groupBy(alone, jobKeyOf)) {
    signal.throwIfAborted();
    await app.gallery().removeFaces(job, keys, signal);
  }
  await erasures.withdraw(alone);
  const gone = new Set(alone);
  let remaining = 0;
  await atOnce(JOBS_AT_ONCE, [...new Set(alone.map(jobKeyOf))], async (job) => {
    const left = new Set((await app.gallery().enrolledOf(job)).map(({ key }) => key));
    remaining += [...left].filter((key) => gone.has(key)).length;
  });
  const receipt = alone.length === 0 ? undefined : await eraser.recordFaceprints(alone, remaining, RETENTION);
  // Only now: whoever is killed before looks at the same faces again.
  await due.done();
  return receipt;
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
