import { DatabaseSync } from 'node:sqlite';

/** Adds images to the results at once, as an archive would have them: through the store it would take minutes. */
export function addManyImages(file: string, batch: string, count: number): void {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA busy_timeout = 10000');
    database.exec('BEGIN IMMEDIATE');
    database
      .prepare(
        `INSERT INTO pipeline_output (id, batch_id, timestamp, status, run, face_count, width, height, bytes, image_url,
          caption, errors, processing_pipeline, tagsJSON, job_output)
          WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
          SELECT 'many' || n, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 1700000000 + n, 'unixepoch'), 'done', 0, 0, 400, 300, 1000,
            'http://127.0.0.1/inputimages/' || n || '.jpg', 'number ' || n, '{}', '[]', '[]', '{}' FROM numbers`,
      )
      .run(count, batch);
    for (const scope of [batch, '']) {
      database
        .prepare(
          `INSERT INTO batch_count (batch_id, status, images, faces, changes, latest) VALUES (?, 'done', ?, 0, 1, '2023-11-14T22:13:20.000Z')
            ON CONFLICT (batch_id, status) DO UPDATE SET images = images + excluded.images, changes = changes + 1`,
        )
        .run(scope, count);
    }
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

/** Has the text step of one image refused by its service, as the results would say it. */
export function addRefusal(file: string, name: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA busy_timeout = 10000');
    const [code, message] = ['InvalidImageSize', 'At least 50 x 50 pixels.'];
    const own = "image_url LIKE '%/' || ?";
    const { changes } = database
      .prepare(
        `UPDATE image_step SET state = 'failed', error_code = ?, error_message = ?
          WHERE step = 'ocr' AND image_id IN (SELECT id FROM pipeline_output WHERE ${own})`,
      )
      .run(code, message, name);
    const state = JSON.stringify({ state: 'failed', attempts: 1, error: { code, message } });
    database
      .prepare(`UPDATE pipeline_output SET errors = json_set(errors, '$.ocr', json(?)) WHERE ${own}`)
      .run(state, name);
    if (changes !== 1) throw new Error(`There are ${changes} results of ${name}.`);
    // So that the page learns of it.
    database.exec("UPDATE batch_count SET changes = changes + 1 WHERE batch_id = ''");
  } finally {
    database.close();
  }
}

/** Adds undecided pairs of faces, surer than any other, whose images are still under way. */
export function addPairs(file: string, name: string, count: number): void {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA busy_timeout = 10000');
    const sides = ['a', 'b'].map((side) =>
      ['left', 'top', 'width', 'height'].map((edge) => `rect_${side}_${edge}`).join(', '),
    );
    const insert = database.prepare(
      `INSERT INTO face_match (face_a, face_b, image_a, image_b, image_url_a, image_url_b, ${sides.join(', ')}, confidence,
        confidence_a, reported_by_a, reported_by_b, first_seen)
        VALUES (?, ?, ?, ?, ?, ?, 1, 1, 9, 9, 1, 1, 9, 9, ?, ?, 1, 0, '2026-11-30T00:00:00.000Z')`,
    );
    database.exec('BEGIN IMMEDIATE');
    for (let pair = 0; pair < count; pair += 1) {
      const images = ['a', 'b'].map((side) => `${name}${side}${String(pair).padStart(3, '0')}`);
      const urls = images.map((image) => `http://127.0.0.1/inputimages/${name}/${image}.jpg`);
      const sure = 0.999 - pair / 1e6;
      insert.run(...images.map((image) => `${image}-0`), ...images, ...urls, sure, sure);
    }
    database.exec("UPDATE batch_count SET changes = changes + 1 WHERE batch_id = ''");
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}
