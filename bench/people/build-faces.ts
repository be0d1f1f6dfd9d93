import { createHash } from 'node:crypto';
import type { Database } from '../../src/database/database.ts';
import { insertRows, raw, type Sql } from '../../src/database/sql.ts';
import type { ImageResult } from '../../src/results/rows.ts';

const TIME = '2026-01-01T00:00:00.000Z';
/** Edges of a face of the large group, to the faces after it. */
const EDGES = 10;
/** Faces of every other group: one person's photographs. */
const SMALL = 4;
/** Faces of one batch of the small groups. */
const BATCH = 1000;
const AT_ONCE = 20_000;

export const imageId = (n: number): string =>
  createHash('sha256').update(`image ${n}`).digest('hex').slice(0, 32);

/** One face in each image. */
export const faceKey = (n: number): string => `${imageId(n)}-1`;

const imageUrl = (id: string): string => `https://store.blob.core.windows.net/inputimages/${id}.jpg`;
const box = { left: 10, top: 10, width: 100, height: 100 };

/** One group of `group` faces, all others in groups of four, with the possible matches that make them so. */
export async function buildFaces(
  database: Database,
  { faces, group }: { faces: number; group: number },
  say: (line: string) => void,
): Promise<void> {
  const batchOf = (n: number) => (n < group ? 'large' : `batch-${Math.floor((n - group) / BATCH)}`);
  for (let start = 0; start < faces; start += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, faces - start) }, (_, n) => start + n);
    const statements: Sql[] = [
      ...insertRows(
        'pipeline_output',
        {
          id: 'text',
          batch_id: 'text',
          timestamp: 'text',
          status: 'text',
          run: 'int',
          face_count: 'int',
          image_url: 'text',
          errors: 'text',
          processing_pipeline: 'text',
          tagsJSON: 'text',
          job_output: 'text',
        } as const,
        some.map((n) => ({
          id: imageId(n),
          batch_id: batchOf(n),
          timestamp: TIME,
          status: 'done',
          run: 0,
          face_count: 1,
          image_url: imageUrl(imageId(n)),
          errors: '{}',
          processing_pipeline: '[]',
          tagsJSON: '[]',
          job_output: '{}',
        })),
        database.dialect,
      ),
      ...insertRows(
        'face',
        {
          face_key: 'text',
          image_id: 'text',
          position: 'int',
          rect_left: 'float',
          rect_top: 'float',
          rect_width: 'float',
          rect_height: 'float',
          crop: 'text',
          enrolled: 'int',
        } as const,
        some.map((n) => ({
          face_key: faceKey(n),
          image_id: imageId(n),
          position: 0,
          rect_left: box.left,
          rect_top: box.top,
          rect_width: box.width,
          rect_height: box.height,
          crop: `${imageId(n)}/${faceKey(n)}.jpg`,
          enrolled: 1,
        })),
        database.dialect,
      ),
      ...pairs(
        some.flatMap((n) => partnersOf(n, group, faces).map((other) => [n, other] as const)),
        database,
      ),
    ];
    await database.write((session) => session.run(statements));
    say(`${start + some.length} of ${faces} faces`);
  }
  await database.write((session) =>
    session.run([
      raw(`INSERT INTO batch_count (batch_id, status, images, faces, changes, latest)
        SELECT batch_id, 'done', COUNT(*), SUM(face_count), 1, MAX(timestamp) FROM pipeline_output GROUP BY batch_id`),
      raw(`INSERT INTO batch_count (batch_id, status, images, faces, changes, latest)
        SELECT '', 'done', COUNT(*), SUM(face_count), 1, MAX(timestamp) FROM pipeline_output`),
      raw(
        `INSERT INTO people_dirty (mark, image_id, marked_at) SELECT 'bench', id, timestamp FROM pipeline_output`,
      ),
    ]),
  );
}

/** Later faces that the machine finds like this one. */
function partnersOf(n: number, group: number, faces: number): number[] {
  const [first, size] = n < group ? [0, group] : [group + Math.floor((n - group) / SMALL) * SMALL, SMALL];
  const end = Math.min(first + size, faces);
  return Array.from({ length: Math.min(EDGES, end - n - 1) }, (_, k) => n + k + 1);
}

function pairs(some: readonly (readonly [number, number])[], database: Database): Sql[] {
  const rectangle = (side: string) => ({
    [`rect_${side}_left`]: box.left,
    [`rect_${side}_top`]: box.top,
    [`rect_${side}_width`]: box.width,
    [`rect_${side}_height`]: box.height,
  });
  const columns = {
    face_a: 'text',
    face_b: 'text',
    image_a: 'text',
    image_b: 'text',
    image_url_a: 'text',
    image_url_b: 'text',
    ...Object.fromEntries(
      Object.keys({ ...rectangle('a'), ...rectangle('b') }).map((name) => [name, 'float']),
    ),
    confidence: 'float',
    confidence_a: 'float',
    reported_by_a: 'int',
    reported_by_b: 'int',
    first_seen: 'text',
  } as const;
  return insertRows(
    'face_match',
    columns as Record<string, 'text' | 'float' | 'int'>,
    some.map(([one, two]) => {
      const [a, b] = faceKey(one) < faceKey(two) ? [one, two] : [two, one];
      return {
        face_a: faceKey(a),
        face_b: faceKey(b),
        image_a: imageId(a),
        image_b: imageId(b),
        image_url_a: imageUrl(imageId(a)),
        image_url_b: imageUrl(imageId(b)),
        ...rectangle('a'),
        ...rectangle('b'),
        confidence: 0.97,
        confidence_a: 0.97,
        reported_by_a: 1,
        reported_by_b: 0,
        first_seen: TIME,
      };
    }),
    database.dialect,
  );
}

/** A photograph with three faces, each like the four of a small group. */
export function arriving(id: string, round: number, faces: number): ImageResult {
  const own = [0, 1, 2].map((n) => `${id}-${n}`);
  return {
    id,
    batchId: 'batch-0',
    imageUrl: imageUrl(id),
    run: 0,
    status: 'done',
    pipeline: [],
    steps: {},
    jobOutput: {},
    tags: [],
    finishedAt: TIME,
    faces: own.map((key, n) => ({ key, rectangle: { ...box, left: 200 * n }, enrolled: true })),
    matches: own.flatMap((face, n) => {
      const first = faces - 4 * (3 * round + n + 1);
      return [0, 1, 2, 3].map((k) => ({
        face,
        otherFace: faceKey(first + k),
        otherImage: imageId(first + k),
        otherImageUrl: imageUrl(imageId(first + k)),
        otherRectangle: box,
        confidence: 0.98,
      }));
    }),
  };
}
