import { float, int, join, type Parameter, raw, type Sql, sql, text } from '../database/sql.ts';
import { isEnquiryUrl } from '../domain/enquiry-batch.ts';
import type { Rectangle } from '../domain/rectangle.ts';
import { isoTime } from './normal-forms.ts';
import type { ImageResult, ResultMatch } from './rows.ts';

type Side = 'a' | 'b';

const other = (side: Side): Side => (side === 'a' ? 'b' : 'a');

/** Columns of one side of a pair, as this image knows them. */
const place = (side: Side, imageUrl: string, rectangle: Rectangle): [string, Parameter][] => [
  [`image_url_${side}`, text(imageUrl)],
  [`rect_${side}_left`, float(rectangle.left)],
  [`rect_${side}_top`, float(rectangle.top)],
  [`rect_${side}_width`, float(rectangle.width)],
  [`rect_${side}_height`, float(rectangle.height)],
];

interface Pair {
  /** Where the reporting image stands. The lower face key is a, by UTF-16 code units. */
  side: Side;
  match: ResultMatch;
  own: Rectangle;
}

/** Best confidence first where a face pair was reported more than once; nothing about an image and itself. */
function reportedPairs(result: ImageResult): Pair[] {
  const rectangles = new Map(result.faces.map(({ key, rectangle }) => [key, rectangle]));
  const pairs = new Map<string, Pair>();
  for (const match of result.matches) {
    const own = rectangles.get(match.face);
    if (own === undefined || match.otherImage === result.id || match.otherFace === match.face) continue;
    const key = JSON.stringify([match.face, match.otherFace]);
    if ((pairs.get(key)?.match.confidence ?? -1) >= match.confidence) continue;
    pairs.set(key, { side: match.face < match.otherFace ? 'a' : 'b', match, own });
  }
  // One order for all who lock several of them.
  return [...pairs].sort(([one], [two]) => (one < two ? -1 : 1)).map(([, pair]) => pair);
}

/** Updates the pair where it is there, inserts it where not: whichever image comes second finds the first one's row. */
function upsertPair(result: ImageResult, { side, match, own }: Pair): Sql[] {
  const faces = { [side]: match.face, [other(side)]: match.otherFace } as Record<Side, string>;
  const images = { [side]: result.id, [other(side)]: match.otherImage } as Record<Side, string>;
  const report: [string, Parameter][] = [
    ...place(side, result.imageUrl, own),
    [`reported_by_${side}`, int(1)],
    [`confidence_${side}`, float(match.confidence)],
    [`margin_${side}`, float(match.margin)],
  ];
  const inserted: [string, Parameter][] = [
    ['face_a', text(faces.a)],
    ['face_b', text(faces.b)],
    ['image_a', text(images.a)],
    ['image_b', text(images.b)],
    ...report,
    ...place(other(side), match.otherImageUrl, match.otherRectangle),
    [`reported_by_${other(side)}`, int(0)],
    ['confidence', float(match.confidence)],
    ['first_seen', text(isoTime(result.finishedAt))],
    ['enquiry', int(isEnquiryUrl(result.imageUrl) || isEnquiryUrl(match.otherImageUrl) ? 1 : 0)],
  ];
  const same = sql`face_a = ${text(faces.a)} AND face_b = ${text(faces.b)}`;
  const assignments = report.map(([name, value]) => sql`${raw(name)} = ${value}`);
  const names = raw(inserted.map(([name]) => name).join(', '));
  const values = inserted.map(([, value]) => value);
  return [
    sql`UPDATE face_match SET ${join(assignments, ', ')} WHERE ${same}`,
    // What a person said of the pair outlives the pair's row.
    sql`INSERT INTO face_match (${names}, verdict) SELECT ${join(values, ', ')},
          (SELECT verdict FROM match_decision WHERE ${same} AND verdict <> 'undecided')
        WHERE NOT EXISTS (SELECT 1 FROM face_match WHERE ${same})`,
  ];
}

/** What this image's latest result reports takes the place of what it reported before; the other side's word stays. */
export function replacePairs(result: ImageResult): Sql[] {
  const id = text(result.id);
  const sides: Side[] = ['a', 'b'];
  const mine = (statement: (side: Sql, far: Sql) => Sql) =>
    sides.map((side) => statement(raw(side), raw(other(side))));
  return [
    ...mine(
      (side) =>
        sql`UPDATE face_match SET reported_by_${side} = 0, confidence_${side} = NULL, margin_${side} = NULL WHERE image_${side} = ${id}`,
    ),
    ...reportedPairs(result).flatMap((pair) => upsertPair(result, pair)),
    ...mine(
      (side) =>
        sql`DELETE FROM face_match WHERE image_${side} = ${id} AND reported_by_a = 0 AND reported_by_b = 0`,
    ),
    // The other image may have ended, or may no longer be matched, while this one was under way.
    ...mine(
      (side, far) =>
        sql`DELETE FROM face_match WHERE image_${side} = ${id} AND image_${far} IN (SELECT id FROM pipeline_output WHERE status IN ('gone', 'superseded') OR do_not_match = 1)`,
    ),
    // One figure for both images and for analysts: the higher of the two reports.
    ...mine(
      (side) => sql`UPDATE face_match SET confidence = CASE
        WHEN confidence_a IS NULL THEN confidence_b WHEN confidence_b IS NULL THEN confidence_a
        WHEN confidence_a > confidence_b THEN confidence_a ELSE confidence_b END WHERE image_${side} = ${id}`,
    ),
  ];
}

export const removePairs = (imageId: string): Sql[] => [
  sql`DELETE FROM face_match WHERE image_a = ${text(imageId)}`,
  sql`DELETE FROM face_match WHERE image_b = ${text(imageId)}`,
];
