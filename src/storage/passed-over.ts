import { isSystemFile } from '../domain/system-files.ts';
import type { Blobs } from './blobs.ts';
import { isFolderMarker } from './folder-markers.ts';

/** Blobs that are nobody's file: what stands for a folder, and what systems keep beside photographs. */
export type PassedOver = 'folder-marker' | 'system-file';

/**
 * Whether a blob is passed over, and as what. Asks for the metadata of blobs of no bytes only: one whose size is not known
 * is never taken for a folder.
 */
export async function passedOver(
  blobs: Pick<Blobs, 'head'>,
  container: string,
  blob: { name: string; bytes: number | undefined },
): Promise<PassedOver | undefined> {
  if (isSystemFile(blob.name)) return 'system-file';
  return (await isFolderMarker(blobs, container, blob)) ? 'folder-marker' : undefined;
}
