import { chunksOf } from '../database/chunks.ts';
import type { Database, Row } from '../database/database.ts';
import { join, type Sql, sql, text } from '../database/sql.ts';
import type { Consent } from '../domain/consent.ts';
import { rectangleOf } from './face-place.ts';
import { isNoEnquirys } from './own-pairs.ts';
import type { ImageStatus, StoredImage, StoredMatch } from './rows.ts';

const matchesFrom = (side: 'a' | 'b', ids: Sql): Sql => {
  const far = side === 'a' ? 'b' : 'a';
  const column = (name: string) => ({
    parts: [name.replaceAll('MINE', side).replaceAll('FAR', far)],
    parameters: [],
  });
  // The other image's own row knows better than the report, once it is there.
  return sql`SELECT ${column(`m.image_MINE AS image_id, m.face_MINE AS face, m.face_FAR AS other_face,
      m.image_FAR AS other_image, m.image_url_FAR AS other_url, m.confidence, m.margin_MINE AS margin, m.first_seen,
      o.batch_id AS other_batch, COALESCE(f.rect_left, m.rect_FAR_left) AS rect_left,
      COALESCE(f.rect_top, m.rect_FAR_top) AS rect_top, COALESCE(f.rect_width, m.rect_FAR_width) AS rect_width,
      COALESCE(f.rect_height, m.rect_FAR_height) AS rect_height
    FROM face_match m
    LEFT JOIN pipeline_output o ON o.id = m.image_FAR
    LEFT JOIN face f ON f.face_key = m.face_FAR AND f.image_id = m.image_FAR
    WHERE (o.status IS NULL OR o.status NOT IN ('gone', 'superseded'))
      AND NOT EXISTS (SELECT 1 FROM match_decision d WHERE d.face_a = m.face_a AND d.face_b = m.face_b AND d.verdict = 'notSame')
      AND m.image_MINE IN (`)}${ids}) AND ${isNoEnquirys('m')}`;
};

/** Images with everything about them, in the order of the ids; ids without a row are left out. */
export async function loadImages(database: Database, ids: readonly string[]): Promise<StoredImage[]> {
  const images: StoredImage[] = [];
  for (const some of chunksOf(ids, database.dialect.imagesPerRead)) {
    const list = join(some.map(text), ', ');
    const [rows = [], faces = [], matchesA = [], matchesB = []] = await database.read([
      sql`SELECT * FROM pipeline_output WHERE id IN (${list})`,
      sql`SELECT * FROM face WHERE image_id IN (${list}) ORDER BY image_id, position`,
      matchesFrom('a', list),
      matchesFrom('b', list),
    ]);
    const facesOf = Map.groupBy(faces, ({ image_id }) => image_id);
    const matchesOf = Map.groupBy([...matchesA, ...matchesB], ({ image_id }) => image_id);
    const byId = new Map(
      rows.map((row) => [row.id, toImage(row, facesOf.get(row.id) ?? [], matchesOf.get(row.id) ?? [])]),
    );
    // A statement stores U+FFFD for what it cannot hold, so ids are compared as they are stored.
    for (const id of some) {
      const image = byId.get(text(id).value);
      if (image !== undefined) images.push(image);
    }
  }
  return images;
}

const parse = (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : undefined);

/** Absent where the column is NULL. */
const optional = <K extends string, V>(key: K, value: V | null | undefined): { [P in K]?: V } =>
  value === null || value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });

const toMatch = (row: Row): StoredMatch => ({
  face: row.face as string,
  otherFace: row.other_face as string,
  otherImage: row.other_image as string,
  otherImageUrl: row.other_url as string,
  otherRectangle: rectangleOf(row),
  confidence: row.confidence as number,
  firstSeen: row.first_seen as string,
  ...optional('margin', row.margin as number | null),
  ...optional('otherBatchId', row.other_batch as string | null),
});

const order = (one: string, two: string): number => (one < two ? -1 : one > two ? 1 : 0);

function toConsent(row: Row): Consent | undefined {
  const consent: Consent = {
    ...optional('purpose', row.purpose as string | null),
    ...optional('legalBasis', row.legal_basis as string | null),
    ...optional('expires', row.expires as string | null),
    doNotMatch: row.do_not_match === 1,
  };
  return consent.doNotMatch || Object.keys(consent).length > 1 ? consent : undefined;
}

const toImage = (row: Row, faces: readonly Row[], matches: readonly Row[]): StoredImage => ({
  id: row.id as string,
  batchId: row.batch_id as string,
  imageUrl: row.image_url as string,
  run: row.run as number,
  status: row.status as ImageStatus,
  ...optional(
    'reason',
    row.reason_code === null ? undefined : { code: row.reason_code as string, message: row.reason as string },
  ),
  pipeline: parse(row.processing_pipeline),
  steps: parse(row.errors),
  ...optional('imageParameters', parse(row.image_parameters)),
  ...optional('consent', toConsent(row)),
  ...optional('exif', parse(row.exif)),
  ...optional('warnings', parse(row.warnings)),
  jobOutput: parse(row.job_output),
  ...optional('width', row.width as number | null),
  ...optional('height', row.height as number | null),
  ...optional('bytes', row.bytes as number | null),
  ...optional('caption', row.caption as string | null),
  ...optional('text', row.text as string | null),
  ...optional('categories', parse(row.categoriesJSON)),
  ...optional('description', parse(row.descriptionJSON)),
  tags: parse(row.tagsJSON),
  faces: faces.map((face) => ({
    key: face.face_key as string,
    rectangle: rectangleOf(face),
    ...optional('crop', face.crop as string | null),
    ...optional('quality', face.quality as string | null),
    ...optional('attributes', parse(face.attributes)),
    enrolled: face.enrolled === 1,
  })),
  matches:
    row.status === 'gone' || row.status === 'superseded'
      ? []
      : matches
          .map(toMatch)
          .sort(
            (one, two) =>
              two.confidence - one.confidence ||
              order(one.face, two.face) ||
              order(one.otherFace, two.otherFace),
          ),
  finishedAt: row.timestamp as string,
});
