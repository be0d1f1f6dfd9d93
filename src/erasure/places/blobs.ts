import { blobPrefixes, deletePrefix } from '../../pipeline/journal/remove-job.ts';
import { containers } from '../../storage/names.ts';
import { type Place, type PlaceDeps, UNTIL_ERASED } from '../place.ts';
import { forEach } from '../subjects.ts';

const HOLDS = {
  [containers.faces]: 'its face crops',
  [containers.largeMessages]: 'outputs and message parts that were too large to travel',
  [containers.renditions]: 'its working rendition; the copy of an image from a foreign host',
} as const;

/** The image itself, in the very version that is erased: another one under its name is another image. */
export const originals = ({ storage: { blobs } }: PlaceDeps): Place => {
  const name = `blob:${containers.input}`;
  return {
    stores: [{ name, holds: 'the image as it was uploaded, its metadata', kept: UNTIL_ERASED }],
    count: async ({ subjects }, look) => {
      // Two jobs may be about one blob.
      const found = new Set<string>();
      await forEach(subjects, look, async ({ source }) => {
        if (source?.container !== containers.input) return;
        const head = await blobs.head(source.container, source.name);
        if (head?.etag === source.etag) found.add(source.name);
      });
      return { [name]: found.size };
    },
    erase: ({ subjects }, look) =>
      forEach(subjects, look, async ({ source }) => {
        if (source?.container !== containers.input || source.etag === '') return;
        await blobs.delete(source.container, source.name, source.etag);
      }),
  };
};

/** What the pipeline made of it, under names that begin with the job. */
export const ownBlobs = ({ storage: { blobs } }: PlaceDeps): Place => ({
  stores: Object.entries(HOLDS).map(([container, holds]) => ({
    name: `blob:${container}`,
    holds,
    kept: UNTIL_ERASED,
  })),
  count: async ({ subjects }, look) => {
    const found = new Map<string, number>();
    await forEach(subjects, look, async ({ id }) => {
      for (const [container, prefix] of blobPrefixes(id)) {
        for await (const _ of blobs.list(container, prefix))
          found.set(container, (found.get(container) ?? 0) + 1);
      }
    });
    return Object.fromEntries(
      Object.keys(HOLDS).map((container) => [`blob:${container}`, found.get(container) ?? 0]),
    );
  },
  erase: ({ subjects }, look) =>
    forEach(subjects, look, async ({ id }) => {
      for (const [container, prefix] of blobPrefixes(id)) await deletePrefix(blobs, container, prefix);
    }),
});
