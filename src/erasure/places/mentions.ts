import { jobKey } from '../../domain/job-id.ts';
import { isLinkedContent } from '../../domain/linked-content.ts';
import { withoutImages } from '../../domain/mentions.ts';
import type { LinkedJob } from '../../pipeline/journal/job-links.ts';
import { containers } from '../../storage/names.ts';
import { JOURNAL, LARGE, mentioningSteps, RESULTS, rewriteOutput, says, stepOf } from '../mentioned.ts';
import { type Place, type PlaceDeps, UNTIL_ERASED } from '../place.ts';
import { forEach, type Look, type Target } from '../subjects.ts';

/** What one job's outputs say of the images: which steps, and which blobs they are kept in. */
interface Mention {
  job: LinkedJob;
  steps: string[];
  blobs: string[];
}

/**
 * What other images say of it: in their recorded outputs, inline or kept apart, and in their rows' `job_output`. Before
 * the pairs go, for those tell which rows.
 */
export const mentions = (deps: PlaceDeps): Place => {
  const { results, journal } = deps;
  const rowsSaying = async (target: Target, found: readonly Mention[]) => {
    const { erasures } = await results();
    const partners = await erasures.partnersOf([...target.ids]);
    return [...new Set([...partners, ...found.map(({ job }) => job.id)])];
  };
  // What comes in between is seen by the count that follows, which says that it remains.
  let counted: readonly Mention[] | undefined;
  return {
    stores: [JOURNAL, LARGE, RESULTS].map((name) => ({
      name,
      holds: 'its id, address and face, in the possible matches and near-duplicates of others',
      kept: UNTIL_ERASED,
    })),
    count: async (target, look) => {
      const found = await allMentions(deps, target, look);
      counted = found;
      const { erasures } = await results();
      const options = { dryRun: true };
      return {
        [JOURNAL]: found.filter(({ steps }) => steps.length > 0).length,
        [LARGE]: found.reduce((sum, { blobs }) => sum + blobs.length, 0),
        [RESULTS]: await erasures.forgetIn(await rowsSaying(target, found), target.ids, options),
      };
    },
    erase: async (target, look) => {
      const found = counted ?? (await allMentions(deps, target, look));
      const rows = await rowsSaying(target, found);
      for (const { job, steps, blobs } of found) {
        look.signal.throwIfAborted();
        await journal.outputs.change(job, steps, (output) => withoutImages(output, target.ids));
        for (const blob of blobs) await rewriteOutput(deps, blob, target.ids);
      }
      await (await results()).erasures.forgetIn(rows, target.ids);
    },
  };
};

async function allMentions(deps: PlaceDeps, target: Target, look: Look): Promise<Mention[]> {
  const { journal } = deps;
  const steps = mentioningSteps(deps);
  if (await journal.links.isComplete()) return linkedMentions(deps, steps, target, look);
  // Jobs of an older version have no links yet: only going through all of them finds what they say.
  const found: Mention[] = [];
  for await (const { id, batchId, outputs } of journal.outputs.all(steps)) {
    look.signal.throwIfAborted();
    if (target.ids.has(id)) continue;
    const mention = await mentionIn({ id, batchId }, outputs, target, deps);
    if (mention.steps.length + mention.blobs.length > 0) found.push(mention);
  }
  return found;
}

/** Where the links lead: what there is to remove is read, and nothing else. */
async function linkedMentions(
  deps: PlaceDeps,
  steps: readonly string[],
  target: Target,
  look: Look,
): Promise<Mention[]> {
  const { journal, storage, claimCheck } = deps;
  const jobs = new Map<string, LinkedJob>();
  await forEach(target.ids, look, async (image) => {
    for await (const job of journal.links.mentioning(image))
      if (!target.ids.has(job.id)) jobs.set(job.id, job);
  });
  const found: Mention[] = [];
  await forEach(jobs.values(), look, async (job) => {
    const mention = await mentionIn(job, await journal.outputs.of(job, steps), target, deps);
    // Outputs of earlier runs, and of messages that were too large, stand under the job's name as well.
    for await (const { name } of storage.blobs.list(containers.largeMessages, `${jobKey(job.id)}/`)) {
      if (mention.blobs.includes(name) || !steps.includes(stepOf(name))) continue;
      if (says(await claimCheck.resolveOr({ linked_content: name }, undefined), target.ids))
        mention.blobs.push(name);
    }
    if (mention.steps.length + mention.blobs.length > 0) found.push(mention);
  });
  return found;
}

async function mentionIn(
  job: LinkedJob,
  outputs: Readonly<Record<string, unknown>>,
  target: Target,
  { claimCheck }: PlaceDeps,
): Promise<Mention> {
  const mention: Mention = { job, steps: [], blobs: [] };
  for (const [step, output] of Object.entries(outputs)) {
    if (!isLinkedContent(output)) {
      if (says(output, target.ids)) mention.steps.push(step);
    } else if (says(await claimCheck.resolveOr(output, undefined), target.ids)) {
      mention.blobs.push(output.linked_content);
    }
  }
  return mention;
}
