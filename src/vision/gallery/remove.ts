import { FaceListStateError } from '../errors.ts';
import type { FaceRow, Place } from './face-index.ts';
import type { Tier } from './list-registry.ts';
import type { GalleryParts } from './parts.ts';

/** Rounds against others that change the same face row; each loss is somebody's finished step. */
const ROUNDS = 10;

/**
 * Takes faces of a job out of the gallery: first the id rows, so that from then on nobody matches them, then the
 * lists, and last the face row, which until then makes the next call finish what this one began.
 *
 * @param isUnwanted told a face key
 * @returns the faces that the job had
 */
export async function remove(
  parts: GalleryParts,
  jobKey: string,
  isUnwanted: (faceKey: string) => boolean,
  signal: AbortSignal,
): Promise<FaceRow[]> {
  const faces = await parts.index.faces(jobKey);
  for (const face of faces) if (isUnwanted(face.key)) await removeFace(parts, face, signal);
  return faces;
}

async function removeFace(parts: GalleryParts, face: FaceRow, signal: AbortSignal): Promise<void> {
  let current: FaceRow | undefined = face;
  for (let round = 0; current && round < ROUNDS; round++) {
    const places = placesOf(current);
    for (const [, place] of places) await parts.index.removeId(place);
    for (const [tier, place] of places) await removeFromList(parts, tier, place, signal);
    if (await parts.index.removeFace(current)) return;
    current = await parts.index.face(face.key);
  }
}

const placesOf = ({ fresh, large }: FaceRow): [Tier, Place][] => [
  ...(fresh ? [['fresh', fresh] as [Tier, Place]] : []),
  ...(large ? [['large', large] as [Tier, Place]] : []),
];

/** A list that is in training cannot be changed: the next sweep takes what is noted here, at once. */
async function removeFromList(
  parts: GalleryParts,
  tier: Tier,
  place: Place,
  signal: AbortSignal,
): Promise<void> {
  try {
    await parts.lists[tier].remove(place.listId, place.persistedFaceId, signal);
  } catch (error) {
    if (!(error instanceof FaceListStateError)) throw error;
    await parts.index.noteOrphan(place, 0);
    parts.log.info('gallery.remove.later', { list: place.listId, state: error.state });
  }
}
