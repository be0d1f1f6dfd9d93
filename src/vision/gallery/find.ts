import { RateLimitedError } from '../../domain/errors.ts';
import type { Rectangle } from '../../domain/rectangle.ts';
import { MAX_CANDIDATES, type SimilarFace } from '../face.ts';
import { stateOf } from './add-to-list.ts';
import { type IdRow, jobKeyOf, type Place } from './face-index.ts';
import type { ListRow, Tier } from './list-registry.ts';
import type { GalleryParts } from './parts.ts';

/** A possible match: another photograph's face that may be the same person's. */
export interface FaceMatch {
  faceKey: string;
  jobId: string;
  batchId: string;
  imageUrl: string;
  rectangle: Rectangle;
  /** 0 to 1, as the service gave it. */
  confidence: number;
  /** How far the next best face of another photograph lies below; absent where there is none. */
  margin?: number;
}

export interface FindOptions {
  /** The job whose faces are left out, and ... */
  jobKey: string;
  /** ... the image: its own faces, and those that another job had of it. */
  imageUrl: string;
  /** Whether faces of this batch may not be offered; none is kept back where absent. */
  isBarred?(batchId: string): Promise<boolean>;
  /** Most matches returned. */
  max: number;
  /** Least confidence of a match, 0 to 1; `FACE_MATCH_CONFIDENCE` where absent. */
  atLeast?: number;
}

/** Candidates beyond `max` that may have to be left out: a photograph's own faces (100 at most) and orphans. */
const LEFT_OUT = 128;

const CHANGING_RETRY_MS = 2000;

/**
 * Faces of other photographs that are like this one, best first. The registry is read here, after the enrolment, and
 * the fresh lists are searched before the large ones: a face leaves its fresh list only when it can be found in a
 * large one, so it is seen in one or the other.
 */
export async function find(
  parts: GalleryParts,
  faceId: string,
  { jobKey, imageUrl, max, atLeast = parts.threshold, isBarred = async () => false }: FindOptions,
  signal: AbortSignal,
): Promise<FaceMatch[]> {
  const isLeftOut = async (owner: IdRow) =>
    jobKeyOf(owner.key) === jobKey || owner.imageUrl === imageUrl || (await isBarred(owner.batchId));
  const found = new Map<string, FaceMatch>();
  for (const tier of ['fresh', 'large'] as const) {
    const candidates: (SimilarFace & Place)[] = [];
    // One after the other: many lists at once would be refused by the governor, and so at every new try.
    for (const list of await parts.registry.read()) {
      if (list.tier !== tier || !canHold(list)) continue;
      candidates.push(...(await search(parts, tier, list, faceId, max + LEFT_OUT, signal)));
    }
    // Whose they are is asked before the next tier is searched: an id row that is gone by now is that of a face which
    // has moved on, and there it will be seen.
    for (const match of await best(parts, candidates, isLeftOut, { max, atLeast })) {
      const other = found.get(match.faceKey);
      if (other === undefined || other.confidence < match.confidence) found.set(match.faceKey, match);
    }
  }
  const ranked = [...found.values()].sort(byConfidence);
  return ranked
    .map((match, rank) => {
      const below = ranked[rank + 1];
      return below === undefined ? match : { ...match, margin: match.confidence - below.confidence };
    })
    .filter((match, rank) => rank < max && match.confidence >= atLeast);
}

/** The best faces of other photographs: as many as can match, and one more to tell the margin. */
async function best(
  parts: GalleryParts,
  candidates: (SimilarFace & Place)[],
  isLeftOut: (owner: IdRow) => Promise<boolean>,
  { max, atLeast }: { max: number; atLeast: number },
): Promise<FaceMatch[]> {
  const faces = new Map<string, FaceMatch>();
  for (const candidate of candidates.sort((a, b) => b.confidence - a.confidence)) {
    const owner = await parts.index.owner(candidate);
    if (owner === undefined || faces.has(owner.key) || (await isLeftOut(owner))) continue;
    const { key, jobId, batchId, imageUrl, rectangle } = owner;
    const { confidence } = candidate;
    faces.set(key, { faceKey: key, jobId, batchId, imageUrl, rectangle, confidence });
    if (confidence < atLeast || faces.size > max) break;
  }
  return [...faces.values()];
}

/** What a LargeFaceList never trained holds is in a fresh list still. */
const canHold = (list: ListRow): boolean => (list.tier === 'fresh' ? !list.closed : list.trainedEpoch > 0);

const byConfidence = (a: FaceMatch, b: FaceMatch): number =>
  b.confidence - a.confidence || (a.faceKey < b.faceKey ? -1 : 1);

async function search(
  { face }: GalleryParts,
  tier: Tier,
  { listId }: ListRow,
  faceId: string,
  max: number,
  signal: AbortSignal,
): Promise<(SimilarFace & Place)[]> {
  const list = tier === 'fresh' ? { faceListId: listId } : { largeFaceListId: listId };
  try {
    const found = await face.findSimilar(faceId, list, Math.min(max, MAX_CANDIDATES), signal);
    return found.map((similar) => ({ ...similar, listId }));
  } catch (error) {
    switch (stateOf(error)) {
      // Nothing can be found in it: it has no faces, or only such as are still in a fresh list.
      case 'empty':
      case 'untrained':
      case 'missing':
        return [];
      case 'training':
      case 'busy':
        throw new RateLimitedError('A face list cannot be searched at this moment.', CHANGING_RETRY_MS, {
          code: 'FaceListBusy',
          cause: error,
        });
      default:
        throw error;
    }
  }
}
