import type { ReviewerMeasuring } from '../people/calibration/measuring.ts';
import { nameOf, type Speaker } from '../people/enquiry/standing.ts';
import type { Audited } from './audited.ts';

interface MeasureDeps extends Audited {
  readonly measuring: ReviewerMeasuring;
}

/** The most that may be mixed in: with more, known pairs would be what one looks at. */
export const MOST_OFTEN = 4;
export const LEAST_OFTEN = 100;

/** @param oneIn of so many pairs one has a known answer, {@link MOST_OFTEN} to {@link LEAST_OFTEN}; 0: none */
export async function setKnownPairRate(
  who: string,
  oneIn: number,
  { measuring, audit }: MeasureDeps,
): Promise<void> {
  await audit.record({ who, action: 'reviewers.rate.set', detail: { oneIn } });
  await measuring.set(oneIn, who);
}

/** For themselves alone: nobody agrees for another. What they say of a known pair is not told to the audit, for it can be taken back. */
export async function agreeToBeMeasured(
  speaker: Speaker,
  agrees: boolean,
  { measuring, audit }: MeasureDeps,
): Promise<void> {
  const action = agrees ? 'reviewer.agreed' : 'reviewer.withdrew';
  await audit.record({ who: nameOf(speaker), action });
  await (agrees ? measuring.agree(speaker) : measuring.withdraw(speaker));
}
