import {
  bare,
  CLAUSES,
  clausesOf,
  isAggregated,
  isGroup,
  isName,
  isSelect,
  items,
  JOINS,
  type Node,
  refuse,
  SETS,
  selected,
  show,
  split,
  upper,
} from './tsql-nodes.ts';

/** Columns by which a table has one row at most, each list a key. */
export type TableKeys = ReadonlyMap<string, readonly (readonly string[])[]>;

/** Selects that stand for one value: not in FROM, not behind EXISTS or IN. */
function* scalars(nodes: readonly Node[]): Generator<Node[]> {
  let isSource = false;
  for (const [at, node] of nodes.entries()) {
    const word = upper(node);
    if (CLAUSES.has(word) || SETS.has(word) || word === 'ON') isSource = word === 'FROM';
    if (JOINS.has(word) && word !== 'ON') isSource = true;
    if (!isGroup(node)) continue;
    if (isSelect(node) && !isSource && !['EXISTS', 'IN', 'AS'].includes(upper(nodes[at - 1]))) yield node;
    yield* scalars(node);
  }
}

/** SQLite takes the first of several rows; a server refuses them once there are several. */
function checkScalar(select: readonly Node[], keys: TableKeys): void {
  const clauses = clausesOf(select);
  const [one] = selected(clauses.get('SELECT') ?? []);
  if (one !== undefined && isAggregated(one.value) && !clauses.has('GROUP')) return;
  const [table, ...alias] = (clauses.get('FROM') ?? []).filter((node) => upper(node) !== 'AS');
  if (table === undefined) return;
  const name = upper(alias[0] ?? table);
  const terms = split(clauses.get('WHERE') ?? [], (word) => word === 'AND');
  const equated = new Set(
    terms.flatMap(([column, sign, value]) =>
      upper(sign) !== '='
        ? []
        : [column, value].filter((side) => isName(side) && isOf(side, name)).map(toBare),
    ),
  );
  const known = keys.get(toBare(table)) ?? [];
  const hasOne =
    alias.length <= 1 &&
    !terms.flat().some((node) => upper(node) === 'OR') &&
    known.some((key) => key.every((column) => equated.has(column)));
  if (!hasOne) refuse(512, `A select that stands for one value may give several rows: ${show([...select])}`);
}

/** A select that stands for one value must give one row at most, by a figure of all or by a key. */
export function refuseSeveral(nodes: readonly Node[], keys: TableKeys): void {
  for (const select of scalars(nodes)) checkScalar(select, keys);
}

const toBare = (node: Node | undefined): string => bare(show(node ?? ''));
const isOf = (column: string, table: string): boolean =>
  !column.includes('.') || column.toUpperCase().startsWith(`${table}.`);

/** What is given twice: columns that are written, and by which rows are put in order. */
export function refuseTwice(nodes: readonly Node[]): void {
  const twice = (all: readonly string[]) => all.find((one, at) => all.indexOf(one) < at);
  const verb = upper(nodes[0]);
  const set = nodes.slice(3, nodes.findIndex((node) => ['FROM', 'WHERE'].includes(upper(node))) >>> 0);
  const given =
    verb === 'UPDATE'
      ? items(set).map(([column]) => column)
      : verb === 'INSERT'
        ? items(isGroup(nodes[3]) ? nodes[3] : []).map(([column]) => column)
        : [];
  const column = twice(given.map(toBare));
  if (column !== undefined) refuse(264, `A column is written twice: ${column}`);
  const walk = (some: readonly Node[]): void => {
    for (const part of split(some, (word) => SETS.has(word))) {
      const order = items(clausesOf(part).get('ORDER')).map((item) =>
        item
          .filter((node) => !['ASC', 'DESC'].includes(upper(node)))
          .map(show)
          .join(' ')
          .toLowerCase(),
      );
      const again = twice(order);
      if (again !== undefined) refuse(169, `Rows are put in order twice by: ${again}`);
    }
    for (const node of some) if (isGroup(node)) walk(node);
  };
  walk(nodes);
}
