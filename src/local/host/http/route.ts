import { trimOf } from '../../../domain/trim.ts';
import { FunctionError } from '../app-setting.ts';

/** Beginnings of routes that the host keeps to itself, whatever follows: `administration` is refused as well. */
const RESERVED = ['admin', 'runtime'];

/** The route constraints of ASP.NET that this host knows; each tests one decoded value. */
const CONSTRAINTS: Record<string, RegExp> = {
  int: /^-?\d{1,10}$/,
  long: /^-?\d{1,19}$/,
  bool: /^(?:true|false)$/i,
  guid: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
  alpha: /^[a-z]*$/i,
};

type Segment =
  | { kind: 'literal'; text: string }
  | { kind: 'parameter'; name: string; optional: boolean; constraints: readonly RegExp[] }
  | { kind: 'rest'; name: string };

/** A parsed route template. */
export interface Route {
  /** Prefix and template, without a slash at either end. */
  readonly template: string;
  /** Sorts more specific routes first: one digit per segment. */
  readonly rank: string;
  /** Parameters by name, or undefined when the path is not of this route. Optional parameters without a value are left out. */
  match(path: string): Record<string, string> | undefined;
}

/**
 * Parses a route template: literals, `{id}`, `{id:int}`, `{id?}` (last) and `{*rest}` (last).
 *
 * @param prefix `extensions.http.routePrefix`
 * @throws {FunctionError} when it is reserved, or not such a template
 */
export function parseRoute(prefix: string, route: string): Route {
  const trimmed = trimOf(route, '/');
  if (RESERVED.some((word) => trimmed.toLowerCase().startsWith(word))) {
    throw new FunctionError(
      `The specified route conflicts with one or more built in routes: "${route}" begins with ${RESERVED.join(' or ')}.`,
    );
  }
  const template = [prefix, trimmed].filter((part) => part !== '').join('/');
  const parts = template === '' ? [] : template.split('/');
  const segments = parts.map((part, index) => parseSegment(part, index === parts.length - 1, template));
  return { template, rank: segments.map(rankOf).join(''), match: (path) => matchPath(segments, path) };
}

function parseSegment(text: string, isLast: boolean, template: string): Segment {
  const wrong = (why: string) => new FunctionError(`The route "${template}" cannot be used: ${why}.`);
  if (!/[{}]/.test(text)) return { kind: 'literal', text: text.toLowerCase() };
  const groups = /^\{(?<rest>\*{1,2})?(?<name>\w+)(?<constraints>(?::\w+)*)(?<optional>\?)?\}$/.exec(
    text,
  )?.groups;
  if (groups?.name === undefined) {
    throw wrong(`"${text}" is none of a literal, {name}, {name:int}, {name?} and {*name}`);
  }
  const { name, rest, optional } = groups;
  if ((rest !== undefined || optional !== undefined) && !isLast) throw wrong(`"${text}" must stand last`);
  if (rest !== undefined) return { kind: 'rest', name };
  const constraints = (groups.constraints ?? '').split(':').slice(1);
  return {
    kind: 'parameter',
    name,
    optional: optional !== undefined,
    constraints: constraints.map((constraint) => {
      const pattern = CONSTRAINTS[constraint.toLowerCase()];
      if (pattern === undefined) throw wrong(`this host does not know the constraint "${constraint}"`);
      return pattern;
    }),
  };
}

function rankOf(segment: Segment): string {
  if (segment.kind === 'literal') return '1';
  if (segment.kind === 'rest') return '4';
  return segment.constraints.length > 0 ? '2' : '3';
}

function matchPath(segments: readonly Segment[], path: string): Record<string, string> | undefined {
  const values = path.split('/').filter((value) => value !== '');
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = values[index];
    if (segment.kind === 'rest') {
      const rest = decode(values.slice(index).join('/'));
      if (rest === undefined) return undefined;
      if (rest !== '') params[segment.name] = rest;
      return params;
    }
    const text = value === undefined ? undefined : decode(value);
    if (segment.kind === 'literal') {
      if (text?.toLowerCase() !== segment.text) return undefined;
    } else if (text !== undefined) {
      if (!segment.constraints.every((constraint) => constraint.test(text))) return undefined;
      params[segment.name] = text;
    } else if (value !== undefined || !segment.optional) {
      return undefined;
    }
  }
  return values.length <= segments.length ? params : undefined;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
