/**
 * From which confidence the machine may join two faces by itself among so many. A face has as many false neighbours to
 * expect as there are faces times the false match rate; from about one each, chains of them join nearly everybody
 * (simulated: at 1, 98 % of all faces end in one group; at 0.1, the largest group holds less than 0.3 % of them).
 */

/** False neighbours that a face may be expected to have. */
const FALSE_NEIGHBOURS = 0.1;

/**
 * Of the pairs of two different people the share that the engine of this project finds as sure as this or surer, as
 * published in docs/engine.md: measured once, on 4,753 pairs of real photographs.
 */
const PUBLISHED = [
  { confidence: 0.38, rate: 0.0022 },
  { confidence: 0.43, rate: 0.0011 },
  { confidence: 0.5, rate: 0.00044 },
] as const;

/**
 * Above 0.5 nothing was measured. The figures lie on a straight line by logarithm, which is gone on with: tails of such
 * figures fall faster than a line, so that it errs towards joining too little.
 */
const SUREST = PUBLISHED[2];
const PER_CONFIDENCE =
  Math.log10(PUBLISHED[0].rate / PUBLISHED[2].rate) / (PUBLISHED[2].confidence - PUBLISHED[0].confidence);

/** Surer than this is hardly any pair of two photographs. */
const MOST = 0.95;

/** Whose figures hold: the engine's, or nobody's. */
export type Figures = 'engine' | undefined;

/** Where the figure of a threshold is from. */
export type ThresholdBasis = 'published' | 'extended' | 'none';

export interface Threshold {
  /** Faces it holds for: the size, rounded up, so that it does not change with every face. */
  faces: number;
  /** 0 to 1; absent where the machine joins nothing by itself. */
  confidence?: number;
  basis: ThresholdBasis;
}

/** 50, 100, 200, 500, 1,000 ... */
function roundedUp(faces: number): number {
  for (let size = 10; ; size *= 10)
    for (const times of [5, 10, 20]) if (size * times >= faces) return size * times;
}

export function thresholdAmong(count: number, figures: Figures): Threshold {
  const faces = roundedUp(count);
  if (figures === undefined) return { faces, basis: 'none' };
  const rate = FALSE_NEIGHBOURS / faces;
  const published = PUBLISHED.find((one) => one.rate <= rate);
  if (published) return { faces, confidence: published.confidence, basis: 'published' };
  const confidence = SUREST.confidence + Math.log10(SUREST.rate / rate) / PER_CONFIDENCE;
  return confidence > MOST ? { faces, basis: 'none' } : { faces, confidence, basis: 'extended' };
}

/** The same inside a batch: without figures, whatever is shown as a possible match is joined there. */
export function thresholdOfBatch(count: number, figures: Figures): Threshold {
  const threshold = thresholdAmong(count, figures);
  return figures === undefined ? { ...threshold, confidence: 0 } : threshold;
}
