import { type FacePair, ordered } from './decisions.ts';

const keyOf = (pair: FacePair): string => JSON.stringify(ordered(pair));

interface Suggestion {
  face_key?: unknown;
  other_face_key?: unknown;
}

/** The suggestions in the outputs of a job, as `facematch` writes them. */
function suggestionsIn(output: Readonly<Record<string, unknown>>): Suggestion[] {
  const { matches } = (output.facematch ?? {}) as { matches?: unknown };
  return Array.isArray(matches) ? matches : [];
}

/** The pairs of faces that the outputs of a job suggest. */
export const suggestedPairs = (output: Readonly<Record<string, unknown>>): FacePair[] =>
  suggestionsIn(output).flatMap(({ face_key: one, other_face_key: two }) =>
    typeof one === 'string' && typeof two === 'string' ? [[one, two] as const] : [],
  );

/** The outputs of a job without the suggestions that a person has rejected; the same outputs where there is none. */
export function withoutRejected(
  output: Record<string, unknown>,
  rejected: readonly FacePair[],
): Record<string, unknown> {
  const keys = new Set(rejected.map(keyOf));
  const kept = suggestionsIn(output).filter(
    ({ face_key: one, other_face_key: two }) => !keys.has(keyOf([String(one), String(two)])),
  );
  if (kept.length === suggestionsIn(output).length) return output;
  return { ...output, facematch: { ...(output.facematch as object), matches: kept } };
}
