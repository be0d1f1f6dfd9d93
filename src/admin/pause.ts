import type { Pause, Pauses } from '../pipeline/delivery/pauses.ts';
import type { Audited } from './audited.ts';

interface PauseDeps extends Audited {
  pauses: Pick<Pauses, 'pause' | 'resume' | 'list'>;
}

/**
 * Lets the messages of a step wait; who said so is written down first. None is lost, and no attempt is counted.
 *
 * @returns who has paused it already, where somebody has: then nothing changes
 */
export async function pauseStep(
  step: string,
  reason: string,
  who: string,
  { pauses, audit }: PauseDeps,
): Promise<Pause | undefined> {
  const already = (await pauses.list()).find((pause) => pause.step === step);
  if (already) return already;
  await audit.record({ who, action: 'step.paused', detail: { step } });
  return pauses.pause(step, who, reason);
}

/** Lets a step go on, whoever has paused it. @returns the pause that ended, or undefined where there was none */
export async function resumeStep(
  step: string,
  who: string,
  { pauses, audit }: PauseDeps,
): Promise<Pause | undefined> {
  const pause = (await pauses.list()).find((one) => one.step === step);
  if (!pause) return undefined;
  await audit.record({ who, action: 'step.resumed', detail: { step } });
  await pauses.resume(step);
  return pause;
}
