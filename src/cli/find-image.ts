import { batchOf } from '../domain/job-id.ts';
import type { StoredImage } from '../results/rows.ts';
import type { ResultStore } from '../results/store.ts';
import { CliError, EXIT } from './errors.ts';
import { everyImage } from './every-image.ts';
import { blobNameOf, imageName } from './format/image-name.ts';

/**
 * The image a person means, by id, blob name, address, or the name of its file where only one image has it. Of
 * several versions of one blob the one that stands: not superseded, else the newest.
 *
 * @throws {CliError} naming the images where several have that file name
 */
export async function findImage(store: ResultStore, asked: string): Promise<StoredImage | undefined> {
  const byId = await store.get(asked);
  if (byId) return byId;
  const name = blobNameOf(asked) ?? asked;
  const isMeant = (image: StoredImage) => image.imageUrl === asked || blobNameOf(image.imageUrl) === name;
  // Its folder is its batch, except in messages posted by hand: those are looked for among all.
  const [here] = await versionsOf(store, { batchId: batchOf(name) }, isMeant);
  if (here) return here;
  const [anywhere] = await versionsOf(store, {}, isMeant);
  return anywhere ?? (name.includes('/') ? undefined : byFileName(store, name));
}

async function byFileName(store: ResultStore, name: string): Promise<StoredImage | undefined> {
  const found = await versionsOf(
    store,
    {},
    (image) => blobNameOf(image.imageUrl)?.endsWith(`/${name}`) ?? false,
  );
  if (found.length <= 1) return found[0];
  const some = found.slice(0, 5).map((image) => imageName(image.imageUrl));
  throw new CliError(
    `${found.length} images have this file name: say which, with its folder, such as ${some.join(', ')}.`,
    EXIT.usage,
  );
}

/** One image for each address that `isMeant` holds for. */
async function versionsOf(
  store: ResultStore,
  filter: { batchId?: string },
  isMeant: (image: StoredImage) => boolean,
): Promise<StoredImage[]> {
  const standing = new Map<string, StoredImage>();
  for await (const image of everyImage(store, filter)) {
    if (!isMeant(image)) continue;
    const known = standing.get(image.imageUrl);
    if (!known || (isPast(known) && !isPast(image))) standing.set(image.imageUrl, image);
  }
  return [...standing.values()];
}

const isPast = ({ status }: StoredImage): boolean => status === 'superseded' || status === 'gone';
