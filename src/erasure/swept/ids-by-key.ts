import { jobKey } from '../../domain/job-id.ts';
import type { Target } from '../subjects.ts';

/** The images of a target by what blob names, face keys and the index of hashes make of their ids. */
export function idsByKey({ ids }: Target): (key: string) => string[] {
  const byKey = Map.groupBy(ids, jobKey);
  return (key) => byKey.get(key) ?? [];
}
