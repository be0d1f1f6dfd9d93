import { middleOf, NO_BUCKET } from '../domain/latency-bucket.ts';
import type { Clock } from '../domain/ports.ts';
import type { Registry } from '../pipeline/definition/registry.ts';
import type { OutcomeCount } from '../results/counts.ts';
import type { ResultStore } from '../results/store.ts';
import type { StorageAccount } from '../storage/account.ts';
import { EVENTS_QUEUE } from '../storage/names.ts';

/** How long something took, in milliseconds to within 5 %, over `count` times. */
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
  images: {
    /** Those that have a row. */
    finished: number;
    /** About how many have not yet: the messages of all steps; null of one batch, for a queue holds those of all. */
    under_way: number | null;
    /** About how many were announced, and are not looked at yet; null of one batch. */
    announced: number | null;
  };
  /** Images finished a minute, from the first to the last result where that is a second or more, and in the hour before now. */
  throughput: { per_minute: number | null; last_hour: number; first: string | null; last: string | null };
  /** From admission to the row, reruns left out. */
  image_latency: Latency | null;
  /** Of the images that have a row; not of the step that writes it. */
  steps: StepStats[];
  services: { service: string; calls: number; retries: number }[];
}

/** A rate over less time than this says nothing. */
const LEAST_MINUTES = 1 / 60;

interface StatsDeps {
  results(): Promise<{ counts: Pick<ResultStore['counts'], 'outcomes' | 'finished'> }>;
  registry: Registry;
  storage: { queues: Pick<StorageAccount['queues'], 'standing'> };
  clock: Clock;
}

/** Figures of this moment from the counts, of all batches or of one: what they cost does not depend on how many images there are. */
export async function statsOf(
  { results, registry, storage, clock }: StatsDeps,
  batch?: string,
): Promise<Stats> {
  const { counts } = await results();
  const messages = async (queue: string) => (await storage.queues.standing(queue)).messages;
  const [outcomes, finished, depths, announced] = await Promise.all([
    counts.outcomes(batch),
    counts.finished(new Date(clock() - 3_600_000).toISOString(), batch),
    batch === undefined ? Promise.all(registry.names.map(messages)) : undefined,
    batch === undefined ? messages(EVENTS_QUEUE) : null,
  ]);
  const { first, last, since } = finished;
  const minutes =
    first !== undefined && last !== undefined ? (Date.parse(last) - Date.parse(first)) / 60_000 : 0;
  const byStep = Map.groupBy(outcomes, ({ step }) => step);
  const images = sumOf(byStep.get('') ?? [], 'images');
  const order = [
    ...registry.names,
    ...[...byStep.keys()].filter((name) => name !== '' && !registry.get(name)),
  ];
  const steps = order.flatMap((step) => {
    const own = byStep.get(step);
    return own ? [{ step, service: registry.get(step)?.service ?? null, ...gather(own) }] : [];
  });
  return {
    images: {
      finished: images,
      under_way: depths?.reduce((sum, depth) => sum + depth, 0) ?? null,
      announced,
    },
    throughput: {
      per_minute: minutes >= LEAST_MINUTES ? (images - 1) / minutes : null,
      last_hour: since,
      first: first ?? null,
      last: last ?? null,
    },
    image_latency: latencyOf(byStep.get('') ?? []),
    steps,
    services: byService(steps),
  };
}

const sumOf = (counts: readonly OutcomeCount[], figure: 'images' | 'attempts' | 'retries'): number =>
  counts.reduce((sum, count) => sum + count[figure], 0);

function gather(own: readonly OutcomeCount[]): Omit<StepStats, 'step' | 'service'> {
  const outcomes = [...Map.groupBy(own, ({ state }) => state)].map(
    ([state, some]) => [state, sumOf(some, 'images')] as const,
  );
  return {
    outcomes: Object.fromEntries(outcomes),
    calls: sumOf(own, 'attempts'),
    retries: sumOf(own, 'retries'),
    latency: latencyOf(own),
  };
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

/** Nearest rank, of those whose time is known. */
function latencyOf(counts: readonly OutcomeCount[]): Latency | null {
  const timed = counts.filter(({ took }) => took !== NO_BUCKET).sort((one, two) => one.took - two.took);
  const count = sumOf(timed, 'images');
  if (count === 0) return null;
  const at = (share: number) => {
    let left = Math.max(1, Math.ceil(share * count));
    const found = timed.find(({ images }) => {
      left -= images;
      return left <= 0;
    });
    return middleOf(found?.took ?? 0);
  };
  return { count, median: at(0.5), p95: at(0.95), longest: at(1) };
}
