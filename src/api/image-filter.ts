import type { ImageFilter } from '../results/rows.ts';
import type { ImageFilterView } from './contract.ts';

/** What the API was asked, as the store is asked. */
export function toFilter(query: ImageFilterView): Omit<ImageFilter, 'after' | 'limit'> {
  const { batch: batchId, step, stepState: state, errorCode: code, ...same } = query;
  const asked = {
    ...same,
    batchId,
    outcome: step === undefined ? undefined : { step, state, ...(code !== undefined && { code }) },
  };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
}
