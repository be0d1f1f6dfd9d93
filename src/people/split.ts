import { PeopleRefusedError } from './errors.ts';
import { Graph } from './graph.ts';
import type { Link } from './groups.ts';
import { byKey, isPerson, leastOf, type Node } from './node.ts';
import { componentsOf } from './reach.ts';
import { decidedWith, type PeopleTransaction, type Saying } from './transaction.ts';

/** Faces taken out at once: each is a decision or several. */
const MOST_SPLIT = 200;

/** What has to be said so that some faces leave those they are held to, and nobody else does. */
interface Split {
  /** `same` that holds a face that leaves to one that stays. */
  undo: [Node, Node][];
  /** `same` that holds together who stays, where a face that leaves was the bridge. */
  keep: [Node, Node][];
  /** `different`, so that nothing brings them back together. */
  part: [Node, Node][];
}

/**
 * @param leaving faces that leave
 * @param links what counts among all that decisions hold to them
 * @param alike pairs of a leaving and a staying face that the machine finds alike
 */
function splitOf(leaving: ReadonlySet<Node>, links: readonly Link[], alike: readonly [Node, Node][]): Split {
  const same = links.filter(({ kind }) => kind === 'same');
  const crosses = ({ a, b }: Link) => leaving.has(a) !== leaving.has(b);
  const undo = same.filter(crosses).map(({ a, b }): [Node, Node] => [a, b]);
  const left = same.filter((link) => !crosses(link));
  const nodes = new Set(same.flatMap(({ a, b }) => [a, b]));
  const staying = [...nodes].filter((node) => !leaving.has(node));
  const keep = bridges(
    staying,
    same,
    left.filter(({ a }) => !leaving.has(a)),
  );
  // One word on the whole of each side holds for all of it: the side is one by decisions.
  const sides = partsOf([...leaving], left);
  const part = new Map<string, [Node, Node]>();
  const add = (one: Node, two: Node) => part.set(JSON.stringify([one, two]), [one, two]);
  const wholes = partsOf(staying, [...left, ...keep.map(([a, b]): Link => ({ a, b, kind: 'same' }))]);
  for (const [a, b] of undo) {
    const [out, stays] = leaving.has(a) ? [a, b] : [b, a];
    add(sides.get(out) ?? out, wholes.get(stays) ?? stays);
  }
  for (const [out, stays] of alike) add(sides.get(out) ?? out, wholes.get(stays) ?? stays);
  return { undo, keep, part: [...part.values()] };
}

/** By node, who stands for all that links hold to it: a person where there is one. */
function partsOf(nodes: readonly Node[], links: readonly Link[]): Map<Node, Node> {
  const components = componentsOf(nodes, [], links);
  const parts = new Map<Node, Node>();
  for (const members of Map.groupBy(nodes, (node) => components.get(node) ?? node).values()) {
    const persons = members.filter(isPerson);
    const standing = persons.length > 0 ? leastOf(persons) : leastOf(members);
    for (const member of members) parts.set(member, standing);
  }
  return parts;
}

/** What hung together before and no longer does: its parts, each tied to the largest. */
function bridges(staying: readonly Node[], before: readonly Link[], left: readonly Link[]): [Node, Node][] {
  const were = componentsOf(new Set(before.flatMap(({ a, b }) => [a, b])), [], before);
  const parts = partsOf(staying, left);
  const keep: [Node, Node][] = [];
  for (const members of Map.groupBy(staying, (node) => were.get(node) ?? node).values()) {
    const sizes = new Map<Node, number>();
    for (const member of members) {
      const part = parts.get(member) ?? member;
      sizes.set(part, (sizes.get(part) ?? 0) + 1);
    }
    const [main, ...others] = [...sizes]
      .sort(
        ([one, sizeOne], [two, sizeTwo]) =>
          Number(isPerson(two)) - Number(isPerson(one)) || sizeTwo - sizeOne || byKey(one, two),
      )
      .map(([part]) => part);
    for (const other of others) if (main !== undefined) keep.push([other, main]);
  }
  return keep;
}

/**
 * Takes faces out of the group they are in, as somebody else's: whoever else is in it stays, and nothing brings them back
 * together.
 *
 * @param to the person whose faces they are instead; nobody's where absent
 * @throws {UnknownNodeError} @throws {ContradictionError} @throws {PeopleRefusedError}
 */
export async function splitFaces(
  transaction: PeopleTransaction,
  faces: readonly string[],
  to: Node | undefined,
  saying: Saying,
): Promise<void> {
  if (faces.length > MOST_SPLIT)
    throw new PeopleRefusedError('TooManyFaces', `Take out at most ${MOST_SPLIT} faces at once.`);
  const { session } = transaction;
  const graph = new Graph(session, transaction.recognition.figures);
  const leaving = new Set<Node>(await transaction.currentOf(faces));
  const around = await decidedWith(session, graph, [...leaving]);
  const links = (await graph.linksOf(around)).filter(({ a, b }) => around.has(a) && around.has(b));
  const alike = (await graph.edgesOf([...leaving])).flatMap(({ a, b }): [Node, Node][] =>
    leaving.has(a) === leaving.has(b) ? [] : [leaving.has(a) ? [a, b] : [b, a]],
  );
  const { undo, keep, part } = splitOf(leaving, links, alike);
  for (const [a, b] of undo) await transaction.unsay(a, b, saying);
  for (const [a, b] of keep) await transaction.say(a, b, 'same', saying);
  for (const [a, b] of part) if (b !== to) await transaction.say(a, b, 'different', saying);
  if (to === undefined) return;
  for (const one of new Set(
    partsOf(
      [...leaving],
      links.filter((link) => link.kind === 'same' && leaving.has(link.a) && leaving.has(link.b)),
    ).values(),
  ))
    await transaction.say(one, to, 'same', saying);
}
