import { UNDELIVERED_EVENTS } from '../../storage/names.ts';
import { type Place, type PlaceDeps, UNTIL_ERASED } from '../place.ts';
import { forEach, type Look, type Target } from '../subjects.ts';

const NAME = `blob:${UNDELIVERED_EVENTS}`;
/** An event is a kilobyte or two, a blob holds some. */
const MAX_BYTES = 20_000_000;

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
  look: Look,
): Promise<string[]> {
  if (!(await blobs.hasContainer(UNDELIVERED_EVENTS))) return [];
  // Event Grid writes addresses as JSON does; the service escapes what a URL needs escaped.
  const words = subjects.flatMap(({ imageUrl, source }) => [
    imageUrl,
    ...(source ? [`/blobs/${source.name}`, `/blobs/${encodeURI(source.name)}`] : []),
  ]);
  const spelled = words.map((word) => JSON.stringify(word).slice(1, -1));
  const found: string[] = [];
  for await (const { name } of blobs.list(UNDELIVERED_EVENTS)) {
    look.signal.throwIfAborted();
    const content = await blobs.read(UNDELIVERED_EVENTS, name, { maxBytes: MAX_BYTES, signal: look.signal });
    if (content === undefined || typeof content === 'string') continue;
    const text = content.bytes.toString('utf8');
    // Followed by its end: one address may begin with another.
    if (spelled.some((word) => text.includes(`${word}"`))) found.push(name);
  }
  return found;
}
