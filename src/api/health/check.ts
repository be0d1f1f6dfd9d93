import { SettingsError } from '../../domain/settings.ts';
import { causeOf } from '../../storage/preparation.ts';

/** What is wrong, for those who run the app, and what to do about it. */
export interface Problem {
  readonly problem: string;
  readonly remedy: string;
}

/** One part of the app's health. */
export interface CheckResult {
  readonly name: string;
  /** `warning`: people should look, but images flow. */
  readonly status: 'ok' | 'warning' | 'failed';
  readonly problems: readonly Problem[];
  /** Figures, where the part has some. */
  readonly figures?: Readonly<Record<string, unknown>>;
  /** Milliseconds it took. */
  readonly ms: number;
}

export interface Check {
  readonly name: string;
  /** How its problems count; `failed` when absent. */
  readonly severity?: 'warning';
  /** @throws what its part throws */
  run(signal: AbortSignal): Promise<{ problems?: Problem[]; figures?: Record<string, unknown> }>;
}

/** Longest time that one check may take, in milliseconds. */
const LIMIT_MS = 5000;

/** Runs one check, whatever it does. */
export async function runCheck({ name, severity, run }: Check, limitMs = LIMIT_MS): Promise<CheckResult> {
  const started = performance.now();
  const limit = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    limit.abort();
    late.reject(new LateError(limitMs));
  }, limitMs);
  const ms = () => Math.round(performance.now() - started);
  try {
    const { problems = [], figures } = await Promise.race([run(limit.signal), late.promise]);
    const status = problems.length === 0 ? 'ok' : (severity ?? 'failed');
    return { name, status, problems, ...(figures && { figures }), ms: ms() };
  } catch (error) {
    return { name, status: 'failed', problems: [problemOf(error)], ms: ms() };
  } finally {
    clearTimeout(timer);
  }
}

class LateError extends Error {
  constructor(limitMs: number) {
    super(`No answer within ${limitMs / 1000} s.`);
  }
}

/** Messages of foreign errors may quote data: their class and code say enough here. */
export function problemOf(error: unknown): Problem {
  if (error instanceof SettingsError) return { problem: error.message, remedy: 'Correct the app setting.' };
  if (error instanceof LateError) {
    return {
      problem: error.message,
      remedy: 'See whether the service is up and its firewall lets the app in.',
    };
  }
  const { statusCode } = Object(error) as { statusCode?: unknown };
  if (statusCode === 507) {
    return {
      problem: 'The disk that holds the data folder is full: nothing new is taken, what was taken waits.',
      remedy: 'Free some space on it. Work then goes on by itself.',
    };
  }
  const forbidden = statusCode === 401 || statusCode === 403;
  return {
    problem: `${causeOf(error)}.`,
    remedy: forbidden
      ? "Give the app's identity its role there (docs/deploy.md lists them), or correct the key."
      : 'See whether the service is up, its address is right and its firewall lets the app in.',
  };
}
