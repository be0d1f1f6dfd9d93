import { logicFunctions } from './logic-functions.ts';
import { type Expression, ExpressionError, isExpression, parseExpression } from './parse.ts';
import { resourceFunctions } from './resource-functions.ts';
import { type ArmFunction, textFunctions } from './text-functions.ts';
import { text, truth } from './values.ts';

/** What an expression sees around it. */
export interface Scope {
  readonly parameter: (name: string) => unknown;
  readonly variable: (name: string) => unknown;
  /** The state of a resource by its id; `full` includes what stands beside `properties`. */
  readonly reference: (id: string, full: boolean) => unknown;
  /** The turn of the copy loop around the expression. */
  readonly copyIndex?: number;
}

const pure: Readonly<Record<string, ArmFunction>> = {
  ...textFunctions,
  ...logicFunctions,
  ...resourceFunctions,
};
const scoped = ['parameters', 'variables', 'reference', 'copyIndex', 'if'];

/** Function names are matched as ARM does, ignoring case. */
const byName = new Map(Object.entries(pure).map(([name, run]) => [name.toLowerCase(), run]));
const known = new Set([...byName.keys(), ...scoped.map((name) => name.toLowerCase())]);

/** Whether ARM has this function and the evaluator knows it. `list*` functions are known and never evaluated. */
export const isKnownFunction = (name: string): boolean =>
  known.has(name.toLowerCase()) || /^list[A-Z]/.test(name);

function member(target: unknown, key: unknown): unknown {
  if (Array.isArray(target) && typeof key === 'number') {
    if (key < 0 || key >= target.length) throw new ExpressionError(`the array has no item ${key}`);
    return target[key];
  }
  if (typeof target === 'object' && target !== null && typeof key === 'string') {
    if (!Object.hasOwn(target, key)) throw new ExpressionError(`there is no property "${key}"`);
    return (target as Record<string, unknown>)[key];
  }
  throw new ExpressionError(`cannot read ${JSON.stringify(key)} of ${JSON.stringify(target)}`);
}

function run(expression: Expression, scope: Scope): unknown {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'member':
      return member(run(expression.target, scope), expression.name);
    case 'index':
      return member(run(expression.target, scope), run(expression.index, scope));
    case 'call':
      return call(expression.name, expression.args, scope);
  }
}

function call(name: string, args: readonly Expression[], scope: Scope): unknown {
  const lower = name.toLowerCase();
  // Only the branch taken is evaluated: the other may refer to a resource that is not deployed.
  if (lower === 'if') {
    const [condition, yes, no] = args;
    if (condition === undefined || yes === undefined || no === undefined)
      throw new ExpressionError('if wants a condition and two values');
    return truth(run(condition, scope), 'if') ? run(yes, scope) : run(no, scope);
  }
  const values = args.map((arg) => run(arg, scope));
  if (lower === 'parameters') return scope.parameter(text(values[0], name));
  if (lower === 'variables') return scope.variable(text(values[0], name));
  if (lower === 'reference')
    return scope.reference(text(values[0], name), String(values[2] ?? '').toLowerCase() === 'full');
  if (lower === 'copyindex') {
    if (scope.copyIndex === undefined) throw new ExpressionError('copyIndex() stands outside a copy loop');
    const offset = values.find((value) => typeof value === 'number');
    return scope.copyIndex + (offset ?? 0);
  }
  const found = byName.get(lower);
  if (found === undefined) throw new ExpressionError(`unknown function ${name}`);
  return found(values);
}

/**
 * Evaluates every expression in a JSON value, keys included.
 *
 * @throws {ExpressionError} saying what is wrong with the first one that fails
 */
export function evaluate(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') {
    if (isExpression(value)) return run(parseExpression(value), scope);
    return value.startsWith('[[') ? value.slice(1) : value;
  }
  if (Array.isArray(value)) return value.map((item) => evaluate(item, scope));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [text(evaluate(key, scope), 'key'), evaluate(item, scope)]),
  );
}
