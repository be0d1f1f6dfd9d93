import { OutageError } from '../domain/errors.ts';
import type { DeadLetters } from '../pipeline/journal/dead-letters.ts';
import type { ResultStore } from '../results/store.ts';
import { Censuses, LOOKED_AT } from './standing/census.ts';
import { add, type BatchLook, type LookDeps, lookAt, noLook, type Tally } from './standing/journal-look.ts';

/** Where the images of a batch stand. */
export interface BatchStatus extends BatchLook {
  batch: string;
  /** Messages that could not be worked on, by queue and code. */
  dead: Tally;
  /**
   * In a large archive what waits, is under way and was passed over is counted every hour: when that was, ISO 8601. Null
   * where all of it is of this moment.
   */
  countedAt: string | null;
}

interface BatchStatusDeps extends LookDeps {
  deadLetters: DeadLetters;
  results(): Promise<{ counts: Pick<ResultStore['counts'], 'ends'> }>;
}

/**
 * Counts from the container, the journal and the dead letters; how finished images ended is the journal's word, too,
 * so that it can be told while the database is away. Of a large archive that is the last census, and how finished images
 * ended is what the database counts at this moment.
 *
 * @param only one batch; all where absent
 * @param most jobs, and blobs, that are looked at
 */
export async function batchStatuses(
  deps: BatchStatusDeps,
  only?: string,
  most = LOOKED_AT,
): Promise<BatchStatus[]> {
  const { batches, countedAt } = await standings(deps, only, most);
  const statuses = new Map(
    [...batches].map(([batch, look]) => [batch, { batch, ...look, dead: {}, countedAt }]),
  );
  for await (const { queue, error, batchId } of deps.deadLetters.list()) {
    const batch = batchId ?? '(no batch)';
    if (only !== undefined && batch !== only) continue;
    const status = statuses.get(batch) ?? { batch, ...noLook(), dead: {}, countedAt };
    add(status.dead, `${queue} ${error.code}`);
    statuses.set(batch, status);
  }
  return [...statuses.values()].sort((one, other) => (one.batch < other.batch ? -1 : 1));
}

async function standings(
  deps: BatchStatusDeps,
  only: string | undefined,
  most: number,
): Promise<{ batches: Map<string, BatchLook>; countedAt: string | null }> {
  const censuses = new Censuses(deps.storage);
  // One batch of a large archive may be small.
  const small = only === undefined ? undefined : await lookAt(deps, { batch: only, most });
  const census = small ? undefined : await censuses.last();
  const now = small ?? (census ? undefined : await lookAt(deps, { batch: only }));
  if (now || !census) return { batches: now?.batches ?? new Map(), countedAt: null };
  const batches = new Map([...census.batches].filter(([batch]) => only === undefined || batch === only));
  const ended = await endsOf(deps, only);
  if (ended) {
    for (const [batch, look] of batches) batches.set(batch, { ...look, finished: {}, failures: {} });
    const of = (batchId: string) => {
      const look = batches.get(batchId) ?? noLook();
      batches.set(batchId, look);
      return look;
    };
    for (const { batchId, status, images } of ended.statuses) add(of(batchId).finished, status, images);
    for (const { batchId, step, state, code, images } of ended.reasons)
      if (step !== '' || code !== '')
        add(of(batchId).failures, `${step || state} ${code || 'failed'}`, images);
  }
  return { batches, countedAt: census.countedAt };
}

/** Undefined where the database is away: then the census tells what finished, too. */
const endsOf = async ({ results }: BatchStatusDeps, only: string | undefined) => {
  try {
    return await (await results()).counts.ends(only);
  } catch (error) {
    if (!(error instanceof OutageError)) throw error;
    return undefined;
  }
};
