import type { Registry } from '../definition/registry.ts';
import type { Journal } from '../journal/journal.ts';
import type { ClaimCheck } from '../message/claim-check.ts';

/** Jobs after which it is written down how far it has got. */
const KEEP_EVERY = 100;

/**
 * Gives the jobs of an older version their links, a few at a time and on from where it stopped; until it is through,
 * whoever looks for jobs goes through the journal.
 *
 * @param until looked at between jobs: false ends it
 * @returns jobs gone through
 */
export async function linkJobs(
  { journal, registry, claimCheck }: { journal: Journal; registry: Registry; claimCheck: ClaimCheck },
  until: () => boolean,
): Promise<number> {
  const { links } = journal;
  if (await links.isDated()) return 0;
  const hasMentions = await links.isComplete();
  let done = 0;
  for await (const { job, place } of journal.jobsAfter(await links.progress())) {
    if (!until()) return done;
    await links.noteJob(job);
    for (const [step, record] of Object.entries(hasMentions ? {} : job.steps)) {
      if (!registry.get(step)?.mentions) continue;
      const output = await claimCheck.resolveOr(record.output ?? record.kept, undefined);
      await links.noteMentions(job, `${step}-${record.run}`, output);
    }
    done += 1;
    if (done % KEEP_EVERY === 0) await links.keepProgress(place);
  }
  await links.markComplete();
  return done;
}
