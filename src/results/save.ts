import type { Dialect, Session } from '../database/database.ts';
import {
  bigint,
  int,
  join,
  json,
  type Parameter,
  raw,
  type Sql,
  sql,
  storableText,
  text,
} from '../database/sql.ts';
import { PermanentError } from '../domain/errors.ts';
import { bucketOf, NO_BUCKET } from '../domain/latency-bucket.ts';
import { ON_TIME_MS } from '../domain/on-time.ts';
import { renewCards } from './cards.ts';
import { consentColumns } from './consent.ts';
import { type Counted, countChange, lockCounted, ofImage } from './count-changes.ts';
import { dissolve, markDirty, markForModel } from './dirty.ts';
import { erasedBeside, imagesOf, withoutErased } from './erased.ts';
import { lookAtPartners, lookLater } from './faceprint-looks.ts';
import { categoriesOf, IMAGE_CHILDREN, insertChildren, stepsOf, tagsOf } from './image-children.ts';
import { LIMITS } from './limits.ts';
import { isoTime } from './normal-forms.ts';
import { isUnmatched, PairChanges, removePairs } from './pairs.ts';
import { type PairPlan, planFor, RECOGNITION, toRecognition, USUAL_PLAN } from './recognition-state.ts';
import { WORDS_VERSION } from './reindex.ts';
import type { ImageResult } from './rows.ts';
import { type ResultTable, rowsAbout } from './table.ts';
import { IMAGE_TABLES } from './tables.ts';

function checkLengths(result: ImageResult): void {
  const tooLong = (what: string, value: string, limit: number) => {
    if (value.length <= limit) return;
    throw new PermanentError(
      'ResultRefused',
      `The ${what} is ${value.length} characters long, the result tables hold ${limit}: submit the image under a shorter one.`,
    );
  };
  tooLong('job id', result.id, LIMITS.id);
  tooLong('batch id', result.batchId, LIMITS.batchId);
  for (const { key } of result.faces) tooLong('face key', key, LIMITS.faceKey);
  if (new Set(result.faces.map(({ key }) => key)).size < result.faces.length) {
    throw new PermanentError(
      'ResultRefused',
      'Two faces of the image have the same key, under which only one can be kept: a step gave them so.',
    );
  }
  for (const { otherFace, otherImage } of result.matches) {
    tooLong("match's face key", otherFace, LIMITS.faceKey);
    tooLong("match's job id", otherImage, LIMITS.id);
  }
}

const tookOf = ({ latencyMs }: ImageResult): number =>
  latencyMs === undefined ? NO_BUCKET : bucketOf(latencyMs);

const columns = (result: ImageResult): [string, Parameter][] => [
  ['batch_id', text(result.batchId)],
  ['timestamp', text(isoTime(result.finishedAt))],
  ['status', text(result.status)],
  ['run', int(result.run)],
  ['face_count', int(result.faces.length)],
  ['width', int(result.width)],
  ['height', int(result.height)],
  ['bytes', bigint(result.bytes)],
  ['reason_code', text(result.reason?.code.slice(0, LIMITS.code))],
  ['reason', text(result.reason?.message)],
  ['image_url', text(result.imageUrl)],
  ['caption', text(result.caption)],
  ['text', text(result.text)],
  ['took', int(tookOf(result))],
  ['errors', json(result.steps)],
  ['image_parameters', json(result.imageParameters)],
  ...consentColumns(result.consent),
  ['exif', json(result.exif)],
  ['words_version', int(WORDS_VERSION)],
  ['warnings', json(result.warnings?.length ? result.warnings : undefined)],
  ['processing_pipeline', json(result.pipeline)],
  ['categoriesJSON', json(result.categories)],
  ['tagsJSON', json(result.tags)],
  ['descriptionJSON', json(result.description)],
  ['job_output', json(result.jobOutput)],
];

const countedOf = (result: ImageResult): Counted => ({
  batchId: storableText(result.batchId),
  status: result.status,
  faces: result.faces.length,
  tags: [...tagsOf(result).keys()],
  categories: [...categoriesOf(result).keys()],
  outcomes: [
    ofImage(result.status, storableText(result.reason?.code.slice(0, LIMITS.code) ?? ''), tookOf(result)),
    ...stepsOf(result),
  ],
});

/**
 * Writes one image, unless it is erased, and nothing of images that are.
 *
 * An erasure commits its tombstones first and deletes in a transaction of its own. So a tombstone that is not there yet
 * when this one, having written everything, looks for it, is followed by a deletion that waits for this one's rows.
 */
