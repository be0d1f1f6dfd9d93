import { createHash } from 'node:crypto';
import type { Database } from '../../src/database/database.ts';
import { insertRows, raw } from '../../src/database/sql.ts';
import { enquiryBatch } from '../../src/domain/enquiry-batch.ts';
import type { ImageResult } from '../../src/results/rows.ts';
import { faceKey, imageId } from './build-faces.ts';

const TIME = '2026-01-01T00:00:00.000Z';
/** Faces of the archive that a portrait is like: each of another person. */
const LIKE = 3;
const AT_ONCE = 5000;
const box = { left: 10, top: 10, width: 100, height: 100 };

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
export const enquiryId = (n: number): string =>
  hash(`enquiry ${n}`).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
const portraitId = (n: number): string => hash(`portrait ${n}`);
const urlOf = (batch: string, id: string): string =>
  `https://store.blob.core.windows.net/inputimages/${batch}/${id}.jpg`;

/** A face of the archive that the n-th portrait is like: spread over those beyond the large group. */
const likeOf = (n: number, k: number, { faces, group }: { faces: number; group: number }): number =>
  group + (((n * LIKE + k) * 4) % (faces - group));

/** Open enquiries with one portrait each, and the possible matches from which their candidates follow. */
export async function buildEnquiries(
  database: Database,
  archive: { faces: number; group: number },
  enquiries: number,
): Promise<void> {
  const common = { status: 'done', run: 0, errors: '{}', processing_pipeline: '[]', tagsJSON: '[]' };
  for (let start = 0; start < enquiries; start += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, enquiries - start) }, (_, n) => start + n);
    await database.write((session) =>
      session.run([
        ...insertRows(
          'enquiry',
          {
            ...{ enquiry_id: 'text', purpose: 'text', legal_basis: 'text', minor: 'int', state: 'text' },
            ...{ opened_by: 'text', opened_at: 'text', changed_at: 'text', version: 'int' },
          } as const,
          some.map((n) => ({
            ...{ enquiry_id: enquiryId(n), purpose: 'tracing', legal_basis: 'public interest', minor: 1 },
            ...{ state: 'open', opened_by: 'bench', opened_at: TIME, changed_at: TIME, version: 1 },
          })),
          database.dialect,
        ),
        ...insertRows(
          'enquiry_photo',
          { enquiry_id: 'text', image_id: 'text', added_by: 'text', added_at: 'text' } as const,
          some.map((n) => ({
            ...{ enquiry_id: enquiryId(n), image_id: portraitId(n), added_by: 'bench', added_at: TIME },
          })),
          database.dialect,
        ),
        ...insertRows(
          'group_scope',
          { batch_id: 'text', faces: 'int', threshold: 'float', apart: 'int' } as const,
          some.map((n) => ({ batch_id: enquiryBatch(enquiryId(n)), faces: 1, threshold: null, apart: 1 })),
          database.dialect,
        ),
        ...insertRows(
          'pipeline_output',
          {
            ...{ id: 'text', batch_id: 'text', timestamp: 'text', status: 'text', run: 'int' },
            ...{ face_count: 'int', image_url: 'text', errors: 'text', processing_pipeline: 'text' },
            ...{ tagsJSON: 'text', job_output: 'text' },
          } as const,
          some.map((n) => {
            const batch = enquiryBatch(enquiryId(n));
            return {
              ...common,
              ...{ id: portraitId(n), batch_id: batch, timestamp: TIME, face_count: 1, job_output: '{}' },
              image_url: urlOf(batch, portraitId(n)),
            };
          }),
          database.dialect,
        ),
        ...insertRows(
          'face',
          {
            ...{ face_key: 'text', image_id: 'text', position: 'int', enrolled: 'int' },
            ...{ rect_left: 'float', rect_top: 'float', rect_width: 'float', rect_height: 'float' },
          } as const,
          some.map((n) => ({
            ...{ face_key: `${portraitId(n)}-1`, image_id: portraitId(n), position: 0, enrolled: 1 },
            ...{ rect_left: 10, rect_top: 10, rect_width: 100, rect_height: 100 },
          })),
          database.dialect,
        ),
        ...insertRows(
          'face_match',
          PAIR,
          some.flatMap((n) => pairsOf(n, archive)),
          database.dialect,
        ),
        ...insertRows(
          'people_dirty',
          { mark: 'text', image_id: 'text', marked_at: 'text' } as const,
          some.map((n) => ({ mark: 'bench', image_id: portraitId(n), marked_at: TIME })),
          database.dialect,
        ),
      ]),
    );
  }
  await database.write((session) =>
    session.run([
      raw(`INSERT INTO batch_count (batch_id, status, images, faces, changes, latest)
        SELECT batch_id, 'done', 1, 1, 1, timestamp FROM pipeline_output o
        WHERE batch_id LIKE '_enquiry/%' AND NOT EXISTS (SELECT 1 FROM batch_count c WHERE c.batch_id = o.batch_id)`),
    ]),
  );
}

