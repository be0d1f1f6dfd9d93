import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../src/ports.ts';
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

/** The emulator answers a listing by 500 once it holds a name that XML cannot carry; Azure encodes such names. */
const listable = async (): Promise<boolean> => {
  try {
    for await (const _ of world.observer.storage.blobs.list(containers.input));
    return true;
  } catch {
    return false;
  }
};

test('an image of any name that storage takes goes through every step into one row, and is found by its name', {
  timeout: 600_000,
}, async () => {
  const images: Dropped[] = [];
  const refused: string[] = [];
  for (const [index, name] of HOSTILE_NAMES.entries()) {
    try {
      const image = await world.put(name, { scene: { people: [index + 1] } });
      // What is kept under another name than it was given is not this image.
      const head = await world.observer.storage.blobs.head(containers.input, name);
      if (head?.etag !== image.etag) throw new Error('It is kept under another name.');
      if (!(await listable())) {
        await world.observer.storage.blobs.delete(containers.input, name);
        throw new Error('The emulator can list no container that holds it.');
      }
      images.push(image);
    } catch {
      refused.push(name);
    }
  }
  // What a URL cannot name, or the emulator does not take or keep, is never accepted; all else must work.
  expect(refused.length, JSON.stringify(refused)).toBeLessThan(6);
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
