import { chunksOf, listOf } from '../database/chunks.ts';
import type { Session } from '../database/database.ts';
import { float, int, raw, sql, text } from '../database/sql.ts';
import { overlap, SAME_FACE_OVERLAP } from '../domain/overlap.ts';
import type { Rectangle } from '../domain/rectangle.ts';
import { rectangleOf } from '../results/face-place.ts';
import { byKey } from './node.ts';

/**
 * Overlap above which a face that was found anew stands where a decided face stood. Less than for keeping a key, so that
 * a detector with narrower or wider rectangles loses no decision; more than neighbours in a crowd have.
 */
const SAME_PLACE_OVERLAP = 0.3;

/** A face as it was when something was decided about it. */
interface Anchor {
  key: string;
  /** Absent where it was not known. */
  rectangle?: Rectangle;
}

/**
 * Which face of an image stands now where each decided face stood. A face with the same key is that face; what has no
 * such face goes by its place, the best overlap first, and each face is taken once, but for decided faces that stood in
 * one place themselves.
 *
 * @returns by key of the anchor; those without a face are left out
 */
function facesNow(
  anchors: readonly Anchor[],
  faces: readonly { key: string; rectangle: Rectangle }[],
): Map<string, string> {
  const now = new Map<string, string>();
  const taken = new Map<string, Rectangle[]>();
  const take = ({ key, rectangle }: Anchor, face: string) => {
    now.set(key, face);
    taken.set(face, [...(taken.get(face) ?? []), ...(rectangle ? [rectangle] : [])]);
  };
  const keys = new Set(faces.map(({ key }) => key));
  for (const anchor of anchors) if (keys.has(anchor.key)) take(anchor, anchor.key);
  const candidates = anchors
    .filter(({ key }) => !keys.has(key))
    .flatMap((anchor) =>
      faces.map(({ key, rectangle }) => ({
        anchor,
        key,
        value: anchor.rectangle ? overlap(anchor.rectangle, rectangle) : 0,
      })),
    )
    .filter(({ value }) => value > SAME_PLACE_OVERLAP)
    .sort(
      (one, two) => two.value - one.value || byKey(one.anchor.key, two.anchor.key) || byKey(one.key, two.key),
    );
  for (const { anchor, key } of candidates) {
    if (now.has(anchor.key)) continue;
    const others = taken.get(key);
    const { rectangle } = anchor;
    if (others && !others.every((other) => rectangle && overlap(other, rectangle) > SAME_FACE_OVERLAP))
      continue;
    take(anchor, key);
  }
  return now;
}

/**
 * Looks where the decided faces of these images are now.
 *
 * @returns every key, of before and of now, of a decided face that has moved
 */
export async function reanchor(session: Session, images: Iterable<string>): Promise<Set<string>> {
  const moved = new Set<string>();
  for (const some of chunksOf(images)) {
    const list = listOf(some);
    const [anchors = [], faces = []] = await session.read([
      sql`SELECT face_key, image_id, rect_left, rect_top, rect_width, rect_height, current_key, live
        FROM face_anchor WHERE image_id IN (${list})`,
      sql`SELECT face_key, image_id, rect_left, rect_top, rect_width, rect_height FROM face WHERE image_id IN (${list})`,
    ]);
    const facesOf = Map.groupBy(faces, ({ image_id }) => image_id);
    for (const [image, rows] of Map.groupBy(anchors, ({ image_id }) => image_id)) {
      const now = facesNow(
        rows.map((row) => ({
          key: row.face_key as string,
          ...(row.rect_left !== null && { rectangle: rectangleOf(row) }),
        })),
        (facesOf.get(image) ?? []).map((row) => ({
          key: row.face_key as string,
          rectangle: rectangleOf(row),
        })),
      );
      for (const row of rows) {
        const key = row.face_key as string;
        const current = now.get(key) ?? key;
        const live = now.has(key) ? 1 : 0;
        if (row.current_key === current && row.live === live) continue;
        await session.run([
          sql`UPDATE face_anchor SET current_key = ${text(current)}, live = ${int(live)} WHERE face_key = ${text(key)}`,
        ]);
        if (row.current_key !== current) moved.add(row.current_key as string).add(current);
      }
    }
  }
  return moved;
}

/** A face that a decision may be about. */
export interface Anchored {
  /** Under which the log knows it. */
  key: string;
  /** Under which it is found now. */
  current: string;
  imageId: string;
}

/**
 * The anchors of faces, by their key of now.
 *
 * @param make whether one is made of a face that has none yet: something is about to be said of it
 *
 * @returns without those that there are not, and never were
 */
export async function anchorsOf(
  session: Session,
  keys: readonly string[],
  make: boolean,
): Promise<Map<string, Anchored>> {
  const found = new Map<string, Anchored>();
  for (const some of chunksOf(new Set(keys))) {
    const list = listOf(some);
    const [anchors = [], faces = [], ...reported] = await session.read([
      sql`SELECT face_key, current_key, image_id FROM face_anchor WHERE current_key IN (${list}) OR face_key IN (${list}) ORDER BY face_key`,
      sql`SELECT face_key, image_id, rect_left, rect_top, rect_width, rect_height, 1 AS live FROM face WHERE face_key IN (${list})`,
      // The image of a face that another one matches may be under way.
      ...['a', 'b'].map((side) => {
        const columns = ['left', 'top', 'width', 'height'].map(
          (name) => `rect_${side}_${name} AS rect_${name}`,
        );
        return sql`SELECT ${raw(`face_${side} AS face_key, image_${side} AS image_id, ${columns.join(', ')}, 0 AS live`)}
          FROM face_match WHERE ${raw(`face_${side}`)} IN (${list})`;
      }),
    ]);
    const wanted = new Set(some);
    for (const row of anchors) {
      const [key, current, imageId] = [row.face_key, row.current_key, row.image_id] as [
        string,
        string,
        string,
      ];
      // Under its own key, or else the first: always the same one.
      for (const name of new Set([key, current])) {
        if (wanted.has(name) && (!found.has(name) || name === key))
          found.set(name, { key, current, imageId });
      }
    }
    for (const row of [...faces, ...reported.flat()]) {
      const key = row.face_key as string;
      if (found.has(key)) continue;
      const imageId = row.image_id as string;
      found.set(key, { key, current: key, imageId });
      if (!make) continue;
      const rectangle = rectangleOf(row) as Rectangle;
      await session.run([
        sql`INSERT INTO face_anchor (face_key, image_id, rect_left, rect_top, rect_width, rect_height, current_key, live)
          VALUES (${text(key)}, ${text(imageId)}, ${float(rectangle.left)}, ${float(rectangle.top)}, ${float(rectangle.width)},
            ${float(rectangle.height)}, ${text(key)}, ${int(row.live as number)})`,
      ]);
    }
  }
  return found;
}