const FLOATS = ['left', 'top', 'width', 'height'].flatMap((name) => [`rect_a_${name}`, `rect_b_${name}`]);
const PAIR: Record<string, 'text' | 'int' | 'float'> = {
  ...{ face_a: 'text', face_b: 'text', image_a: 'text', image_b: 'text', image_url_a: 'text' },
  ...{ image_url_b: 'text', confidence: 'float', reported_by_a: 'int', reported_by_b: 'int' },
  ...{ first_seen: 'text', enquiry: 'int' },
  ...Object.fromEntries(FLOATS.map((name) => [name, 'float' as const])),
};

function pairsOf(n: number, archive: { faces: number; group: number }) {
  const own = {
    face: `${portraitId(n)}-1`,
    image: portraitId(n),
    url: urlOf(enquiryBatch(enquiryId(n)), portraitId(n)),
  };
  const rectangle = (side: string) => ({
    ...{ [`rect_${side}_left`]: 10, [`rect_${side}_top`]: 10 },
    ...{ [`rect_${side}_width`]: 100, [`rect_${side}_height`]: 100 },
  });
  return Array.from({ length: LIKE }, (_, k) => {
    const at = likeOf(n, k, archive);
    const other = { face: faceKey(at), image: imageId(at), url: urlOf('camp', imageId(at)) };
    const [a, b] = own.face < other.face ? [own, other] : [other, own];
    return {
      ...{ face_a: a.face, face_b: b.face, image_a: a.image, image_b: b.image },
      ...{ image_url_a: a.url, image_url_b: b.url, confidence: 0.7 - 0.05 * k },
      ...{ reported_by_a: 1, reported_by_b: 0, first_seen: TIME, enquiry: 1 },
      ...rectangle('a'),
      ...rectangle('b'),
    } as Record<string, string | number>;
  });
}

/** The photograph of an enquiry that is opened now: like so many of the archive. */
export function portrait(
  enquiry: string,
  round: number,
  archive: { faces: number; group: number },
): ImageResult {
  const id = hash(`new portrait ${enquiry}`);
  const batchId = enquiryBatch(enquiry);
  return {
    ...{ id, batchId, imageUrl: urlOf(batchId, id), run: 0, status: 'done', pipeline: [], steps: {} },
    ...{ jobOutput: {}, tags: [], finishedAt: TIME },
    faces: [{ key: `${id}-1`, rectangle: box, enrolled: true }],
    matches: Array.from({ length: 5 }, (_, k) => {
      const at = likeOf(7 * round + k, k, archive);
      return {
        ...{ face: `${id}-1`, otherFace: faceKey(at), otherImage: imageId(at), otherRectangle: box },
        ...{ otherImageUrl: urlOf('camp', imageId(at)), confidence: 0.7 - 0.05 * k },
      };
    }),
  };
}

/** A photograph that arrives and is like the portraits of two enquiries. */
export function soughtAfter(id: string, round: number): ImageResult {
  const face = `${id}-0`;
  return {
    ...{
      id,
      batchId: 'batch-0',
      imageUrl: urlOf('batch-0', id),
      run: 0,
      status: 'done',
      pipeline: [],
      steps: {},
    },
    ...{ jobOutput: {}, tags: [], finishedAt: TIME },
    faces: [{ key: face, rectangle: box, enrolled: true }],
    matches: [2 * round, 2 * round + 1].map((n) => ({
      ...{ face, otherFace: `${portraitId(n)}-1`, otherImage: portraitId(n), otherRectangle: box },
      ...{ otherImageUrl: urlOf(enquiryBatch(enquiryId(n)), portraitId(n)), confidence: 0.8 },
    })),
  };
}
