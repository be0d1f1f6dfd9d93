import { renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { bucketOf } from '../../src/domain/latency-bucket.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { batchOf, categoryOf, facesOf, statusOf, tagsOf, timeOf, wordsOf, idOf as worldId } from './world.ts';

/** How the images of a set are called, where they are to be found elsewhere as well. */
export interface SetIds {
  idOf(n: number): string;
  /** The numbers of all images in the order of their ids; as they come where absent. */
  order?: ArrayLike<number>;
}

/** Of the seven of the samples these are most rows. The first one is what fails. */
export const STEPS = ['ocr', 'facedetection', 'facematch', 'generalclassification'];

/** Images in one transaction. */
const AT_ONCE = 50_000;

/** What a save makes of each image, in the order in which images come: no reason, no warning, all faces in one place. */
const CARDS = `INSERT INTO image_card (timestamp, image_id, card) SELECT timestamp, id, json_object('batchId', batch_id,
    'imageUrl', image_url, 'status', status, 'width', width, 'height', height, 'caption', caption, 'tags', (
      SELECT json_group_array(json_object('name', name, 'confidence', confidence) ORDER BY confidence DESC, name)
      FROM image_tag WHERE image_id = o.id
    ), 'warningCodes', json_array(), 'faceCount', face_count, 'focus', json_object('x', 110.0 / width, 'y', 110.0 / height),
    'facesLookedFor', json('true')) FROM pipeline_output o ORDER BY timestamp, id`;

/**
 * Writes a set of results straight into the tables: through the store it would take hours. Indexes are made at the end,
 * counts from the rows as a migration makes them.
 */
export async function buildSet(
  file: string,
  images: number,
  say: (line: string) => void,
  { idOf, order }: SetIds = { idOf: worldId },
): Promise<void> {
  const part = `${file}.part`;
  rmSync(part, { force: true });
  const store = new SqlResultStore(await SqliteDatabase.open(part));
  await store.migrate();
  await store.close();

  const database = new DatabaseSync(part);
  database.exec(
    'PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -400000; PRAGMA temp_store = MEMORY',
  );
  const indexes = database
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    .all() as { name: string; sql: string }[];
  for (const { name } of indexes) database.exec(`DROP INDEX ${name}`);

  const output = JSON.stringify({ generalclassification: { tags: [], note: 'x'.repeat(400) } });
  const insert = {
    image: database.prepare(
      `INSERT INTO pipeline_output (id, batch_id, timestamp, status, run, face_count, width, height, bytes, image_url,
        caption, text, errors, processing_pipeline, tagsJSON, job_output, took)
        VALUES (?, ?, ?, ?, 0, ?, 4000, 3000, 2000000, ?, ?, ?, '{}', '[]', '[]', ?, ?)`,
    ),
    tag: database.prepare('INSERT INTO image_tag VALUES (?, ?, ?, ?)'),
    category: database.prepare('INSERT INTO image_category VALUES (?, ?, ?, ?)'),
    word: database.prepare('INSERT INTO image_word (image_id, word, timestamp) VALUES (?, ?, ?)'),
    step: database.prepare('INSERT INTO image_step VALUES (?, ?, ?, ?, NULL, 1, ?, ?)'),
    face: database.prepare(
      "INSERT INTO face VALUES (?, ?, ?, 10, 10, 200, 200, 'crop.jpg', 'high', NULL, 1)",
    ),
    pair: database.prepare(
      `INSERT OR IGNORE INTO face_match (face_a, face_b, image_a, image_b, image_url_a, image_url_b,
        rect_a_left, rect_a_top, rect_a_width, rect_a_height, rect_b_left, rect_b_top, rect_b_width, rect_b_height,
        confidence, reported_by_a, reported_by_b, first_seen, verdict)
        VALUES (?, ?, ?, ?, 'u', 'u', 1, 1, 1, 1, 1, 1, 1, 1, ?, 1, 1, ?, ?)`,
    ),
  };
  // By id, which is random to everything else, as hashes are: then only the indexes are out of order.
  for (let written = 0; written < images; written++) {
    const n = order?.[written] ?? written;
    if (written % AT_ONCE === 0) database.exec('BEGIN');
    const id = idOf(n);
    const time = timeOf(n, images);
    const faces = facesOf(n);
    const words = wordsOf(n);
    const status = statusOf(n);
    insert.image.run(
      id,
      batchOf(n),
      time,
      status,
      faces,
      `http://127.0.0.1:10000/store/inputimages/${batchOf(n)}/${n}.jpg`,
      words.slice(0, 3).join(' '),
      words.slice(3).join(' '),
      output,
      bucketOf(2000 + ((n * 37) % 60_000)),
    );
    for (const name of tagsOf(n).sort()) insert.tag.run(id, name, ((n * 7) % 100) / 100, time);
    insert.category.run(id, categoryOf(n), 0.5, time);
    for (const word of [...new Set(words)].sort()) insert.word.run(id, word, time);
    for (const [place, step] of STEPS.entries()) {
      const isFailed = status === 'partial' && place === 0;
      const took = isFailed ? -1 : bucketOf(50 + ((n * (31 + place)) % 2000));
      insert.step.run(
        id,
        step,
        ...(isFailed ? ['failed', `Code${n % 3}`, took, time] : ['done', null, took, null]),
      );
    }
    for (let face = 0; face < faces; face++) insert.face.run(`${id}-${face}`, id, face);
    if (n % 5 === 0 && n > 0) {
      const verdict = n % 3 === 0 ? 'confirmed' : n % 7 === 0 ? 'notSame' : null;
      const confidence = 0.5 + ((n * 31) % 5000) / 10_000;
      insert.pair.run(`${idOf(n - 1)}-0`, `${id}-0`, idOf(n - 1), id, confidence, time, verdict);
    }
    if ((written + 1) % AT_ONCE === 0 || written + 1 === images) {
      database.exec('COMMIT');
      say(`${(written + 1).toLocaleString('en')} images`);
    }
  }
  database.exec(`INSERT INTO match_decision (face_a, face_b, image_a, image_b, verdict, decided_by, decided_at)
    SELECT face_a, face_b, image_a, image_b, verdict, 'someone', first_seen
    FROM face_match WHERE verdict IS NOT NULL`);
  say(`${indexes.length} indexes`);
  for (const { sql } of indexes) {
    database.exec(sql);
  }
  database.exec(CARDS);
  for (const scope of ['batch_id', "''"]) {
    database.exec(`INSERT INTO batch_count SELECT ${scope}, status, COUNT(*), SUM(face_count), COUNT(*), MAX(timestamp)
      FROM pipeline_output GROUP BY ${scope === 'batch_id' ? 'batch_id, ' : ''}status`);
  }
  say('counts');
  for (const scope of ["''", 'o.batch_id']) {
    const group = scope === "''" ? '' : 'o.batch_id, ';
    const into = 'INSERT INTO step_count (batch_id, step, state, code, took, images, attempts, retries)';
    database.exec(`${into} SELECT ${scope}, s.step, s.state, COALESCE(s.error_code, ''), s.took, COUNT(*), SUM(s.attempts), 0
      FROM image_step s JOIN pipeline_output o ON o.id = s.image_id GROUP BY ${group}s.step, s.state, COALESCE(s.error_code, ''), s.took`);
    database.exec(`${into} SELECT ${scope}, '', status, '', took, COUNT(*), 0, 0
      FROM pipeline_output o GROUP BY ${group}status, took`);
  }
  database.exec("INSERT INTO tag_count SELECT 'tag', name, COUNT(*) FROM image_tag GROUP BY name");
  database.exec("INSERT INTO tag_count SELECT 'category', name, COUNT(*) FROM image_category GROUP BY name");
  database.close();
  renameSync(part, file);
}
