import type { Dialect } from '../database/database.ts';
import { LIMITS } from './limits.ts';

/**
 * Version 10: enquiries, their candidates, and what is told of them.
 *
 * `enquiry` is who asks and who is sought; its photographs are a batch of their own, and `enquiry_photo` says what is
 * known of each; `enquiry_face` which of the faces in them is not who is sought. `candidate` is a group of faces that may show who is sought: `candidate_face` holds the faces of that
 * group. `candidate_word` is what each reviewer said, added to and never changed but by erasure; `candidate_word_face`
 * is the group as it was when it was said, so that a "different" holds for those faces whatever becomes of the group.
 * `outbox` is what is to be told, written in the transaction that makes it true.
 *
 * `face_match.enquiry` marks pairs in which an enquiry's face stands: they are shown as candidates, and nowhere else.
 */
export function versionTen({ type, keyedTable }: Dialect): string[] {
  const id = type.key(36);
  const time = type.key(30);
  const who = type.key(256);
  const faceKey = type.key(LIMITS.faceKey);
  const image = type.key(LIMITS.id);
  return [
    `ALTER TABLE face_match ADD enquiry ${type.int} NOT NULL CONSTRAINT df_face_match_enquiry DEFAULT 0`,

    `CREATE TABLE enquiry (
      enquiry_id ${id} NOT NULL CONSTRAINT pk_enquiry PRIMARY KEY,
      case_reference ${type.key(LIMITS.caseReference)} NULL,
      asked_by ${id} NULL,
      sought ${id} NULL,
      relation ${type.key(100)} NULL,
      owner ${who} NULL,
      office ${type.key(200)} NULL,
      purpose ${type.key(LIMITS.purpose)} NOT NULL,
      legal_basis ${type.key(LIMITS.purpose)} NOT NULL,
      expires ${time} NULL,
      minor ${type.int} NOT NULL,
      state ${type.key(20)} NOT NULL,
      ended ${type.key(20)} NULL,
      reason ${type.text} NULL,
      opened_by ${who} NOT NULL,
      opened_at ${time} NOT NULL,
      changed_at ${time} NOT NULL,
      version ${type.int} NOT NULL
    )`,
    'CREATE INDEX ix_enquiry_time ON enquiry (opened_at, enquiry_id)',
    'CREATE INDEX ix_enquiry_state ON enquiry (state, opened_at, enquiry_id)',
    'CREATE INDEX ix_enquiry_case ON enquiry (case_reference, opened_at, enquiry_id)',
    'CREATE INDEX ix_enquiry_expires ON enquiry (expires, enquiry_id)',

    `CREATE TABLE enquiry_event (
      event_id ${id} NOT NULL CONSTRAINT pk_enquiry_event PRIMARY KEY,
      enquiry_id ${id} NOT NULL,
      happened_at ${time} NOT NULL,
      who ${who} NOT NULL,
      kind ${type.key(20)} NOT NULL,
      candidate_id ${id} NULL,
      from_state ${type.key(20)} NULL,
      to_state ${type.key(20)} NULL,
      note ${type.text} NULL
    )`,
    'CREATE INDEX ix_enquiry_event ON enquiry_event (enquiry_id, happened_at, event_id)',

    `CREATE TABLE enquiry_photo (
      enquiry_id ${id} NOT NULL,
      image_id ${image} NOT NULL,
      taken ${type.key(10)} NULL,
      added_by ${who} NOT NULL,
      added_at ${time} NOT NULL,
      CONSTRAINT pk_enquiry_photo PRIMARY KEY (enquiry_id, image_id)
    )${keyedTable}`,
    'CREATE INDEX ix_enquiry_photo_image ON enquiry_photo (image_id)',

    `CREATE TABLE enquiry_face (
      enquiry_id ${id} NOT NULL,
      face_key ${faceKey} NOT NULL,
      image_id ${image} NOT NULL,
      left_out ${type.int} NOT NULL,
      CONSTRAINT pk_enquiry_face PRIMARY KEY (enquiry_id, face_key)
    )${keyedTable}`,
    'CREATE INDEX ix_enquiry_face_image ON enquiry_face (image_id)',

    `CREATE TABLE candidate (
      candidate_id ${id} NOT NULL CONSTRAINT pk_candidate PRIMARY KEY,
      enquiry_id ${id} NOT NULL,
      standing ${type.key(20)} NOT NULL,
      second_look ${type.int} NOT NULL,
      first_reviewer ${who} NULL,
      score ${type.float} NOT NULL,
      margin ${type.float} NULL,
      model ${type.key(128)} NOT NULL,
      best_face ${faceKey} NOT NULL,
      best_image ${image} NOT NULL,
      own_face ${faceKey} NULL,
      own_image ${image} NULL,
      faces ${type.int} NOT NULL,
      first_seen ${time} NOT NULL,
      changed_at ${time} NOT NULL,
      version ${type.int} NOT NULL
    )`,
    'CREATE INDEX ix_candidate_enquiry ON candidate (enquiry_id, score, candidate_id)',
    'CREATE INDEX ix_candidate_standing ON candidate (standing, score, candidate_id)',
    'CREATE INDEX ix_candidate_second_look ON candidate (second_look, candidate_id)',

    `CREATE TABLE candidate_face (
      candidate_id ${id} NOT NULL,
      face_key ${faceKey} NOT NULL,
      enquiry_id ${id} NOT NULL,
      image_id ${image} NOT NULL,
      CONSTRAINT pk_candidate_face PRIMARY KEY (candidate_id, face_key)
    )${keyedTable}`,
    'CREATE INDEX ix_candidate_face_face ON candidate_face (face_key)',
    'CREATE INDEX ix_candidate_face_image ON candidate_face (image_id)',

    `CREATE TABLE candidate_word (
      word_id ${id} NOT NULL CONSTRAINT pk_candidate_word PRIMARY KEY,
      enquiry_id ${id} NOT NULL,
      candidate_id ${id} NOT NULL,
      word ${type.key(20)} NOT NULL,
      said_by ${who} NOT NULL,
      reviewer ${who} NOT NULL,
      said_at ${time} NOT NULL,
      reason ${type.text} NULL,
      blind ${type.int} NOT NULL,
      controlled ${type.int} NOT NULL,
      score ${type.float} NULL,
      model ${type.key(128)} NOT NULL,
      lead_face ${faceKey} NOT NULL,
      image_id ${image} NOT NULL,
      supersedes ${id} NULL,
      decision_id ${id} NULL
    )`,
    'CREATE INDEX ix_word_enquiry ON candidate_word (enquiry_id, said_at, word_id)',
    'CREATE INDEX ix_word_image ON candidate_word (image_id)',
    'CREATE INDEX ix_word_reviewer ON candidate_word (reviewer, candidate_id)',

    `CREATE TABLE candidate_word_face (
      word_id ${id} NOT NULL,
      face_key ${faceKey} NOT NULL,
      image_id ${image} NOT NULL,
      CONSTRAINT pk_candidate_word_face PRIMARY KEY (word_id, face_key)
    )${keyedTable}`,
    'CREATE INDEX ix_word_face_image ON candidate_word_face (image_id)',

    `CREATE TABLE outbox (
      event_id ${type.key(64)} NOT NULL CONSTRAINT pk_outbox PRIMARY KEY,
      kind ${type.key(20)} NOT NULL,
      enquiry_id ${id} NOT NULL,
      candidate_id ${id} NOT NULL,
      created_at ${time} NOT NULL,
      state ${type.key(20)} NOT NULL,
      sent ${type.int} NOT NULL,
      next_at ${time} NOT NULL,
      ended_at ${time} NULL,
      code ${type.key(LIMITS.code)} NULL,
      message ${type.text} NULL
    )`,
    'CREATE INDEX ix_outbox_due ON outbox (state, next_at, event_id)',
    'CREATE INDEX ix_outbox_time ON outbox (created_at, event_id)',
    'CREATE INDEX ix_outbox_enquiry ON outbox (enquiry_id)',
  ];
}
