import { Cron } from 'croner';
import { FunctionError } from '../app-setting.ts';
import { parseTimeSpan } from '../time-span.ts';

/** When a timer fires. */
interface Schedule {
  /** The first occurrence after a point in time; undefined when there is none any more. */
  next(after: Date): Date | undefined;
}

/** Letters in an NCRONTAB expression are names of months and days; other cron dialects put more into them. */
const NAMES = new Set(
  'jan feb mar apr may jun jul aug sep oct nov dec sun mon tue wed thu fri sat'.split(' '),
);

/**
 * Reads a timer's schedule: an NCRONTAB expression (`{second} {minute} {hour} {day} {month} {day of week}`, the seconds
 * may be left out) or a time span (`00:00:30`). Day and day of week must both hold, as in NCRONTAB.
 *
 * @param timeZone IANA name
 * @throws {FunctionError} when it is neither
 */
export function parseSchedule(expression: string, timeZone: string): Schedule {
  if (expression.includes(':')) {
    const period = parseTimeSpan(expression);
    if (!period) throw wrong(expression, 'it is not a time span longer than zero');
    return { next: (after) => new Date(after.getTime() + period) };
  }
  const words = expression.toLowerCase().match(/[a-z#?]+/g) ?? [];
  const stranger = words.find((word) => !NAMES.has(word));
  if (stranger !== undefined) throw wrong(expression, `NCRONTAB has no "${stranger}"`);
  try {
    const cron = new Cron(expression, { mode: '5-or-6-parts', timezone: timeZone, domAndDow: true });
    return { next: (after) => cron.nextRun(after) ?? undefined };
  } catch (cause) {
    throw wrong(expression, cause instanceof Error ? cause.message : String(cause));
  }
}

function wrong(expression: string, why: string): FunctionError {
  return new FunctionError(
    `The schedule "${expression}" is neither a cron expression of six fields nor a time span: ${why}.`,
  );
}
