import type { Box } from '../analysis.ts';

/** Parsers of query values. Each answers `undefined` for a value that is not well formed: callers know the error. */

/** `true` and `false` in any case; a missing value is the default. */
export function parseBoolean(value: string | null, byDefault: boolean): boolean | undefined {
  if (value === null || value === '') return byDefault;
  if (/^true$/i.test(value)) return true;
  if (/^false$/i.test(value)) return false;
  return undefined;
}

/** A decimal integer within [min, max]; a missing value is the default. */
export function parseInteger(
  value: string | null,
  byDefault: number,
  min: number,
  max: number,
): number | undefined {
  if (value === null || value === '') return byDefault;
  if (!/^-?\d{1,15}$/.test(value)) return undefined;
  const number = Number(value);
  return number >= min && number <= max ? number : undefined;
}

/** Values of a comma-separated list of known names, in their canonical spelling, each once, and the unknown ones. */
export function parseNames<T extends string>(
  value: string | null,
  known: readonly T[],
): { names: T[]; unknown: string[] } {
  const names = new Set<T>();
  const unknown: string[] = [];
  for (const part of (value ?? '').split(',')) {
    const wanted = part.trim().toLowerCase();
    if (wanted === '') continue;
    const name = known.find((candidate) => candidate.toLowerCase() === wanted);
    if (name === undefined) unknown.push(part.trim().slice(0, 64));
    else names.add(name);
  }
  return { names: [...names], unknown };
}

/** `left,top,width,height` in whole pixels, the size at least 1 x 1. */
export function parseTargetFace(value: string): Box | undefined {
  const match = /^\s*(\d{1,6})\s*,\s*(\d{1,6})\s*,\s*(\d{1,6})\s*,\s*(\d{1,6})\s*$/.exec(value);
  if (!match) return undefined;
  const [left, top, width, height] = match.slice(1).map(Number) as [number, number, number, number];
  return width > 0 && height > 0 ? { left, top, width, height } : undefined;
}

export function isUuid(value: unknown): value is string {
  return (
    typeof value === 'string' && /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value)
  );
}

/** Ids that clients choose for their lists. */
export function isListId(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9_-]{1,64}$/.test(value);
}
