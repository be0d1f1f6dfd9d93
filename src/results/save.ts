import type { Dialect, Session } from '../database/database.ts';
import {
  bigint,
  insertRows,
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
import { categoriesIn } from './categories.ts';
import { consentColumns } from './consent.ts';
import { type Counted, countChange, lockCounted, removeEmptyCounts } from './counts.ts';
import { erasedAmong, imagesOf, withoutErased } from './erased.ts';
import { LIMITS } from './limits.ts';
import { isoTime, tagName } from './normal-forms.ts';
import { removePairs, replacePairs } from './pairs.ts';
import { textsOf, WORDS_VERSION, wordRows } from './reindex.ts';
import type { ImageResult } from './rows.ts';

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
  for (const { otherFace, otherImage } of result.matches) {
    tooLong("match's face key", otherFace, LIMITS.faceKey);
    tooLong("match's job id", otherImage, LIMITS.id);
  }
}

const columns = (result: ImageResult): [string, Parameter][] => [
  ['batch_id', text(result.batchId)],
  ['timestamp', text(isoTime(result.finishedAt))],
  ['status', text(result.status)],
  ['run', int(result.run)],
  ['face_count', int(result.faces.length)],
  ['width', int(result.width)],
  ['height', int(result.height)],
  ['bytes', bigint(result.bytes)],
  ['reason_code', text(result.reason?.code.slice(0, 128))],
  ['reason', text(result.reason?.message)],
  ['image_url', text(result.imageUrl)],
  ['caption', text(result.caption)],
  ['text', text(result.text)],
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

/** Names in their normal form, each with its best figure. */
function best(named: readonly { name: string; value: number }[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { name, value } of named) {
    const key = storableText(tagName(name));
    if (key !== '') found.set(key, Math.max(value, found.get(key) ?? 0));
  }
  return found;
}

const categoriesOf = (result: ImageResult) =>
  best(categoriesIn(result.categories).map(({ name, score }) => ({ name, value: score })));

const tagsOf = (result: ImageResult) =>
  best(result.tags.map(({ name, confidence }) => ({ name, value: confidence })));

const warningCodesOf = (result: ImageResult): string[] => [
  ...new Set((result.warnings ?? []).map(({ code }) => code.slice(0, LIMITS.code))),
];

const countedOf = (result: ImageResult): Counted => ({
  batchId: storableText(result.batchId),
  status: result.status,
  faces: result.faces.length,
  tags: [...tagsOf(result).keys()],
  categories: [...categoriesOf(result).keys()],
});

/** The children of one image: everything but the pairs, which belong to two. */
function children(result: ImageResult, dialect: Dialect): Sql[] {
  const image_id = result.id;
  const timestamp = isoTime(result.finishedAt);
  const tags = tagsOf(result);
  const steps = Object.entries(result.steps);
  return [
    ...insertRows(
      'image_step',
      {
        image_id: 'text',
        step: 'text',
        state: 'text',
        error_code: 'text',
        error_message: 'text',
        attempts: 'int',
      },
      steps.map(([step, { state, error, attempts }]) => ({
        image_id,
        step: step.slice(0, LIMITS.step),
        state,
        error_code: error?.code.slice(0, 128),
        error_message: error?.message,
        attempts,
      })),
      dialect,
    ),
    ...insertRows(
      'image_warning',
      { image_id: 'text', code: 'text', timestamp: 'text' },
      warningCodesOf(result).map((code) => ({ image_id, code, timestamp })),
      dialect,
    ),
    ...insertRows(
      'image_tag',
      { image_id: 'text', name: 'text', confidence: 'float', timestamp: 'text' },
      [...tags].map(([name, confidence]) => ({ image_id, name, confidence, timestamp })),
      dialect,
    ),
    ...insertRows(
      'image_category',
      { image_id: 'text', name: 'text', score: 'float', timestamp: 'text' },
      [...categoriesOf(result)].map(([name, score]) => ({ image_id, name, score, timestamp })),
      dialect,
    ),
    ...wordRows({ id: image_id, timestamp, texts: textsOf(result) }, dialect),
    ...insertRows(
      'face',
      {
        face_key: 'text',
        image_id: 'text',
        position: 'int',
        rect_left: 'float',
        rect_top: 'float',
        rect_width: 'float',
        rect_height: 'float',
        crop: 'text',
        quality: 'text',
        attributes: 'text',
        enrolled: 'int',
      },
      result.faces.map((face, position) => ({
        face_key: face.key,
        image_id,
        position,
        rect_left: face.rectangle.left,
        rect_top: face.rectangle.top,
        rect_width: face.rectangle.width,
        rect_height: face.rectangle.height,
        crop: face.crop,
        quality: face.quality?.slice(0, 40),
        attributes: JSON.stringify(face.attributes),
        enrolled: face.enrolled ? 1 : 0,
      })),
      dialect,
    ),
  ];
}

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
  for (;;) {
    const saved = await writeImage(session, dialect, withoutErased(given, left));
    const erased = await erasedAmong(session, images);
    if (erased.has(given.id)) {
      await removeImage(session, given.id, Date.parse(given.finishedAt));
      return 'erased';
    }
    if (saved === 'superseded' || erased.size === left.size) return saved;
    left = erased;
  }
}

