import type { Dialect } from '../database/database.ts';
import { LIMITS } from './limits.ts';

/**
 * Version 2: what the dashboard asks for at a million images.
 *
 * `image_category` is to categories what `image_tag` is to tags; images saved under version 1 get theirs with their next
 * run. `match_decision` is what people said about pairs: apart from `face_match`, whose rows come and go with reruns.
 * `face_match.verdict` repeats it (NULL: undecided), so that the review queue is a walk through one index.
 *
 * `batch_count` and `tag_count` are kept by the transactions that change images. The row of batch '' counts all
 * images: no batch is named so. `changes` grows with each write, so that its sum tells whether anything changed.
 */
export function versionTwo({ type, keyedTable }: Dialect): string[] {
  const id = type.key(LIMITS.id);
  const faceKey = type.key(LIMITS.faceKey);
  const time = type.key(30);
  return [
    `CREATE TABLE image_category (
      image_id ${id} NOT NULL CONSTRAINT fk_image_category_image REFERENCES pipeline_output (id) ON DELETE CASCADE,
      name ${type.key(LIMITS.tag)} NOT NULL,
      score ${type.float} NOT NULL,
      [timestamp] ${time} NOT NULL,
      CONSTRAINT pk_image_category PRIMARY KEY (image_id, name)
    )${keyedTable}`,
    'CREATE INDEX ix_category_name ON image_category (name, timestamp, image_id)',
    'CREATE INDEX ix_output_faces ON pipeline_output (face_count, timestamp, id)',
    'CREATE INDEX ix_step_error ON image_step (state, step, error_code)',

    `CREATE TABLE match_decision (
      face_a ${faceKey} NOT NULL,
      face_b ${faceKey} NOT NULL,
      image_a ${id} NOT NULL,
      image_b ${id} NOT NULL,
      verdict ${type.key(20)} NOT NULL,
      decided_by ${type.text} NOT NULL,
      decided_at ${time} NOT NULL,
      CONSTRAINT pk_match_decision PRIMARY KEY (face_a, face_b)
    )${keyedTable}`,
    'CREATE INDEX ix_decision_time ON match_decision (decided_at)',
    'CREATE INDEX ix_decision_image_a ON match_decision (image_a)',
    'CREATE INDEX ix_decision_image_b ON match_decision (image_b)',
    `ALTER TABLE face_match ADD verdict ${type.key(20)} NULL`,
    'CREATE INDEX ix_match_review ON face_match (verdict, confidence, face_a, face_b)',

    // A unique index and no primary key: a batch id is longer than what a clustered key of SQL Server holds.
    `CREATE TABLE batch_count (
      batch_id ${type.key(LIMITS.batchId)} NOT NULL,
      status ${type.key(20)} NOT NULL,
      images ${type.int} NOT NULL,
      faces ${type.int} NOT NULL,
      changes ${type.int} NOT NULL,
      latest ${time} NOT NULL
    )`,
    'CREATE UNIQUE INDEX ux_batch_count ON batch_count (batch_id, status)',
    `INSERT INTO batch_count (batch_id, status, images, faces, changes, latest)
      SELECT batch_id, status, COUNT(*), SUM(face_count), COUNT(*), MAX(timestamp) FROM pipeline_output GROUP BY batch_id, status`,
    `INSERT INTO batch_count (batch_id, status, images, faces, changes, latest)
      SELECT '', status, COUNT(*), SUM(face_count), COUNT(*), MAX(timestamp) FROM pipeline_output GROUP BY status`,
    `CREATE TABLE tag_count (
      kind ${type.key(10)} NOT NULL,
      name ${type.key(LIMITS.tag)} NOT NULL,
      images ${type.int} NOT NULL,
      CONSTRAINT pk_tag_count PRIMARY KEY (kind, name)
    )${keyedTable}`,
    'CREATE INDEX ix_tag_count ON tag_count (kind, images, name)',
    `INSERT INTO tag_count (kind, name, images) SELECT 'tag', name, COUNT(*) FROM image_tag GROUP BY name`,
  ];
}
