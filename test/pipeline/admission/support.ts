import { z } from 'zod';
import { jobIdOf } from '../../../src/domain/job-id.ts';
import type { AnyStep, StepContext } from '../../../src/domain/step.ts';
import { containers } from '../../../src/storage/names.ts';
import type { Emulator } from '../../support/emulator.ts';
import { openPipeline } from '../../support/pipeline.ts';

/** A pipeline of `seeing`, which reads the pixels, and `needing`, which needs its output. */
export async function openAdmission(emulator: Emulator) {
  /** Ids of the jobs that `seeing` has run for in the test at hand. */
  const ran: string[] = [];
  const seeing: AnyStep = {
    name: 'seeing',
    needs: [],
    schema: z.object({
      width: z.number(),
      height: z.number(),
      first: z.array(z.number()),
      parameters: z.unknown(),
    }),
    summary: 'Looks at the pixels.',
    run: async ({ image, job }: StepContext) => {
      ran.push(job.id);
      const pixels = await image.pixels();
      return {
        width: pixels.width,
        height: pixels.height,
        first: [...pixels.data.subarray(0, 3)],
        parameters: job.parameters,
      };
    },
  };
  const needing: AnyStep = {
    ...seeing,
    name: 'needing',
    needs: ['seeing'],
    run: async ({ output }: StepContext) => ({ ...(output.seeing as object), parameters: 'from seeing' }),
  };

  const pipeline = await openPipeline(emulator, [seeing, needing]);
  let images = 0;
  return {
    ...pipeline,
    seeing,
    ran,
    /** Drops an image with a name of its own. */
    async dropped(bytes: Buffer, suffix = 'image.jpg') {
      images += 1;
      const name = `admission-${images}/${suffix}`;
      const etag = await pipeline.drop(name, bytes);
      return { name, etag, id: jobIdOf(containers.input, name, etag) };
    },
    async reset() {
      ran.length = 0;
      await pipeline.empty();
    },
  };
}
