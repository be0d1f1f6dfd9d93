import { compareValues, type TypedValue } from '../typed-value.ts';
import type { Comparison, Expression, Operand } from './expression.ts';

/** What a filter asks of an entity. */
export type Lookup = (name: string) => TypedValue | undefined;

const HOLDS: Readonly<Record<Comparison, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
};

/** Compiles a filter. A comparison with a property that is missing, or of another type, does not hold. */
export function compile(expression: Expression): (lookup: Lookup) => boolean {
  switch (expression.kind) {
    case 'and': {
      const [left, right] = [compile(expression.left), compile(expression.right)];
      return (lookup) => left(lookup) && right(lookup);
    }
    case 'or': {
      const [left, right] = [compile(expression.left), compile(expression.right)];
      return (lookup) => left(lookup) || right(lookup);
    }
    case 'not': {
      const of = compile(expression.of);
      return (lookup) => !of(lookup);
    }
    case 'truth': {
      const of = reader(expression.of);
      return (lookup) => {
        const value = of(lookup);
        return value?.type === 'boolean' && value.value;
      };
    }
    case 'compare': {
      const [left, right, holds] = [reader(expression.left), reader(expression.right), HOLDS[expression.by]];
      return (lookup) => {
        const [one, other] = [left(lookup), right(lookup)];
        const order = one && other && compareValues(one, other);
        return order !== undefined && holds(order);
      };
    }
  }
}

function reader(operand: Operand): (lookup: Lookup) => TypedValue | undefined {
  if (operand.kind === 'literal') {
    const { value } = operand;
    return () => value;
  }
  const { name } = operand;
  return (lookup) => lookup(name);
}
