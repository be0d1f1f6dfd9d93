import { createHash } from 'node:crypto';
import type { ImageResult } from '../../src/results/rows.ts';
import { Bulk } from './bulk.ts';

const TIME = '2026-01-01T00:00:00.000Z';
/** Edges of a face of the large group, to the faces after it. */
const EDGES = 10;
/** Faces of every other group: one person's photographs. */
const SMALL = 4;
/** Faces of one batch of the small groups. */
const BATCH = 1000;

export const imageId = (n: number): string =>
  createHash('sha256').update(`image ${n}`).digest('hex').slice(0, 32);

/** One face in each image. */
export const faceKey = (n: number): string => `${imageId(n)}-1`;

const imageUrl = (id: string): string => `https://store.blob.core.windows.net/inputimages/${id}.jpg`;
const box = { left: 10, top: 10, width: 100, height: 100 };

const TABLES = ['pipeline_output', 'face', 'face_match', 'face_group', 'people_group'];

/**
 * One group of `group` faces, all others in groups of four, with the possible matches that make them so: filled into a
 * file that has its schema, the groups as solving makes them.
 */
export function buildFaces(
  file: string,
  { faces, group }: { faces: number; group: number },
  say: (line: string) => void,
): void {
  const batchOf = (n: number) => (n < group ? 'large' : `batch-${Math.floor((n - group) / BATCH)}`);
  say(`${faces} faces: their keys`);
  const ids = Array.from({ length: faces }, (_, n) => imageId(n));
  const keys = ids.map((id) => `${id}-1`);
  const inOrder = Uint32Array.from({ length: faces }, (_, n) => n).sort((one, two) =>
    (keys[one] as string) < (keys[two] as string) ? -1 : 1,
  );
  const id = (n: number) => ids[n] as string;
  const key = (n: number) => keys[n] as string;
  const bulk = new Bulk(file, TABLES);
  const fill = (table: string, rows: Iterable<Record<string, string | number | null>>) => {
    say(table);
    bulk.insert(table, rows);
  };
  function* each<T>(make: (n: number) => T): Generator<T> {
    for (const n of inOrder) yield make(n);
  }
  fill(
    'pipeline_output',
    each((n) => ({
      ...{ id: id(n), batch_id: batchOf(n), timestamp: TIME, status: 'done', run: 0, face_count: 1 },
      ...{
        image_url: imageUrl(id(n)),
        errors: '{}',
        processing_pipeline: '[]',
        tagsJSON: '[]',
        job_output: '{}',
      },
    })),
  );
  fill(
    'face',
    each((n) => ({
      ...{ face_key: key(n), image_id: id(n), position: 0, ...rectangle(''), enrolled: 1 },
      crop: `${id(n)}/${key(n)}.jpg`,
    })),
  );
  fill('face_match', pairs(inOrder, id, key, group, faces));
  const least = leastOfGroups(inOrder, group, faces);
  const leastOf = (n: number) => key(least[groupAt(n, group)] as number);
  fill(
    'face_group',
    each((n) => ({
      ...{ face_key: key(n), image_id: id(n), batch_id: batchOf(n), component_id: leastOf(n) },
      ...{ group_id: leastOf(n), solid_id: key(n), contested: 0 },
    })),
  );
  fill('people_group', groups(least, key, batchOf, group, faces));
  bulk.execute(`INSERT INTO batch_count (batch_id, status, images, faces, changes, latest)
    SELECT batch_id, 'done', COUNT(*), SUM(face_count), 1, MAX(timestamp) FROM pipeline_output GROUP BY batch_id`);
  bulk.execute(`INSERT INTO batch_count (batch_id, status, images, faces, changes, latest)
    SELECT '', 'done', COUNT(*), SUM(face_count), 1, MAX(timestamp) FROM pipeline_output`);
  bulk.finish(say);
}

/** Number of a face's group: the large one is the first. */
const groupAt = (n: number, group: number): number => (n < group ? 0 : 1 + Math.floor((n - group) / SMALL));

/** By number of a group the face with the least key. */
function leastOfGroups(inOrder: Uint32Array, group: number, faces: number): Int32Array {
  const least = new Int32Array(groupAt(faces - 1, group) + 1).fill(-1);
  for (const n of inOrder) if (least[groupAt(n, group)] === -1) least[groupAt(n, group)] = n;
  return least;
}

function* groups(
  least: Int32Array,
  key: (n: number) => string,
  batchOf: (n: number) => string,
  group: number,
  faces: number,
): Generator<Record<string, string | number | null>> {
  for (const [at, n] of least.entries()) {
    const size = at === 0 ? group : Math.min(SMALL, faces - group - (at - 1) * SMALL);
    if (size < 2) continue;
    for (const batch_id of ['', batchOf(n)])
      yield {
        ...{ group_id: key(n), group_key: key(n), batch_id, faces: size, decided: 0, person_id: null },
        ...{ contested: 0, lead_face: key(n) },
      };
  }
}

/** Faces of its group that the machine finds like this one: those near it. */
function around(n: number, group: number, faces: number): number[] {
  const [first, size] = n < group ? [0, group] : [group + Math.floor((n - group) / SMALL) * SMALL, SMALL];
  const [from, to] = [Math.max(first, n - EDGES), Math.min(first + size, faces, n + EDGES + 1)];
  return Array.from({ length: to - from }, (_, k) => from + k).filter((other) => other !== n);
}

const rectangle = (side: string) => ({
  [`rect${side}_left`]: box.left,
  [`rect${side}_top`]: box.top,
  [`rect${side}_width`]: box.width,
  [`rect${side}_height`]: box.height,
});

/** In the order of their keys: of each face those with a greater one. */
function* pairs(
  inOrder: Uint32Array,
  id: (n: number) => string,
  key: (n: number) => string,
  group: number,
  faces: number,
): Generator<Record<string, string | number | null>> {
  for (const a of inOrder) {
    const others = around(a, group, faces)
      .filter((b) => key(a) < key(b))
      .sort((one, two) => (key(one) < key(two) ? -1 : 1));
    for (const b of others)
      yield {
        ...{ face_a: key(a), face_b: key(b), image_a: id(a), image_b: id(b) },
        ...{ image_url_a: imageUrl(id(a)), image_url_b: imageUrl(id(b)) },
        ...{ ...rectangle('_a'), ...rectangle('_b'), confidence: 0.97, confidence_a: 0.97 },
        ...{ reported_by_a: 1, reported_by_b: 0, first_seen: TIME },
      };
  }
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
