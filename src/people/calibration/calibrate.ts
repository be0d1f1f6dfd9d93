import { seeded } from '../../domain/seeded.ts';
import { type ChanceAt, chancesOf } from './chance.ts';
import type { DecidedPair, StratumSize } from './pair.ts';
import { type AtThreshold, ratesOf } from './rates.ts';
import { resample } from './resample.ts';
import { ageGapNames, groupNames, type Slice, slicesOf } from './slices.ts';
import { strataOf } from './strata.ts';
import { countPairs, type ReviewerErrors, tally } from './tally.ts';

export interface CalibrationInput {
  /** Confidence from which candidates are offered, 0 to 1. */
  readonly threshold: number;
  /** Faces among which the pairs were found. */
  readonly faces: number;
  readonly pairs: readonly DecidedPair[];
  /** Of every stratum, all pairs in it, decided or not. */
  readonly sizes: readonly StratumSize[];
  /** Pairs of faces of two photographs there are in all; what is in no stratum is taken for pairs of two people. */
  readonly allPairs: number;
  readonly errors?: ReviewerErrors;
  /** For the resampling: the same seed, the same intervals. */
  readonly seed: number;
}

/** What a match is worth in this archive, as far as people's decisions tell. */
export interface Calibration {
  readonly threshold: number;
  readonly faces: number;
  /** Decided pairs, and persons in them. */
  readonly pairs: number;
  readonly persons: number;
  /** Error rates at each threshold, ascending. */
  readonly rates: readonly AtThreshold[];
  /** How often candidates are right, by confidence, ascending. */
  readonly chances: readonly ChanceAt[];
  readonly groups: readonly Slice[];
  readonly ageGaps: readonly Slice[];
  /** Whether both error rates at the threshold are known: otherwise the engine's published figures go on to count. */
  readonly enough: boolean;
}

/**
 * Error rates and chances from decided pairs, weighted by how many pairs each stands for, with intervals from
 * resampled persons. Deterministic.
 */
export function calibrate(input: CalibrationInput): Calibration {
  const { threshold, faces, pairs, sizes, allPairs, errors = NO_ERRORS, seed } = input;
  const strata = strataOf(threshold);
  const seen = sizes.reduce((total, { pairs: size }) => total + size, 0);
  const given = tally(pairs, strata, sizes, { unseen: Math.max(0, allPairs - seen), errors });
  const random = seeded(seed);
  const resampled = resample(given, random);
  const found = countPairs(given);
  const rates = ratesOf(given, found, resampled);
  const here = rates.find((rate) => rate.threshold === threshold);
  return {
    threshold,
    faces,
    pairs: pairs.length,
    persons: given.persons,
    rates,
    chances: chancesOf(given, found, resampled),
    groups: slicesOf(pairs, given, groupNames, threshold, random),
    ageGaps: slicesOf(pairs, given, ageGapNames, threshold, random),
    enough: here?.falseMatchRate != null && here.falseNonMatchRate != null,
  };
}

const NO_ERRORS: ReviewerErrors = { falseSame: 0, falseDifferent: 0 };
