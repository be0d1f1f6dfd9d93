import { chunksOf, listOf } from '../database/chunks.ts';
import type { Dialect, Row, Session } from '../database/database.ts';
import { insertRows, raw, sql, text } from '../database/sql.ts';
import { Graph, type KnownFace } from './graph.ts';
import { type Group, groupsOf, type Link } from './groups.ts';
import { isPerson, leastOf, type Node } from './node.ts';
import { type Moved, type Place, writePlaces } from './places.ts';
import { componentsOf, reach } from './reach.ts';
import { regrouped } from './regrouped.ts';
import { ARCHIVE } from './scope.ts';
import { type Solution, standInsFor } from './stand-ins.ts';
import type { Recognition } from './threshold.ts';

/** What solving some components has changed. */
export interface GroupChange {
  /** Where the faces of those components were and are; faces that are alone have no place. */
  places: Moved;
  /** Every group of those components. */
  after: readonly Group[];
  /** Whether people have only decided: nothing else that anything follows from has changed. */
  onlyDecided: boolean;
  /** Faces of which something that follows from their groups may be otherwise now. */
  concerned: ReadonlySet<Node>;
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
  dialect: Dialect;
  /** ISO 8601, UTC. */
  at: string;
  /** Pairs of which people may have said something else; absent where other things may have changed as well. */
  decided?: readonly (readonly [Node, Node])[] | undefined;
}

/** Makes the groups of all components again that something changed at. */
export async function solve(session: Session, dirty: ReadonlySet<Node>, parts: SolveParts): Promise<void> {
  const graph = new Graph(session, parts.figures);
  const nodes = await reach(dirty, graph);
  if (nodes.size === 0) return;
  const reached = [...nodes].filter((node) => !isPerson(node));
  const before = graph.places;
  const isQuick = parts.decided !== undefined;
  const faces = await facesOf(graph, reached, before, isQuick);
  const links = (await graph.linksOf(nodes)).filter(({ a, b }) =>
    [a, b].every((node) => faces.has(node) || (isPerson(node) && nodes.has(node))),
  );
  const photographs = new Map([...faces].map(([face, { imageId }]) => [face, imageId]));
  const quick =
    parts.decided && (await quickly({ ...parts, decided: parts.decided }, graph, links, photographs));
  if (isQuick && !quick) return solve(session, dirty, { ...parts, decided: undefined });
  const { groups, components } = quick ?? (await wholly(graph, nodes, faces, links, photographs));
  const after = newPlaces(groups, components, faces);
  await writePlaces(session, before, after, parts.dialect);
  await writeGroups(session, before, groups, faces, parts.dialect);
  const gone = reached.filter((face) => !faces.has(face));
  const change: GroupChange = {
    places: { before, after },
    after: groups,
    onlyDecided: isQuick,
    concerned: isQuick ? new Set([...dirty, ...regrouped(before, groups), ...gone]) : new Set(reached),
    at: parts.at,
    model: parts.model,
  };
  for (const follow of parts.followers) await follow(session, change);
}

async function wholly(
  graph: Graph,
  nodes: ReadonlySet<Node>,
  faces: ReadonlyMap<string, KnownFace>,
  links: readonly Link[],
  photographs: ReadonlyMap<string, string>,
): Promise<Pick<Solution, 'groups' | 'components'>> {
  const edges = await graph.edgesAmong(faces, await graph.scopesOf(faces));
  return {
    groups: groupsOf(edges, links, photographs),
    components: componentsOf([...faces.keys(), ...[...nodes].filter(isPerson)], edges, links),
  };
}

/** Without reading all edges. Marks are looked at last: whatever was read before is then no newer than they are. */
async function quickly(
  { decided, dialect }: { decided: readonly (readonly [Node, Node])[]; dialect: Dialect },
  graph: Graph,
  links: readonly Link[],
  photographs: ReadonlyMap<string, string>,
): Promise<Solution | undefined> {
  const solution = await standInsFor({
    ...{ decided, links, photographs },
    before: graph.places,
    edgesOf: (nodes) => graph.edgesOf(nodes),
  });
  if (solution === undefined) return undefined;
  return (await graph.isMarked(dialect)) ? undefined : solution;
}

/**
 * What is known of the faces. Where people have only decided, their places say it: a face that has gone meanwhile has
 * left a mark, and is looked at with that.
 */
async function facesOf(
  graph: Graph,
  reached: readonly string[],
  before: ReadonlyMap<string, Place>,
  isQuick: boolean,
): Promise<Map<string, KnownFace>> {
  if (!isQuick) return graph.faces(reached);
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
          group: group.faces[0] as string,
          solid: solidId,
          contested: group.contested !== undefined,
        });
      }
    }
  }
  return places;
}

const GROUP_COLUMNS = {
  group_id: 'text',
  group_key: 'text',
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
        group_key: group.faces[0] ?? group.id,
        batch_id: batch,
        faces: group.faces.length,
        decided: group.person !== undefined || solid.length > 1 ? solid.length : 0,
        person_id: group.person ?? null,
        contested: group.contested === undefined ? 0 : 1,
        lead_face: solid[0] ?? group.id,
      });
  }
  const columns = raw(Object.keys(GROUP_COLUMNS).join(', '));
  const stored = new Map<string, Row>();
  // By what they go by now, and by what they had in common before.
  for (const [column, ids] of [
    ['group_id', new Set(groups.map(({ id }) => id))],
    ['group_key', new Set([...before.values()].map(({ group }) => group))],
  ] as const)
    for (const some of chunksOf(ids)) {
      const [rows = []] = await session.read([
        sql`SELECT ${columns} FROM people_group WHERE ${raw(column)} IN (${listOf(some)})`,
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