export async function saveImage(
  session: Session,
  dialect: Dialect,
  given: ImageResult,
): Promise<'saved' | 'superseded' | 'erased'> {
  checkLengths(given);
  const images = imagesOf(given);
  let left: ReadonlySet<string> = new Set();
  let plan = USUAL_PLAN;
  for (;;) {
    const saved = await writeImage(session, dialect, withoutErased(given, left), plan);
    // The state of models is read last as well: whoever exchanges pairs has said so in a transaction before.
    const { erased, rows } = await erasedBeside(session, images, [RECOGNITION]);
    if (erased.has(given.id)) {
      await removeImages(session, dialect, [given.id], Date.parse(given.finishedAt));
      return 'erased';
    }
    const now = planFor(toRecognition(rows[0] ?? []), given.model);
    const asPlanned = now.keeps === plan.keeps && now.marks === plan.marks;
    if (saved === 'superseded' || (erased.size === left.size && asPlanned)) return saved;
    left = erased;
    plan = now;
  }
}

/**
 * Writes one image: the row, then everything else at once. The row comes first because changing it takes its lock: of
 * two deliveries of one job, or of a run and a rerun, the second waits here for the first. The pairs come last,
 * because other images share their rows.
 */
async function writeImage(
  session: Session,
  dialect: Dialect,
  result: ImageResult,
  { keeps, marks }: PairPlan,
): Promise<'saved' | 'superseded'> {
  const id = text(result.id);
  const row = columns(result);
  const before = (await lockCounted(session, [result.id])).get(result.id);
  if (before !== undefined && before.run > result.run) return 'superseded';
  if (before === undefined) {
    const names = raw(`id, ${row.map(([name]) => name).join(', ')}`);
    const values = join([id, ...row.map(([, value]) => value)], ', ');
    // Two processes may come here at once: the slower one meets the primary key and its transaction starts again.
    await session.run([sql`INSERT INTO pipeline_output (${names}) VALUES (${values})`]);
  } else {
    const assignments = row.map(([name, value]) => sql`${raw(name)} = ${value}`);
    await session.run([sql`UPDATE pipeline_output SET ${join(assignments, ', ')} WHERE id = ${id}`]);
  }
  const statements = [
    markDirty(result.id, isoTime(result.finishedAt), result.matches.length > 0),
    ...IMAGE_CHILDREN.flatMap((table) => deleteAbout(table, [result.id])),
    ...IMAGE_CHILDREN.flatMap((table) => insertChildren(table, result.id, table.rows(result), dialect)),
    ...countChange(before, countedOf(result), isoTime(result.finishedAt), dialect),
    ...(marks ? [markForModel(result.id, isoTime(result.finishedAt))] : []),
    ...(mayBeLate(result, before) ? [lookLater(result.id, isoTime(result.finishedAt))] : []),
  ];
  if (isUnmatched(result)) await session.run([...statements, ...removePairs(result.id)]);
  else {
    const report = keeps ? result : { ...result, matches: [] };
    await (await PairChanges.of(session, report, before === undefined)).run(session, statements);
  }
  return 'saved';
}

/** A rerun enrols what was admitted long ago, as does a photograph that had to wait: half the time is said to be late, for clocks differ. */
const mayBeLate = ({ faces, latencyMs }: ImageResult, before: Counted | undefined): boolean =>
  (latencyMs === undefined || latencyMs > ON_TIME_MS / 2) && (faces.length > 0 || (before?.faces ?? 0) > 0);

const deleteAbout = (table: ResultTable, ids: readonly string[]): Sql[] =>
  rowsAbout(table, ids).map((are) => sql`DELETE FROM ${raw(table.name)} WHERE ${are}`);

/** Removes the faces of an image and every pair they stand in. */
export async function removeFacesOf(
  session: Session,
  dialect: Dialect,
  imageId: string,
  now: number,
): Promise<void> {
  const before = (await lockCounted(session, [imageId])).get(imageId);
  if (before === undefined) return;
  const at = new Date(now).toISOString();
  await session.run([
    sql`UPDATE pipeline_output SET face_count = 0 WHERE id = ${text(imageId)}`,
    sql`DELETE FROM face WHERE image_id = ${text(imageId)}`,
    markDirty(imageId, at),
    ...removePairs(imageId),
    ...countChange(before, { ...before, faces: 0 }, at, dialect),
  ]);
  await renewCards(session, [imageId]);
}

/**
 * Removes images with all that belongs to them, what others' pairs and people's decisions say of them included, and takes
 * them out of the counts. Nothing of those that are not there. The names of their batches and tags go with the next
 * `foldCounts`.
 */
export async function removeImages(
  session: Session,
  dialect: Dialect,
  ids: readonly string[],
  now: number,
): Promise<void> {
  const before = await lockCounted(session, ids);
  const at = new Date(now).toISOString();
  await session.run([
    ...ids.flatMap((id) => [...lookAtPartners(id, ['face_match', 'match_decision']), ...dissolve(id, at)]),
    ...IMAGE_TABLES.flatMap((table) => deleteAbout(table, ids)),
    ...[...before.values()].flatMap((counted) => countChange(counted, undefined, at, dialect)),
  ]);
}
