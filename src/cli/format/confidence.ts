import { confidenceText, type Lead, type Likeness, leadOf, likenessOf } from '../../domain/match-worth.ts';

const LIKENESS: Readonly<Record<Likeness, string>> = {
  veryStrong: 'very much alike',
  strong: 'much alike',
  moderate: 'somewhat alike',
  weak: 'a little alike',
};

const LEAD: Readonly<Record<Lead, string>> = {
  unknown: '',
  behind: 'another face is more alike',
  hardly: 'another face as much alike, or nearly',
  somewhat: 'the next best somewhat less alike',
  clearly: 'the next best much less alike',
};

/** "very much alike (0.93)": a match is never more than possible. */
export const inWords = (confidence: number): string =>
  `${LIKENESS[likenessOf(confidence)]} (${confidenceText(confidence)})`;

/** @param margin how far the next best candidate lies below; nothing is said where none is known */
export const leadInWords = (margin: number | null): string => LEAD[leadOf(margin)];
