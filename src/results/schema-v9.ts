import type { Dialect } from '../database/database.ts';
import { LIMITS } from './limits.ts';

/** Longest `node` of a link: a face key, or `person:` and an id. */
const NODE = LIMITS.faceKey + 10;

/**
 * Version 9: people.
 *
 * `decision` is the log of what people decided. It is added to and never changed; only an erasure, and `clear`, remove
 * rows. A decision counts while no decision that counts supersedes it. What is below follows from it, from `face` and from
 * `face_match`, and can be made again:
 *
 * * `face_anchor` is a face that a decision is about, as it was when it was decided, and which face stands there now
 *   (`current_key`, `live`; its own key where none is found there any more): a face may get another key when its image is
 *   looked at again, and the log keeps the old one;
 * * `match_decision` is the word that counts now about a pair of faces, `person_link` about a person and a face, or
 *   (`person:<id>` as node) about two persons, of whom `person_id` was merged into the other: by the keys of now;
 * * `face_group` has a row for each face that is not alone: `component_id` is the least face of what hangs together by
 *   edges and decisions, `solid_id` of what decisions alone hold together;
 * * `people_group` has a row for each group under batch '', and one under each batch it has a face of;
 * * `group_scope` is how many faces a batch (or, as '', the archive) is taken to have, and the confidence from which the
 *   machine may join two of them by itself (NULL: never); faces of a batch that is `apart` are joined with none outside.
 *
 * `people_dirty` names images whose components are to be solved. `group_lock` has one row, which every decision and every
 * solving changes first: they take turns.
 */
