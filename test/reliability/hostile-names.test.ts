import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../src/domain/ports.ts';
import { containers } from '../../src/storage/names.ts';
import { HOSTILE_NAMES } from '../support/names.ts';
import { examine, examineRest, settled } from './invariant.ts';
import { type Dropped, World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await World.open();
  await world.startHost();
});
afterAll(() => world?.close());

/** ETags by name. The emulator answers by 500 while it holds a name that XML cannot carry; Azure encodes such names. */
async function listed(): Promise<Map<string, string>> {
  const etags = new Map<string, string>();
  for await (const { name, etag } of world.observer.storage.blobs.list(containers.input))
    etags.set(name, etag);
  return etags;
}

test('an image of any name that storage takes goes through every step into one row, and is found by its name', {
  timeout: 600_000,
}, async () => {
  const put: Dropped[] = [];
  const refused: string[] = [];
  for (const [index, name] of HOSTILE_NAMES.entries()) {
    try {
      const image = await world.put(name, { scene: { people: [index + 1] } });
      const etags = await listed().catch(async (error: unknown) => {
        await world.observer.storage.blobs.delete(containers.input, name);
        throw error;
      });
      // What is kept under another name than it was given (`a/../b` is `b` in a URL) is not this image.
      if (etags.get(name) !== image.etag) {
        await world.observer.storage.blobs.delete(containers.input, name);
        throw new Error('It is kept under another name.');
      }
      put.push(image);
    } catch {
      refused.push(name);
    }
  }
  // Another spelling of a name (`a\\b` is `a/b` in a URL) has taken the place of one before it.
  const etags = await listed();
  const images = put.filter(({ name, etag }) => etags.get(name) === etag);
  // What a URL cannot name, or the emulator does not take or keep, is never accepted; all else must work.
  expect(HOSTILE_NAMES.length - images.length, JSON.stringify(refused)).toBeLessThan(8);
  for (const image of images.filter((_, index) => index % 2 === 0)) await world.announce(image);
  await world.observer.reconciler(Number.NEGATIVE_INFINITY).run(silentLog);
  await settled(world, images);
  const { lost, wrong } = await examine(world, images);
  expect({ lost, wrong }).toEqual({ lost: [], wrong: [] });
  const results = await world.observer.results();
  for (const { jobId, name } of images) {
    const url = new URL((await results.get(jobId))?.imageUrl ?? '');
    expect(decodeURIComponent(url.pathname.split('/inputimages/')[1] ?? '')).toBe(name);
  }
  expect((await examineRest(world, images)).wrong).toEqual([]);
});
