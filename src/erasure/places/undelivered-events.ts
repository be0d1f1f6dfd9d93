import type { BlobEntry, Blobs } from '../../storage/blobs.ts';
import { containers, UNDELIVERED_EVENTS } from '../../storage/names.ts';
import { jsonStrings } from '../json-strings.ts';
import { type Place, type PlaceDeps, UNTIL_ERASED } from '../place.ts';
import { forEach, type Look, type Target } from '../subjects.ts';

const NAME = `blob:${UNDELIVERED_EVENTS}`;
/** In the subject of an event, what the blob's name follows. */
const BEFORE_NAME = '/blobs/';

/**
 * Events that Event Grid could not deliver: they name the image by its address. The timer finds such images by looking
 * through the container, so that nothing else needs these; a blob of them goes whole where one names an erased image.
 */
export const undeliveredEvents = (deps: PlaceDeps): Place => ({
  stores: [{ name: NAME, holds: 'its address, in an event that could not be delivered', kept: UNTIL_ERASED }],
  count: async (target, look) => ({ [NAME]: (await naming(deps, target, look)).length }),
  erase: async (target, look) => {
    const { blobs } = deps.storage;
    await forEach(await naming(deps, target, look), look, (name) => blobs.delete(UNDELIVERED_EVENTS, name));
  },
});

/** The blobs in which one of the images is named. */
async function naming(
  { storage: { blobs } }: PlaceDeps,
  { subjects }: Target,
  { signal }: Look,
): Promise<string[]> {
  if (!(await blobs.hasContainer(UNDELIVERED_EVENTS))) return [];
  const addresses = new Set(subjects.map(({ imageUrl }) => imageUrl));
  const names = new Set(
    subjects.flatMap(({ source }) => (source ? [source.name, encodeURI(source.name)] : [])),
  );
  const isNamed = (text: string): boolean =>
    addresses.has(text) || names.has(nameOf(text)) || names.has(blobs.nameIn(containers.input, text) ?? '');
  const found: string[] = [];
  for await (const blob of blobs.list(UNDELIVERED_EVENTS)) {
    signal.throwIfAborted();
    if (await holds(blobs, blob, isNamed, signal)) found.push(blob.name);
  }
  return found;
}

/** The blob's name in the subject of an event; empty where a text is none. */
function nameOf(text: string): string {
  const at = text.indexOf(BEFORE_NAME);
  return at < 0 ? '' : text.slice(at + BEFORE_NAME.length);
}

/** Whether a blob has such a text, wherever it stands in it. */
async function holds(
  blobs: Blobs,
  blob: Pick<BlobEntry, 'name' | 'etag' | 'bytes'>,
  isMeant: (text: string) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const within = jsonStrings();
  for await (const piece of blobs.pieces(UNDELIVERED_EVENTS, blob, signal)) {
    if (piece === 'changed') {
      const now = await blobs.head(UNDELIVERED_EVENTS, blob.name);
      return now !== undefined && holds(blobs, { ...now, name: blob.name }, isMeant, signal);
    }
    for (const text of within(piece)) if (isMeant(text)) return true;
  }
  return false;
}
