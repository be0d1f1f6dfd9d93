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
  /** Where the image's own faces are, as far as that is known: nobody is asked whose those are. */
  own?: readonly Place[];
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

/** Does something with the id of a face, and again with another one where the service has forgotten the first. */
export type WithId = <T>(faceKey: string, search: (faceId: string) => Promise<T[]>) => Promise<T[]>;

/** Faces of other photographs that are like this one, best first. */
export async function find(
  parts: GalleryParts,
  faceId: string,
  options: FindOptions,
  signal: AbortSignal,
): Promise<FaceMatch[]> {
  return (await findEach(parts, [''], (_, search) => search(faceId), options, signal)).get('') ?? [];
}

/**
 * The same for several faces of a photograph, by their keys. The registry is read here, after the enrolment, and the fresh
 * lists are searched before the large ones: a face leaves its fresh list only when it can be found in a large one, so it
 * is seen in one or the other.
 */
export async function findEach(
  parts: GalleryParts,
  faceKeys: readonly string[],
  withId: WithId,
  { jobKey, imageUrl, max, own = [], atLeast = parts.threshold, isBarred = async () => false }: FindOptions,
  signal: AbortSignal,
): Promise<Map<string, FaceMatch[]>> {
  const isLeftOut = async (owner: IdRow) =>
    jobKeyOf(owner.key) === jobKey || owner.imageUrl === imageUrl || (await isBarred(owner.batchId));
  const found = new Map(faceKeys.map((key) => [key, new Map<string, FaceMatch>()]));
  if (faceKeys.length === 0) return new Map();
  for (const tier of ['fresh', 'large'] as const) {
    const registered = await parts.registry.read();
    const ownerOf = owners(parts, own);
    for (const [faceKey, matches] of found) {
      const candidates: (SimilarFace & Place)[] = [];
      // One after the other: many lists at once would be refused by the governor, and so at every new try.
      for (const list of registered) {
        if (list.tier !== tier || !canHold(list)) continue;
        candidates.push(
          ...(await withId(faceKey, (id) => search(parts, tier, list, id, max + LEFT_OUT, signal))),
        );
      }
      // Whose they are is asked before the next tier is searched: an id row that is gone by now is that of a face which
      // has moved on, and there it will be seen.
      for (const match of await best(candidates, ownerOf, isLeftOut, { max, atLeast })) {
        const other = matches.get(match.faceKey);
        if (other === undefined || other.confidence < match.confidence) matches.set(match.faceKey, match);
      }
    }
  }
  return new Map([...found].map(([faceKey, matches]) => [faceKey, ranked(matches, max, atLeast)]));
}

function ranked(matches: ReadonlyMap<string, FaceMatch>, max: number, atLeast: number): FaceMatch[] {
  return [...matches.values()]
    .sort(byConfidence)
    .map((match, rank, all) => {
      const below = all[rank + 1];
      return below === undefined ? match : { ...match, margin: match.confidence - below.confidence };
    })
    .filter((match, rank) => rank < max && match.confidence >= atLeast);
}

/**
 * Whose a persisted face is, asked once of each. That nobody owns one is asked again: it may be claimed between two
 * searches, and is seen then.
 *
 * @param own the photograph's own, which are left out whoever they belong to by now
 */
function owners({ index }: GalleryParts, own: readonly Place[]) {
  const placeKey = ({ listId, persistedFaceId }: Place) => `${listId} ${persistedFaceId}`;
  const ours = new Set(own.map(placeKey));
  const known = new Map<string, IdRow>();
  return async (place: Place): Promise<IdRow | undefined> => {
    const key = placeKey(place);
    if (ours.has(key)) return undefined;
    const owner = known.get(key) ?? (await index.owner(place));
    if (owner) known.set(key, owner);
    return owner;
  };
}

/** The best faces of other photographs: as many as can match, and one more to tell the margin. */
async function best(
  candidates: (SimilarFace & Place)[],
  ownerOf: (place: Place) => Promise<IdRow | undefined>,
  isLeftOut: (owner: IdRow) => Promise<boolean>,
  { max, atLeast }: { max: number; atLeast: number },
): Promise<FaceMatch[]> {
  const faces = new Map<string, FaceMatch>();
  for (const candidate of candidates.sort((a, b) => b.confidence - a.confidence)) {
    const owner = await ownerOf(candidate);
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
