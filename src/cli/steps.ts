import type { AnyStep } from '../domain/step.ts';
import { addedOutputs } from '../domain/step-output.ts';
import { Registry } from '../pipeline/definition/registry.ts';
import { openSteps } from '../steps/index.ts';
import type { StepServices } from '../steps/services.ts';

/** The steps this version has, for commands that ask about them and run none: nothing is connected to. */
export async function knownSteps(): Promise<Registry> {
  const none = new Proxy({} as StepServices, {
    get: (_, service) => {
      throw new Error(`A step asked for "${String(service)}" before it was run.`);
    },
  });
  return new Registry(await openSteps(none));
}

/** How steps that somebody has added call what they found; no step is loaded where none of these images has such. */
export async function wordsOfSteps(
  images: readonly { jobOutput: Readonly<Record<string, unknown>> }[],
): Promise<(step: string) => Pick<AnyStep, 'title' | 'view'> | undefined> {
  if (images.every(({ jobOutput }) => addedOutputs(jobOutput).length === 0)) return () => undefined;
  const registry = await knownSteps();
  return (step) => registry.get(step);
}
