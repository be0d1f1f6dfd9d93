import { z } from 'zod';
import { isReserved } from '../domain/enquiry-batch.ts';
import { defineStep, type JobRecord, type StepJob } from '../domain/step.ts';
import { OUTPUT_STEP } from '../domain/step-name.ts';
import { currentConsent } from '../pipeline/admission/current-consent.ts';
import { suggestedPairs, withoutRejected } from '../results/rejected.ts';
import type { StepServices } from './services.ts';
import { toResult } from './to-result.ts';

/** Writes the job's one row and its children. While the database is away its messages wait. */
export const pipelineoutput = (
  services: Pick<StepServices, 'results' | 'people' | 'telling' | 'batches' | 'keepSuggestions' | 'clock'>,
) =>
  defineStep({
    name: OUTPUT_STEP,
    needs: [],
    schema: z.object({ saved: z.enum(['saved', 'superseded', 'erased']) }),
    title: 'Result',
    summary: 'Writes one row per image, with its tags, text, faces and possible matches.',
    patient: true,
    run: async ({ job, record, log, signal }) => {
      const outputs = await record.outputs();
      for (;;) {
        const before = await termsOf(job, outputs, services, 'recent');
        const saved = await save(job, record, outputs, before, services);
        // A match may have been forbidden while the row was written: that is seen here. Whoever forbids it later
        // finds the row.
        const after = await termsOf(job, outputs, services, 'get');
        if (JSON.stringify(before) !== JSON.stringify(after)) continue;
        // The row is written already: where this fails, the timer does it, for the save has marked the image.
        try {
          await (await services.people()).settle([job.id]);
        } catch (error) {
          log.warn('groups.not.settled', { cause: error instanceof Error ? error.name : 'unknown' });
        }
        services.telling.nudge(log, signal);
        return { saved };
      }
    },
  });

interface Terms {
  consent: Awaited<ReturnType<typeof currentConsent>>;
  /** Batches among the suggestions that may not be matched. */
  barred: string[];
}

async function termsOf(
  job: StepJob,
  outputs: Record<string, unknown>,
  { batches, keepSuggestions }: Pick<StepServices, 'batches' | 'keepSuggestions'>,
  look: 'recent' | 'get',
): Promise<Terms> {
  const others = new Set<string>();
  keepSuggestions(outputs, ({ otherBatch }) => {
    if (otherBatch !== undefined) others.add(otherBatch);
    return true;
  });
  // A row that suggests a match is seen by others as soon as it stands, and stays should this process end right behind it.
  const asked = others.size > 0 ? 'get' : look;
  const known = new Map<string, ReturnType<typeof batches.get>>();
  const get = (batchId: string) => {
    const said = known.get(batchId) ?? batches[asked](batchId);
    known.set(batchId, said);
    return said;
  };
  const barred: string[] = [];
  for (const batchId of others) if ((await get(batchId))?.consent.doNotMatch) barred.push(batchId);
  return { consent: await currentConsent(job, { batches: { get } }), barred };
}

async function save(
  job: StepJob,
  record: JobRecord,
  outputs: Record<string, unknown>,
  { consent, barred }: Terms,
  services: Pick<StepServices, 'results' | 'keepSuggestions' | 'clock'>,
): Promise<'saved' | 'superseded' | 'erased'> {
  const results = await services.results();
  const rejected = await results.decisions.rejectedAmong(suggestedPairs(outputs, services.keepSuggestions));
  const allowed = services.keepSuggestions(
    outputs,
    ({ otherBatch }) => !consent?.doNotMatch && !barred.some((batch) => batch === otherBatch),
  );
  const result = toResult(job, record, allowed, services.clock(), consent);
  const faces = consent?.doNotMatch
    ? result.faces.map((face) => ({ ...face, enrolled: false }))
    : result.faces;
  // The store keeps a rejected pair as rejected, so that this can be undone; the outputs suggest it to nobody.
  const shown = withoutRejected(allowed, rejected, services.keepSuggestions);
  // Faces of an enquiry are candidates, and suggested nowhere else: whoever gives a second word must find no score here.
  const jobOutput = services.keepSuggestions(
    shown,
    ({ otherBatch }) => !isReserved(job.batchId) && !isReserved(otherBatch ?? ''),
  );
  return results.save({ ...result, faces, jobOutput });
}
