import { editDistance } from '../../domain/edit-distance.ts';
import { OUTPUT_STEP } from '../../domain/step-name.ts';
import type { Registry } from './registry.ts';

/**
 * The pipeline that somebody who asked for `asked` most likely meant: faultless whatever was asked. The order asked for
 * is kept where the needs allow it, what is needed is added just in front, a name that is nearly a step's is corrected,
 * any other unknown name and every repetition is left out, and the output step stands last. What is faultless already
 * is returned as it is.
 */
export function propose(asked: readonly string[], registry: Registry): string[] {
  const pipeline: string[] = [];
  const add = (name: string): void => {
    if (pipeline.includes(name) || name === OUTPUT_STEP) return;
    for (const need of registry.get(name)?.needs ?? []) add(need);
    pipeline.push(name);
  };
  for (const name of asked) {
    const step = registry.get(name) ? name : nearest(name, registry.names);
    if (step !== undefined) add(step);
  }
  return [...pipeline, OUTPUT_STEP];
}

/** Letters that may be wrong, missing or too many in a name that is still recognised. */
const SLIPS = 2;

/** The one known name that is nearly `name`; undefined where there is none, or more than one. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const asked = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const ranked = known
    .map((candidate) => ({ candidate, slips: editDistance(asked, candidate) }))
    .sort((a, b) => a.slips - b.slips);
  const [best, second] = ranked;
  if (!best || best.slips > Math.min(SLIPS, Math.floor(asked.length / 2) - 1)) return undefined;
  return best.slips === second?.slips ? undefined : best.candidate;
}
