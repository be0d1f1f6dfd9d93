/** Words for a confidence of 0 to 1, by the lower bound of each; a match is never more than possible. */
const WORDS = [
  [0.9, 'very strong'],
  [0.75, 'strong'],
  [0.6, 'moderate'],
  [0, 'weak'],
] as const;

/** "very strong (0.93)" */
export function inWords(confidence: number): string {
  const [, words] = WORDS.find(([least]) => confidence >= least) ?? [0, 'weak'];
  return `${words} (${confidence.toFixed(2)})`;
}
