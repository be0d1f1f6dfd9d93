import type { Session } from '../../../src/database/database.ts';
import { float, int, join, type Parameter, raw, type Sql, sql, text } from '../../../src/database/sql.ts';
import { sqliteDialect } from '../../../src/database/sqlite.ts';
import { lockCounted } from '../../../src/results/count-changes.ts';
import { IMAGE_CHILDREN, insertChildren, tagsOf } from '../../../src/results/image-children.ts';
import type { ImageResult } from '../../../src/results/rows.ts';

/**
 * A save as it was before version 7 of the schema: the counter-example that the model has to find fault with. Counts
 * were changed where they stand, and rows inserted where none was found just before.
 */
export async function saveOfBefore(session: Session, result: ImageResult): Promise<void> {
  const id = text(result.id);
  const before = (await lockCounted(session, [result.id])).get(result.id);
  const row: [string, Parameter][] = [
    ['id', id],
    ['batch_id', text(result.batchId)],
    ['timestamp', text(result.finishedAt)],
    ['status', text(result.status)],
    ['run', int(result.run)],
    ['face_count', int(result.faces.length)],
    ['image_url', text(result.imageUrl)],
    ['errors', text('{}')],
    ['processing_pipeline', text('[]')],
    ['tagsJSON', text('[]')],
    ['job_output', text(JSON.stringify(result.jobOutput))],
  ];
  const assignments = row.map(([name, value]) => sql`${raw(`[${name}]`)} = ${value}`);
  await session.run([
    before === undefined
      ? sql`INSERT INTO pipeline_output (${raw(row.map(([name]) => `[${name}]`).join(', '))}) VALUES (${join(
          row.map(([, value]) => value),
          ', ',
        )})`
      : sql`UPDATE pipeline_output SET ${join(assignments, ', ')} WHERE id = ${id}`,
    ...IMAGE_CHILDREN.map(({ name }) => sql`DELETE FROM ${raw(name)} WHERE image_id = ${id}`),
    ...IMAGE_CHILDREN.flatMap((table) => insertChildren(table, result.id, table.rows(result), sqliteDialect)),
    ...replacePairs(result),
    ...countNames(before?.tags ?? [], [...tagsOf(result).keys()], result.id),
    ...countBatch(before, result),
  ]);
}

function countNames(before: readonly string[], after: readonly string[], id: string): Sql[] {
  const change = (names: readonly string[], by: number) => {
    if (names.length === 0) return [];
    const list = join(names.map(text), ', ');
    return [
      sql`UPDATE tag_count SET images = images + ${int(by)} WHERE kind = 'tag' AND name IN (${list})`,
      ...(by < 0
        ? []
        : [
            sql`INSERT INTO tag_count (kind, name, images) SELECT 'tag', n.name, 1 FROM image_tag n
              WHERE n.image_id = ${text(id)} AND n.name IN (${list})
              AND NOT EXISTS (SELECT 1 FROM tag_count c WHERE c.kind = 'tag' AND c.name = n.name)`,
          ]),
    ];
  };
  const added = after.filter((name) => !before.includes(name)).sort();
  const removed = before.filter((name) => !after.includes(name)).sort();
  return [...change(added, 1), ...change(removed, -1)];
}

function countBatch(
  before: { batchId: string; status: string; faces: number } | undefined,
  result: ImageResult,
): Sql[] {
  const after = { batchId: result.batchId, status: result.status, faces: result.faces.length };
  const rows = new Map<string, { batchId: string; status: string; images: number; faces: number }>();
  for (const [one, sign] of [
    [before, -1],
    [after, 1],
  ] as const) {
    if (one === undefined) continue;
    for (const batchId of ['', one.batchId]) {
      const key = JSON.stringify([batchId, one.status]);
      const known = rows.get(key) ?? { batchId, status: one.status, images: 0, faces: 0 };
      rows.set(key, { ...known, images: known.images + sign, faces: known.faces + sign * one.faces });
    }
  }
  return [...rows]
    .sort(([one], [two]) => (one < two ? -1 : 1))
    .flatMap(([, { batchId, status, images, faces }]) => {
      const same = sql`batch_id = ${text(batchId)} AND status = ${text(status)}`;
      return [
        sql`UPDATE batch_count SET images = images + ${int(images)}, faces = faces + ${int(faces)}, changes = changes + 1 WHERE ${same}`,
        sql`INSERT INTO batch_count (batch_id, status, images, faces, changes, latest)
          SELECT ${text(batchId)}, ${text(status)}, ${int(images)}, ${int(faces)}, 1, ''
          WHERE NOT EXISTS (SELECT 1 FROM batch_count WHERE ${same})`,
      ];
    });
}

function replacePairs(result: ImageResult): Sql[] {
  const id = text(result.id);
  const sides = ['a', 'b'] as const;
  return [
    ...sides.map(
      (side) =>
        sql`UPDATE face_match SET reported_by_${raw(side)} = 0, confidence_${raw(side)} = NULL WHERE image_${raw(side)} = ${id}`,
    ),
    ...result.matches.flatMap((match) => {
      const own = match.face < match.otherFace ? 'a' : 'b';
      const [face_a, face_b] = own === 'a' ? [match.face, match.otherFace] : [match.otherFace, match.face];
      const [image_a, image_b] = own === 'a' ? [result.id, match.otherImage] : [match.otherImage, result.id];
      const same = sql`face_a = ${text(face_a)} AND face_b = ${text(face_b)}`;
      const confidence = float(match.confidence);
      const reported = (side: string) => int(side === own ? 1 : 0);
      return [
        sql`UPDATE face_match SET reported_by_${raw(own)} = 1, confidence_${raw(own)} = ${confidence} WHERE ${same}`,
        sql`INSERT INTO face_match (face_a, face_b, image_a, image_b, image_url_a, image_url_b, rect_a_left, rect_a_top,
            rect_a_width, rect_a_height, rect_b_left, rect_b_top, rect_b_width, rect_b_height, confidence,
            confidence_${raw(own)}, reported_by_a, reported_by_b, first_seen)
          SELECT ${text(face_a)}, ${text(face_b)}, ${text(image_a)}, ${text(image_b)}, '', '', 0, 0, 0, 0, 0, 0, 0, 0,
            ${confidence}, ${confidence}, ${reported('a')}, ${reported('b')}, ''
          WHERE NOT EXISTS (SELECT 1 FROM face_match WHERE ${same})`,
      ];
    }),
    ...sides.map(
      (side) =>
        sql`DELETE FROM face_match WHERE image_${raw(side)} = ${id} AND reported_by_a = 0 AND reported_by_b = 0`,
    ),
  ];
}
