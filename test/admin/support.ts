import { z } from 'zod';
import { jobIdOf } from '../../src/domain/job-id.ts';
import type { AnyStep, StepContext } from '../../src/domain/step.ts';
import type { DeadLetter } from '../../src/pipeline/journal/dead-letters.ts';
import { containers, EVENTS_QUEUE } from '../../src/storage/names.ts';
import type { Emulator } from '../support/emulator.ts';
import { jpeg } from '../support/images.ts';
import { openPipeline } from '../support/pipeline.ts';

/**
 * A pipeline `first, second, third (needs second), apart` and the steps `extra (needs second)` and `print`, which is
 * biometric and needs `extra`, that are registered but in no pipeline; what each does is up to the test.
 */
export async function openAdmin(emulator: Emulator, env: Record<string, string> = {}) {
  const behaviour: Record<string, ((context: StepContext) => Promise<unknown>) | undefined> = {};
  const calls: string[] = [];
  const step = (name: string, needs: string[] = []): AnyStep => ({
    name,
    needs,
    schema: z.unknown(),
    summary: 'Does what the test says.',
    run: async (context: StepContext) => {
      calls.push(name);
      return (await behaviour[name]?.(context)) ?? { from: name, run: context.job.run };
    },
  });
  const steps = [
    step('first'),
    step('second'),
    step('third', ['second']),
    step('apart'),
    step('extra', ['second']),
    { ...step('print', ['extra']), biometric: true },
  ];
  const pipeline = await openPipeline(emulator, steps, {
    PIPELINE_DEFINITION: 'first,second,third,apart,pipelineoutput',
    ...env,
  });
  let images = 0;

  async function dropped(batch = 'batch', metadata: Record<string, string> = {}) {
    images += 1;
    const name = `${batch}/image-${images}.jpg`;
    const id = jobIdOf(containers.input, name, await pipeline.drop(name, await jpeg(), metadata));
    await pipeline.reconciler.run(pipeline.delivery().log);
    while (await pipeline.pump(EVENTS_QUEUE));
    return { id, batch, name };
  }

  return {
    ...pipeline,
    behaviour,
    calls,
    dropped,
    /** An image that has gone all the way, and then what the test counts begins. */
    async finished(batch?: string, metadata?: Record<string, string>) {
      const job = await dropped(batch, metadata);
      await pipeline.drain();
      calls.length = 0;
      return job;
    },
    async jobOf({ batch, id }: { batch: string; id: string }) {
      const entry = await pipeline.journal.read(batch, id);
      if (!entry) throw new Error('The job has no journal row.');
      return entry.job;
    },
    async letters() {
      const letters: DeadLetter[] = [];
      for await (const letter of pipeline.deadLetters.list()) letters.push(letter);
      return letters;
    },
    async reset() {
      await pipeline.empty();
      for (const name of Object.keys(behaviour)) delete behaviour[name];
      calls.length = 0;
      for await (const { queue, id } of pipeline.deadLetters.list()) {
        const entry = await pipeline.deadLetters.get({ queue, id });
        if (entry) await pipeline.deadLetters.remove(entry);
      }
    },
  };
}

export type Admin = Awaited<ReturnType<typeof openAdmin>>;
