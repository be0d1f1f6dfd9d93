import { jobKey } from '../../domain/job-id.ts';
import { isLinkedContent } from '../../domain/linked-content.ts';
import { idsIn, withoutImages } from '../../domain/mentions.ts';
import type { LinkedJob } from '../../pipeline/journal/job-links.ts';
import { toSafeJson } from '../../pipeline/message/codec.ts';
import { containers, tables } from '../../storage/names.ts';
import { type Place, type PlaceDeps, UNTIL_ERASED } from '../place.ts';
import { forEach, type Look, type Target } from '../subjects.ts';

const JOURNAL = `table:${tables.journal}, of other images`;
const LARGE = `blob:${containers.largeMessages}, of other images`;
const RESULTS = 'sql:pipeline_output, of other images';

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
  return {
    stores: [JOURNAL, LARGE, RESULTS].map((name) => ({
      name,
      holds: 'its id, address and face, in the possible matches and near-duplicates of others',
      kept: UNTIL_ERASED,
    })),
    count: async (target, look) => {
      const found = await allMentions(deps, target, look);
      const { erasures } = await results();
      const options = { dryRun: true };
      return {
        [JOURNAL]: found.filter(({ steps }) => steps.length > 0).length,
        [LARGE]: found.reduce((sum, { blobs }) => sum + blobs.length, 0),
        [RESULTS]: await erasures.forgetIn(await rowsSaying(target, found), target.ids, options),
      };
    },
    erase: async (target, look) => {
      const found = await allMentions(deps, target, look);
      const rows = await rowsSaying(target, found);
      for (const { job, steps, blobs } of found) {
        look.signal.throwIfAborted();
        for (const step of steps)
          await journal.changeOutput(job, step, (output) => withoutImages(output, target.ids));
        for (const blob of blobs) await rewrite(deps, blob, target);
      }
      await (await results()).erasures.forgetIn(rows, target.ids);
    },
  };
};

const says = (value: unknown, { ids }: Target): boolean => [...idsIn(value)].some((id) => ids.has(id));

async function allMentions(deps: PlaceDeps, target: Target, look: Look): Promise<Mention[]> {
  const { registry, journal } = deps;
  const steps = registry.names.filter((name) => registry.get(name)?.mentions);
  if (!look.thorough && (await journal.links.isComplete())) return linkedMentions(deps, steps, target, look);
  const found: Mention[] = [];
  for await (const { id, batchId, outputs } of journal.outputs(steps)) {
    look.signal.throwIfAborted();
    if (target.ids.has(id)) continue;
    const mention = await mentionIn({ id, batchId }, outputs, target, deps);
    if (mention.steps.length + mention.blobs.length > 0) found.push(mention);
  }
  if (look.thorough) await addOlderBlobs(deps, steps, target, found, look);
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
    const mention = await mentionIn(job, await journal.outputsOf(job, steps), target, deps);
    // Outputs of earlier runs, and of messages that were too large, stand under the job's name as well.
    for await (const { name } of storage.blobs.list(containers.largeMessages, `${jobKey(job.id)}/`)) {
      if (mention.blobs.includes(name) || !steps.includes(stepOf(name))) continue;
      if (says(await claimCheck.resolveOr({ linked_content: name }, undefined), target))
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
      if (says(output, target)) mention.steps.push(step);
    } else if (says(await claimCheck.resolveOr(output, undefined), target)) {
      mention.blobs.push(output.linked_content);
    }
  }
  return mention;
}

/** The step whose output a blob of `largemessages` is. */
const stepOf = (blob: string): string => /^[a-z0-9]+/.exec(blob.split('/')[1] ?? '')?.[0] ?? '';

/** Of earlier runs, and of messages that were too large: nothing leads to these but their names. */
async function addOlderBlobs(
  { storage: { blobs }, claimCheck }: PlaceDeps,
  steps: readonly string[],
  target: Target,
  found: Mention[],
  { signal }: Look,
): Promise<void> {
  const known = new Set(found.flatMap((mention) => mention.blobs));
  const older: string[] = [];
  for await (const { name } of blobs.list(containers.largeMessages)) {
    signal.throwIfAborted();
    const [key = ''] = name.split('/');
    if (known.has(name) || target.keys.has(key) || !steps.includes(stepOf(name))) continue;
    if (says(await claimCheck.resolveOr({ linked_content: name }, undefined), target)) older.push(name);
  }
  if (older.length > 0) found.push({ job: { id: '', batchId: '' }, steps: [], blobs: older });
}

/** In place: the name is what others know it by. */
async function rewrite({ storage: { blobs }, claimCheck }: PlaceDeps, name: string, target: Target) {
  const output = await claimCheck.resolveOr({ linked_content: name }, undefined);
  if (output === undefined) return;
  const bytes = Buffer.from(toSafeJson(withoutImages(output, target.ids)));
  await blobs.write(containers.largeMessages, name, bytes, 'application/json');
}
