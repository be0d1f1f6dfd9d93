import { PermanentError } from '../domain/errors.ts';
import { jobKey } from '../domain/job-id.ts';
import type { Clock, Log } from '../domain/ports.ts';
import type { Rectangle } from '../domain/rectangle.ts';
import type { ModelSwitch } from '../people/models/switch.ts';
import type { ModelTask, ModelWorkList } from '../people/models/work-list.ts';
import type { People } from '../people/people.ts';
import type { BatchSettings } from '../pipeline/admission/batch-settings.ts';
import { barredBatches } from '../pipeline/admission/current-consent.ts';
import type { RecognitionState } from '../results/recognition-state.ts';
import type { ResultMatch } from '../results/rows.ts';
import type { ResultStore } from '../results/store.ts';
import { jobKeyOf } from '../vision/gallery/face-index.ts';
import type { Galleries, ModelInUse } from '../vision/gallery/galleries.ts';
import { MAX_MATCHES } from './facematch.ts';
import { printFaces } from './faceprint.ts';

/** What enrolling an archive anew works with. */
export interface EnrolAnewParts {
  readonly models: ModelSwitch;
  readonly list: ModelWorkList;
  readonly galleries: Galleries;
  readonly people: Pick<People, 'settle'>;
  readonly batches: Pick<BatchSettings, 'get'>;
  readonly results: Pick<ResultStore, 'faces'>;
  readonly clock: Clock;
  readonly log: Log;
  imageOf(batchId: string, jobId: string, signal: AbortSignal): Promise<Buffer | undefined>;
  /** Ends between two images where true: what is left, the next run goes on with. */
  until(): boolean;
  /**
   * How long deliveries that began before a switch, or before its exchange, may go by what they have read then, in
   * milliseconds. Given by tests, in which there are none.
   */
  readonly settleMs?: number;
}

/** A delivery of the Functions host, and what a process remembers of the model in use, are over by then. */
const SETTLE_MS = 15 * 60_000;

const AT_ONCE = 20;

export interface EnrolledAnew {
  readonly images: number;
  /** Whether there is nothing left to do now. */
  readonly through: boolean;
}

/**
 * Goes on with a switch of models, wherever the last run ended: has every process know the models, exchanges pairs where that
 * was begun, enrols and searches for the images on the list, and takes out what was enrolled with a former model. For a
 * timer; safe to run in several processes at once. Each search is of one model: its print, its lists, its pairs.
 */
export async function enrolAnew(parts: EnrolAnewParts, signal: AbortSignal): Promise<EnrolledAnew> {
  const { models, galleries } = parts;
  let state = await models.state();
  if (state.phase === 'exchanging') state = await models.exchange();
  const others = [state.next, state.former].filter((model): model is string => model !== undefined);
  await galleries.use(state.active, others);
  let images = 0;
  let through = false;
  if (!state.paused && (await galleries.isKnown(state.next ?? state.active, parts.settleMs))) {
    const done = await workOff(parts, state, signal);
    ({ images, through } = done);
    if (through && images > 0 && state.next) await removeStrays(parts, galleries.of(state.next), signal);
  }
  if (state.phase === 'retiring' && state.former) await retire(parts, state, state.former, signal);
  return { images, through };
}

async function workOff(
  parts: EnrolAnewParts,
  state: RecognitionState,
  signal: AbortSignal,
): Promise<EnrolledAnew> {
  const model = parts.galleries.of(state.next ?? state.active);
  let images = 0;
  /** Whatever moved on meanwhile is left to the next run. */
  const tried = new Set<string>();
  for (;;) {
    const next = await parts.list.next(AT_ONCE + tried.size);
    const tasks = next.filter(({ imageId }) => !tried.has(imageId));
    if (tasks.length === 0) return { images, through: true };
    for (const task of tasks) {
      if (parts.until() || signal.aborted) return { images, through: false };
      if (await enrolImage(parts, task, state, model, signal)) images += 1;
      else tried.add(task.imageId);
    }
  }
}

