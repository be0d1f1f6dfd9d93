import type { Dialect } from '../database/database.ts';
import { LIMITS } from './limits.ts';

/**
 * Version 16: reviewers are measured, where they agree, with pairs of faces whose answer is known.
 *
 * `reviewer_measuring` has one row once an administrator has set how often such pairs are met (`one_in`; 0: never);
 * `looked_at` is when known pairs were last looked for. `reviewer_consent` names who agreed. `known_pair` are pairs of the
 * archive whose answer two people have given, in the order in which they are met (`position` is random): they follow
 * from decisions, and can be made again. `known_answer` is that somebody was asked about one, and their word, NULL until
 * it is said: it stands in no decision, and `match_decision`, `face_match` and groups know nothing of it. It has
 * the faces itself: a word about a pair that is known no longer must still not become a decision.
 */
export function versionSixteen({ type, keyedTable }: Dialect): string[] {
  const uuid = type.key(36);
  const time = type.key(30);
  const who = type.key(256);
  const pair = `face_a ${type.key(LIMITS.faceKey)} NOT NULL,
      face_b ${type.key(LIMITS.faceKey)} NOT NULL,
      image_a ${type.key(LIMITS.id)} NOT NULL,
      image_b ${type.key(LIMITS.id)} NOT NULL`;
  return [
    `CREATE TABLE reviewer_measuring (
      id ${type.int} NOT NULL CONSTRAINT pk_reviewer_measuring PRIMARY KEY,
      one_in ${type.int} NOT NULL,
      changed_by ${who} NOT NULL,
      changed_at ${time} NOT NULL,
      looked_at ${time} NULL
    )${keyedTable}`,
    `CREATE TABLE reviewer_consent (
      reviewer ${who} NOT NULL CONSTRAINT pk_reviewer_consent PRIMARY KEY,
      name ${who} NOT NULL,
      agreed_at ${time} NOT NULL
    )${keyedTable}`,
    `CREATE TABLE known_pair (
      ${pair},
      answer ${type.key(10)} NOT NULL,
      position ${type.bigint} NOT NULL,
      CONSTRAINT pk_known_pair PRIMARY KEY (face_a, face_b)
    )${keyedTable}`,
    'CREATE INDEX ix_known_pair_order ON known_pair (position, face_a)',
    'CREATE INDEX ix_known_pair_a ON known_pair (image_a)',
    'CREATE INDEX ix_known_pair_b ON known_pair (image_b)',
    `CREATE TABLE known_answer (
      answer_id ${uuid} NOT NULL CONSTRAINT pk_known_answer PRIMARY KEY,
      reviewer ${who} NOT NULL,
      ${pair},
      asked_at ${time} NOT NULL,
      word ${type.key(20)} NULL,
      said_at ${time} NULL
    )`,
    'CREATE UNIQUE INDEX ux_known_answer ON known_answer (reviewer, face_a, face_b)',
    'CREATE INDEX ix_known_answer_a ON known_answer (image_a)',
    'CREATE INDEX ix_known_answer_b ON known_answer (image_b)',
  ];
}
