import { chunksOf, listOf } from '../database/chunks.ts';
import type { Row, Session } from '../database/database.ts';
import { insertRows, int, raw, type Sql, sql, text } from '../database/sql.ts';
import { Graph, type KnownFace } from './graph.ts';
import { type Edge, type Group, groupsOf, type Link } from './groups.ts';
import { isPerson, leastOf, type Node } from './node.ts';
import { componentsOf, reach } from './reach.ts';
import { ARCHIVE } from './scope.ts';
import type { Recognition } from './threshold.ts';

/** What solving some components has changed. */
export interface GroupChange {
  /** By face, the group it was in; faces that were alone, or not there, are left out. */
  before: ReadonlyMap<string, string>;
  /** Every group of those components. */
  after: readonly Group[];
  /** Faces that are no more. */
  gone: readonly string[];
  /** ISO 8601, UTC. */
  at: string;
  /** The model whose pairs they were made from. */
  model: string;
}

/**
 * Whoever keeps something that follows from groups. Called in the transaction that changed them, after they are written;
 * it may be called again for the same change.
 */
export type Follower = (session: Session, change: GroupChange) => Promise<void>;

interface SolveParts extends Recognition {
  followers: readonly Follower[];
  dialect: Parameters<typeof insertRows>[3];
  /** ISO 8601, UTC. */
  at: string;
  /**
   * Whether nothing has changed but that people said of more nodes that they are the same: then what hung together still
   * does, and where nothing keeps any two of it apart no edge has to be read.
   */
  onlyJoined?: boolean;
}

/** A face's row. Faces that nothing ties to another, or to a person, have none. */
interface Place {
  image: string;
  batch: string;
  component: string;
  group: string;
  solid: string;
  contested: boolean;
}

/** Makes the groups of all components again that something changed at. */
export async function solve(session: Session, dirty: Iterable<Node>, parts: SolveParts): Promise<void> {
  const graph = new Graph(session, parts.figures);
  const nodes = await reach(dirty, graph);
  if (nodes.size === 0) return;
  const reached = [...nodes].filter((node) => !isPerson(node));
  const before = await placesOf(session, reached);
  const faces = await facesOf(graph, reached, before, parts.onlyJoined === true);
  const links = (await graph.linksOf(nodes)).filter(({ a, b }) =>
    [a, b].every((node) => faces.has(node) || (isPerson(node) && nodes.has(node))),
  );
  const photographs = new Map([...faces].map(([face, { imageId }]) => [face, imageId]));
  const joined = parts.onlyJoined ? asBefore(before, links, photographs) : undefined;
  if (parts.onlyJoined && !joined) return solve(session, dirty, { ...parts, onlyJoined: false });
  const edges = joined?.edges ?? (await graph.edgesAmong(faces, await graph.scopesOf(faces)));
  const groups = joined?.groups ?? groupsOf(edges, links, photographs);
  const components = componentsOf([...faces.keys(), ...[...nodes].filter(isPerson)], edges, links);
  const after = newPlaces(groups, components, faces);
  await writePlaces(session, before, after, parts.dialect);
  await writeGroups(session, before, groups, faces, parts.dialect);
  const change: GroupChange = {
    before: new Map([...before].map(([face, { group }]) => [face, group])),
    after: groups,
    gone: reached.filter((face) => !faces.has(face)),
    at: parts.at,
    model: parts.model,
  };
  for (const follow of parts.followers) await follow(session, change);
}

/**
 * Edges that tie together what hung together before, in place of those that did, where they make the same groups: every
 * component was one group, and so are all of them together.
 */
function asBefore(
  before: ReadonlyMap<string, Place>,
  links: readonly Link[],
  photographs: ReadonlyMap<string, string>,
): { edges: Edge[]; groups: Group[] } | undefined {
  const groupOf = new Map<string, string>();
  const lastOf = new Map<string, string>();
  const edges: Edge[] = [];
  for (const [face, { component, group, contested }] of before) {
    if (contested || !photographs.has(face)) return undefined;
    if ((groupOf.get(component) ?? group) !== group) return undefined;
    groupOf.set(component, group);
    const last = lastOf.get(component);
    if (last !== undefined) edges.push({ a: last, b: face, confidence: 1 });
    lastOf.set(component, face);
  }
  const groups = groupsOf(edges, links, photographs);
  return groups.length === 1 && groups[0]?.contested === undefined ? { edges, groups } : undefined;
}

/**
 * What is known of the faces. Where people have only joined, their places say it: a face that has gone meanwhile has left
 * a mark, and is looked at with that.
 */
async function facesOf(
  graph: Graph,
  reached: readonly string[],
  before: ReadonlyMap<string, Place>,
  onlyJoined: boolean,
): Promise<Map<string, KnownFace>> {
  if (!onlyJoined) return graph.faces(reached);
  const faces = await graph.faces(reached.filter((face) => !before.has(face)));
  for (const [face, { image, batch }] of before)
    faces.set(face, { imageId: image, batchId: batch, live: true });
  return faces;
}

