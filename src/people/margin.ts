/** A possible match of one face. */
export interface MarginCandidate {
  /** Of the other face. */
  group: string;
  confidence: number;
  /** How far the next best face lay below, as it was found; absent where there was none. */
  margin?: number | undefined;
}

/**
 * How far the next person lies below each candidate: the next face is most often another photograph of the same one. Who
 * was too far below to be offered counts as somebody else.
 *
 * @returns in the order of `candidates`; undefined where nobody else is known
 */
export function marginsToNextPerson(candidates: readonly MarginCandidate[]): (number | undefined)[] {
  const belowAll = candidates.reduce<MarginCandidate | undefined>(
    (least, one) => (least === undefined || one.confidence < least.confidence ? one : least),
    undefined,
  );
  const floor = belowAll?.margin === undefined ? undefined : belowAll.confidence - belowAll.margin;
  return candidates.map(({ group, confidence }) => {
    const others = candidates
      .filter((other) => other.group !== group && other.confidence <= confidence)
      .map((other) => other.confidence);
    const next = [...others, ...(floor === undefined ? [] : [floor])];
    return next.length === 0 ? undefined : confidence - Math.max(...next);
  });
}
