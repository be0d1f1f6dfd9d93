import type { Link } from './groups.ts';
import type { Node } from './node.ts';

/** By node, whom people said to be one with it, directly. */
export function saidSame(links: readonly Link[]): Map<Node, Node[]> {
  const said = new Map<Node, Node[]>();
  const add = (one: Node, two: Node) => {
    const some = said.get(one);
    if (some) some.push(two);
    else said.set(one, [two]);
  };
  for (const { a, b, kind } of links) {
    if (kind !== 'same') continue;
    add(a, b);
    add(b, a);
  }
  return said;
}
