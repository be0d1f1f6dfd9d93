import { NumberedSets } from './disjoint-sets.ts';
import type { Edge, Link } from './groups.ts';
import { isPerson, leastOf, type Node } from './node.ts';

/** What is stored about components, and what hangs together now. */
export interface Surroundings {
  /** Nodes that an edge that counts, or a `same`, ties to one of these now. */
  neighboursOf(nodes: readonly Node[]): Promise<Iterable<Node>>;
  /** Persons that a `same` ties to one of these now. */
  personsAround(nodes: readonly Node[]): Promise<Iterable<Node>>;
  /** Faces that were in one component with any of these when that was last solved, these included where they had one. */
  formerlyWith(faces: readonly string[]): Promise<Iterable<string>>;
}

/**
 * Every node whose group may be another than what is stored, where nothing has changed but at `dirty`: whoever adds,
 * changes or takes away an edge or a decision says so of its nodes, or of one of them where it is added.
 *
 * What is solved again are whole components, those of before and those of now: a group depends on nothing outside.
 */
export async function reach(dirty: Iterable<Node>, surroundings: Surroundings): Promise<Set<Node>> {
  const reached = new Set<Node>(dirty);
  let frontier = [...reached];
  // Persons have no stored component: whoever hangs on one is looked for from person to person.
  while (frontier.length > 0) {
    const found = await surroundings.neighboursOf(frontier);
    frontier = [];
    for (const node of found) {
      if (reached.has(node)) continue;
      reached.add(node);
      if (isPerson(node)) frontier.push(node);
    }
  }
  const faces = [...reached].filter((node) => !isPerson(node));
  for (const face of await surroundings.formerlyWith(faces)) reached.add(face);
  frontier = [...reached];
  while (frontier.length > 0) {
    const persons = await surroundings.personsAround(frontier);
    frontier = [];
    for (const person of persons) {
      if (reached.has(person)) continue;
      reached.add(person);
      frontier.push(person);
    }
  }
  return reached;
}

/** Whether somebody said of the two of a pair that they are different: then an edge between them joins nothing. */
export function partedIn(links: readonly Link[]): (pair: { a: Node; b: Node }) => boolean {
  const parted = new Map<Node, Set<Node>>();
  for (const { a, b, kind } of links) {
    if (kind !== 'different') continue;
    for (const [one, two] of [
      [a, b],
      [b, a],
    ] as const)
      parted.set(one, (parted.get(one) ?? new Set()).add(two));
  }
  return ({ a, b }) => parted.get(a)?.has(b) === true;
}

/**
 * What hangs together by edges and `same` decisions: by node, the least node of its component. An edge between two that
 * were told apart holds nothing together, for it joins nothing: no group depends on anything outside its component.
 */
export function componentsOf(
  nodes: Iterable<Node>,
  edges: readonly Edge[],
  links: readonly Link[],
): Map<Node, string> {
  const all = [...new Set(nodes)];
  const numbers = new Map(all.map((node, at) => [node, at]));
  const sets = new NumberedSets(all.length);
  const join = (a: Node, b: Node) => {
    const [one, two] = [numbers.get(a), numbers.get(b)];
    if (one !== undefined && two !== undefined) sets.join(one, two);
  };
  const isParted = partedIn(links);
  for (const edge of edges) if (!isParted(edge)) join(edge.a, edge.b);
  for (const { a, b, kind } of links) if (kind === 'same') join(a, b);
  const components = new Map<Node, string>();
  for (const members of Map.groupBy(all, (_, at) => sets.find(at)).values()) {
    const faces = members.filter((node) => !isPerson(node));
    if (faces.length === 0) continue;
    const id = leastOf(faces);
    for (const member of members) components.set(member, id);
  }
  return components;
}
