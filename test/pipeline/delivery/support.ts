import { z } from 'zod';
import type { AnyStep, StepContext } from '../../../src/domain/step.ts';
import { EVENTS_QUEUE } from '../../../src/storage/names.ts';
import type { Emulator } from '../../support/emulator.ts';
import { openPipeline } from '../../support/pipeline.ts';

/** A pipeline `first, second, third (needs second)`; what each does is up to the test. */
export async function openDelivery(emulator: Emulator) {
  const behaviour: Record<string, ((context: StepContext) => Promise<unknown>) | undefined> = {};
  const calls: string[] = [];
  const step = (name: string, needs: string[] = []): AnyStep => ({
    name,
    needs,
    schema: z.unknown(),
    summary: 'Does what the test says.',
    run: async (context: StepContext) => {
      calls.push(name);
      return (await behaviour[name]?.(context)) ?? { from: name };
    },
  });

  const pipeline = await openPipeline(emulator, [step('first'), step('second'), step('third', ['second'])]);
  return {
    ...pipeline,
    step,
    behaviour,
    /** Names of the steps that ran in the test at hand. */
    calls,
    /** Drops an image with a name of its own; admission's first message is in its queue. */
    async dropped() {
      const { id, batch, name } = await pipeline.upload();
      await pipeline.reconciler.run(pipeline.delivery().log);
      await pipeline.pump(EVENTS_QUEUE);
      return { id, batch, name };
    },
    async rowOf(id: string) {
      await pipeline.drain();
      const row = pipeline.rows.get(id);
      if (!row) throw new Error('The image has no row.');
      return row;
    },
    async journalOf(job: { batch: string; id: string }) {
      const entry = await pipeline.journal.read(job.batch, job.id);
      if (!entry) throw new Error('The job has no journal row.');
      return entry.job;
    },
    async reset() {
      await pipeline.empty();
      for (const name of Object.keys(behaviour)) delete behaviour[name];
      calls.length = 0;
    },
  };
}
