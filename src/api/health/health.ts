import type { Clock } from '../../domain/ports.ts';
import { type Check, type CheckResult, runCheck } from './check.ts';

export interface Health {
  readonly status: 'ok' | 'not ok';
  /** ISO 8601. */
  readonly at: string;
  readonly checks: readonly CheckResult[];
}

/** How long an answer is given again: whoever asks must not be able to keep the app busy. In milliseconds. */
const KEPT_MS = 10_000;

/** Asks all checks at once, at most every ten seconds, however many callers there are. */
export function healthOf(checks: readonly Check[], clock: Clock): () => Promise<Health> {
  let kept: { until: number; health: Promise<Health> } | undefined;
  const ask = async (): Promise<Health> => {
    const results = await Promise.all(checks.map((check) => runCheck(check)));
    const ok = results.every(({ status }) => status !== 'failed');
    return { status: ok ? 'ok' : 'not ok', at: new Date(clock()).toISOString(), checks: results };
  };
  return () => {
    if (!kept || clock() >= kept.until) kept = { until: clock() + KEPT_MS, health: ask() };
    return kept.health;
  };
}
