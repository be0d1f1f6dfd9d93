import { addToList } from './add-to-list.ts';
import type { Copy, IdRow } from './face-index.ts';
import { CLAIM_LIMIT_MS, COMPLETE_LIMIT_MS } from './limits.ts';
import type { GalleryParts } from './parts.ts';

/** Bytes of the image that a job's faces were enrolled from; undefined where it is gone. */
export type ImageOf = (job: { jobId: string; batchId: string }) => Promise<Buffer | undefined>;

/**
 * Copies one fresh face to a LargeFaceList: add, stamp with the list's epoch as it is after the add, claim in the face
 * row, write the id row, note on the fresh id row.
 *
 * @returns the copy, made now or before; undefined where the face is no longer this one
 */
export async function copyFace(
  parts: GalleryParts,
  fresh: IdRow,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<Copy | undefined> {
  const { index, registry, clock, log } = parts;
  const face = await index.face(fresh.key);
  if (face?.fresh?.persistedFaceId !== fresh.persistedFaceId) return undefined;
  if (face.large) {
    const owned = (await index.owner(face.large)) !== undefined;
    if (owned || clock() - face.large.claimedAt < COMPLETE_LIMIT_MS) {
      if (!owned) await index.writeId(face, face.large, face.large.claimedAt);
      await index.note(fresh, { copy: face.large });
      return face.large;
    }
    // Claimed long ago, its id row never written: the sweep may have taken it. The next call makes another.
    await index.disown(face, 'large');
    return undefined;
  }

  const startedAt = clock();
  const place = await addToList(parts, 'large', face, bytes, signal);
  const list = await registry.get(place.listId);
  const copy = list && { ...place, epoch: list.epoch, claimedAt: clock() };
  if (copy && copy.claimedAt - startedAt <= CLAIM_LIMIT_MS && (await index.claimCopy(face, copy))) {
    if (clock() - startedAt > COMPLETE_LIMIT_MS) return undefined;
    await index.writeId(face, place, clock());
    await index.note(fresh, { copy });
    return copy;
  }
  await parts.lists.large.remove(place.listId, place.persistedFaceId, signal).catch((error) => {
    log.info('gallery.copy.orphan', { list: place.listId, code: error.code });
  });
  return undefined;
}
