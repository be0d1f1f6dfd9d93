import { z } from 'zod';
import { defineStep, OUTPUT_STEP } from '../pipeline/step.ts';
import type { StepServices } from './services.ts';
import { toResult } from './to-result.ts';

/** Writes the job's one row and its children. While the database is away its messages wait. */
export const pipelineoutput = (services: Pick<StepServices, 'results' | 'clock'>) =>
  defineStep({
    name: OUTPUT_STEP,
    needs: [],
    schema: z.object({ saved: z.enum(['saved', 'superseded']) }),
    summary: 'Writes one row per image, with its tags, text, faces and possible matches.',
    patient: true,
    run: async ({ job, record }) => {
      const results = await services.results();
      return { saved: await results.save(toResult(job, record, await record.outputs(), services.clock())) };
    },
  });
