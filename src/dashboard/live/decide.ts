import type { Decision, Verdict } from '../../api/contract.ts';
import { routes } from '../../api/routes.ts';
import { send } from './client.ts';
import { lookNow } from './live.ts';

/** @throws {ApiError} */
export async function decide(face: string, other: string, verdict: Verdict): Promise<Decision | undefined> {
  const decision = await send<Decision>('PUT', routes.decision(face, other), { verdict });
  lookNow();
  return decision;
}
