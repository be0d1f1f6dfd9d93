import { parseSync } from 'vite';

/** A node of the syntax tree (ESTree with TypeScript): offsets are characters of the source. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  // biome-ignore lint/suspicious/noExplicitAny: the tree is walked by name, as ESTree defines it
  readonly [key: string]: any;
}

/** @throws where the file cannot be parsed */
export function parse(path: string, source: string): Node {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  return program as unknown as Node;
}

const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === 'string';

/** The nodes directly below, in the order of the source; types are left out. */
export function childrenOf(node: Node): Node[] {
  const found = Object.entries(node).flatMap(([key, value]) => {
    if (/^type(Annotation|Arguments|Parameters)$|^returnType$|^decorators$/.test(key)) return [];
    return Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [];
  });
  return found.filter(({ type }) => !/^TS(Type|Interface)/.test(type)).sort((a, b) => a.start - b.start);
}

/** Calls `visit` for every node, parents first. `parents` has the nearest last. */
export function walk(node: Node, visit: (node: Node, parents: readonly Node[]) => void): void {
  const go = (one: Node, parents: readonly Node[]) => {
    visit(one, parents);
    const path = [...parents, one];
    for (const child of childrenOf(one)) go(child, path);
  };
  go(node, []);
}

/** Whether the node awaits something itself, not in a function within. */
export function awaits(node: Node): boolean {
  if (node.type === 'AwaitExpression') return true;
  if (/Function/.test(node.type)) return false;
  return childrenOf(node).some(awaits);
}

/** Names that a node reads or declares, those of properties included. */
export function namesIn(node: Node): Set<string> {
  const names = new Set<string>();
  walk(node, ({ type, name }) => {
    if (type === 'Identifier') names.add(String(name));
  });
  return names;
}
