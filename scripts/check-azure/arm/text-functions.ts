import { createHash } from 'node:crypto';
import { ExpressionError } from './parse.ts';
import { integer, list, record, text, written } from './values.ts';

export type ArmFunction = (args: readonly unknown[]) => unknown;

const digest = (args: readonly unknown[]) => createHash('sha256').update(JSON.stringify(args)).digest('hex');

/** ARM's own hashes are not published: these stand-ins have the same shape and are as deterministic. */
const hashes: Record<string, ArmFunction> = {
  uniqueString: (args) =>
    BigInt(`0x${digest(args)}`)
      .toString(36)
      .padStart(13, '0')
      .slice(-13)
      .replaceAll(/^\d/g, 'q'),
  guid: (args) => digest(args).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5'),
};

function format([pattern, ...values]: readonly unknown[]): string {
  return text(pattern, 'format').replaceAll(/\{(\d+)\}/g, (_, index: string) => {
    if (Number(index) >= values.length) throw new ExpressionError(`format has no value for {${index}}`);
    return written(values[Number(index)]);
  });
}

function slice(who: string, value: unknown, start: number, length: number): unknown {
  if (Array.isArray(value)) return value.slice(start, start + length);
  return text(value, who).slice(start, start + length);
}

function substring([value, from, length]: readonly unknown[]): string {
  const whole = text(value, 'substring');
  const start = integer(from, 'substring');
  const end = length === undefined ? whole.length : start + integer(length, 'substring');
  if (end > whole.length) throw new ExpressionError(`substring reads past the end of "${whole}"`);
  return whole.slice(start, end);
}

export const textFunctions: Readonly<Record<string, ArmFunction>> = {
  ...hashes,
  format,
  substring,
  concat: (args) => (Array.isArray(args[0]) ? args.flat() : args.map(written).join('')),
  toLower: ([value]) => text(value, 'toLower').toLowerCase(),
  toUpper: ([value]) => text(value, 'toUpper').toUpperCase(),
  trim: ([value]) => text(value, 'trim').trim(),
  replace: ([value, from, to]) =>
    text(value, 'replace').replaceAll(text(from, 'replace'), text(to, 'replace')),
  take: ([value, count]) => slice('take', value, 0, integer(count, 'take')),
  skip: ([value, count]) => slice('skip', value, integer(count, 'skip'), Number.MAX_SAFE_INTEGER),
  split: ([value, by]) => text(value, 'split').split(text(by, 'split')),
  join: ([values, by]) => list(values, 'join').map(written).join(text(by, 'join')),
  startsWith: ([value, part]) =>
    text(value, 'startsWith').toLowerCase().startsWith(text(part, 'startsWith').toLowerCase()),
  endsWith: ([value, part]) =>
    text(value, 'endsWith').toLowerCase().endsWith(text(part, 'endsWith').toLowerCase()),
  string: ([value]) => (typeof value === 'string' ? value : written(value)),
  int: ([value]) => integer(Number(value), 'int'),
  bool: ([value]) => /^(true|1)$/i.test(written(value)),
  json: ([value]) => JSON.parse(text(value, 'json')) as unknown,
  base64: ([value]) => Buffer.from(text(value, 'base64')).toString('base64'),
  uriComponent: ([value]) => encodeURIComponent(text(value, 'uriComponent')),
  uri: ([base, path]) => new URL(text(path, 'uri'), text(base, 'uri')).href,
  length: ([value]) =>
    typeof value === 'string' || Array.isArray(value)
      ? value.length
      : Object.keys(record(value, 'length')).length,
};
