import { InvalidArgumentError } from 'commander';
import { MAX_CONSENT_TEXT } from '../domain/consent.ts';
import { isPartialDate } from '../domain/partial-date.ts';

/** The value of an option that counts something. */
export function whole(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

export const oneOf =
  <T extends string>(...choices: readonly T[]) =>
  (text: string): T => {
    const found = choices.find((choice) => choice === text);
    if (found === undefined) throw new InvalidArgumentError(`It must be one of ${choices.join(', ')}.`);
    return found;
  };

/** Words that a column of so many characters holds. */
export const words =
  (most: number) =>
  (text: string): string => {
    if (text.length <= most) return text.trim();
    throw new InvalidArgumentError(`It may have ${most} characters at most.`);
  };

/** Why, and on what ground of law, something is processed. */
export const consentWords = words(MAX_CONSENT_TEXT);

/** A date as far as it is known. */
export function partialDate(text: string): string {
  if (isPartialDate(text)) return text;
  throw new InvalidArgumentError('It must be a year, 2015, a month, 2015-03, or a day, 2015-03-31.');
}

/** @returns a time in UTC, or "" for what is taken back */
export function dayOrNone(text: string): string {
  return text.trim() === '' ? '' : day(text);
}

/** @returns a time in UTC; of a day alone its beginning */
export function day(text: string): string {
  const given = text.trim();
  const time = /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(given) ? Date.parse(given) : Number.NaN;
  // The 31st of February would be a day in March.
  if (!Number.isNaN(time) && isPartialDate(given.slice(0, 10))) return new Date(time).toISOString();
  throw new InvalidArgumentError(
    'It must be a date such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z.',
  );
}
