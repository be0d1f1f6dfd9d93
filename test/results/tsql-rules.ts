/**
 * What SQL Server refuses and SQLite takes, found in the text of a statement: no grammar of T-SQL, but of as much of it as
 * the store writes. A real server has the last word.
 */
import {
  AGGREGATES,
  bare,
  COMPARES,
  calls,
  clausesOf,
  columns,
  holdsSelect,
  isAggregated,
  isCase,
  isGroup,
  isName,
  isSelect,
  items,
  JOINS,
  LOGICAL,
  type Node,
  parse,
  refuse,
  SETS,
  selected,
  show,
  split,
  upper,
} from './tsql-nodes.ts';
import { refuseSeveral, refuseTwice, type TableKeys } from './tsql-values.ts';

/** What stands where a name should: from the list of reserved words of Transact-SQL, without those that the store writes as such. */
export const RESERVED: ReadonlySet<string> = new Set(
  `ADD ANY AUTHORIZATION BACKUP BREAK BROWSE BULK CHECKPOINT CLOSE CLUSTERED COMMIT COMPUTE CONTAINS CONTAINSTABLE CONTINUE CURRENT
  CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER CURSOR DATABASE DBCC DEALLOCATE DECLARE DENY DISK DISTRIBUTED DOUBLE DUMP
  ERRLVL EXEC EXECUTE EXIT EXTERNAL FILE FILLFACTOR FREETEXT FREETEXTTABLE FUNCTION GOTO GRANT HOLDLOCK IDENTITY IDENTITY_INSERT
  IDENTITYCOL KEY KILL LINENO LOAD MERGE NATIONAL NOCHECK OF OFF OFFSETS OPEN OPENDATASOURCE OPENQUERY OPENROWSET OPENXML OPTION OVER
  PERCENT PIVOT PLAN PRECISION PRINT PROC PROCEDURE PUBLIC RAISERROR READ READTEXT RECONFIGURE REPLICATION RESTORE RESTRICT RETURN
  REVERT REVOKE ROLLBACK ROWCOUNT ROWGUIDCOL RULE SAVE SCHEMA SECURITYAUDIT SESSION_USER SETUSER SHUTDOWN SOME STATISTICS SYSTEM_USER
  TABLESAMPLE TEXTSIZE TO TOP TRAN TRANSACTION TRUNCATE TRY_CONVERT TSEQUAL UNPIVOT UPDATETEXT USE USER VARYING VIEW WAITFOR WHILE
  WRITETEXT`.split(/\s+/),
);
/** Words and signs of SQLite alone. */
const FOREIGN =
  /\|\||==|"|\b(?:LENGTH|SUBSTR|IFNULL|INSTR|PRINTF|RANDOM|GLOB|LIMIT|USING|NATURAL|RECURSIVE|NULLS (?:FIRST|LAST)|IS (?:NOT )?(?:TRUE|FALSE|DISTINCT)|INSERT OR|REPLACE INTO|RETURNING|ON CONFLICT|TRUE|FALSE)\b/i;

