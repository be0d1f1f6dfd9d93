import type { KeepSuggestionsOfJob, Suggestion } from '../domain/suggestion.ts';
import { type FacePair, ordered } from './decisions.ts';

const pairOf = ({ face, otherFace }: Suggestion): FacePair | undefined =>
  face === undefined || otherFace === undefined ? undefined : [face, otherFace];

const keyOf = (pair: FacePair): string => JSON.stringify(ordered(pair));

/** The pairs of faces that the outputs of a job suggest. */
export function suggestedPairs(
  outputs: Record<string, unknown>,
  keepSuggestions: KeepSuggestionsOfJob,
): FacePair[] {
  const pairs: FacePair[] = [];
  keepSuggestions(outputs, (suggestion) => {
    const pair = pairOf(suggestion);
    if (pair !== undefined) pairs.push(pair);
    return true;
  });
  return pairs;
}

/** The outputs of a job without the suggestions that a person has rejected; the same outputs where there is none. */
export function withoutRejected(
  outputs: Record<string, unknown>,
  rejected: readonly FacePair[],
  keepSuggestions: KeepSuggestionsOfJob,
): Record<string, unknown> {
  const keys = new Set(rejected.map(keyOf));
  return keepSuggestions(outputs, (suggestion) => {
    const pair = pairOf(suggestion);
    return pair === undefined || !keys.has(keyOf(pair));
  });
}
