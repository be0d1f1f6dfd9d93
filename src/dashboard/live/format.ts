import { strings } from '../strings.ts';

const locale = strings.locale;
const numbers = new Intl.NumberFormat(locale);
const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });

export const count = (value: number): string => numbers.format(value);
export const percent = (value: number): string => percents.format(value);
export const dateTime = (iso: string): string => dates.format(new Date(iso));

const days = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
const utcDays = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
const DAY = /^\d{4}-\d{2}-\d{2}(?:T00:00(?::00(?:\.0+)?)?Z)?$/;
/**
 * Of a time its day where the reader is. A day as addresses and forms have it, which is kept as its midnight in UTC, is that
 * day wherever it is read: west of Greenwich, too.
 */
export const day = (iso: string): string => {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return (DAY.test(iso) ? utcDays : days).format(date);
};

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** "3 minutes ago", "in 10 seconds". */
export function ago(iso: string, now = Date.now()): string {
  const seconds = Math.round((Date.parse(iso) - now) / 1000);
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS[3];
  return relative.format(Math.round(seconds / size), unit);
}

/** "12 s", "3 min": how long something took or waits. */
export function duration(ms: number): string {
  const unit = (value: number, name: string) =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      maximumFractionDigits: value < 10 ? 1 : 0,
    }).format(value);
  if (ms < 1000) return unit(Math.round(ms), 'millisecond');
  if (ms < 120_000) return unit(ms / 1000, 'second');
  if (ms < 7_200_000) return unit(ms / 60_000, 'minute');
  return unit(ms / 3_600_000, 'hour');
}

/** Decimal units, as storage is sold and as the settings count. */
export function bytes(value: number): string {
  const [size, name] = value >= 1e6 ? [1e6, 'megabyte'] : value >= 1000 ? [1000, 'kilobyte'] : [1, 'byte'];
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: name as string,
    maximumFractionDigits: value / (size as number) < 10 ? 1 : 0,
  }).format(value / (size as number));
}

/** `people_group` as 2017's categories are called, for people. */
export const categoryName = (name: string): string => name.split('_').filter(Boolean).join(', ');