/** By ASCII alone in SQLite, by Unicode in SQL Server: the case of letters is folded in code. Ids are of ASCII. */
const CASED = /\b(?:LOWER|UPPER)\b(?! ?\(REPLACE\(CONVERT\(nvarchar\(36\), NEWID)|\bLIKE N?'[^']*[a-z]/i;

/** A value must be none of a comparison, which T-SQL knows in conditions only. */
function asValue(nodes: readonly Node[]): void {
  for (const [at, node] of nodes.entries()) {
    if (isCase(node)) asCase(node);
    else if (isGroup(node)) {
      if (!isSelect(node)) asValue(node);
    } else if (LOGICAL.has(node.toUpperCase()) && !(upper(nodes[at - 1]) === 'IS'))
      refuse(102, `A condition stands as a value: ${show([...nodes])}`);
  }
}

function asCase(nodes: readonly Node[]): void {
  const isSearched = upper(nodes[1]) === 'WHEN';
  let part: Node[] = [];
  let kind = 'CASE';
  const end = () => {
    if (part.length === 0) return;
    if (kind === 'WHEN' && isSearched) asCondition(part);
    else asValue(part);
  };
  for (const node of nodes.slice(1)) {
    if (['WHEN', 'THEN', 'ELSE'].includes(upper(node))) {
      end();
      part = [];
      kind = upper(node);
    } else part.push(node);
  }
  end();
}

/** A condition must be none of a value. */
function asCondition(nodes: readonly Node[]): void {
  for (const term of split(nodes, (word) => word === 'AND' || word === 'OR')) {
    const [only, ...others] = term.filter((node) => upper(node) !== 'NOT');
    if (isGroup(only) && others.length === 0 && !isSelect(only) && !isCase(only)) {
      asCondition(only);
      continue;
    }
    if (!term.some((node) => COMPARES.has(upper(node))))
      refuse(4145, `A value stands as a condition: ${show(term)}`);
    for (const [at, node] of term.entries()) {
      const before = term[at - 1];
      if (isCase(node)) asCase(node);
      else if (isGroup(node) && !isSelect(node)) {
        if (upper(before) !== 'IN' && !isName(before) && items(node).length > 1)
          refuse(4145, `Several columns are compared as one: ${show(term)}`);
        asValue(node);
      }
    }
  }
}

function checkFrom(from: readonly Node[]): void {
  for (const [at, node] of from.entries()) {
    if (!isSelect(node)) continue;
    const next = upper(from[at + 1]) === 'AS' ? from[at + 2] : from[at + 1];
    if (!isName(next)) refuse(102, `A select in FROM has no name: ${show(node)}`);
    const [first = []] = split(node, (word) => SETS.has(word));
    const names = selected(clausesOf(first).get('SELECT') ?? []).map(({ name }) => name);
    if (names.includes(undefined)) refuse(8155, `A column of a select in FROM has no name: ${show(node)}`);
    if (!names.includes('*') && new Set(names).size < names.length)
      refuse(8156, `Two columns of a select in FROM have one name: ${show(node)}`);
  }
  for (const [at, node] of from.entries()) {
    if (upper(node) !== 'ON') continue;
    const rest = from.slice(at + 1);
    const end = rest.findIndex((one) => JOINS.has(upper(one)) || one === ',');
    asCondition(end < 0 ? rest : rest.slice(0, end));
  }
}

/** What a grouped select shows must be grouped by, or be a figure of the group. */
function checkGrouping(shown: readonly Node[][], group: readonly Node[][]): void {
  const whole = new Set(group.map((item) => item.map(show).join(' ').toLowerCase()));
  const single = new Set(group.flatMap((item) => (item.length === 1 ? [bare(show(item[0] as Node))] : [])));
  for (const value of shown) {
    if (whole.has(value.map(show).join(' ').toLowerCase())) continue;
    for (const column of columns(value))
      if (!single.has(bare(column)))
        refuse(8120, `${column} is neither grouped by nor a figure of a group: ${value.map(show).join(' ')}`);
  }
}

function checkPart(part: readonly Node[], known: ReadonlySet<string>, isNested: boolean): void {
  const clauses = clausesOf(part);
  const list = clauses.get('SELECT') ?? [];
  const shown = selected(list);
  const [from, group, order] = ['FROM', 'GROUP', 'ORDER'].map((name) => clauses.get(name));
  const conditions = ['WHERE', 'HAVING']
    .flatMap((name) => [clauses.get(name) ?? []])
    .filter(({ length }) => length > 0);
  const offset = clauses.get('OFFSET');
  const orders = items(order).map((item) => item.filter((node) => !['ASC', 'DESC'].includes(upper(node))));
  if (isNested && order !== undefined && offset === undefined)
    refuse(1033, `ORDER BY without OFFSET in a select within another: ${show([...part])}`);
  if (offset !== undefined && order === undefined) refuse(102, `OFFSET without ORDER BY: ${show([...part])}`);
  if (offset?.some((node, at) => upper(node) === 'NEXT' && Number(offset[at + 1]) < 1))
    refuse(10744, 'FETCH of no rows at all');
  for (const { value } of shown) asValue(value);
  for (const item of orders) {
    asValue(item);
    if (item.every((node) => typeof node === 'string' && /^[@']/.test(node)))
      refuse(1008, `ORDER BY a value: ${show(item)}`);
  }
  for (const condition of conditions) asCondition(condition);
  checkFrom(from ?? []);
  const inFrom = show([...(from ?? [])]);
  for (const { value, name } of shown) {
    if (name === undefined || (value.length === 1 && isName(value[0]) && bare(value[0]) === name)) continue;
    if (known.has(name) || new RegExp(`\\b${name}\\b`, 'i').test(inFrom)) continue;
    for (const condition of [...conditions, group ?? []])
      if ([...columns(condition)].some((column) => column.toLowerCase() === name))
        refuse(207, `A name given in SELECT is used beside it: ${name}`);
    for (const item of orders)
      if (item.length > 1 && [...columns(item)].some((column) => column.toLowerCase() === name))
        refuse(207, `A name given in SELECT is part of an expression in ORDER BY: ${name}`);
  }
  const groups = items(group);
  for (const item of groups)
    if ([...columns(item)].length === 0) refuse(164, `GROUP BY without a column: ${show(item)}`);
  if (group !== undefined || shown.some(({ value }) => isAggregated(value)))
    checkGrouping(
      [
        ...shown.map(({ value }) => value),
        ...orders.filter(
          (item) => !shown.some(({ name }) => item.length === 1 && bare(show(item[0] as Node)) === name),
        ),
        ...(clauses.has('HAVING') ? [clauses.get('HAVING') as Node[]] : []),
      ],
      groups,
    );
  if (list.some((node) => upper(node) === 'DISTINCT'))
    for (const item of orders) {
      const text = item.map(show).join(' ');
      if (!shown.some(({ value, name }) => value.map(show).join(' ') === text || bare(text) === name))
        refuse(145, `ORDER BY something that SELECT DISTINCT does not show: ${text}`);
    }
  for (const [name, given] of calls(part.filter((node) => !isSelect(node)))) {
    if (!AGGREGATES.has(name)) continue;
    if ((name === 'MIN' || name === 'MAX') && items(given).length > 1)
      refuse(174, `${name} of several values: ${show(given)}`);
    if (isAggregated(given) || given.some(holdsSelect))
      refuse(130, `An aggregate of an aggregate or of a select: ${show(given)}`);
  }
}

function checkSelects(nodes: readonly Node[], known: ReadonlySet<string>, isNested: boolean): void {
  const start = nodes.findIndex((node) => upper(node) === 'SELECT');
  if (start >= 0)
    for (const part of split(nodes.slice(start), (word) => SETS.has(word))) {
      const from = part.findIndex((node) => upper(node) === 'SELECT');
      checkPart(part.slice(from), known, isNested);
    }
  for (const node of nodes) if (isGroup(node)) checkSelects(node, known, true);
}

function checkChange(nodes: readonly Node[]): void {
  const [first, second] = nodes.map(upper);
  if (first === 'DELETE') {
    if (nodes.length > 3 && upper(nodes[3]) !== 'WHERE')
      refuse(102, 'DELETE FROM with another name of the table');
  } else if (first === 'UPDATE') {
    if (upper(nodes[2]) !== 'SET') refuse(102, `UPDATE with another name of the table: ${second}`);
    const rest = nodes.slice(3);
    const end = rest.findIndex((node) => ['FROM', 'WHERE'].includes(upper(node)));
    for (const [, sign, ...value] of items(end < 0 ? rest : rest.slice(0, end))) {
      if (sign !== '=') refuse(102, 'SET of something else than a column');
      asValue(value);
    }
  } else return;
  const where = nodes.findIndex((node) => upper(node) === 'WHERE');
  if (where >= 0) asCondition(nodes.slice(where + 1));
}

/**
 * @param known names of columns in any table
 * @param keys of each table
 * @throws where a server would refuse the statement
 */
export function refuseForeign(
  statement: string,
  known: ReadonlySet<string>,
  keys: TableKeys = new Map(),
): void {
  const text = statement.replaceAll(/N?'(?:[^']|'')*'/g, "''");
  const foreign = FOREIGN.exec(text)?.[0];
  if (foreign !== undefined) refuse(102, `Not known to SQL Server: ${foreign}`);
  const cased = CASED.exec(statement)?.[0];
  if (cased !== undefined) refuse(102, `Upper and lower case are not the same in both databases: ${cased}`);
  if (/^\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE)\b/i.test(text)) {
    for (const [word] of text.matchAll(/(?<![@.[\w])\w+/g))
      if (RESERVED.has(word.toUpperCase())) refuse(156, `Incorrect syntax near the keyword '${word}'.`);
    const named =
      /\bAS (?:SELECT|FROM|WHERE|GROUP|ORDER|BY|IN|IS|NOT|AND|OR|LIKE|CASE|WHEN|THEN|ELSE|END|ALL|AS|ON|SET|TABLE|INDEX|VALUES|LEFT|RIGHT|FULL|CROSS|JOIN|INTO|EXISTS|DISTINCT|DEFAULT|CHECK|COLUMN|FOR|FETCH|DESC|ASC|UNIQUE|UNION|UPDATE|DELETE|INSERT|PRIMARY|REFERENCES|TRIGGER|NULL|WITH|IF|BEGIN)\b/i.exec(
        text,
      )?.[0];
    if (named !== undefined) refuse(156, `Incorrect syntax near the keyword: ${named}`);
    if (/^\s*INSERT INTO \w+ \([^()]*\) VALUES\b/i.test(text)) return;
    const nodes = parse(statement);
    checkChange(nodes);
    checkSelects(nodes, known, false);
    refuseSeveral(nodes, keys);
    refuseTwice(nodes);
    if (upper(nodes[0]) !== 'SELECT') return;
    // The driver would put both into one list.
    const [first = []] = split(nodes, (word) => SETS.has(word));
    const names = selected(clausesOf(first).get('SELECT') ?? []).map(({ name }) => name);
    if (new Set(names).size < names.length) refuse(8156, `Two columns have one name: ${show(first)}`);
  }
}
