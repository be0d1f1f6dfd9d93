import { batchOf } from '../pipeline/job-id.ts';
import type { ResultStore, StoredImage } from '../results/store.ts';
import { everyImage } from './every-image.ts';
import { blobNameOf } from './format/image-name.ts';

/**
 * The image a person means, by id, blob name or address. Of several versions of one blob the one that stands: not
 * superseded, else the newest.
 */
export async function findImage(store: ResultStore, asked: string): Promise<StoredImage | undefined> {
  const byId = await store.get(asked);
  if (byId) return byId;
  const name = blobNameOf(asked) ?? asked;
  // Its folder is its batch, except in messages posted by hand: those are looked for among all.
  return (await among(store, { batchId: batchOf(name) }, name, asked)) ?? among(store, {}, name, asked);
}

async function among(
  store: ResultStore,
  filter: { batchId?: string },
  name: string,
  url: string,
): Promise<StoredImage | undefined> {
  let newest: StoredImage | undefined;
  for await (const image of everyImage(store, filter)) {
    if (image.imageUrl !== url && blobNameOf(image.imageUrl) !== name) continue;
    if (image.status !== 'superseded' && image.status !== 'gone') return image;
    newest ??= image;
  }
  return newest;
}
