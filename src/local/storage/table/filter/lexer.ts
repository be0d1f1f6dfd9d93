import { invalidFilter } from '../errors.ts';
import { guidOf, longOf, momentOf, type TypedValue } from '../typed-value.ts';

export type Token =
  | { readonly kind: '(' | ')' | 'end' }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'literal'; readonly value: TypedValue };

const SPACE = /\s+/y;
const PREFIXED = /(datetime|guid|binary|X)'((?:[^']|'')*)'/iy;
const STRING = /'((?:[^']|'')*)'/y;
const NUMBER = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?([LlDdFfMm]?)(?![\w'])/iy;
const WORD = /[\p{L}_][\p{L}\p{N}_]*/uy;

/** Takes a filter apart. @throws {StorageError} InvalidInput, with the place */
export function tokensOf(filter: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(filter);
    if (match) at = pattern.lastIndex;
    return match;
  };
  for (;;) {
    take(SPACE);
    const from = at;
    const character = filter[at];
    if (character === undefined) break;
    if (character === '(' || character === ')') {
      tokens.push({ kind: character });
      at += 1;
      continue;
    }
    const prefixed = take(PREFIXED);
    if (prefixed) {
      tokens.push({ kind: 'literal', value: typed(prefixed[1] ?? '', prefixed[2] ?? '', from) });
      continue;
    }
    const string = take(STRING);
    if (string) {
      tokens.push({ kind: 'literal', value: { type: 'text', value: unquoted(string[1] ?? '') } });
      continue;
    }
    const number = take(NUMBER);
    if (number) {
      tokens.push({ kind: 'literal', value: numeric(number[0], number[1] ?? '', from) });
      continue;
    }
    const word = take(WORD);
    if (!word) throw invalidFilter(`Character ${at + 1} was not expected.`);
    tokens.push({ kind: 'word', text: word[0] });
  }
  tokens.push({ kind: 'end' });
  return tokens;
}

const unquoted = (text: string): string => text.replaceAll("''", "'");

function numeric(text: string, suffix: string, from: number): TypedValue {
  const digits = suffix === '' ? text : text.slice(0, -1);
  if (suffix.toUpperCase() === 'L') {
    const value = longOf(digits.replace(/^\+/, ''));
    if (value === undefined) throw invalidFilter(`The number at character ${from + 1} is none of 64 bits.`);
    return { type: 'long', value };
  }
  // A whole number beyond what a double holds exactly is one of 64 bits.
  const whole = suffix === '' && /^[+-]?\d+$/.test(digits) ? longOf(digits.replace(/^\+/, '')) : undefined;
  if (whole !== undefined && BigInt(Number(whole)) !== whole) return { type: 'long', value: whole };
  return { type: 'number', value: Number(digits) };
}

function typed(prefix: string, text: string, from: number): TypedValue {
  const wrong = invalidFilter(`The ${prefix} at character ${from + 1} is none.`);
  switch (prefix.toLowerCase()) {
    case 'datetime': {
      const value = momentOf(text);
      if (value === undefined) throw wrong;
      return { type: 'moment', value };
    }
    case 'guid': {
      const value = guidOf(text);
      if (value === undefined) throw wrong;
      return { type: 'guid', value };
    }
    default:
      if (!/^(?:[0-9a-f]{2})*$/i.test(text)) throw wrong;
      return { type: 'binary', value: text.toUpperCase() };
  }
}
