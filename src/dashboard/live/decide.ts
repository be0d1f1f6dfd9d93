import type { Decision, Verdict } from '../../api/contract.ts';
import { routes } from '../../api/routes.ts';
import { send } from './client.ts';
import { lookNow } from './live.ts';

/** @param inReview the pair was met in the queue of review; elsewhere it is a decision whatever it was shown for there. @throws {ApiError} */
export async function decide(
  face: string,
  other: string,
  verdict: Verdict,
  inReview = false,
): Promise<Decision | undefined> {
  const decision = await send<Decision>('PUT', routes.decision(face, other), {
    verdict,
    outsideReview: !inReview,
  });
  lookNow();
  return decision;
}
