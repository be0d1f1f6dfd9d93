import { UnavailableError } from '../../domain/errors.ts';
import type { Log } from '../../domain/ports.ts';
import { type Settings, SettingsError } from '../../domain/settings.ts';
import type { StepJob } from '../../domain/step.ts';
import type { Registry } from '../definition/registry.ts';

/** A service that may no longer be asked must hold up neither a row nor an erasure, which counts again what is left. */
const isRefused = (error: unknown): boolean =>
  error instanceof UnavailableError || error instanceof SettingsError;

/**
 * Has every step take back what it left of a job outside the journal, the last step first: not only those of the job's
 * pipeline, for an earlier run may have had others. Safe to repeat.
 *
 * @param outputOf what a step put out, where that is known
 * @param context `mayStay`: after which errors it goes on, with what that step has left still there
 */
export async function retractAll(
  job: StepJob,
  outputOf: (step: string) => Promise<unknown>,
  { registry, settings }: { registry: Registry; settings: Settings },
  {
    mayStay = isRefused,
    ...context
  }: { log: Log; signal: AbortSignal; mayStay?: (error: unknown) => boolean },
): Promise<void> {
  for (const name of registry.names.reverse()) {
    const step = registry.get(name);
    if (!step?.retract) continue;
    try {
      await step.retract({ job, output: await outputOf(name), settings, ...context });
    } catch (error) {
      if (!mayStay(error)) throw error;
      const cause = error instanceof Error ? error.name : 'unknown';
      context.log.error('step.not-retracted', { job: job.id, step: name, error: cause });
    }
  }
}
