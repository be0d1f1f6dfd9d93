import { z } from 'zod';
import { mayEndOtherwise } from '../../domain/again.ts';
import { fileName } from '../../domain/file-name.ts';
import { isFinished, type Job } from '../../domain/job.ts';
import { type Looked, lookedFor } from '../../domain/looked-for.ts';
import type { Registry } from '../../pipeline/definition/registry.ts';
import { categoriesIn } from '../../results/categories.ts';
import type { FacePair } from '../../results/decisions.ts';
import type { PairView } from '../../results/pair-view.ts';
import { withoutRejected } from '../../results/rejected.ts';
import type { StoredImage } from '../../results/rows.ts';
import type { Handler } from '../call.ts';
import type { DeadLetterSummary, ImageResultView, LookedView, Timeline } from '../contract.ts';
import { groupsOfPairs, matchesSeenFrom, worthIn } from '../matches.ts';
import { notFound } from '../problem.ts';
import { toLetterSummary } from './dead-letters.ts';

export const getImage: Handler<'getImage'> = async ({ app, params: { id } }) => {
  const results = await app.results();
  const [stored, batchId] = await Promise.all([results.get(id), app.journal.batchOf(id)]);
  const entry = batchId === undefined ? undefined : await app.journal.read(batchId, id);
  const job = entry?.job;
  const about = stored ?? job;
  if (about === undefined) throw notFound('image');
  const pairs = stored === undefined ? [] : await results.decisions.ofImage(id);
  const groups = await groupsOfPairs(app, pairs);
  const letters: DeadLetterSummary[] = [];
  for await (const letter of app.deadLetters.summaries({ jobId: id })) letters.push(toLetterSummary(letter));
  return {
    id,
    batchId: about.batchId,
    name: fileName(about.imageUrl),
    imageUrl: about.imageUrl,
    underWay: job !== undefined && !isFinished(job),
    result:
      stored === undefined
        ? null
        : toResult(
            stored,
            pairs,
            matchesSeenFrom(pairs, ({ imageId }) => imageId === id, await worthIn(app), groups),
            app.registry,
          ),
    timeline: job === undefined ? null : toTimeline(job, app.registry),
    deadLetters: letters,
  };
};

/** Lines of a Read result. Source: Computer Vision 3.2, "Get Read Result". */
const readSchema = z.object({
  ocr: z.object({
    readResults: z.array(
      z.object({
        lines: z.array(z.object({ text: z.string(), boundingBox: z.array(z.number()).length(8) })),
      }),
    ),
  }),
});

const toLooked = ({ reason, ...looked }: Looked): LookedView => ({ ...looked, reason: reason ?? null });

function toResult(
  stored: StoredImage,
  pairs: readonly PairView[],
  seen: ReturnType<typeof matchesSeenFrom>,
  registry: Registry,
): ImageResultView {
  const looked = lookedFor(stored);
  const read = readSchema.safeParse(stored.jobOutput.ocr);
  const lines = read.success ? read.data.ocr.readResults.flatMap((page) => page.lines) : [];
  return {
    status: stored.status,
    reason: stored.reason ?? null,
    warnings: stored.warnings ?? [],
    run: stored.run,
    finishedAt: stored.finishedAt,
    pipeline: stored.pipeline,
    steps: Object.entries(stored.steps).map(([step, { state, attempts, error }]) => ({
      step,
      state,
      attempts,
      error: error ?? null,
    })),
    width: stored.width ?? null,
    height: stored.height ?? null,
    bytes: stored.bytes ?? null,
    caption: stored.caption ?? null,
    text: stored.text ?? null,
    tags: stored.tags,
    categories: categoriesIn(stored.categories),
    textLines: lines.map(({ text, boundingBox }) => ({ text, box: boundingBox })),
    faces: stored.faces.map(({ key, rectangle, crop, quality, enrolled, attributes }) => ({
      key,
      rectangle,
      hasCrop: crop !== undefined,
      quality: quality ?? null,
      enrolled,
      attributes: attributes ?? null,
    })),
    facesLookedFor: looked.faces.state === 'looked',
    lookedFor: {
      tags: toLooked(looked.tags),
      text: toLooked(looked.text),
      faces: toLooked(looked.faces),
      matches: toLooked(looked.matches),
    },
    ...seen,
    consent: stored.consent
      ? {
          purpose: stored.consent.purpose ?? null,
          legalBasis: stored.consent.legalBasis ?? null,
          expires: stored.consent.expires ?? null,
          doNotMatch: stored.consent.doNotMatch,
        }
      : null,
    exif: stored.exif ?? null,
    parameters: stored.imageParameters ?? null,
    // Also those that somebody has rejected since the row was written.
    output: withoutRejected(stored.jobOutput, rejectedOf(pairs), registry.keepSuggestions),
  };
}

const rejectedOf = (pairs: readonly PairView[]): FacePair[] =>
  pairs.filter(({ decision }) => decision?.verdict === 'notSame').map(({ a, b }) => [a.face, b.face]);

function toTimeline(job: Job, registry: Registry): Timeline {
  return {
    admittedAt: job.admittedAt,
    run: job.run,
    end: job.end ?? null,
    steps: job.pipeline.map((step) => {
      const record = job.steps[step];
      return {
        step,
        title: registry.get(step)?.title ?? (registry.get(step) ? step : null),
        summary: registry.get(step)?.summary ?? null,
        state: record?.state ?? 'pending',
        at: record?.at ?? null,
        run: record?.run ?? null,
        attempts: record?.attempts ?? 0,
        ms: record?.ms ?? null,
        error: record?.error ?? null,
        again: record?.error !== undefined && mayEndOtherwise(record.error.code),
        nextAttemptAt: record?.state === 'waiting' ? (record.nextAt ?? null) : null,
      };
    }),
  };
}
