import { awaits, type Node, namesIn } from './syntax.ts';

/** One piece of text in place of another. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What a mutator makes of a node, if it is of its kind. */
type Mutator = (node: Node, parents: readonly Node[], source: string) => Edit[];

const BOUNDS: Record<string, string> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };
const OPPOSITES: Record<string, string> = { '===': '!==', '!==': '===', '&&': '||', '||': '&&' };
/** A map, for names such as `toString` are in every object. */
const OTHER = new Map(Object.entries({ min: 'max', max: 'min', some: 'every', every: 'some' }));
const ARITHMETIC: Record<string, string> = { '-': '+', '*': '/', '/': '*', '%': '*' };

const text = (source: string, { start, end }: Pick<Node, 'start' | 'end'>) => source.slice(start, end);
const parent = (parents: readonly Node[]): Node | undefined => parents.at(-1);
const bare = (node: Node): Node =>
  /^(TSAs|TSNonNull|Parenthesized)/.test(node.type) ? bare(node.expression) : node;

/** Options that say which version, which part, or how much is meant. */
const OPTION =
  /^(conditions|if(None)?Match|onlyIf|etag|where|partitionKey|after|from|limit|signal|max\w*|isBarred|thorough|visibilityTimeout|messageTimeToLive)$/;
const VERSION = /(^|\.)(#?etag|ifMatch|before)$/;

const isStatement = ({ type }: Node) => type === 'ExpressionStatement';
const returnsNothing = (body: Node): boolean => {
  const find = (node: Node): boolean => {
    if (node.type === 'ReturnStatement') return node.argument !== null;
    if (/Function/.test(node.type)) return false;
    return Object.values(node).some((value) =>
      Array.isArray(value) ? value.some((one) => one?.type && find(one)) : value?.type && find(value),
    );
  };
  return !body.body.some(find);
};

const declared = (node: Node): Set<string> =>
  node.type === 'VariableDeclaration'
    ? new Set(node.declarations.flatMap(({ id }: Node) => [...namesIn(id)]))
    : new Set();

/**
 * The kinds of fault that are planted: those every tool of this sort knows, and those that hurt here (a call that is not
 * made, made too early, or made without its condition; a list of which only the beginning is read).
 */
export const mutators: Readonly<Record<string, Mutator>> = {
  'condition turned round': ({ type, test }, _, source) =>
    /^(If|While)Statement$|^ConditionalExpression$/.test(type)
      ? [{ ...at(test), text: `!(${text(source, test)})` }]
      : [],

  'guard removed': (node) => {
    if (node.type !== 'IfStatement' || node.alternate) return [];
    const last = node.consequent.type === 'BlockStatement' ? node.consequent.body.at(-1) : node.consequent;
    const leaves = /^(Return|Throw|Continue|Break)Statement$/.test(last?.type ?? '');
    return leaves ? [{ ...at(node), text: ';' }] : [];
  },

  'bound moved': ({ type, operator, left, right }, _, source) => {
    const other = type === 'BinaryExpression' ? BOUNDS[operator] : undefined;
    return other === undefined ? [] : [between(source, left, right, operator, other)];
  },

  'operator turned round': ({ type, operator, left, right }, _, source) => {
    const other = /^(Binary|Logical)Expression$/.test(type) ? OPPOSITES[operator] : undefined;
    return other === undefined ? [] : [between(source, left, right, operator, other)];
  },

  'default left out': ({ type, operator, left, start, end }, _, source) =>
    type === 'LogicalExpression' && operator === '??'
      ? [{ start, end, text: `(${text(source, left)})` }]
      : [],

  'arithmetic changed': ({ type, operator, left, right }, _, source) => {
    const other = type === 'BinaryExpression' ? ARITHMETIC[operator] : undefined;
    return other === undefined ? [] : [between(source, left, right, operator, other)];
  },

  'number changed': ({ type, value, raw, start, end }, parents) => {
    if (type !== 'Literal' || typeof value !== 'number') return [];
    // Half and double of a product is done once, below.
    if (parent(parents)?.type === 'BinaryExpression' && !/^[<>=!]/.test(parent(parents)?.operator)) return [];
    return value < 2 ? [{ start, end, text: `(${raw} + 1)` }] : [];
  },

  'limit halved or doubled': ({ type, id, init, kind }, _, source) => {
    if (type !== 'VariableDeclarator' || !init || kind === 'let' || !/^[A-Z][A-Z_0-9]+$/.test(id.name ?? ''))
      return [];
    const value = bare(init);
    const isNumber = (node: Node): boolean =>
      (node.type === 'Literal' && typeof node.value === 'number') ||
      (node.type === 'BinaryExpression' && isNumber(node.left) && isNumber(node.right));
    // Half and double of nothing is nothing.
    if (!isNumber(value) || value.value === 0) return [];
    const whole = text(source, init);
    return [`((${whole}) * 2)`, `((${whole}) / 2)`].map((changed) => ({ ...at(init), text: changed }));
  },

  'true for false': ({ type, value, start, end }) =>
    type === 'Literal' && typeof value === 'boolean' ? [{ start, end, text: String(!value) }] : [],

  'not left out': ({ type, operator, argument, start, end }, _, source) =>
    type === 'UnaryExpression' && operator === '!'
      ? [{ start, end, text: `(${text(source, argument)})` }]
      : [],

  'filter or order left out': ({ type, callee, start, end }, _, source) =>
    type === 'CallExpression' && /^(filter|sort|toSorted|reverse)$/.test(callee.property?.name ?? '')
      ? [{ start, end, text: text(source, callee.object) }]
      : [],

  'least for most': ({ type, object, property }) => {
    if (type !== 'MemberExpression') return [];
    const other = OTHER.get(property.name);
    if (other === undefined || (/^m/.test(property.name) && object.name !== 'Math')) return [];
    return [{ ...at(property), text: other }];
  },

  'call dropped': (node, parents, source) => {
    if (!isStatement(node)) return [];
    const call = bare(node.expression);
    const inner = call.type === 'AwaitExpression' ? bare(call.argument) : call;
    const changes = /^(Call|Assignment|Update|Unary)Expression$/.test(inner.type);
    // That nothing works without its parts is no question.
    if (parents.some(({ kind }) => kind === 'constructor')) return [];
    if (!changes || isTalk(text(source, node)) || parent(parents)?.type === 'Program') return [];
    return [{ ...at(node), text: ';' }];
  },

  'neighbouring awaited calls swapped': (node, _, source) => {
    if (!Array.isArray(node.body)) return [];
    const edits: Edit[] = [];
    for (const [index, one] of node.body.entries()) {
      const next: Node | undefined = node.body[index + 1];
      const movable = (it: Node) => isStatement(it) || it.type === 'VariableDeclaration';
      if (!next || !movable(one) || !movable(next) || !awaits(one) || !awaits(next)) continue;
      const needed = namesIn(next);
      if ([...declared(one)].some((name) => needed.has(name))) continue;
      const gap = source.slice(one.end, next.start);
      const swapped = `${text(source, next)}${gap}${text(source, one)}`;
      edits.push({ start: one.start, end: next.end, text: swapped });
    }
    return edits;
  },

  'option left out': ({ type, key, start, end }, parents, source) => {
    if (type !== 'Property' || !OPTION.test(key.name ?? '')) return [];
    const holder = parent(parents);
    const inCall = parents.some((one) => one.type === 'CallExpression' && one.start <= start);
    if (holder?.type !== 'ObjectExpression' || !inCall) return [];
    const rest = /^\s*,/.exec(source.slice(end))?.[0].length ?? 0;
    return [{ start, end: end + rest, text: '' }];
  },

  'condition on the version left out': ({ type, arguments: given }, _, source) => {
    if (type !== 'CallExpression') return [];
    const last: Node | undefined = given.at(-1);
    if (!last || given.length < 2 || !VERSION.test(text(source, last))) return [];
    return [
      { ...at(last), text: "'*'" },
      { start: given.at(-2).end, end: last.end, text: '' },
    ];
  },

  'returns early': (node) => {
    const { type, body } = node;
    const block = /Function/.test(type) && body?.type === 'BlockStatement' ? body : undefined;
    if (!block || block.body.length < 2 || !returnsNothing(block)) return [];
    // Before the last but one: what only the last does is dropped by another mutator.
    const place: Node = block.body.at(-2);
    return [{ start: place.start, end: place.start, text: 'return; ' }];
  },

  'loop ends after one round': ({ type, body }, _, source) => {
    if (!/^(For|While|DoWhile)\w*Statement$/.test(type)) return [];
    if (body.type !== 'BlockStatement') return [{ ...at(body), text: `{ ${text(source, body)} break; }` }];
    return [{ start: body.end - 1, end: body.end - 1, text: ' break; ' }];
  },
};

const at = ({ start, end }: Node) => ({ start, end });

/** Logs and telemetry are for people: whether a line is written decides nothing. */
const isTalk = (statement: string) =>
  /(\blog(ger)?|console)\??\.\w+\(|[tT]elemetry\??\.(count|record)\(|clearTimeout|\.unref\(/.test(statement);

function between(source: string, left: Node, right: Node, operator: string, other: string): Edit {
  const start = source.indexOf(operator, left.end);
  return start < right.start
    ? { start, end: start + operator.length, text: other }
    : { start: left.end, end: right.start, text: ` ${other} ` };
}
