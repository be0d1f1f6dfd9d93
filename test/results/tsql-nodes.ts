/** The text of a statement, parted as far as the rules look at it. */

/** A word, a sign, a value, or what stands in brackets or between CASE and END. */
export type Node = string | Node[];

export const CLAUSES = new Set(['SELECT', 'FROM', 'WHERE', 'GROUP', 'HAVING', 'ORDER', 'OFFSET']);
export const SETS = new Set(['UNION', 'EXCEPT', 'INTERSECT']);
export const AGGREGATES = new Set(['SUM', 'COUNT', 'MIN', 'MAX', 'AVG']);
export const COMPARES = new Set([
  '=',
  '<>',
  '!=',
  '<',
  '>',
  '<=',
  '>=',
  'LIKE',
  'IN',
  'IS',
  'EXISTS',
  'BETWEEN',
]);
export const LOGICAL = new Set([...COMPARES, 'AND', 'OR', 'NOT']);
export const JOINS = new Set(['JOIN', 'LEFT', 'RIGHT', 'INNER', 'OUTER', 'CROSS', 'FULL', 'ON']);
const WORDS = new Set([
  ...CLAUSES,
  ...SETS,
  ...LOGICAL,
  ...JOINS,
  'AS',
  'BY',
  'NULL',
  'CASE',
  'WHEN',
  'THEN',
  'ELSE',
]);
const TOKEN =
  /N?'(?:[^']|'')*'|\[\w+\]|@\w+|\d+(?:\.\d+)?|[A-Za-z_]\w*(?:\.(?:\[?\w+\]?|\*))?|<>|<=|>=|!=|\S/g;

export const upper = (node: Node | undefined): string => (typeof node === 'string' ? node.toUpperCase() : '');
export const show = (node: Node): string =>
  typeof node === 'string' ? node : `(${node.map(show).join(' ')})`;
export const isGroup = (node: Node | undefined): node is Node[] => Array.isArray(node);
export const isSelect = (node: Node | undefined): node is Node[] =>
  isGroup(node) && upper(node[0]) === 'SELECT';
export const isCase = (node: Node | undefined): node is Node[] => isGroup(node) && upper(node[0]) === 'CASE';
export const isName = (node: Node | undefined): node is string =>
  typeof node === 'string' && /^[A-Za-z_[]/.test(node) && !/^N'/.test(node) && !WORDS.has(node.toUpperCase());

export function parse(text: string): Node[] {
  const root: Node[] = [];
  const open: Node[][] = [root];
  for (const [token] of text.matchAll(TOKEN)) {
    const word = token.toUpperCase();
    if (token === '(' || word === 'CASE') {
      const group: Node[] = word === 'CASE' ? [token] : [];
      open.at(-1)?.push(group);
      open.push(group);
    } else if (token === ')' || word === 'END') open.pop();
    else open.at(-1)?.push(token);
  }
  return root;
}

export function split(nodes: readonly Node[], isBetween: (word: string) => boolean): Node[][] {
  const parts: Node[][] = [[]];
  for (const node of nodes) {
    if (typeof node === 'string' && isBetween(node.toUpperCase())) parts.push([]);
    else parts.at(-1)?.push(node);
  }
  return parts;
}

export const items = (nodes: readonly Node[] | undefined): Node[][] =>
  nodes === undefined ? [] : split(nodes, (word) => word === ',');

class Refused extends Error {}

export const refuse = (number: number, message: string): never => {
  throw new Refused(`${message} (as error ${number} of SQL Server)`);
};

/** Calls of functions, names before brackets, in these nodes but not in selects within. */
export function* calls(nodes: readonly Node[]): Generator<[name: string, given: Node[]]> {
  for (const [at, node] of nodes.entries()) {
    if (!isGroup(node) || isSelect(node)) continue;
    const before = nodes[at - 1];
    if (isName(before)) yield [before.toUpperCase(), node];
    yield* calls(node);
  }
}

export const isAggregated = (nodes: readonly Node[]): boolean =>
  [...calls(nodes)].some(([name]) => AGGREGATES.has(name));

/** Columns that are named outside of aggregates and of selects within. */
export function* columns(nodes: readonly Node[]): Generator<string> {
  for (const [at, node] of nodes.entries()) {
    if (isGroup(node)) {
      if (!isSelect(node) && !AGGREGATES.has(upper(nodes[at - 1]))) yield* columns(node);
    } else if (isName(node) && !isGroup(nodes[at + 1]) && upper(nodes[at - 1]) !== 'AS') yield node;
  }
}

export const holdsSelect = (node: Node): boolean =>
  typeof node !== 'string' && (upper(node[0]) === 'SELECT' || node.some(holdsSelect));

export const bare = (name: string): string =>
  name
    .replace(/^\w+\./, '')
    .replaceAll(/[[\]]/g, '')
    .toLowerCase();

export function clausesOf(part: readonly Node[]): Map<string, Node[]> {
  const found = new Map<string, Node[]>();
  let clause = '';
  for (const node of part) {
    if (CLAUSES.has(upper(node))) {
      clause = upper(node);
      found.set(clause, []);
    } else if (upper(node) !== 'BY') found.get(clause)?.push(node);
  }
  return found;
}

interface Item {
  value: Node[];
  name: string | undefined;
}

export function selected(list: readonly Node[]): Item[] {
  return items(list.filter((node) => upper(node) !== 'DISTINCT')).map((item) => {
    const [as, name] = item.slice(-2);
    if (upper(as) === 'AS') return { value: item.slice(0, -2), name: bare(show(name as Node)) };
    const [only] = item;
    return { value: item, name: item.length === 1 && isName(only) ? bare(only) : undefined };
  });
}
