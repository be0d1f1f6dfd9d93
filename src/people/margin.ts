/** A possible match of one face. */
interface MarginCandidate {
  /** Of the other face. */
  group: string;
  confidence: number;
  /** How far the next best face lay below, as it was found; absent where there was none. */
  margin?: number | undefined;
}

/**
 * How far the next person lies below each candidate, negative where another is more alike: the next face is most often
 * another photograph of the same one. Who was too far below to be offered counts as somebody else.
 *
 * @param own the group of the face itself: those in it are who is asked about, and no rival of anybody
 * @returns in the order of `candidates`; undefined where nobody else is known
 */
export function marginsToNextPerson(
  candidates: readonly MarginCandidate[],
  own?: string,
): (number | undefined)[] {
  const least = candidates.reduce<MarginCandidate | undefined>(
    (below, one) => (below === undefined || one.confidence < below.confidence ? one : below),
    undefined,
  );
  const unseen = least?.margin === undefined ? [] : [least.confidence - least.margin];
  return candidates.map(({ group, confidence }) => {
    const others = candidates
      .filter((other) => other.group !== group && other.group !== own)
      .map((other) => other.confidence);
    const next = others.length > 0 ? others : unseen;
    return next.length === 0 ? undefined : confidence - Math.max(...next);
  });
}
