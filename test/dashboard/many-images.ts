import type { Session } from '../../src/database/database.ts';
import { float, insertRows, int, raw, sql, text } from '../../src/database/sql.ts';
import { recount } from '../../src/results/recount.ts';
import { inResultsOf } from '../support/results-of.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** So that the page learns that something is new. */
const changed = sql`UPDATE batch_count SET changes = changes + 1 WHERE batch_id = ''`;

/** Adds images to the results at once, as an archive would have them: through the store it would take minutes. */
export function addManyImages(env: Env, batch: string, count: number): Promise<void> {
  const images = Array.from({ length: count }, (_, n) => ({
    id: `many${n + 1}`,
    batch_id: batch,
    timestamp: new Date((1_700_000_001 + n) * 1000).toISOString(),
    ...{ status: 'done', run: 0, face_count: 0, width: 400, height: 300, bytes: 1000 },
    image_url: `http://127.0.0.1/inputimages/${n + 1}.jpg`,
    caption: `number ${n + 1}`,
    ...{ errors: '{}', processing_pipeline: '[]', tagsJSON: '[]', job_output: '{}' },
  }));
  return inResultsOf(env, (database) =>
    database.write(async (session) => {
      await session.run(
        insertRows(
          'pipeline_output',
          {
            ...{ id: 'text', batch_id: 'text', timestamp: 'text', status: 'text', run: 'int' },
            ...{ face_count: 'int', width: 'int', height: 'int', bytes: 'bigint', image_url: 'text' },
            ...{ caption: 'text', errors: 'text', processing_pipeline: 'text', tagsJSON: 'text' },
            job_output: 'text',
          } as const,
          images,
          database.dialect,
        ),
      );
      for (const scope of [batch, '']) await countIn(session, scope, count);
    }),
  );
}

async function countIn(session: Session, scope: string, images: number): Promise<void> {
  const same = sql`batch_id = ${text(scope)} AND status = 'done'`;
  await session.run([
    sql`UPDATE batch_count SET images = images + ${int(images)}, changes = changes + 1 WHERE ${same}`,
    sql`INSERT INTO batch_count (batch_id, status, images, faces, changes, latest)
      SELECT ${text(scope)}, 'done', ${int(images)}, 0, 1, '2023-11-14T22:13:20.000Z'
      WHERE NOT EXISTS (SELECT 1 FROM batch_count WHERE ${same})`,
  ]);
}

/** Has the text step of one image refused by its service, as the results would say it. */
export function addRefusal(env: Env, name: string): Promise<void> {
  const error = { code: 'InvalidImageSize', message: 'At least 50 x 50 pixels.' };
  return inResultsOf(env, async (database) => {
    await database.write(async (session) => {
      const [rows = []] = await session.read([
        sql`SELECT id, errors FROM pipeline_output WHERE image_url LIKE ${text(`%/${name}`)}`,
      ]);
      const [row] = rows;
      if (!row || rows.length !== 1) throw new Error(`There are ${rows.length} results of ${name}.`);
      const id = text(String(row.id));
      const errors = { ...JSON.parse(String(row.errors)), ocr: { state: 'failed', attempts: 1, error } };
      await session.run([
        sql`UPDATE image_step SET state = 'failed', error_code = ${text(error.code)}, error_message = ${text(error.message)},
          [timestamp] = (SELECT [timestamp] FROM pipeline_output WHERE id = ${id})
          WHERE step = 'ocr' AND image_id = ${id}`,
        sql`UPDATE pipeline_output SET errors = ${text(JSON.stringify(errors))} WHERE id = ${id}`,
        changed,
      ]);
    });
    // Steps that failed are counted where they are saved, which this one was not.
    await recount(database);
  });
}

/** Adds undecided pairs of faces, surer than any other, whose images are still under way. */
export function addPairs(env: Env, name: string, count: number): Promise<void> {
  const rectangles = ['a', 'b'].flatMap((side) =>
    ['left', 'top', 'width', 'height'].map((edge) => `rect_${side}_${edge}`),
  );
  return inResultsOf(env, (database) =>
    database.write(async (session) => {
      for (let pair = 0; pair < count; pair += 1) {
        const [a = '', b = ''] = ['a', 'b'].map((side) => `${name}${side}${String(pair).padStart(3, '0')}`);
        const url = (image: string) => text(`http://127.0.0.1/inputimages/${name}/${image}.jpg`);
        const sure = float(0.999 - pair / 1e6);
        await session.run([
          sql`INSERT INTO face_match (face_a, face_b, image_a, image_b, image_url_a, image_url_b, ${raw(rectangles.join(', '))},
            confidence, confidence_a, reported_by_a, reported_by_b, first_seen)
            VALUES (${text(`${a}-0`)}, ${text(`${b}-0`)}, ${text(a)}, ${text(b)}, ${url(a)}, ${url(b)},
              1, 1, 9, 9, 1, 1, 9, 9, ${sure}, ${sure}, 1, 0, '2026-11-30T00:00:00.000Z')`,
        ]);
      }
      await session.run([changed]);
    }),
  );
}
