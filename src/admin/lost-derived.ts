import type { Job } from '../domain/job.ts';
import { isLinkedContent } from '../domain/linked-content.ts';
import type { StorageAccount } from '../storage/account.ts';
import { containers } from '../storage/names.ts';

/** Crops of one image that are asked for: of a crowd, whether the first are there tells enough. */
const MOST_CROPS = 20;

/**
 * What was made of an image and is no longer where it was put: a working image, crops, large outputs that somebody, or a
 * lifecycle rule, has deleted.
 *
 * @returns for each kind a sentence with what to do
 */
export async function lostDerived(job: Job, storage: StorageAccount): Promise<string[]> {
  const [rendition, crops, outputs] = await Promise.all([
    lostRendition(job, storage),
    lostCrops(job, storage),
    lostOutputs(job, storage),
  ]);
  return [...rendition, ...crops, ...outputs];
}

const BY = 'somebody, or a lifecycle rule, has deleted';

async function isLost({ blobs }: StorageAccount, container: string, name: string): Promise<boolean> {
  return (await blobs.head(container, name)) === undefined;
}

async function originalStands({ source }: Job, { blobs }: StorageAccount): Promise<boolean> {
  return (await blobs.head(source.container, source.name))?.etag === source.etag;
}

async function lostRendition(job: Job, storage: StorageAccount): Promise<string[]> {
  const name = job.image?.rendition;
  if (name === undefined || !(await isLost(storage, containers.renditions, name))) return [];
  return [
    `Its working image is missing from the container ${containers.renditions}: ${BY} it. ${
      (await originalStands(job, storage))
        ? 'It is made again from the original when a step or the page next needs it: nothing to do.'
        : 'It cannot be made again, for the original is not what it was: upload the image anew.'
    }`,
  ];
}

async function lostCrops(job: Job, storage: StorageAccount): Promise<string[]> {
  const { crops } = (job.steps.facecrop?.output ?? {}) as { crops?: { name?: unknown }[] };
  const names = (Array.isArray(crops) ? crops : []).flatMap(({ name }) =>
    typeof name === 'string' ? [name] : [],
  );
  const lost = await Promise.all(
    names.slice(0, MOST_CROPS).map((name) => isLost(storage, containers.faces, name)),
  );
  if (!lost.includes(true)) return [];
  return [
    `Faces cut out of it are missing from the container ${containers.faces}: ${BY} them. ${
      (await originalStands(job, storage))
        ? 'Each is cut out again when the page next shows it: nothing to do.'
        : 'They cannot be cut out again, for the original is not what it was: upload the image anew.'
    }`,
  ];
}

async function lostOutputs(job: Job, storage: StorageAccount): Promise<string[]> {
  const sentences: string[] = [];
  for (const [step, { output }] of Object.entries(job.steps)) {
    if (!isLinkedContent(output) || !(await isLost(storage, containers.largeMessages, output.linked_content)))
      continue;
    sentences.push(
      `What the step ${step} put out is missing from the container ${containers.largeMessages}: ${BY} it. Have it made again: imaginem rerun --step ${step} --all --image ${job.id}`,
    );
  }
  return sentences;
}