/** @returns false where it has to be done again */
async function enrolImage(
  parts: EnrolAnewParts,
  task: ModelTask,
  state: RecognitionState,
  { face, gallery }: ModelInUse,
  signal: AbortSignal,
): Promise<boolean> {
  const { list, log } = parts;
  const key = jobKey(task.imageId);
  const takeOut = () => gallery.keepOnly(key, [], signal);
  if (task.image === undefined) {
    await takeOut();
    await list.drop(task);
    return true;
  }
  const { batchId, imageUrl, faces } = task.image;
  const isBarred = barredBatches(parts);
  if (faces.length === 0 || (await isBarred(batchId))) {
    await takeOut();
    await list.drop(task);
    return true;
  }
  const bytes = await parts.imageOf(batchId, task.imageId, signal);
  if (bytes === undefined) {
    await takeOut();
    await list.refuse(task, 'ImageGone');
    return true;
  }
  await gallery.keepOnly(
    key,
    faces.map((one) => one.key),
    signal,
  );
  const enrolled: { key: string; rectangle: Rectangle }[] = [];
  let refused: string | undefined;
  for (const { key: faceKey, rectangle } of faces) {
    try {
      await gallery.enrol({ key: faceKey, jobId: task.imageId, batchId, imageUrl, rectangle }, bytes, signal);
      enrolled.push({ key: faceKey, rectangle });
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      refused = error.code;
    }
  }
  // Whoever forbids matching says so first and then takes out what is enrolled: asked again, none is left between.
  if ((await barredBatches(parts)(batchId)) || (await parts.list.isGone(task))) {
    await takeOut();
    await list.drop(task);
    return true;
  }
  const prints = await printFaces(
    face,
    bytes,
    enrolled.map((one) => ({ faceKey: one.key, faceRectangle: one.rectangle })),
    signal,
  );
  const matches: ResultMatch[] = [];
  for (const { faceKey, faceId } of prints) {
    if (faceId === undefined) continue;
    const found = await gallery.find(faceId, { jobKey: key, imageUrl, max: MAX_MATCHES, isBarred }, signal);
    for (const match of found)
      matches.push({
        face: faceKey,
        otherFace: match.faceKey,
        otherImage: match.jobId,
        otherImageUrl: match.imageUrl,
        otherRectangle: match.rectangle,
        confidence: match.confidence,
        ...(match.margin !== undefined && { margin: match.margin }),
      });
  }
  const report = {
    id: task.imageId,
    imageUrl,
    faces: faces.map((one) => ({ ...one, enrolled: true })),
    matches,
    model: face.model,
    finishedAt: new Date(parts.clock()).toISOString(),
  };
  const kept = await list.keep(task, report, state);
  if (kept === 'gone') await takeOut();
  if (kept !== 'kept') return false;
  if (refused !== undefined) log.warn('model.face.refused', { image: task.imageId, code: refused });
  if (state.next === undefined) await parts.people.settle([task.imageId]);
  return true;
}

/**
 * A process that died just after it enrolled an image that was being erased has left a print of it: once the archive is
 * through, whoever is enrolled must stand in it.
 */
async function removeStrays(
  { results }: EnrolAnewParts,
  { gallery }: ModelInUse,
  signal: AbortSignal,
): Promise<void> {
  let some: string[] = [];
  const look = async () => {
    const there = new Set((await results.faces(some)).map(({ face }) => face));
    for (const key of some.filter((one) => !there.has(one)))
      await gallery.removeFaces(jobKeyOf(key), [key], signal);
    some = [];
  };
  for await (const { key } of gallery.enrolled()) {
    signal.throwIfAborted();
    some.push(key);
    if (some.length >= 200) await look();
  }
  if (some.length > 0) await look();
}

async function retire(
  { models, galleries, clock, settleMs = SETTLE_MS }: EnrolAnewParts,
  state: RecognitionState,
  former: string,
  signal: AbortSignal,
): Promise<void> {
  if (clock() - Date.parse(state.changedAt) < settleMs) return;
  if (!(await galleries.of(former).gallery.removeAll(signal))) return;
  await models.retired(former);
  await galleries.use(state.active, []);
}
