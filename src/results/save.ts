import { PermanentError } from '../errors.ts';
import type { Dialect, Session } from './database.ts';
import { isoTime, tagName } from './normal-forms.ts';
import { removePairs, replacePairs } from './pairs.ts';
import { LIMITS } from './schema.ts';
import { bigint, insertRows, int, join, json, type Parameter, raw, type Sql, sql, text } from './sql.ts';
import type { ImageResult } from './store.ts';
import { indexWords } from './words.ts';

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
  ['processing_pipeline', json(result.pipeline)],
  ['categoriesJSON', json(result.categories)],
  ['tagsJSON', json(result.tags)],
  ['descriptionJSON', json(result.description)],
  ['job_output', json(result.jobOutput)],
];

/** The children of one image: everything but the pairs, which belong to two. */
function children(result: ImageResult, dialect: Dialect): Sql[] {
  const image_id = result.id;
  const timestamp = isoTime(result.finishedAt);
  const tags = new Map<string, number>();
  for (const { name, confidence } of result.tags) {
    const key = tagName(name);
    if (key !== '') tags.set(key, Math.max(confidence, tags.get(key) ?? 0));
  }
  const words = indexWords([...result.tags.map(({ name }) => name), result.caption ?? '', result.text ?? '']);
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
      'image_tag',
      { image_id: 'text', name: 'text', confidence: 'float', timestamp: 'text' },
      [...tags].map(([name, confidence]) => ({ image_id, name, confidence, timestamp })),
      dialect,
    ),
    ...insertRows(
      'image_word',
      { image_id: 'text', word: 'text', timestamp: 'text' },
      words.map((word) => ({ image_id, word, timestamp })),
      dialect,
    ),
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
 * Writes one image in three requests: the row, then everything else at once. The row comes first because changing it
 * takes its lock: of two deliveries of one job, or of a run and a rerun, the second waits here for the first.
 */
export async function saveImage(
  session: Session,
  dialect: Dialect,
  result: ImageResult,
): Promise<'saved' | 'superseded'> {
  checkLengths(result);
  const id = text(result.id);
  const row = columns(result);
  const changed = await session.run([
    sql`UPDATE pipeline_output SET ${join(
      row.map(([name, value]) => sql`${raw(name)} = ${value}`),
      ', ',
    )} WHERE id = ${id} AND run <= ${int(result.run)}`,
  ]);
  if (changed === 0) {
    const [newer] = await session.read([sql`SELECT run FROM pipeline_output WHERE id = ${id}`]);
    if (newer?.length === 1) return 'superseded';
    const names = raw(`id, ${row.map(([name]) => name).join(', ')}`);
    const values = join([id, ...row.map(([, value]) => value)], ', ');
    // Two processes may come here at once: the slower one meets the primary key and its transaction starts again.
    await session.run([sql`INSERT INTO pipeline_output (${names}) VALUES (${values})`]);
  }
  const ended = result.status === 'gone' || result.status === 'superseded';
  await session.run([
    ...['image_step', 'image_tag', 'image_word', 'face'].map(
      (table) => sql`DELETE FROM ${raw(table)} WHERE image_id = ${id}`,
    ),
    ...children(result, dialect),
    ...(ended ? removePairs(result.id) : replacePairs(result)),
  ]);
  return 'saved';
}

/** Faces of an image and every pair they stand in. */
export const removeFacesOf = (imageId: string): Sql[] => [
  sql`UPDATE pipeline_output SET face_count = 0 WHERE id = ${text(imageId)}`,
  sql`DELETE FROM face WHERE image_id = ${text(imageId)}`,
  ...removePairs(imageId),
];
