import type { Blobs } from './blobs.ts';

/** Names by which Hadoop and Spark mark a folder, or that a job in it is done. */
const MARKER_NAME = /(?:^|\/)(?:_SUCCESS|_committed_\d+|_started_\d+)$|_\$folder\$$|\/$/;

/** Metadata by which Storage Explorer, blobfuse and accounts with real folders mark one; names come in any case. */
const marksFolder = (metadata: Readonly<Record<string, string>>): boolean =>
  Object.entries(metadata).some(
    ([name, value]) => name.toLowerCase() === 'hdi_isfolder' && value.toLowerCase() === 'true',
  );

/**
 * Whether a blob stands for a folder and is no file: of no bytes, and said to be one by its metadata or its name. Asks
 * for the metadata of blobs of no bytes only.
 */
export async function isFolderMarker(
  blobs: Pick<Blobs, 'head'>,
  container: string,
  { name, bytes }: { name: string; bytes: number | undefined },
): Promise<boolean> {
  if (bytes !== 0) return false;
  if (MARKER_NAME.test(name)) return true;
  const head = await blobs.head(container, name);
  return head !== undefined && head.bytes === 0 && marksFolder(head.metadata);
}
