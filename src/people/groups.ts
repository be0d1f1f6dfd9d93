import { DisjointSets, NumberedSets } from './disjoint-sets.ts';
import { byKey, isPerson, leastOf, type Node, personNode, personOf } from './node.ts';

/** That the machine finds two faces alike. */
export interface Edge {
  a: string;
  b: string;
  /** 0 to 1. */
  confidence: number;
}

/** What people say now of two nodes. Of two persons `a` was merged into `b`. */
export interface Link {
  a: Node;
  b: Node;
  kind: 'same' | 'different';
}

/** Faces that are shown as one person, and why. */
export interface Group {
  /** `person:<id>` where it has a person, else its least face. */
  id: string;
  /** In order of their keys; at least one. */
  faces: string[];
  /** Whose faces these are, after merges. */
  person?: string;
  /** Persons that were merged, the one above included. */
  persons: string[];
  /**
   * Its faces by what people said: those of one set are the same person by decisions, whatever the machine thinks. The
   * one with the person comes first, then the larger ones.
   */
  solids: string[][];
  /** Where decisions contradict each other: the least node of all that hang together by them. Such a face stands alone. */
  contested?: string;
}

/**
 * The groups of faces, as a function of what is known and of nothing else: not of the order in which it came.
 *
 * What people say comes first. Then faces that the machine finds alike are joined, the surest first, unless something
 * keeps the two groups apart: a `different`, two faces of one photograph, or two persons. Decisions that contradict each
 * other join nothing until somebody settles it, and nothing is joined to those faces.
 *
 * @param edges of which only those between faces of `photographs` count
 * @param photographs the image of each face
 */
export function groupsOf(
  edges: readonly Edge[],
  links: readonly Link[],
  photographs: ReadonlyMap<string, string>,
): Group[] {
  const decided = new DisjointSets<Node>();
  const nodes = new Set<Node>(photographs.keys());
  for (const { a, b, kind } of links) {
    nodes.add(a);
    nodes.add(b);
    if (kind === 'same') decided.join(a, b);
  }
  const solids = Map.groupBy(nodes, (node) => decided.find(node));
  const contested = contestedAmong(solids, links, photographs, (node) => decided.find(node));
  const units: Unit[] = [];
  for (const [root, members] of solids) {
    const reason = contested.has(root) ? leastOf(members) : undefined;
    if (reason === undefined) units.push(unitOf(members, photographs));
    else for (const member of members) units.push({ ...unitOf([member], photographs), contested: reason });
  }
  // A person without a face is in no group: no edge leads there.
  const withFaces = units.filter(({ faces }) => faces.length > 0);
  const merges = links.filter(({ b, kind }) => kind === 'same' && isPerson(b));
  return [...join(withFaces, edges, links).values()]
    .map((some) => toGroup(some, merges))
    .sort((one, two) => byKey(one.id, two.id));
}

/** What decisions alone hold together: it is joined, or not, as a whole. */
interface Unit {
  faces: string[];
  persons: string[];
  images: string[];
  contested?: string;
}

function unitOf(members: readonly Node[], photographs: ReadonlyMap<string, string>): Unit {
  const [only = ''] = members;
  // As nearly all are.
  if (members.length === 1 && !isPerson(only)) {
    const image = photographs.get(only);
    return { faces: [only], persons: [], images: image === undefined ? [] : [image] };
  }
  const faces = members.filter((node) => !isPerson(node)).sort(byKey);
  const persons = members.flatMap((node) => personOf(node) ?? []);
  const images = new Set(faces.flatMap((face) => photographs.get(face) ?? []));
  return { faces, persons, images: [...images] };
}

/**
 * Pairs that decisions make one though something says that they are not: a `different`, or that they are two faces of one
 * photograph, or two persons, of whom nobody has said by itself that they are one.
 */
export function* conflictsIn(
  links: readonly Link[],
  photographs: ReadonlyMap<string, string>,
  members: readonly Node[],
): Generator<[Node, Node]> {
  const inside = new Set(members);
  const kindOf = (node: Node): string | undefined =>
    isPerson(node) ? 'persons' : photographs.has(node) ? `image ${photographs.get(node)}` : undefined;
  const said = new DisjointSets<Node>();
  for (const { a, b, kind } of links) {
    if (!inside.has(a) || !inside.has(b)) continue;
    if (kind === 'different') yield [a, b];
    else if (kindOf(a) !== undefined && kindOf(a) === kindOf(b)) said.join(a, b);
  }
  for (const [kind, some] of Map.groupBy(members, kindOf)) {
    const [first, ...rest] = some;
    if (kind === undefined || first === undefined) continue;
    for (const node of rest) if (said.find(node) !== said.find(first)) yield [first, node];
  }
}

