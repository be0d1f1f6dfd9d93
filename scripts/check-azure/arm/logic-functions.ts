import { ExpressionError } from './parse.ts';
import type { ArmFunction } from './text-functions.ts';
import { integer, list, record, text, truth } from './values.ts';

const pair =
  (who: string, compute: (a: number, b: number) => unknown): ArmFunction =>
  ([a, b]) =>
    compute(integer(a, who), integer(b, who));

const empty: ArmFunction = ([value]) =>
  value === null ||
  value === undefined ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && Object.keys(value).length === 0);

const contains: ArmFunction = ([where, what]) => {
  if (typeof where === 'string') return where.includes(text(what, 'contains'));
  if (Array.isArray(where)) return where.includes(what);
  return Object.hasOwn(record(where, 'contains'), text(what, 'contains'));
};

function createObject(args: readonly unknown[]): Record<string, unknown> {
  if (args.length % 2 !== 0) throw new ExpressionError('createObject wants pairs of name and value');
  const entries: [string, unknown][] = [];
  for (let i = 0; i < args.length; i += 2) entries.push([text(args[i], 'createObject'), args[i + 1]]);
  return Object.fromEntries(entries);
}

/** The subnet of an IPv4 range: `cidrSubnet('10.0.0.0/16', 24, 1)` is `10.0.1.0/24`. */
const cidrSubnet: ArmFunction = ([range, size, index]) => {
  const [address = '', prefix = ''] = text(range, 'cidrSubnet').split('/');
  const length = integer(size, 'cidrSubnet');
  const bytes = address.split('.').map(Number);
  if (bytes.length !== 4 || bytes.some((byte) => !(byte >= 0 && byte <= 255)) || prefix === '')
    throw new ExpressionError(`cidrSubnet: "${String(range)}" is not an IPv4 range`);
  const offset = integer(index, 'cidrSubnet') * 2 ** (32 - length);
  if (offset >= 2 ** (32 - Number(prefix)))
    throw new ExpressionError(`cidrSubnet: ${String(range)} has no /${length} number ${String(index)}`);
  const start = bytes.reduce((sum, byte) => sum * 256 + byte, 0) + offset;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join('.')}/${length}`;
};

export const logicFunctions: Readonly<Record<string, ArmFunction>> = {
  empty,
  contains,
  createObject,
  cidrSubnet,
  equals: ([a, b]) => JSON.stringify(a) === JSON.stringify(b),
  not: ([value]) => !truth(value, 'not'),
  and: (args) => args.every((value) => truth(value, 'and')),
  or: (args) => args.some((value) => truth(value, 'or')),
  true: () => true,
  false: () => false,
  null: () => null,
  coalesce: (args) => args.find((value) => value !== null && value !== undefined) ?? null,
  greater: pair('greater', (a, b) => a > b),
  greaterOrEquals: pair('greaterOrEquals', (a, b) => a >= b),
  less: pair('less', (a, b) => a < b),
  lessOrEquals: pair('lessOrEquals', (a, b) => a <= b),
  add: pair('add', (a, b) => a + b),
  sub: pair('sub', (a, b) => a - b),
  mul: pair('mul', (a, b) => a * b),
  div: pair('div', (a, b) => Math.trunc(a / b)),
  mod: pair('mod', (a, b) => a % b),
  range: pair('range', (start, count) => Array.from({ length: count }, (_, i) => start + i)),
  createArray: (args) => [...args],
  union: (args) =>
    Array.isArray(args[0])
      ? [...new Set(args.flatMap((part) => list(part, 'union')))]
      : Object.assign({}, ...args.map((part) => record(part, 'union'))),
  first: ([value]) => (typeof value === 'string' ? value.at(0) : list(value, 'first').at(0)),
  last: ([value]) => (typeof value === 'string' ? value.at(-1) : list(value, 'last').at(-1)),
};
