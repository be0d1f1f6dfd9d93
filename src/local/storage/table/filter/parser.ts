import { invalidFilter } from '../errors.ts';
import type { Comparison, Expression, Operand } from './expression.ts';
import { type Token, tokensOf } from './lexer.ts';

const COMPARISONS = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const RESERVED = new Set([...COMPARISONS, 'and', 'or', 'not']);
/** Deeper filters are refused rather than that the stack ends. */
const DEEPEST = 200;
/** The service takes 15; a client of this one that joins more must still not end the stack. */
const MOST_TERMS = 1000;

/**
 * Parses a $filter: comparisons, `and`, `or`, `not` and parentheses; `not` binds before `and`, `and` before `or`.
 *
 * @throws {StorageError} InvalidInput
 */
export function parseFilter(filter: string): Expression {
  const parser = new Parser(tokensOf(filter));
  const expression = parser.or();
  parser.end();
  return expression;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #terms = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  end(): void {
    if (this.#token().kind !== 'end') throw invalidFilter('It goes on where it should end.');
  }

  or(): Expression {
    let left = this.#and();
    while (this.#word('or')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#word('and')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }

  #not(): Expression {
    this.#enter();
    this.#terms += 1;
    if (this.#terms > MOST_TERMS) throw invalidFilter(`It has more than ${MOST_TERMS} comparisons.`);
    const expression: Expression = this.#word('not')
      ? { kind: 'not', of: this.#not() }
      : this.#token().kind === '('
        ? this.#grouped()
        : this.#comparison();
    this.#depth -= 1;
    return expression;
  }

  /** In parentheses stands an expression, or one side of a comparison. */
  #grouped(): Expression {
    this.#at += 1;
    const inside = this.or();
    if (this.#token().kind !== ')') throw invalidFilter('A closing parenthesis is missing.');
    this.#at += 1;
    return inside.kind === 'truth' ? this.#compared(inside.of) : inside;
  }

  #comparison(): Expression {
    return this.#compared(this.#operand());
  }

  #compared(left: Operand): Expression {
    const token = this.#token();
    const by = token.kind === 'word' ? token.text.toLowerCase() : '';
    if (!COMPARISONS.has(by)) return { kind: 'truth', of: left };
    this.#at += 1;
    return { kind: 'compare', by: by as Comparison, left, right: this.#side() };
  }

  #side(): Operand {
    if (this.#token().kind !== '(') return this.#operand();
    this.#enter();
    this.#at += 1;
    const operand = this.#side();
    if (this.#token().kind !== ')') throw invalidFilter('A closing parenthesis is missing.');
    this.#at += 1;
    this.#depth -= 1;
    return operand;
  }

  #operand(): Operand {
    const token = this.#token();
    if (token.kind === 'literal') {
      this.#at += 1;
      return { kind: 'literal', value: token.value };
    }
    if (token.kind !== 'word' || RESERVED.has(token.text.toLowerCase())) {
      throw invalidFilter('A property or a value is missing.');
    }
    this.#at += 1;
    if (token.text === 'true' || token.text === 'false') {
      return { kind: 'literal', value: { type: 'boolean', value: token.text === 'true' } };
    }
    return { kind: 'property', name: token.text };
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw invalidFilter('It is nested too deeply.');
  }

  #token(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end' };
  }

  #word(text: string): boolean {
    const token = this.#token();
    if (token.kind !== 'word' || token.text.toLowerCase() !== text) return false;
    this.#at += 1;
    return true;
  }
}