/** The sets of `same` decisions that hold a contradiction. */
function contestedAmong(
  solids: ReadonlyMap<Node, readonly Node[]>,
  links: readonly Link[],
  photographs: ReadonlyMap<string, string>,
  solidOf: (node: Node) => Node,
): Set<Node> {
  const within = Map.groupBy(links, ({ a }) => solidOf(a));
  const contested = new Set<Node>();
  for (const [root, some] of within) {
    const [conflict] = conflictsIn(some, photographs, solids.get(root) ?? []);
    if (conflict) contested.add(root);
  }
  return contested;
}

/** Joins units by falling confidence. @returns the units of each group */
function join(units: readonly Unit[], edges: readonly Edge[], links: readonly Link[]): Map<number, Unit[]> {
  const unitAt = new Map<Node, number>();
  units.forEach(({ faces, persons }, index) => {
    for (const face of faces) unitAt.set(face, index);
    for (const person of persons) unitAt.set(personNode(person), index);
  });
  const sets = new NumberedSets(units.length);
  const images = units.map((unit) => new Set(unit.images));
  const hasPerson = units.map(({ persons }) => persons.length > 0);
  const apartFrom = units.map(() => new Set<number>());
  for (const { a, b, kind } of links) {
    const [one, two] = [unitAt.get(a), unitAt.get(b)];
    if (kind !== 'different' || one === undefined || two === undefined || one === two) continue;
    apartFrom[one]?.add(two);
    apartFrom[two]?.add(one);
  }
  const areApart = (one: number, two: number): boolean => {
    if (hasPerson[one] && hasPerson[two]) return true;
    const [imagesOne, imagesTwo] = [images[one], images[two]] as [Set<string>, Set<string>];
    if (share(imagesOne, imagesTwo)) return true;
    const [from, to] = (apartFrom[one]?.size ?? 0) <= (apartFrom[two]?.size ?? 0) ? [one, two] : [two, one];
    for (const other of apartFrom[from] ?? []) if (sets.find(other) === to) return true;
    return false;
  };
  for (const { a, b } of inOrder(edges)) {
    const [one, two] = [unitAt.get(a), unitAt.get(b)];
    if (one === undefined || two === undefined) continue;
    if (units[one]?.contested !== undefined || units[two]?.contested !== undefined) continue;
    const [rootOne, rootTwo] = [sets.find(one), sets.find(two)];
    if (rootOne === rootTwo || areApart(rootOne, rootTwo)) continue;
    const { kept, gone } = sets.join(rootOne, rootTwo) as { kept: number; gone: number };
    for (const image of images[gone] ?? []) images[kept]?.add(image);
    for (const other of apartFrom[gone] ?? []) apartFrom[kept]?.add(other);
    hasPerson[kept] = hasPerson[kept] === true || hasPerson[gone] === true;
  }
  const joined = new Map<number, Unit[]>();
  units.forEach((unit, index) => {
    const root = sets.find(index);
    const some = joined.get(root);
    if (some) some.push(unit);
    else joined.set(root, [unit]);
  });
  return joined;
}

function share(one: ReadonlySet<string>, two: ReadonlySet<string>): boolean {
  const [few, many] = one.size <= two.size ? [one, two] : [two, one];
  for (const item of few) if (many.has(item)) return true;
  return false;
}

/** The surest first; of equals in an order that no arrival decides. */
const inOrder = (edges: readonly Edge[]): Edge[] =>
  edges
    .map((edge) => (edge.a < edge.b ? edge : { ...edge, a: edge.b, b: edge.a }))
    .sort((one, two) => two.confidence - one.confidence || byKey(one.a, two.a) || byKey(one.b, two.b));

function toGroup(units: readonly Unit[], merges: readonly Link[]): Group {
  const persons = units.flatMap((unit) => unit.persons).sort(byKey);
  const faces = units.flatMap((unit) => unit.faces).sort(byKey);
  const solids = units
    .toSorted(
      (one, two) =>
        two.persons.length - one.persons.length ||
        two.faces.length - one.faces.length ||
        byKey(leastOf(one.faces), leastOf(two.faces)),
    )
    .map((unit) => unit.faces);
  const contested = units[0]?.contested;
  const person = contested === undefined ? keptOf(persons, merges) : undefined;
  return {
    id: person === undefined ? leastOf(faces) : personNode(person),
    faces,
    ...(person !== undefined && { person }),
    persons,
    solids,
    ...(contested !== undefined && { contested }),
  };
}

/** Of merged persons the one that was merged into no other. */
function keptOf(persons: readonly string[], merges: readonly Link[]): string | undefined {
  return persons.find((person) => !merges.some(({ a }) => personOf(a) === person)) ?? persons[0];
}
