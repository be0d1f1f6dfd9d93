/** A property's value with its type, in a form that compares. */
export type TypedValue =
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'long'; readonly value: bigint }
  | { readonly type: 'boolean'; readonly value: boolean }
  /** ISO 8601 in UTC with seven decimals, so that the order of texts is that of moments. */
  | { readonly type: 'moment'; readonly value: string }
  | { readonly type: 'guid'; readonly value: string }
  /** Hexadecimal digits, upper case. */
  | { readonly type: 'binary'; readonly value: string };

/** @returns undefined for what is no moment */
export function momentOf(text: string): string | undefined {
  const match =
    /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7})\d*)?)?(Z|[+-]\d\d:\d\d)?)?$/i.exec(
      text.trim(),
    );
  if (!match) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  const digits = fraction.padEnd(7, '0');
  const date = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${digits.slice(0, 3)}${zone.toUpperCase()}`,
  );
  if (Number.isNaN(date)) return undefined;
  return `${new Date(date).toISOString().slice(0, -1)}${digits.slice(3)}Z`;
}

export const guidOf = (text: string): string | undefined =>
  /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text.toLowerCase() : undefined;

export const longOf = (text: string): bigint | undefined => {
  if (!/^-?\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
};

/** Orders texts by code points, as SQLite orders their UTF-8: what a range of keys holds and what fits then agree. */
export function compareText(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    const [left, right] = [one.charCodeAt(index), other.charCodeAt(index)];
    if (left !== right) return rank(left) - rank(right);
  }
  return one.length - other.length;
}

/** Surrogates stand for code points behind all others. */
const rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);

/** @returns negative, zero or positive; undefined where the two types do not compare */
export function compareValues(one: TypedValue, other: TypedValue): number | undefined {
  if (one.type === 'long' && other.type === 'long') return order(one.value, other.value);
  if (isNumeric(one) && isNumeric(other)) return order(Number(one.value), Number(other.value));
  if (one.type !== other.type) return undefined;
  if (typeof one.value === 'string' && typeof other.value === 'string')
    return compareText(one.value, other.value);
  return order(Number(one.value), Number(other.value));
}

const isNumeric = ({ type }: TypedValue): boolean => type === 'number' || type === 'long';

function order<T extends number | bigint>(one: T, other: T): number | undefined {
  if (one < other) return -1;
  if (one > other) return 1;
  return one === other ? 0 : undefined;
}
