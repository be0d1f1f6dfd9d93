import { UNFIT_FOR_XML } from '../../domain/xml-text.ts';
import { type FieldKind, PFIF_SEXES, PFIF_STATUSES } from './fields.ts';

/** A domain name, a slash, and an identifier in the form of that domain's own. */
const RECORD_ID = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?\/\S(.*\S)?$/i;
/** The longest id of a record; longer ones are nobody's. */
const MAX_ID = 500;

/**
 * Text in the form in which records are kept: trimmed, lines ended by U+000A, nothing that XML cannot carry.
 *
 * @param kind of one line: runs of white space, which pretty printers make, become one blank
 */
export function normalText(text: string, kind: FieldKind): string {
  const fit = withoutUnfit(text).replace(/\r\n?/g, '\n');
  if (kind === 'lines') return fit.trim();
  if (kind !== 'list') return fit.replace(/\s+/g, ' ').trim();
  const lines = fit.split('\n').map((line) => line.replace(/\s+/g, ' ').trim());
  return lines.filter((line) => line !== '').join('\n');
}

const withoutUnfit = (text: string): string =>
  UNFIT_FOR_XML.test(text)
    ? Array.from(text)
        .filter((character) => !UNFIT_FOR_XML.test(character))
        .join('')
    : text;

/**
 * The value of a field in its normal form.
 *
 * @param text as {@link normalText} gives it, not empty
 * @returns undefined where the specification does not allow it
 */
export function normalValue(kind: FieldKind, text: string): string | undefined {
  switch (kind) {
    case 'id':
      return text.length <= MAX_ID && RECORD_ID.test(text) ? text : undefined;
    case 'time':
      return normalTime(text);
    case 'url':
      return isWebAddress(text) ? text : undefined;
    case 'boolean':
      return oneOf(['true', 'false'], { 1: 'true', 0: 'false' }[text] ?? text);
    case 'sex':
      return oneOf(PFIF_SEXES, text);
    case 'status':
      return oneOf(PFIF_STATUSES, text);
    case 'birth':
      return isDay(text) ? text : undefined;
    case 'age':
      return /^\d{1,3}(-\d{1,3})?$/.test(text) ? text : undefined;
    case 'country':
      return /^[a-z]{2}$/i.test(text) ? text.toUpperCase() : undefined;
    case 'state':
      return /^[a-z0-9]{1,3}$/i.test(text) ? text.toUpperCase() : undefined;
    default:
      return text;
  }
}

const oneOf = (allowed: readonly string[], text: string): string | undefined =>
  allowed.includes(text.toLowerCase()) ? text.toLowerCase() : undefined;

function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '' && !/\s/.test(text);
}

const TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)$/i;

/** `yyyy-mm-ddThh:mm:ssZ`; fractions of a second are dropped, other zones than UTC turned into it. */
function normalTime(text: string): string | undefined {
  const [, day = '', clock, zone = ''] = TIME.exec(text) ?? [];
  if (!isDay(day)) return undefined;
  const offset = /^z$/i.test(zone) ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const time = Date.parse(`${day}T${clock}${offset}`);
  return Number.isNaN(time) ? undefined : pfifTime(time);
}

/** @param time milliseconds since 1970 */
export const pfifTime = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

/** YYYY, YYYY-MM or YYYY-MM-DD, a day that the calendar has. */
function isDay(text: string): boolean {
  const [, year, month = '01', day = '01'] = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(text) ?? [];
  if (year === undefined) return false;
  const date = new Date(0);
  // Not Date.UTC, which takes years below 100 for those of the last century.
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}
