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
