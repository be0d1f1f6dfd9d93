import { ExpressionError } from './parse.ts';

/** Narrowing of evaluated values, with errors that name the function and what it was given. */

export function text(value: unknown, who: string): string {
  if (typeof value !== 'string')
    throw new ExpressionError(`${who} wants a text, got ${JSON.stringify(value)}`);
  return value;
}

export function integer(value: unknown, who: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new ExpressionError(`${who} wants a whole number, got ${JSON.stringify(value)}`);
  return value;
}

export function truth(value: unknown, who: string): boolean {
  if (typeof value !== 'boolean')
    throw new ExpressionError(`${who} wants true or false, got ${JSON.stringify(value)}`);
  return value;
}

export function list(value: unknown, who: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ExpressionError(`${who} wants an array, got ${JSON.stringify(value)}`);
  return value;
}

export function record(value: unknown, who: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ExpressionError(`${who} wants an object, got ${JSON.stringify(value)}`);
  return value as Record<string, unknown>;
}

/** How ARM writes a value into a text: `True` for true, JSON for objects. */
export function written(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value === null || value === undefined ? '' : JSON.stringify(value);
}
