import { LIMITS } from './limits.ts';

/** ISO 8601 in UTC with exactly three decimals, so that text sorts as time. */
export function isoTime(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) throw new TypeError('The time of a result is not ISO 8601.');
  return date.toISOString();
}

/** A tag's name as it is stored and compared: NFC, lower case, trimmed, at most 240 UTF-16 code units. */
export function tagName(name: string): string {
  const normal = name.toWellFormed().normalize('NFC').toLowerCase().trim();
  return normal
    .slice(0, LIMITS.tag)
    .toWellFormed()
    .replace(/\ufffd$/u, normal.length > LIMITS.tag ? '' : '$&')
    .trim();
}
