import { chunksOf, listOf } from '../database/chunks.ts';
import type { Dialect, Row, Session } from '../database/database.ts';
import { insertRows, int, join, raw, type Sql, sql, text } from '../database/sql.ts';

/** A face's row. Faces that nothing ties to another, or to a person, have none. */
export interface Place {
  image: string;
  batch: string;
  component: string;
  /** The least face of its group. */
  group: string;
  solid: string;
  contested: boolean;
}

/** Faces that hang together with what people decided about, before and after. */
export interface Moved {
  readonly before: ReadonlyMap<string, Place>;
  readonly after: ReadonlyMap<string, Place>;
}

const PLACE = 'face_key, image_id, batch_id, component_id, group_id, solid_id, contested';

export const selectPlaces = (condition: Sql): Sql =>
  sql`SELECT ${raw(PLACE)} FROM face_group WHERE ${condition}`;

export const toPlace = (row: Row): Place => ({
  image: row.image_id as string,
  batch: row.batch_id as string,
  component: row.component_id as string,
  group: row.group_id as string,
  solid: row.solid_id as string,
  contested: row.contested === 1,
});

/** All of a place but its image: a face stays in that. */
const COLUMNS = [
  ['batch', 'batch_id'],
  ['component', 'component_id'],
  ['group', 'group_id'],
  ['solid', 'solid_id'],
  ['contested', 'contested'],
] as const satisfies readonly [keyof Place, string][];
type Column = (typeof COLUMNS)[number];

const assigned = (columns: readonly Column[], place: Place): Sql =>
  join(
    columns.map(([name, column]) => {
      const value = place[name];
      return sql`${raw(column)} = ${typeof value === 'boolean' ? int(value ? 1 : 0) : text(value)}`;
    }),
    ', ',
  );

/** Only what differs is written, and of all that differ alike at once: in a large group that is little. */
export async function writePlaces(
  session: Session,
  before: ReadonlyMap<string, Place>,
  after: ReadonlyMap<string, Place>,
  dialect: Dialect,
): Promise<void> {
  const statements: Sql[] = [];
  for (const some of chunksOf([...before.keys()].filter((face) => !after.has(face))))
    statements.push(sql`DELETE FROM face_group WHERE face_key IN (${listOf(some)})`);
  const added: [string, Place][] = [];
  const changed = new Map<string, { set: Sql; faces: string[] }>();
  for (const [face, place] of after) {
    const old = before.get(face);
    if (old === undefined) {
      added.push([face, place]);
      continue;
    }
    const differing = COLUMNS.filter(([name]) => old[name] !== place[name]);
    if (differing.length === 0) continue;
    const key = JSON.stringify(differing.map(([name]) => [name, place[name]]));
    const alike = changed.get(key);
    if (alike) alike.faces.push(face);
    else changed.set(key, { set: assigned(differing, place), faces: [face] });
  }
  for (const { set, faces } of changed.values())
    for (const some of chunksOf(faces))
      statements.push(sql`UPDATE face_group SET ${set} WHERE face_key IN (${listOf(some)})`);
  statements.push(
    ...insertRows(
      'face_group',
      {
        face_key: 'text',
        image_id: 'text',
        batch_id: 'text',
        component_id: 'text',
        group_id: 'text',
        solid_id: 'text',
        contested: 'int',
      } as const,
      added.map(([face, place]) => ({
        face_key: face,
        image_id: place.image,
        batch_id: place.batch,
        component_id: place.component,
        group_id: place.group,
        solid_id: place.solid,
        contested: place.contested ? 1 : 0,
      })),
      dialect,
    ),
  );
  await session.run(statements);
}
