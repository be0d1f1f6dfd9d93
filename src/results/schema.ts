import type { Dialect } from '../database/database.ts';
import { LIMITS } from './limits.ts';
import { versionTwo } from './schema-v2.ts';
import { versionThree } from './schema-v3.ts';
import { versionFour } from './schema-v4.ts';
import { versionFive } from './schema-v5.ts';
import { versionSix } from './schema-v6.ts';
import { versionSeven } from './schema-v7.ts';
import { versionEight } from './schema-v8.ts';
import { versionNine } from './schema-v9.ts';
import { versionTen } from './schema-v10.ts';
import { versionEleven } from './schema-v11.ts';
import { versionTwelve } from './schema-v12.ts';
import { versionThirteen } from './schema-v13.ts';
import { versionFourteen } from './schema-v14.ts';
import { versionFifteen } from './schema-v15.ts';
import { versionSixteen } from './schema-v16.ts';
import { versionSeventeen } from './schema-v17.ts';
import { versionEighteen } from './schema-v18.ts';
import { versionNineteen } from './schema-v19.ts';
import { versionTwenty } from './schema-v20.ts';
import { versionTwentyOne } from './schema-v21.ts';
import { versionTwentyTwo } from './schema-v22.ts';
import { versionTwentyThree } from './schema-v23.ts';

/** Statements that bring the schema from the version before to this one. Never changed once released: add the next. */
export interface Migration {
  version: number;
  statements(dialect: Dialect): string[];
}

/**
 * Version 1.
 *
 * `pipeline_output` keeps the 2017 columns: id, batch_id, image_url, image_parameters, processing_pipeline, job_output,
 * timestamp, categoriesJSON, tagsJSON, descriptionJSON. All of `timestamp`, `first_seen`, `applied_at` are ISO 8601 in
 * UTC with milliseconds, as text, so that they sort and compare alike in both databases (`CAST(timestamp AS datetime2)`
 * works in SQL Server). `image_tag` and `image_word` repeat the image's timestamp: their indexes then give the newest
 * images of a tag or word, page by page, without a sort.
 *
 * `face_match` has no foreign key: the other image's row may not exist yet. It keeps what each side is known to be.
 */
const tables: Migration = {
  version: 1,
  statements: ({ type, keyedTable }) => {
    const id = type.key(LIMITS.id);
    const faceKey = type.key(LIMITS.faceKey);
    const time = type.key(30);
    const parent = `CONSTRAINT fk_%_image REFERENCES pipeline_output (id) ON DELETE CASCADE`;
    const image = (table: string) => `image_id ${id} NOT NULL ${parent.replace('%', table)}`;
    const rectangle = (side: string) =>
      ['left', 'top', 'width', 'height']
        .map((name) => `rect${side}_${name} ${type.float} NOT NULL`)
        .join(', ');
    return [
      `CREATE TABLE pipeline_output (
        id ${id} NOT NULL CONSTRAINT pk_pipeline_output PRIMARY KEY,
        batch_id ${type.key(LIMITS.batchId)} NOT NULL,
        [timestamp] ${time} NOT NULL,
        status ${type.key(20)} NOT NULL,
        run ${type.int} NOT NULL,
        face_count ${type.int} NOT NULL,
        width ${type.int} NULL,
        height ${type.int} NULL,
        bytes ${type.bigint} NULL,
        reason_code ${type.key(128)} NULL,
        reason ${type.text} NULL,
        image_url ${type.text} NOT NULL,
        caption ${type.text} NULL,
        [text] ${type.text} NULL,
        errors ${type.text} NOT NULL,
        image_parameters ${type.text} NULL,
        processing_pipeline ${type.text} NOT NULL,
        categoriesJSON ${type.text} NULL,
        tagsJSON ${type.text} NOT NULL,
        descriptionJSON ${type.text} NULL,
        job_output ${type.text} NOT NULL
      )`,
      'CREATE INDEX ix_output_time ON pipeline_output (timestamp, id)',
      'CREATE INDEX ix_output_batch_time ON pipeline_output (batch_id, timestamp, id)',
      'CREATE INDEX ix_output_batch_status ON pipeline_output (batch_id, status, timestamp, id)',
      'CREATE INDEX ix_output_status_time ON pipeline_output (status, timestamp, id)',

      `CREATE TABLE image_step (
        ${image('image_step')},
        step ${type.key(LIMITS.step)} NOT NULL,
        state ${type.key(20)} NOT NULL,
        error_code ${type.key(128)} NULL,
        error_message ${type.text} NULL,
        attempts ${type.int} NOT NULL,
        CONSTRAINT pk_image_step PRIMARY KEY (image_id, step)
      )${keyedTable}`,
      'CREATE INDEX ix_step_state ON image_step (state, step)',

      `CREATE TABLE image_tag (
        ${image('image_tag')},
        name ${type.key(LIMITS.tag)} NOT NULL,
        confidence ${type.float} NOT NULL,
        [timestamp] ${time} NOT NULL,
        CONSTRAINT pk_image_tag PRIMARY KEY (image_id, name)
      )${keyedTable}`,
      'CREATE INDEX ix_tag_name ON image_tag (name, timestamp, image_id)',

      `CREATE TABLE image_word (
        ${image('image_word')},
        word ${type.key(128)} NOT NULL,
        [timestamp] ${time} NOT NULL,
        CONSTRAINT pk_image_word PRIMARY KEY (image_id, word)
      )${keyedTable}`,
      'CREATE INDEX ix_word ON image_word (word, timestamp, image_id)',

      `CREATE TABLE face (
        face_key ${faceKey} NOT NULL CONSTRAINT pk_face PRIMARY KEY,
        ${image('face')},
        position ${type.int} NOT NULL,
        ${rectangle('')},
        crop ${type.text} NULL,
        quality ${type.key(40)} NULL,
        attributes ${type.text} NULL,
        enrolled ${type.int} NOT NULL
      )${keyedTable}`,
      'CREATE INDEX ix_face_image ON face (image_id, position)',

      `CREATE TABLE face_match (
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
        CONSTRAINT pk_face_match PRIMARY KEY (face_a, face_b),
        CONSTRAINT ck_face_match_images CHECK (image_a <> image_b)
      )${keyedTable}`,
      'CREATE INDEX ix_match_face_b ON face_match (face_b)',
      'CREATE INDEX ix_match_image_a ON face_match (image_a)',
      'CREATE INDEX ix_match_image_b ON face_match (image_b)',
    ];
  },
};

/** In ascending order of version. */
export const migrations: readonly Migration[] = [
  tables,
  { version: 2, statements: versionTwo },
  { version: 3, statements: versionThree },
  { version: 4, statements: versionFour },
  { version: 5, statements: versionFive },
  { version: 6, statements: versionSix },
  { version: 7, statements: versionSeven },
  { version: 8, statements: versionEight },
  { version: 9, statements: versionNine },
  { version: 10, statements: versionTen },
  { version: 11, statements: versionEleven },
  { version: 12, statements: versionTwelve },
  { version: 13, statements: versionThirteen },
  { version: 14, statements: versionFourteen },
  { version: 15, statements: versionFifteen },
  { version: 16, statements: versionSixteen },
  { version: 17, statements: versionSeventeen },
  { version: 18, statements: versionEighteen },
  { version: 19, statements: versionNineteen },
  { version: 20, statements: versionTwenty },
  { version: 21, statements: versionTwentyOne },
  { version: 22, statements: versionTwentyTwo },
  { version: 23, statements: versionTwentyThree },
];
