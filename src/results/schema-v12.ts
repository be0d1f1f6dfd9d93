import type { Dialect } from '../database/database.ts';
import { LIMITS } from './limits.ts';

/**
 * Version 12: what a match is worth, and exchange with other organisations.
 *
 * `calibration` is what was found out, `calibration_draw` how pairs for it were drawn: how many faces were searched, and
 * how many pairs there are in each stratum. `calibration_pair` are the pairs drawn, in the order in which reviewers meet
 * them (`position` is random); what they say of them stands in the log of decisions like everything else.
 *
 * `pfif_record` is every record that came from elsewhere or went there, found by the hash of its id: of one that was
 * erased the hash is all that stays, so that it does not come back with the next file. `content` is the record as it
 * came, `person_version` the version of the person that was made of it: where that has grown, somebody here knows
 * better; `enquiry_id` the enquiry that an import opened for it, which it does once. `person_note` is what was said of a person: sightings, statuses.
 */
export function versionTwelve({ type, keyedTable }: Dialect): string[] {
  const uuid = type.key(36);
  const time = type.key(30);
  const hash = type.key(64);
  const who = type.key(256);
  const faceKey = type.key(LIMITS.faceKey);
  const image = type.key(LIMITS.id);
  return [
    `CREATE TABLE calibration (
      calibration_id ${uuid} NOT NULL CONSTRAINT pk_calibration PRIMARY KEY,
      made_at ${time} NOT NULL,
      made_by ${who} NOT NULL,
      model ${type.key(128)} NOT NULL,
      threshold ${type.float} NOT NULL,
      faces ${type.int} NOT NULL,
      pairs ${type.int} NOT NULL,
      persons ${type.int} NOT NULL,
      enough ${type.int} NOT NULL,
      seed ${type.bigint} NOT NULL,
      result ${type.text} NOT NULL
    )`,
    'CREATE INDEX ix_calibration_time ON calibration (made_at, calibration_id)',
    'CREATE INDEX ix_calibration_model ON calibration (model, made_at)',

    `CREATE TABLE calibration_draw (
      draw_id ${uuid} NOT NULL CONSTRAINT pk_calibration_draw PRIMARY KEY,
      drawn_at ${time} NOT NULL,
      drawn_by ${who} NOT NULL,
      model ${type.key(128)} NOT NULL,
      threshold ${type.float} NOT NULL,
      faces ${type.int} NOT NULL,
      searched ${type.int} NOT NULL,
      seed ${type.bigint} NOT NULL,
      strata ${type.text} NOT NULL
    )`,
    'CREATE INDEX ix_calibration_draw_time ON calibration_draw (model, drawn_at)',

    `CREATE TABLE calibration_pair (
      face_a ${faceKey} NOT NULL,
      face_b ${faceKey} NOT NULL,
      image_a ${image} NOT NULL,
      image_b ${image} NOT NULL,
      draw_id ${uuid} NOT NULL,
      position ${type.bigint} NOT NULL,
      score ${type.float} NOT NULL,
      model ${type.key(128)} NOT NULL,
      CONSTRAINT pk_calibration_pair PRIMARY KEY (face_a, face_b)
    )${keyedTable}`,
    'CREATE INDEX ix_calibration_pair_order ON calibration_pair (position, face_a)',
    'CREATE INDEX ix_calibration_pair_a ON calibration_pair (image_a)',
    'CREATE INDEX ix_calibration_pair_b ON calibration_pair (image_b)',

    `CREATE TABLE pfif_record (
      record_hash ${hash} NOT NULL CONSTRAINT pk_pfif_record PRIMARY KEY,
      kind ${type.key(10)} NOT NULL,
      state ${type.key(10)} NOT NULL,
      record_id ${type.text} NULL,
      person_id ${uuid} NULL,
      person_version ${type.int} NULL,
      source_date ${time} NULL,
      content ${type.text} NULL,
      enquiry_id ${uuid} NULL,
      changed_at ${time} NOT NULL
    )${keyedTable}`,
    'CREATE INDEX ix_pfif_record_person ON pfif_record (person_id, kind)',

    `CREATE TABLE person_note (
      note_id ${uuid} NOT NULL CONSTRAINT pk_person_note PRIMARY KEY,
      person_id ${uuid} NOT NULL,
      record_hash ${hash} NULL,
      status ${type.key(30)} NULL,
      source_date ${time} NOT NULL,
      entry_date ${time} NOT NULL,
      content ${type.text} NOT NULL
    )`,
    'CREATE INDEX ix_person_note_person ON person_note (person_id, source_date, note_id)',
    'CREATE UNIQUE INDEX ux_person_note_record ON person_note (record_hash, note_id)',
  ];
}