/**
 * Writes one image: the row, then everything else at once. The row comes first because changing it takes its lock: of
 * two deliveries of one job, or of a run and a rerun, the second waits here for the first. The counts come last,
 * because what they lock is shared by all images.
 */
async function writeImage(
  session: Session,
  dialect: Dialect,
  result: ImageResult,
): Promise<'saved' | 'superseded'> {
  const id = text(result.id);
  const row = columns(result);
  const before = await lockCounted(session, result.id);
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
  const ended = result.status === 'gone' || result.status === 'superseded' || result.consent?.doNotMatch;
  await session.run([
    ...CHILDREN.map((table) => sql`DELETE FROM ${raw(table)} WHERE image_id = ${id}`),
    ...children(result, dialect),
    ...(ended ? removePairs(result.id) : replacePairs(result)),
    ...countChange(result.id, before, countedOf(result), isoTime(result.finishedAt)),
  ]);
  return 'saved';
}

/** Tables whose rows belong to one image each. */
export const CHILDREN = [
  'image_step',
  'image_warning',
  'image_tag',
  'image_category',
  'image_word',
  'face',
] as const;

/** Removes the faces of an image and every pair they stand in. */
export async function removeFacesOf(session: Session, imageId: string, now: number): Promise<void> {
  const before = await lockCounted(session, imageId);
  if (before === undefined) return;
  await session.run([
    sql`UPDATE pipeline_output SET face_count = 0 WHERE id = ${text(imageId)}`,
    sql`DELETE FROM face WHERE image_id = ${text(imageId)}`,
    ...removePairs(imageId),
    ...countChange(imageId, before, { ...before, faces: 0 }, new Date(now).toISOString()),
  ]);
}

/**
 * Removes an image with all that belongs to it, what others' pairs and people's decisions say of it included, and takes
 * it out of the counts. Nothing where it is not there.
 */
export async function removeImage(session: Session, imageId: string, now: number): Promise<void> {
  const id = text(imageId);
  const before = await lockCounted(session, imageId);
  await session.run([
    ...removePairs(imageId),
    sql`DELETE FROM match_decision WHERE image_a = ${id}`,
    sql`DELETE FROM match_decision WHERE image_b = ${id}`,
    sql`DELETE FROM bulk_item WHERE item = ${id}`,
    ...CHILDREN.map((table) => sql`DELETE FROM ${raw(table)} WHERE image_id = ${id}`),
    sql`DELETE FROM pipeline_output WHERE id = ${id}`,
    ...(before === undefined ? [] : countChange(imageId, before, undefined, new Date(now).toISOString())),
  ]);
  // A count of none would keep the name of the batch or the tag.
  if (before !== undefined) await session.run(removeEmptyCounts(before));
}
