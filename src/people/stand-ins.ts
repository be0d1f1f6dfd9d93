import { DisjointSets } from './disjoint-sets.ts';
import { type Edge, type Group, groupsOf, type Link } from './groups.ts';
import { isPerson, type Node } from './node.ts';
import type { Place } from './places.ts';
import { componentsOf, partedIn } from './reach.ts';
import { saidSame } from './said-same.ts';

/** Faces that are looked at before all edges are read after all: about as dear as that of the largest groups. */
const MOST_LOOKED_AT = 1000;

interface Situation {
  /** Pairs of which people may have said something else than before; nothing else has changed. */
  readonly decided: readonly (readonly [Node, Node])[];
  /** What is stored of the components that any of it may concern. */
  readonly before: ReadonlyMap<string, Place>;
  readonly links: readonly Link[];
  readonly photographs: ReadonlyMap<string, string>;
  /** Edges that count now, of these faces. */
  edgesOf(nodes: readonly Node[]): Promise<readonly Edge[]>;
}

export interface Solution {
  readonly edges: readonly Edge[];
  readonly groups: readonly Group[];
  /** By node, the least node of its component. */
  readonly components: ReadonlyMap<Node, string>;
}

/**
 * Edges that make the same components and groups as all edges do, found with a few of them: in a large group there are
 * tens of thousands.
 *
 * What hangs together and has nothing inside that keeps any two apart is one group, whatever its edges are. So of a
 * component that was one group it is enough to know what of it still hangs together. A decision ties or parts two nodes,
 * and every part into which a component falls has one of those in it: from all of them the surroundings are searched, the
 * smallest first, until no more than one part of each component is not seen to its end. That one is all the rest.
 *
 * @returns undefined where all edges have to be read
 */
export async function standInsFor(situation: Situation): Promise<Solution | undefined> {
  const { before, links, photographs } = situation;
  const members = new Map<string, string[]>();
  const groupOf = new Map<string, string>();
  for (const [face, { component, group, contested }] of before) {
    if (contested || !photographs.has(face)) return undefined;
    if ((groupOf.get(component) ?? group) !== group) return undefined;
    groupOf.set(component, group);
    const some = members.get(component);
    if (some) some.push(face);
    else members.set(component, [face]);
  }
  const search = await searched(situation);
  if (search === undefined) return undefined;
  const edges = [...search.edges];
  // Of each part that was not seen to its end: that what is chained to it is one group.
  const chained: string[] = [];
  for (const some of members.values()) {
    const rest = some.filter((face) => !search.isSeenWhole(face));
    if (rest.length === 0) continue;
    // All of it was seen, and this was not met: what is stored is not what is.
    if (some.some((face) => search.isKnown(face)) && !rest.some((face) => search.isKnown(face)))
      return undefined;
    chained.push(rest[0] as string);
    for (let at = 1; at < rest.length; at += 1)
      edges.push({ a: rest[at - 1] as string, b: rest[at] as string, confidence: 1 });
  }
  const groups = groupsOf(edges, links, photographs);
  const persons = links.flatMap(({ a, b }) => [a, b]).filter(isPerson);
  const found = componentsOf([...photographs.keys(), ...persons], edges, links);
  const wholes = new Set(chained.map((face) => found.get(face)));
  const seen = new Set<string>();
  for (const { faces, contested } of groups) {
    const component = found.get(faces[0] as string) as string;
    if (!wholes.has(component)) continue;
    if (contested !== undefined || seen.has(component)) return undefined;
    seen.add(component);
  }
  return { edges, groups, components: found };
}

interface Search {
  readonly edges: readonly Edge[];
  isKnown(node: Node): boolean;
  /** Whether it is in a part of which everything is known. */
  isSeenWhole(node: Node): boolean;
}

/** @returns undefined where it takes too much */
async function searched({
  decided,
  before,
  links,
  photographs,
  edgesOf,
}: Situation): Promise<Search | undefined> {
  const said = saidSame(links);
  const isParted = partedIn(links);
  const ends = new Set(decided.flat());
  const sets = new DisjointSets<Node>();
  const known = new Set<Node>(ends);
  const edges: Edge[] = [];
  let waiting = [...ends].filter((node) => isPerson(node) || photographs.has(node));
  let next = waiting;
  let looked = 0;
  for (;;) {
    looked += next.length;
    if (looked > MOST_LOOKED_AT) return undefined;
    const going = new Set(next);
    waiting = waiting.filter((node) => !going.has(node));
    const meet = (one: Node, two: Node) => {
      sets.join(one, two);
      for (const node of [one, two])
        if (!known.has(node)) {
          known.add(node);
          waiting.push(node);
        }
    };
    for (const node of next) for (const other of said.get(node) ?? []) meet(node, other);
    for (const edge of await edgesOf(next)) {
      if (isParted(edge)) continue;
      // It is there since what is stored was solved.
      if (!photographs.has(edge.a) || !photographs.has(edge.b)) return undefined;
      edges.push(edge);
      meet(edge.a, edge.b);
    }
    const open = Map.groupBy(waiting, (node) => sets.find(node));
    const doubtful = doubtfulAmong(open, ends, before, sets);
    if (doubtful.size === 0) {
      return {
        edges,
        isKnown: (node) => known.has(node),
        isSeenWhole: (node) => known.has(node) && !open.has(sets.find(node)),
      };
    }
    const [smallest = []] = [...doubtful]
      .map((root) => open.get(root) ?? [])
      .sort((a, b) => a.length - b.length);
    next = smallest.slice(0, AT_ONCE);
  }
}

const AT_ONCE = 100;

/** Parts that are not seen to their end, of a component of which there are two such. A person may be of any. */
function doubtfulAmong(
  open: ReadonlyMap<Node, readonly Node[]>,
  ends: Iterable<Node>,
  before: ReadonlyMap<string, Place>,
  sets: DisjointSets<Node>,
): Set<Node> {
  const partsOf = new Map<string, Set<Node>>();
  const persons = new Set<Node>();
  for (const end of ends) {
    const root = sets.find(end);
    if (!open.has(root)) continue;
    const component = before.get(end)?.component;
    if (component === undefined) {
      if (isPerson(end)) persons.add(root);
      continue;
    }
    const parts = partsOf.get(component);
    if (parts) parts.add(root);
    else partsOf.set(component, new Set([root]));
  }
  const doubtful = new Set<Node>();
  for (const parts of [...partsOf.values(), new Set<Node>()]) {
    const all = new Set([...parts, ...persons]);
    if (all.size > 1) for (const root of all) doubtful.add(root);
  }
  return doubtful;
}
