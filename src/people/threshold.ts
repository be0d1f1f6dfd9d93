import { type FiguresSource, PUBLISHED_RATES } from '../domain/match-worth.ts';

/**
 * From which confidence the machine may join two faces by itself among so many. A face has as many false neighbours to
 * expect as there are faces times the false match rate; from about one each, chains of them join nearly everybody
 * (simulated: at 1, 98 % of all faces end in one group; at 0.1, the largest group holds less than 0.3 % of them).
 */

/** False neighbours that a face may be expected to have. */
const FALSE_NEIGHBOURS = 0.1;

const SUREST = PUBLISHED_RATES[0] as (typeof PUBLISHED_RATES)[number];
const LEAST = PUBLISHED_RATES.at(-1) as (typeof PUBLISHED_RATES)[number];

/**
 * Above the surest figure nothing was measured. By logarithm they lie on a straight line, which is gone on with: the tails
 * of such figures fall faster than a line, so that it errs towards joining too little.
 */
const PER_CONFIDENCE =
  Math.log10(LEAST.falseMatchRate / SUREST.falseMatchRate) / (SUREST.atConfidence - LEAST.atConfidence);

/** Surer than this is hardly any pair of two photographs. */
const MOST = 0.95;

/** Whose figures hold: the engine's, or nobody's. */
export type Figures = FiguresSource | undefined;

/** The model that counts in a transaction, and whose figures hold for it. */
export interface Recognition {
  readonly model: string;
  readonly figures: Figures;
}

/** Where the figure of a threshold is from. */
type ThresholdBasis = 'published' | 'extended' | 'none';

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
  const published = PUBLISHED_RATES.findLast(({ falseMatchRate }) => falseMatchRate <= rate);
  if (published) return { faces, confidence: published.atConfidence, basis: 'published' };
  const confidence = SUREST.atConfidence + Math.log10(SUREST.falseMatchRate / rate) / PER_CONFIDENCE;
  return confidence > MOST ? { faces, basis: 'none' } : { faces, confidence, basis: 'extended' };
}

/** The same inside a batch: without figures, whatever is shown as a possible match is joined there. */
export function thresholdOfBatch(count: number, figures: Figures): Threshold {
  const threshold = thresholdAmong(count, figures);
  return figures === undefined ? { ...threshold, confidence: 0 } : threshold;
}

/** Why the machine joins what it joins, in a sentence for people. */
export function whyThreshold({ faces, confidence, basis }: Threshold, inBatch: boolean): string {
  const among = `${inBatch ? 'In this batch' : 'In the whole archive'} (up to ${faces} faces)`;
  if (confidence === undefined)
    return basis === 'none' && inBatch
      ? `${among} the machine joins no faces by itself: among so many, too many strangers look alike. What people decide still counts.`
      : `${among} the machine joins no faces of different batches by itself: nobody has measured how sure is sure enough among so many. Look at one batch, or let an enquiry search.`;
  if (basis === 'none')
    return `${among} the machine joins whatever is shown as a possible match: no figures are known for this service.`;
  const least = confidence.toFixed(2);
  return basis === 'published'
    ? `${among} the machine joins faces it is ${least} sure of or more, by the engine's published figures.`
    : `${among} the machine joins faces it is ${least} sure of or more: the engine's published figures end at ${SUREST.atConfidence}, and are gone on with from there.`;
}
