import type { Interval } from './interval.ts';
import { answersAt, recognitionModel } from './recognition-model.ts';

/**
 * What the engine of this project was measured at, once, on real photographs: of the pairs of two different people the
 * share whose confidence is this or more. Source: docs/engine.md for 0.5; for the lower ones the distances 0.58 and
 * 0.60 of the measurement on 98 public photographs, turned into confidences. Above 0.5 nothing was measured.
 */
export const PUBLISHED_RATES: readonly { atConfidence: number; falseMatchRate: number }[] = [
  { atConfidence: 0.5, falseMatchRate: 0.00044 },
  { atConfidence: 0.43, falseMatchRate: 0.0011 },
  { atConfidence: 0.38, falseMatchRate: 0.0022 },
];

/** Whose figures are used. None of them was measured on the photographs of this archive. */
export type FiguresSource = 'engine';

/** How many wrong candidates a search among this many faces offers. */
export interface MatchWorth {
  /** Faces of the archive it was found among. */
  faces: number;
  /**
   * False candidates to expect of one search, as sure as `atConfidence` or surer; at most as many are as sure as the
   * match itself. Null where there is no figure.
   */
  falseCandidates: number | null;
  /** The confidence the figure was measured at; null where there is none. */
  atConfidence: number | null;
  source: FiguresSource | null;
  /** The same by what people have decided in this archive; absent until that is enough. */
  archive?: ArchiveWorth;
}

/** What a candidate is worth by decisions of people here. A figure of which too little is known is null. */
export interface ArchiveWorth {
  /** Chance that it is right, 0 to 1, among as many faces as there are now. */
  readonly chance: Interval | null;
  /** Wrong candidates to expect of one search, as sure as this or surer. */
  readonly falseCandidates: Interval | null;
}

/** Whose published figures hold for what answers at this address with this model, where anybody's do. */
export function figuresFor(faceEndpoint: string | undefined, model: string): FiguresSource | null {
  return answersAt(faceEndpoint) === 'engine' && recognitionModel(model)?.measured ? 'engine' : null;
}

/**
 * What a possible match is worth in an archive of this size: the expected false candidates of one search are faces
 * times false match rate, so that a confidence says the less the more faces there are.
 *
 * @param confidence 0 to 1, as the service gave it
 * @param faces in the archive
 */
export function matchWorth(confidence: number, faces: number, source: FiguresSource | null): MatchWorth {
  const figure =
    source === null ? undefined : PUBLISHED_RATES.find(({ atConfidence }) => confidence >= atConfidence);
  return {
    faces,
    falseCandidates: figure ? faces * figure.falseMatchRate : null,
    atConfidence: figure?.atConfidence ?? null,
    source: figure ? source : null,
  };
}

const LIKENESS = [
  [0.9, 'veryStrong'],
  [0.75, 'strong'],
  [0.6, 'moderate'],
  [0, 'weak'],
] as const;
/** How alike two faces are, for words: by the lower bound of each. */
export type Likeness = (typeof LIKENESS)[number][1];

export const likenessOf = (confidence: number): Likeness =>
  LIKENESS.find(([least]) => confidence >= least)?.[1] ?? 'weak';

/**
 * How far the next best candidate of a face lies below one of its possible matches; negative where another is more
 * alike. What a search reported of one side is not known of the other: so the matches that stand beside it count first.
 *
 * @param others confidences of the other possible matches of the same face
 * @param reported what the search said, which may be about a candidate below the threshold
 * @returns null where nothing is known of another candidate: that is not to say that there was none
 */
export function marginAmong(
  confidence: number,
  others: readonly number[],
  reported: number | undefined,
): number | null {
  return others.length > 0 ? confidence - Math.max(...others) : (reported ?? null);
}

/** How far behind the next best candidate is, for words. */
export type Lead = 'unknown' | 'behind' | 'hardly' | 'somewhat' | 'clearly';

/** @param margin as `marginAmong` has it */
export function leadOf(margin: number | null): Lead {
  if (margin === null) return 'unknown';
  if (margin < -0.05) return 'behind';
  return margin < 0.05 ? 'hardly' : margin < 0.2 ? 'somewhat' : 'clearly';
}

/** Two digits, never 1.00: not even the same picture twice is a fact about a person. */
export const confidenceText = (confidence: number): string =>
  confidence > 0.99 ? '0.99' : (Math.floor(confidence * 100) / 100).toFixed(2);
