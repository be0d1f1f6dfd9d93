import { z } from 'zod';
import { defineStep, OUTPUT_STEP } from '../pipeline/step.ts';
import { suggestedPairs, withoutRejected } from '../results/rejected.ts';
import type { StepServices } from './services.ts';
import { toResult } from './to-result.ts';

/** Writes the job's one row and its children. While the database is away its messages wait. */
export const pipelineoutput = (services: Pick<StepServices, 'results' | 'clock'>) =>
  defineStep({
    name: OUTPUT_STEP,
    needs: [],
    schema: z.object({ saved: z.enum(['saved', 'superseded', 'erased']) }),
    summary: 'Writes one row per image, with its tags, text, faces and possible matches.',
    patient: true,
    run: async ({ job, record }) => {
      const results = await services.results();
      const outputs = await record.outputs();
      const rejected = await results.decisions.rejectedAmong(suggestedPairs(outputs));
      const result = toResult(job, record, outputs, services.clock());
      // The store keeps a rejected pair as rejected, so that this can be undone; the outputs suggest it to nobody.
      return { saved: await results.save({ ...result, jobOutput: withoutRejected(outputs, rejected) }) };
    },
  });
