import type { Job } from '../domain/job.ts';
import type { Clock } from '../domain/ports.ts';
import { OUTPUT_STEP } from '../domain/step-name.ts';
import type { Registry } from '../pipeline/definition/registry.ts';
import type { Journal } from '../pipeline/journal/journal.ts';

/** How long something took, in milliseconds, over `count` times. */
export interface Latency {
  count: number;
  median: number;
  /** 95 of 100 were at most this long. */
  p95: number;
  longest: number;
}

interface StepStats {
  step: string;
  /** The service that it calls, where it calls one. */
  service: string | null;
  /** How often it ended how. */
  outcomes: Record<string, number>;
  /** Runs of the step, successful or not. */
  calls: number;
  /** Of these, those that followed a failed one. */
  retries: number;
  latency: Latency | null;
}

export interface Stats {
  images: { admitted: number; finished: number };
  /** Images finished a minute, from the first to the last result where that is a second or more, and in the hour before now. */
  throughput: { per_minute: number | null; last_hour: number; first: string | null; last: string | null };
  /** From admission to the row. */
  image_latency: Latency | null;
  steps: StepStats[];
  services: { service: string; calls: number; retries: number }[];
}

/** A rate over less time than this says nothing. */
const LEAST_MINUTES = 1 / 60;

/** Figures from the journal, of all batches or of one. */
export async function statsOf(
  { journal, registry, clock }: { journal: Journal; registry: Registry; clock: Clock },
  batch?: string,
): Promise<Stats> {
  const steps = new Map<string, Gathered>();
  const ends: number[] = [];
  const whole: number[] = [];
  let admitted = 0;
  for await (const job of journal.jobs(batch)) {
    admitted += 1;
    gather(job, steps);
    const end = job.steps[OUTPUT_STEP];
    if (end?.state !== 'done') continue;
    ends.push(Date.parse(end.at));
    // A rerun ends long after the admission, which says nothing about speed.
    if (end.run === 0) whole.push(Date.parse(end.at) - Date.parse(job.admittedAt));
  }
  ends.sort((a, b) => a - b);
  const [first, last] = [ends[0], ends.at(-1)];
  const minutes = first !== undefined && last !== undefined ? (last - first) / 60_000 : 0;
  const order = [...registry.names, ...[...steps.keys()].filter((name) => !registry.get(name))];
  const all = order.flatMap((step) => {
    const gathered = steps.get(step);
    const service = registry.get(step)?.service ?? null;
    return gathered ? [{ step, service, ...gathered, latency: latencyOf(gathered.ms) }] : [];
  });
  return {
    images: { admitted, finished: ends.length },
    throughput: {
      per_minute: minutes >= LEAST_MINUTES ? (ends.length - 1) / minutes : null,
      last_hour: ends.filter((end) => end > clock() - 3_600_000).length,
      first: first === undefined ? null : new Date(first).toISOString(),
      last: last === undefined ? null : new Date(last).toISOString(),
    },
    image_latency: latencyOf(whole),
    steps: all.map(({ ms: _, ...rest }) => rest),
    services: byService(all),
  };
}

interface Gathered {
  outcomes: Record<string, number>;
  calls: number;
  retries: number;
  ms: number[];
}

function gather(job: Job, steps: Map<string, Gathered>): void {
  for (const [name, record] of Object.entries(job.steps)) {
    const known = steps.get(name) ?? { outcomes: {}, calls: 0, retries: 0, ms: [] };
    known.outcomes[record.state] = (known.outcomes[record.state] ?? 0) + 1;
    known.calls += record.attempts;
    known.retries += Math.max(0, record.attempts - 1);
    if (record.ms !== undefined) known.ms.push(record.ms);
    steps.set(name, known);
  }
}

function byService(steps: readonly StepStats[]): Stats['services'] {
  const services = new Map<string, { service: string; calls: number; retries: number }>();
  for (const { service, calls, retries } of steps) {
    if (service === null) continue;
    const known = services.get(service) ?? { service, calls: 0, retries: 0 };
    services.set(service, { service, calls: known.calls + calls, retries: known.retries + retries });
  }
  return [...services.values()];
}

/** Nearest rank. */
function latencyOf(ms: readonly number[]): Latency | null {
  const sorted = [...ms].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
  return sorted.length === 0
    ? null
    : { count: sorted.length, median: at(0.5), p95: at(0.95), longest: at(1) };
}
