import { calls, type Expression, ExpressionError, isExpression, parseExpression } from './parse.ts';
import { type Template, texts } from './template.ts';

const parsed = (text: string): Expression | undefined => {
  try {
    return isExpression(text) ? parseExpression(text) : undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
};

/** The names that an expression reads with `parameters('...')` or `variables('...')`. */
export function namesRead(expression: Expression, kind: 'parameters' | 'variables'): string[] {
  return [...calls(expression)]
    .filter((call) => call.name.toLowerCase() === kind)
    .flatMap((call) => call.args)
    .flatMap((arg) => (arg.kind === 'literal' ? [String(arg.value)] : []));
}

/** Every parameter an expression depends on, through variables too. */
export function parametersBehind(
  template: Template,
  expression: Expression,
  seen = new Set<string>(),
): Set<string> {
  const found = new Set(namesRead(expression, 'parameters'));
  for (const variable of namesRead(expression, 'variables')) {
    if (seen.has(variable)) continue;
    seen.add(variable);
    for (const { text } of texts(template.variables[variable], '')) {
      const inner = parsed(text);
      if (inner !== undefined) for (const name of parametersBehind(template, inner, seen)) found.add(name);
    }
  }
  return found;
}

/** The parameters that decide what is deployed: those behind a `condition` or the first argument of an `if`. */
export function switches(template: Template): string[] {
  const found = new Set<string>();
  const add = (expression: Expression) => {
    for (const name of parametersBehind(template, expression)) found.add(name);
  };
  for (const { condition } of template.resources) {
    const expression = typeof condition === 'string' ? parsed(condition) : undefined;
    if (expression !== undefined) add(expression);
  }
  for (const { text } of texts(template, '')) {
    const expression = parsed(text);
    if (expression === undefined) continue;
    for (const call of calls(expression))
      if (call.name.toLowerCase() === 'if' && call.args[0] !== undefined) add(call.args[0]);
  }
  return [...found].filter((name) => Object.hasOwn(template.parameters, name)).sort();
}
