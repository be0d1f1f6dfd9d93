import { conflictsIn, type Link } from './groups.ts';
import type { Node } from './node.ts';
import { saidSame } from './said-same.ts';

/** What is about to be said cannot be true together with what was said before. */
export class ContradictionError extends Error {
  override readonly name = 'ContradictionError';
  /** From one node to the other that would be one and are not, each step a decision; at least two nodes. */
  readonly path: readonly Node[];
  /** Why the two ends are not one. */
  readonly because: 'different' | 'photograph' | 'persons';

  constructor(path: readonly Node[], because: ContradictionError['because']) {
    super(SENTENCES[because]);
    this.path = path;
    this.because = because;
  }
}

const SENTENCES: Record<ContradictionError['because'], string> = {
  different:
    'This contradicts what was decided before: by way of other decisions the two are one person, and somebody said that they are not. Undo one of the decisions on the way first.',
  photograph:
    'This would make two faces of one photograph the same person. Where that is so (a mirror, a collage), say it of these two faces first.',
  persons:
    'This would make two persons one. Merge them first where they are, or take the face away from one of them.',
};

/**
 * Looks whether a new word fits with what counts now.
 *
 * @param links what counts, of everything that decisions tie to either end, without what is said of the two now
 * @throws {ContradictionError}
 */
export function refuseContradiction(
  links: readonly Link[],
  photographs: ReadonlyMap<string, string>,
  said: Link,
): void {
  const all = [...links, said];
  const neighbours = saidSame(all);
  const members = [...walk(said.a, neighbours).keys()];
  const were = new Set(conflicts(links, photographs, members));
  for (const [one, two] of conflictsIn(all, photographs, members)) {
    // What was contested before is not this word's doing: it may be the one that settles it.
    if (were.has(JSON.stringify([one, two]))) continue;
    const because = all.some(
      // In the order in which it was said: what is found by it is told so.
      ({ a, b, kind }) => kind === 'different' && a === one && b === two,
    )
      ? 'different'
      : photographs.has(one)
        ? 'photograph'
        : 'persons';
    throw new ContradictionError(pathBetween(one, two, neighbours), because);
  }
}

/** Conflicts among nodes that decisions already made one. */
function* conflicts(
  links: readonly Link[],
  photographs: ReadonlyMap<string, string>,
  members: readonly Node[],
): Generator<string> {
  const neighbours = saidSame(links);
  const left = new Set(members);
  for (const start of members) {
    if (!left.has(start)) continue;
    const solid = [...walk(start, neighbours).keys()];
    for (const node of solid) left.delete(node);
    for (const pair of conflictsIn(links, photographs, solid)) yield JSON.stringify(pair);
  }
}

/** Breadth first. @returns each node that is reached, with the one it was reached from */
function walk(start: Node, neighbours: ReadonlyMap<Node, readonly Node[]>): Map<Node, Node | undefined> {
  const cameFrom = new Map<Node, Node | undefined>([[start, undefined]]);
  for (const node of cameFrom.keys())
    for (const next of neighbours.get(node) ?? []) if (!cameFrom.has(next)) cameFrom.set(next, node);
  return cameFrom;
}

function pathBetween(one: Node, two: Node, neighbours: ReadonlyMap<Node, readonly Node[]>): Node[] {
  const cameFrom = walk(one, neighbours);
  const path: Node[] = [];
  for (let at: Node | undefined = two; at !== undefined; at = cameFrom.get(at)) path.push(at);
  return path.reverse();
}
