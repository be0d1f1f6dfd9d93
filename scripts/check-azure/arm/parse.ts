/** One ARM template expression, parsed. Strings keep their text without quotes. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'member'; readonly target: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly target: Expression; readonly index: Expression };

/** The expression does not parse, or cannot be evaluated. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

/** Whether a template string is an expression: `[...]`, where `[[` escapes a literal bracket. */
export const isExpression = (text: string): boolean =>
  text.startsWith('[') && text.endsWith(']') && !text.startsWith('[[');

const token = /\s*(?:('(?:[^']|'')*')|(-?\d+)|([A-Za-z_][A-Za-z0-9_]*)|([()[\],.]))/y;

interface Token {
  readonly kind: 'text' | 'number' | 'name' | 'sign';
  readonly value: string;
  readonly offset: number;
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  token.lastIndex = 0;
  while (source.slice(token.lastIndex).trim() !== '') {
    const start = token.lastIndex;
    const match = token.exec(source);
    if (match === null)
      throw new ExpressionError(`unexpected "${source.slice(start).trim()[0]}" at ${start}`);
    const [, text, number, name, sign] = match;
    if (text !== undefined)
      tokens.push({ kind: 'text', value: text.slice(1, -1).replaceAll("''", "'"), offset: start });
    else if (number !== undefined) tokens.push({ kind: 'number', value: number, offset: start });
    else if (name !== undefined) tokens.push({ kind: 'name', value: name, offset: start });
    else tokens.push({ kind: 'sign', value: sign ?? '', offset: start });
  }
  return tokens;
}

const cache = new Map<string, Expression>();

/**
 * Parses an expression with its outer brackets.
 *
 * @throws {ExpressionError} saying what was expected, and where
 */
export function parseExpression(text: string): Expression {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const tokens = tokenize(text.slice(1, -1));
  let at = 0;
  const peek = (value: string) => tokens[at]?.kind === 'sign' && tokens[at]?.value === value;
  const expect = (value: string) => {
    if (!peek(value)) {
      const found = tokens[at];
      throw new ExpressionError(
        `expected "${value}" but found ${found === undefined ? 'the end' : `"${found.value}" at ${found.offset}`}`,
      );
    }
    at++;
  };
  const list = (): Expression[] => {
    const args: Expression[] = [];
    if (!peek(')')) {
      args.push(expression());
      while (peek(',')) {
        at++;
        args.push(expression());
      }
    }
    expect(')');
    return args;
  };
  const primary = (): Expression => {
    const next = tokens[at++];
    if (next?.kind === 'text') return { kind: 'literal', value: next.value };
    if (next?.kind === 'number') return { kind: 'literal', value: Number(next.value) };
    if (next?.kind !== 'name')
      throw new ExpressionError(`expected a function, text or number at ${next?.offset ?? 'the end'}`);
    expect('(');
    return { kind: 'call', name: next.value, args: list() };
  };
  function expression(): Expression {
    let result = primary();
    for (;;) {
      if (peek('.')) {
        at++;
        const name = tokens[at++];
        if (name?.kind !== 'name') throw new ExpressionError(`expected a property name after "." in ${text}`);
        result = { kind: 'member', target: result, name: name.value };
      } else if (peek('[')) {
        at++;
        const index = expression();
        expect(']');
        result = { kind: 'index', target: result, index };
      } else return result;
    }
  }
  const result = expression();
  const rest = tokens[at];
  if (rest !== undefined) throw new ExpressionError(`unexpected "${rest.value}" at ${rest.offset}`);
  cache.set(text, result);
  return result;
}

/** Every call in an expression, outermost first. */
export function* calls(expression: Expression): Generator<Extract<Expression, { kind: 'call' }>> {
  if (expression.kind === 'call') {
    yield expression;
    for (const arg of expression.args) yield* calls(arg);
  } else if (expression.kind !== 'literal') {
    yield* calls(expression.target);
    if (expression.kind === 'index') yield* calls(expression.index);
  }
}
