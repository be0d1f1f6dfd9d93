import { VisionCallError } from '../errors.ts';
import { addToList } from './add-to-list.ts';
import type { EnrolledFace, FaceRow, Place } from './face-index.ts';
import { CLAIM_LIMIT_MS, COMPLETE_LIMIT_MS } from './limits.ts';
import { isTrained } from './list-registry.ts';
import type { GalleryParts } from './parts.ts';

/**
 * Makes a face findable, once, however often it is called and wherever an earlier call ended: add to a fresh list,
 * claim the id in the face row, then write the id row, which alone makes the id count.
 *
 * @param known the rows of its job's faces, where they were just read; a claim by anybody since is noticed when ours is
 *   made, and one that was taken back since when nobody owns it
 * @returns where the face is
 */
export async function enrol(
  parts: GalleryParts,
  face: EnrolledFace,
  bytes: Buffer,
  signal: AbortSignal,
  known?: readonly FaceRow[],
): Promise<Place[]> {
  const { index, clock } = parts;
  const read = known?.find(({ key }) => key === face.key);
  if (read && (await isFound(parts, read))) return placesOf(read);
  const before = known && !read ? undefined : await index.face(face.key);
  if (before && (await isEnrolled(parts, before))) return placesOf(before);

  const startedAt = clock();
  const place = await addToList(parts, 'fresh', face, bytes, signal);
  const tooLate = () => clock() - startedAt > CLAIM_LIMIT_MS;
  if (tooLate() || !(await index.claimFresh(face, place, clock(), before))) {
    await removeAgain(parts, place, signal);
    const winner = await index.face(face.key);
    if (winner && (await isEnrolled(parts, winner))) return placesOf(winner);
    throw new VisionCallError(
      'EnrolmentLost',
      'The face was claimed or removed by another delivery meanwhile.',
    );
  }
  if (clock() - startedAt > COMPLETE_LIMIT_MS) {
    throw new VisionCallError('EnrolmentTooSlow', 'Enrolling the face stood still for too long.');
  }
  await index.writeId(face, place, clock());
  return [place];
}

const placesOf = ({ fresh, large }: FaceRow): Place[] =>
  [fresh, large].filter((place) => place !== undefined);

/**
 * As `isFound`; also completes the claim of a process that ended, or is still at work, between claim and id row.
 *
 * @param row as it is now: completed, a claim that was taken back would leave an id row to which no face leads
 */
async function isEnrolled(parts: GalleryParts, row: FaceRow): Promise<boolean> {
  if (await isFound(parts, row)) return true;
  const { index, clock } = parts;
  if (!row.fresh || clock() - row.fresh.claimedAt >= COMPLETE_LIMIT_MS) return false;
  await index.writeId(row, row.fresh, row.fresh.claimedAt);
  return true;
}

/** Whether searches find the face in one of its places. */
async function isFound({ index, registry }: GalleryParts, { fresh, large }: FaceRow): Promise<boolean> {
  if (fresh && (await index.owner(fresh))) return true;
  if (!large) return false;
  return isTrained(await registry.get(large.listId), large) && (await index.owner(large)) !== undefined;
}

/** Where the service cannot be reached the face stays in the list without an owner, and the sweep removes it. */
async function removeAgain({ lists, log }: GalleryParts, place: Place, signal: AbortSignal): Promise<void> {
  try {
    await lists.fresh.remove(place.listId, place.persistedFaceId, signal);
  } catch (error) {
    log.warn('gallery.discard', { code: (error as { code?: unknown }).code });
  }
}
