import type { IdRow } from './face-index.ts';
import type { GalleryParts } from './parts.ts';

/**
 * Takes a face out of its fresh list, its copy being findable: from the list, then its id row, then the claim. Safe to
 * end anywhere and to repeat.
 *
 * @returns false where the face has to stay, and to be copied again
 */
export async function retire(parts: GalleryParts, fresh: IdRow, signal: AbortSignal): Promise<boolean> {
  const { index, lists } = parts;
  const face = await index.face(fresh.key);
  const isClaimed = face?.fresh?.persistedFaceId === fresh.persistedFaceId;
  if (face && isClaimed) {
    // The id row of the copy is what makes it findable: without it this copy must not be the only one.
    const isCopied =
      face.large?.listId === fresh.copy?.listId &&
      face.large?.epoch === fresh.copy?.epoch &&
      face.large !== undefined &&
      (await index.owner(face.large)) !== undefined;
    if (!isCopied) {
      await index.note(fresh, { copy: undefined });
      return false;
    }
  }
  await lists.fresh.remove(fresh.listId, fresh.persistedFaceId, signal);
  await index.removeId(fresh);
  // Where somebody changed the row meanwhile, the claim on a face that has gone stays until the sweep.
  if (face && isClaimed) await index.disown(face, 'fresh');
  return true;
}
