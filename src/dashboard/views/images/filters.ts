/** Filters live in the address, under the names the API gives them, so that a view can be sent to somebody. */
const SINGLE = [
  ...(['batch', 'status', 'text', 'minFaces', 'maxFaces', 'from', 'to'] as const),
  ...(['step', 'stepState', 'errorCode', 'warning', 'rejectedFor'] as const),
] as const;
const SEVERAL = ['tag', 'category'] as const;

type SingleFilter = (typeof SINGLE)[number];
export type SeveralFilter = (typeof SEVERAL)[number];

/** What the API may be asked of an address: names it does not know are left out, so that an odd link still works. */
export function apiQuery(search: URLSearchParams): string {
  const query = new URLSearchParams();
  for (const name of SINGLE) {
    const given = search.get(name)?.trim();
    const value =
      name === 'from' || name === 'to'
        ? timeOf(given, name)
        : name === 'text'
          ? prefixes(given ?? '')
          : given;
    if (value) query.set(name, value);
  }
  for (const name of SEVERAL) for (const value of search.getAll(name)) if (value) query.append(name, value);
  return query.toString();
}

/**
 * What was typed, each word taken as the beginning of one: nobody types to the end what is found before. Quotes mean the
 * whole word.
 */
export const prefixes = (typed: string): string =>
  typed
    .split(/\s+/)
    .map((word) => {
      const whole = /^"(.*)"$/.exec(word)?.[1];
      return whole ?? (/[\p{L}\p{M}\p{N}]$/u.test(word) ? `${word}*` : word);
    })
    .join(' ')
    .trim();

/** A query as the body of a request has it. */
export function toBody(query: string): Record<string, unknown> {
  const search = new URLSearchParams(query);
  return Object.fromEntries(
    [...new Set(search.keys())].map((name) => {
      const values = search.getAll(name);
      return [name, SEVERAL.some((one) => one === name) ? values : values[0]];
    }),
  );
}

/**
 * Days stand in the address as they were chosen (`2026-11-26`), and mean the reader's own days, the last one included;
 * what is no day is taken as a time.
 */
function timeOf(given: string | undefined, bound: 'from' | 'to'): string | undefined {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(given ?? '') ?? [];
  const time =
    day === undefined
      ? new Date(given ?? '')
      : new Date(Number(year), Number(month) - 1, Number(day) + (bound === 'to' ? 1 : 0));
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** Without what is asked of a step. */
export function withoutStep(search: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const name of ['step', 'stepState', 'errorCode']) next.delete(name);
  return next;
}

export function withValue(search: URLSearchParams, name: SingleFilter, value: string): URLSearchParams {
  const next = new URLSearchParams(search);
  if (value === '') next.delete(name);
  else next.set(name, value);
  return next;
}

export function toggled(search: URLSearchParams, name: SeveralFilter, value: string): URLSearchParams {
  const next = new URLSearchParams(search);
  const values = next.getAll(name);
  next.delete(name);
  const others = values.filter((one) => one !== value);
  for (const one of others.length < values.length ? others : [...values, value]) next.append(name, one);
  return next;
}

export const FACE_CHOICES = {
  any: {},
  none: { maxFaces: '0' },
  one: { minFaces: '1', maxFaces: '1' },
  some: { minFaces: '1' },
  many: { minFaces: '2' },
} as const satisfies Record<string, Partial<Record<'minFaces' | 'maxFaces', string>>>;
export type FaceChoice = keyof typeof FACE_CHOICES;

export function withFaces(search: URLSearchParams, choice: FaceChoice): URLSearchParams {
  const { minFaces = '', maxFaces = '' }: { minFaces?: string; maxFaces?: string } = FACE_CHOICES[choice];
  return withValue(withValue(search, 'minFaces', minFaces), 'maxFaces', maxFaces);
}

export function faceChoice(search: URLSearchParams): FaceChoice {
  const [min, max] = [search.get('minFaces') ?? '', search.get('maxFaces') ?? ''];
  const found = Object.entries(FACE_CHOICES).find(([, choice]) => {
    const { minFaces = '', maxFaces = '' }: { minFaces?: string; maxFaces?: string } = choice;
    return minFaces === min && maxFaces === max;
  });
  return (found?.[0] as FaceChoice | undefined) ?? 'any';
}