export function versionNine({ type, keyedTable, appendOnly, newId }: Dialect): string[] {
  const id = type.key(LIMITS.id);
  const faceKey = type.key(LIMITS.faceKey);
  const uuid = type.key(36);
  const time = type.key(30);
  const batch = type.key(LIMITS.batchId);
  const [neverChanged = ''] = appendOnly('decision');
  const sides = ['a', 'b'] as const;
  return [
    `CREATE TABLE decision (
      decision_id ${uuid} NOT NULL CONSTRAINT pk_decision PRIMARY KEY,
      kind ${type.key(20)} NOT NULL,
      face_a ${faceKey} NULL,
      face_b ${faceKey} NULL,
      image_a ${id} NULL,
      image_b ${id} NULL,
      person_a ${uuid} NULL,
      person_b ${uuid} NULL,
      candidate_id ${uuid} NULL,
      enquiry_id ${uuid} NULL,
      decided_by ${type.key(256)} NOT NULL,
      decided_at ${time} NOT NULL,
      reason ${type.text} NULL,
      score ${type.float} NULL,
      model ${type.key(128)} NULL,
      blind ${type.int} NOT NULL,
      supersedes ${uuid} NULL
    )`,
    ...['face_a', 'face_b', 'image_a', 'image_b', 'person_a', 'person_b', 'candidate_id', 'enquiry_id'].map(
      (column) => `CREATE INDEX ix_decision_log_${column} ON decision (${column}, decided_at)`,
    ),
    'CREATE INDEX ix_decision_log_time ON decision (decided_at, decision_id)',
    'CREATE INDEX ix_decision_log_supersedes ON decision (supersedes)',
    neverChanged,

    `ALTER TABLE match_decision ADD decision_id ${uuid} NULL`,
    `UPDATE match_decision SET decision_id = ${newId}`,
    `INSERT INTO decision (decision_id, kind, face_a, face_b, image_a, image_b, decided_by, decided_at, blind)
      SELECT decision_id, CASE verdict WHEN 'confirmed' THEN 'same' WHEN 'notSame' THEN 'different' ELSE 'undo' END,
        face_a, face_b, image_a, image_b, SUBSTRING(decided_by, 1, 256), decided_at, 0 FROM match_decision`,

    `CREATE TABLE face_anchor (
      face_key ${faceKey} NOT NULL CONSTRAINT pk_face_anchor PRIMARY KEY,
      image_id ${id} NOT NULL,
      rect_left ${type.float} NULL,
      rect_top ${type.float} NULL,
      rect_width ${type.float} NULL,
      rect_height ${type.float} NULL,
      taken ${type.key(10)} NULL,
      current_key ${faceKey} NOT NULL,
      live ${type.int} NOT NULL
    )${keyedTable}`,
    'CREATE INDEX ix_face_anchor_image ON face_anchor (image_id)',
    'CREATE INDEX ix_face_anchor_current ON face_anchor (current_key)',
    ...sides.map(
      (
        side,
      ) => `INSERT INTO face_anchor (face_key, image_id, rect_left, rect_top, rect_width, rect_height, current_key, live)
        SELECT DISTINCT d.face_${side}, d.image_${side}, f.rect_left, f.rect_top, f.rect_width, f.rect_height, d.face_${side},
          CASE WHEN f.face_key IS NULL THEN 0 ELSE 1 END
        FROM match_decision d LEFT JOIN face f ON f.face_key = d.face_${side}
        WHERE NOT EXISTS (SELECT 1 FROM face_anchor a WHERE a.face_key = d.face_${side})`,
    ),

    `CREATE TABLE person (
      person_id ${uuid} NOT NULL CONSTRAINT pk_person PRIMARY KEY,
      name_key ${type.key(200)} NOT NULL,
      full_name ${type.text} NULL,
      alternate_names ${type.text} NULL,
      sex ${type.key(10)} NULL,
      date_of_birth ${type.key(10)} NULL,
      description ${type.text} NULL,
      source_name ${type.text} NULL,
      source_date ${time} NULL,
      source_url ${type.text} NULL,
      entry_date ${time} NOT NULL,
      expiry_date ${time} NULL,
      purpose ${type.key(LIMITS.purpose)} NULL,
      legal_basis ${type.key(LIMITS.purpose)} NULL,
      minor ${type.int} NULL,
      hidden ${type.int} NOT NULL,
      version ${type.int} NOT NULL,
      created_by ${type.key(256)} NOT NULL,
      changed_at ${time} NOT NULL
    )${keyedTable}`,
    'CREATE INDEX ix_person_name ON person (name_key, person_id)',
    'CREATE INDEX ix_person_expiry ON person (expiry_date)',

    `CREATE TABLE person_link (
      person_id ${uuid} NOT NULL,
      node ${type.key(NODE)} NOT NULL,
      image_id ${id} NULL,
      kind ${type.key(20)} NOT NULL,
      decision_id ${uuid} NOT NULL,
      CONSTRAINT pk_person_link PRIMARY KEY (person_id, node)
    )${keyedTable}`,
    'CREATE INDEX ix_person_link_node ON person_link (node)',
    'CREATE INDEX ix_person_link_image ON person_link (image_id)',

    `CREATE TABLE face_group (
      face_key ${faceKey} NOT NULL CONSTRAINT pk_face_group PRIMARY KEY,
      image_id ${id} NOT NULL,
      batch_id ${batch} NOT NULL,
      component_id ${faceKey} NOT NULL,
      group_id ${faceKey} NOT NULL,
      solid_id ${faceKey} NOT NULL,
      contested ${type.int} NOT NULL
    )${keyedTable}`,
    'CREATE INDEX ix_face_group_component ON face_group (component_id)',
    'CREATE INDEX ix_face_group_group ON face_group (group_id, face_key)',
    'CREATE INDEX ix_face_group_solid ON face_group (solid_id)',
    'CREATE INDEX ix_face_group_image ON face_group (image_id)',

    // Unique indexes and no primary keys: a batch id is longer than what a clustered key of SQL Server holds.
    `CREATE TABLE people_group (
      group_id ${faceKey} NOT NULL,
      batch_id ${batch} NOT NULL,
      faces ${type.int} NOT NULL,
      decided ${type.int} NOT NULL,
      person_id ${uuid} NULL,
      contested ${type.int} NOT NULL,
      lead_face ${faceKey} NOT NULL
    )`,
    'CREATE UNIQUE INDEX ux_people_group ON people_group (group_id, batch_id)',
    'CREATE INDEX ix_people_group_size ON people_group (batch_id, faces, group_id)',
    'CREATE INDEX ix_people_group_person ON people_group (person_id)',
    `CREATE TABLE group_scope (
      batch_id ${batch} NOT NULL,
      faces ${type.int} NOT NULL,
      threshold ${type.float} NULL,
      apart ${type.int} NOT NULL
    )`,
    'CREATE UNIQUE INDEX ux_group_scope ON group_scope (batch_id)',

    `CREATE TABLE people_dirty (
      mark ${uuid} NOT NULL,
      image_id ${id} NOT NULL,
      marked_at ${time} NOT NULL,
      CONSTRAINT pk_people_dirty PRIMARY KEY (mark, image_id)
    )${keyedTable}`,
    'CREATE INDEX ix_people_dirty_image ON people_dirty (image_id)',
    'CREATE INDEX ix_people_dirty_time ON people_dirty (marked_at, mark)',
    `INSERT INTO people_dirty (mark, image_id, marked_at)
      SELECT 'migration', o.id, o.timestamp FROM pipeline_output o WHERE EXISTS (SELECT 1 FROM face_match m WHERE m.image_a = o.id)
        OR EXISTS (SELECT 1 FROM match_decision d WHERE d.image_a = o.id) OR EXISTS (SELECT 1 FROM match_decision d WHERE d.image_b = o.id)`,

    `CREATE TABLE group_lock (
      id ${type.int} NOT NULL CONSTRAINT pk_group_lock PRIMARY KEY,
      changes ${type.int} NOT NULL
    )${keyedTable}`,
    'INSERT INTO group_lock (id, changes) VALUES (1, 0)',
  ];
}
