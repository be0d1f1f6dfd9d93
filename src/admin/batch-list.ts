import type { BatchSetting, BatchSettings } from '../pipeline/admission/batch-settings.ts';
import type { ResultStore } from '../results/store.ts';

/** A batch as a list shows it. */
interface ListedBatch {
  batch: string;
  /** Images that have a row. */
  images: number;
  faces: number;
  /** What was said of it, if anything. */
  setting?: BatchSetting;
}

/** Every batch that has rows, or of which something is said, by name. */
export async function batchList({
  results,
  batches,
}: {
  results(): Promise<Pick<ResultStore, 'counts'>>;
  batches: Pick<BatchSettings, 'list'>;
}): Promise<ListedBatch[]> {
  const found = new Map<string, ListedBatch>();
  for (const { batchId: batch, images, faces } of await (await results()).counts.batches())
    found.set(batch, { batch, images, faces });
  for await (const setting of batches.list()) {
    const { batchId: batch } = setting;
    found.set(batch, { ...(found.get(batch) ?? { batch, images: 0, faces: 0 }), setting });
  }
  return [...found.values()].sort((one, other) => (one.batch < other.batch ? -1 : 1));
}
