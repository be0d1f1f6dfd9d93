import { UnavailableError } from '../../domain/errors.ts';
import type { Log } from '../../domain/ports.ts';
import { type Settings, SettingsError } from '../../domain/settings.ts';
import type { StepJob } from '../../domain/step.ts';
import type { Registry } from '../definition/registry.ts';

/**
 * Has every step take back what it left of a job outside the journal, the last step first: not only those of the job's
 * pipeline, for an earlier run may have had others. Safe to repeat.
 *
 * @param outputOf what a step put out, where that is known
 */
export async function retractAll(
  job: StepJob,
  outputOf: (step: string) => Promise<unknown>,
  { registry, settings }: { registry: Registry; settings: Settings },
  context: { log: Log; signal: AbortSignal },
): Promise<void> {
  for (const name of registry.names.reverse()) {
    const step = registry.get(name);
    if (!step?.retract) continue;
    const output = await outputOf(name);
    try {
      await step.retract({ job, output, settings, ...context });
    } catch (error) {
      // A service that may no longer be asked must hold up neither a row nor an erasure, which counts again what is left.
      if (!(error instanceof UnavailableError || error instanceof SettingsError)) throw error;
      context.log.error('step.not-retracted', { job: job.id, step: name, error: error.name });
    }
  }
}
