import { z } from 'zod';
import { jobKey } from '../domain/job-id.ts';
import { defineStep } from '../domain/step.ts';
import { HASH_BITS, perceptualHash } from '../imaging/perceptual-hash.ts';
import { HashIndex, toHex } from '../storage/hash-index.ts';
import { tables } from '../storage/names.ts';
import type { StepServices } from './services.ts';

const duplicatesSchema = z.looseObject({
  /** The image's perceptual hash, 16 hexadecimal digits; null where it is too plain to have one. */
  hash: z.string().nullable(),
  /** Images it resembles, the nearest first. */
  duplicates: z.array(
    z.looseObject({
      /** Job id of the other image. */
      id: z.string(),
      batch_id: z.string(),
      image_url: z.string(),
      /** Bits of 64 in which the hashes differ: 0 is the same picture. */
      distance: z.int(),
      /** 1 - distance / 64. */
      similarity: z.number(),
    }),
  ),
});

/** Most images reported as resembled. */
const MAX_DUPLICATES = 100;

/**
 * Flags near-duplicates: the same photograph at another size, recompressed, recoloured or slightly cropped. Nothing is
 * dropped. An image is made findable, *then* looks for others: of two in flight at once at least one sees the other.
 */
export const duplicates = (services: Pick<StepServices, 'tables'>) =>
  defineStep({
    name: 'duplicates',
    needs: [],
    schema: duplicatesSchema,
    title: 'Near-duplicates',
    summary: 'Flags images that are nearly the same picture as another, and says which.',
    mentions: true,
    run: async ({ job, image, settings, signal }) => {
      const index = new HashIndex(services.tables.table(tables.imageHashes));
      const key = jobKey(job.id);
      const hash = await perceptualHash(await image.pixels());
      if (hash === undefined) {
        await index.remove(key);
        return { hash: null, duplicates: [] };
      }
      const own = { jobKey: key, jobId: job.id, batchId: job.batchId, imageUrl: image.url };
      await index.enrol({ ...own, hash });
      const found = await index.find(hash, settings.DUPLICATE_DISTANCE, signal);
      return {
        hash: toHex(hash),
        duplicates: found
          .filter((other) => other.jobKey !== key && other.imageUrl !== image.url)
          .slice(0, MAX_DUPLICATES)
          .map(({ jobId, batchId, imageUrl, distance }) => ({
            id: jobId,
            batch_id: batchId,
            image_url: imageUrl,
            distance,
            similarity: 1 - distance / HASH_BITS,
          })),
      };
    },
    retract: ({ job }) => new HashIndex(services.tables.table(tables.imageHashes)).remove(jobKey(job.id)),
  });
