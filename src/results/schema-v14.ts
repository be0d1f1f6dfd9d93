import type { Dialect } from '../database/database.ts';
import { FIRST_MODEL } from '../domain/recognition-model.ts';
import { LIMITS } from './limits.ts';

/**
 * Version 14: two models of recognition side by side.
 *
 * `recognition` has one row: the model whose pairs count (`active_model`), the one that an archive is being enrolled anew with
 * (`next_model`), and how far that is: see `recognition-state.ts`. `face_match` holds pairs of the active model only, and says so of each.
 * `model_pair` holds the pairs of the next one until they take the place of the others. `model_todo` names images
 * that are still to be enrolled and searched for with a model: a mark is a row of its own each time, removed in the transaction
 * that writes their pairs; `problem` says why one cannot be.
 */
export function versionFourteen({ type, keyedTable }: Dialect): string[] {
  const id = type.key(LIMITS.id);
  const faceKey = type.key(LIMITS.faceKey);
  const uuid = type.key(36);
  const time = type.key(30);
  const model = type.key(128);
  const rectangle = (side: string) =>
    ['left', 'top', 'width', 'height'].map((name) => `rect${side}_${name} ${type.float} NOT NULL`).join(', ');
  return [
    `ALTER TABLE face_match ADD model ${model} NOT NULL CONSTRAINT df_face_match_model DEFAULT '${FIRST_MODEL}'`,
    `CREATE TABLE recognition (
      id ${type.int} NOT NULL CONSTRAINT pk_recognition PRIMARY KEY,
      active_model ${model} NOT NULL,
      next_model ${model} NULL,
      former_model ${model} NULL,
      phase ${type.key(20)} NOT NULL,
      paused ${type.int} NOT NULL,
      switch_id ${uuid} NULL,
      started_at ${time} NULL,
      started_by ${type.key(256)} NULL,
      changed_at ${time} NOT NULL,
      images ${type.int} NOT NULL,
      changes ${type.int} NOT NULL
    )${keyedTable}`,
    `INSERT INTO recognition (id, active_model, phase, paused, changed_at, images, changes)
      VALUES (1, '${FIRST_MODEL}', 'steady', 0, '1970-01-01T00:00:00.000Z', 0, 0)`,
    `CREATE TABLE model_todo (
      mark ${uuid} NOT NULL,
      image_id ${id} NOT NULL,
      marked_at ${time} NOT NULL,
      problem ${type.key(128)} NULL,
      CONSTRAINT pk_model_todo PRIMARY KEY (mark, image_id)
    )${keyedTable}`,
    'CREATE INDEX ix_model_todo_image ON model_todo (image_id)',
    'CREATE INDEX ix_model_todo_order ON model_todo (problem, marked_at, image_id)',
    `CREATE TABLE model_pair (
      face_a ${faceKey} NOT NULL,
      face_b ${faceKey} NOT NULL,
      image_a ${id} NOT NULL,
      image_b ${id} NOT NULL,
      image_url_a ${type.text} NOT NULL,
      image_url_b ${type.text} NOT NULL,
      ${rectangle('_a')},
      ${rectangle('_b')},
      confidence ${type.float} NOT NULL,
      confidence_a ${type.float} NULL,
      confidence_b ${type.float} NULL,
      margin_a ${type.float} NULL,
      margin_b ${type.float} NULL,
      reported_by_a ${type.int} NOT NULL,
      reported_by_b ${type.int} NOT NULL,
      first_seen ${time} NOT NULL,
      verdict ${type.key(20)} NULL,
      enquiry ${type.int} NOT NULL,
      model ${model} NOT NULL,
      CONSTRAINT pk_model_pair PRIMARY KEY (face_a, face_b)
    )${keyedTable}`,
    'CREATE INDEX ix_model_pair_face_b ON model_pair (face_b)',
    'CREATE INDEX ix_model_pair_image_a ON model_pair (image_a)',
    'CREATE INDEX ix_model_pair_image_b ON model_pair (image_b)',
  ];
}
