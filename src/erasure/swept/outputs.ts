import { isLinkedContent } from '../../domain/linked-content.ts';
import { withoutImages } from '../../domain/mentions.ts';
import type { JobOutputs } from '../../pipeline/journal/recorded-outputs.ts';
import { JOURNAL, mentioningSteps, namedIn, RESULTS, says } from '../mentioned.ts';
import type { PlaceDeps } from '../place.ts';
import type { Target } from '../subjects.ts';
import type { Swept, Trace } from '../sweep/swept.ts';

/** What the journal has recorded of other images, and what their rows say of it. */
export const sweptOutputs = (deps: PlaceDeps): Swept => ({
  name: 'outputs',
  stores: [JOURNAL, RESULTS],
  leads: false,
  open: (target) => {
    const steps = mentioningSteps(deps);
    return async (from) => {
      const { jobs, ...rest } = await deps.journal.outputs.page(steps, from);
      const traces: Trace[] = [];
      for (const job of jobs)
        if (!target.ids.has(job.id)) traces.push(...(await tracesIn(job, target, deps)));
      return { traces, ...rest };
    };
  },
});

async function tracesIn(job: JobOutputs, { ids }: Target, deps: PlaceDeps): Promise<Trace[]> {
  const { journal, claimCheck, results } = deps;
  const named = new Set<string>();
  const steps: string[] = [];
  for (const [step, output] of Object.entries(job.outputs)) {
    const isApart = isLinkedContent(output);
    const found = namedIn(isApart ? await claimCheck.resolveOr(output, undefined) : output, ids);
    for (const id of found) named.add(id);
    // What is kept apart is found again where that is looked through.
    if (!isApart && found.length > 0) steps.push(step);
  }
  if (named.size === 0) return [];
  const forget = async (dryRun: boolean) => (await results()).erasures.forgetIn([job.id], ids, { dryRun });
  const traces: Trace[] = [];
  if ((await forget(true)) > 0)
    traces.push({
      store: RESULTS,
      ids: [...named],
      erase: async () => void (await forget(false)),
      isLeft: async () => (await forget(true)) > 0,
    });
  if (steps.length > 0)
    traces.push({
      store: JOURNAL,
      ids: [...named],
      erase: () => journal.outputs.change(job, steps, (output) => withoutImages(output, ids)),
      isLeft: async () =>
        Object.values(await journal.outputs.of(job, steps)).some(
          (output) => !isLinkedContent(output) && says(output, ids),
        ),
    });
  return traces;
}
