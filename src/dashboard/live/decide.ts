import type { Decision, Verdict } from '../../api/contract.ts';
import { routes } from '../../api/routes.ts';
import { send } from './client.ts';
import { lookNow } from './live.ts';

/**
 * @param seen when what counts of the pair was said, as it is shown; null for nothing, absent for whatever it is
 * @param inReview the pair was met in the queue of review; elsewhere it is a decision whatever it was shown for there
 * @throws {ApiError} `ChangedMeanwhile` where somebody else has decided since
 */
export async function decide(
  face: string,
  other: string,
  verdict: Verdict,
  { seen, inReview = false }: { seen?: string | null; inReview?: boolean } = {},
): Promise<Decision | undefined> {
  const decision = await send<Decision>('PUT', routes.decision(face, other), {
    verdict,
    outsideReview: !inReview,
    ...(seen !== undefined && { seen }),
  });
  lookNow();
  return decision;
}