function newPlaces(
  groups: readonly Group[],
  components: ReadonlyMap<Node, string>,
  faces: ReadonlyMap<string, KnownFace>,
): Map<string, Place> {
  const sizes = new Map<string, number>();
  for (const component of components.values()) sizes.set(component, (sizes.get(component) ?? 0) + 1);
  const places = new Map<string, Place>();
  for (const group of groups) {
    for (const solid of group.solids) {
      const solidId = leastOf(solid);
      for (const face of solid) {
        const component = components.get(face) ?? face;
        const { imageId, batchId } = faces.get(face) as KnownFace;
        if (sizes.get(component) === 1) continue;
        places.set(face, {
          image: imageId,
          batch: batchId,
          component,
          group: group.id,
          solid: solidId,
          contested: group.contested !== undefined,
        });
      }
    }
  }
  return places;
}

async function placesOf(session: Session, faces: readonly string[]): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  for (const some of chunksOf(faces)) {
    const [rows = []] = await session.read([
      sql`SELECT face_key, image_id, batch_id, component_id, group_id, solid_id, contested FROM face_group
        WHERE face_key IN (${listOf(some)})`,
    ]);
    for (const row of rows)
      places.set(row.face_key as string, {
        image: row.image_id as string,
        batch: row.batch_id as string,
        component: row.component_id as string,
        group: row.group_id as string,
        solid: row.solid_id as string,
        contested: row.contested === 1,
      });
  }
  return places;
}

/** All of a place but its image: a face stays in that. */
const rest = ({ batch, component, group, solid, contested }: Place): string =>
  JSON.stringify([batch, component, group, solid, contested]);

/** Only what differs is written: in a large group that is little. */
async function writePlaces(
  session: Session,
  before: ReadonlyMap<string, Place>,
  after: ReadonlyMap<string, Place>,
  dialect: SolveParts['dialect'],
): Promise<void> {
  const gone = [...before.keys()].filter((face) => !after.has(face));
  const added = [...after].filter(([face]) => !before.has(face));
  const changed = [...after].filter(([face, place]) => {
    const old = before.get(face);
    return old !== undefined && rest(old) !== rest(place);
  });
  const statements: Sql[] = [];
  for (const some of chunksOf(gone))
    statements.push(sql`DELETE FROM face_group WHERE face_key IN (${listOf(some)})`);
  for (const alike of Map.groupBy(changed, ([, place]) => rest(place)).values()) {
    const place = (alike[0] as [string, Place])[1];
    for (const some of chunksOf(alike.map(([face]) => face)))
      statements.push(
        sql`UPDATE face_group SET batch_id = ${text(place.batch)}, component_id = ${text(place.component)}, group_id = ${text(place.group)}, solid_id = ${text(place.solid)},
          contested = ${int(place.contested ? 1 : 0)} WHERE face_key IN (${listOf(some)})`,
      );
  }
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

const GROUP_COLUMNS = {
  group_id: 'text',
  batch_id: 'text',
  faces: 'int',
  decided: 'int',
  person_id: 'text',
  contested: 'int',
  lead_face: 'text',
} as const;

/** Groups that are worth a row: of two faces or more, of a person, or contested. */
async function writeGroups(
  session: Session,
  before: ReadonlyMap<string, Place>,
  groups: readonly Group[],
  faces: ReadonlyMap<string, KnownFace>,
  dialect: SolveParts['dialect'],
): Promise<void> {
  const wanted = new Map<string, Record<keyof typeof GROUP_COLUMNS, string | number | null>>();
  for (const group of groups) {
    if (group.faces.length < 2 && group.person === undefined && group.contested === undefined) continue;
    const [solid = []] = group.solids;
    const batches = new Set(group.faces.map((face) => (faces.get(face) as KnownFace).batchId));
    for (const batch of [ARCHIVE, ...batches])
      wanted.set(JSON.stringify([group.id, batch]), {
        group_id: group.id,
        batch_id: batch,
        faces: group.faces.length,
        decided: group.person !== undefined || solid.length > 1 ? solid.length : 0,
        person_id: group.person ?? null,
        contested: group.contested === undefined ? 0 : 1,
        lead_face: solid[0] ?? group.id,
      });
  }
  const ids = new Set([...groups.map(({ id }) => id), ...[...before.values()].map(({ group }) => group)]);
  const stored = new Map<string, Row>();
  for (const some of chunksOf(ids)) {
    const [rows = []] = await session.read([
      sql`SELECT ${raw(Object.keys(GROUP_COLUMNS).join(', '))} FROM people_group WHERE group_id IN (${listOf(some)})`,
    ]);
    for (const row of rows) stored.set(JSON.stringify([row.group_id, row.batch_id]), row);
  }
  const isSame = (key: string) => {
    const [row, group] = [stored.get(key), wanted.get(key)];
    if (!row || !group) return false;
    return (Object.keys(GROUP_COLUMNS) as (keyof typeof GROUP_COLUMNS)[]).every(
      (column) => row[column] === group[column],
    );
  };
  await session.run([
    ...[...stored]
      .filter(([key]) => !isSame(key))
      .map(
        ([, row]) =>
          sql`DELETE FROM people_group WHERE group_id = ${text(row.group_id as string)} AND batch_id = ${text(row.batch_id as string)}`,
      ),
    ...insertRows(
      'people_group',
      GROUP_COLUMNS,
      [...wanted].filter(([key]) => !isSame(key)).map(([, group]) => group),
      dialect,
    ),
  ]);
}
