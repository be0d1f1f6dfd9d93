import { type Interval, wilson } from '../../domain/interval.ts';
import { FEWEST_PAIRS } from './estimate.ts';
import type { ReviewerErrors } from './tally.ts';

/** What a reviewer said of a pair whose answer is known. */
export interface KnownAnswer {
  readonly reviewer: string;
  readonly truth: 'same' | 'different';
  readonly said: 'same' | 'different';
}

/** How often a reviewer, or all of them, are wrong. Null where too few known pairs were shown. */
interface ReviewerFigures {
  readonly answers: number;
  /** Of pairs of two people, the share of which was said "same". */
  readonly falseSame: Interval | null;
  /** Of pairs of one person, the share of which was said "different". */
  readonly falseDifferent: Interval | null;
}

interface ReviewersMeasured {
  readonly all: ReviewerFigures;
  /** By name: for each to see their own, never each other's. */
  readonly each: ReadonlyMap<string, ReviewerFigures>;
}

/** Errors of reviewers from pairs whose answer is known. */
export function measureReviewers(answers: readonly KnownAnswer[]): ReviewersMeasured {
  const each = Map.groupBy(answers, ({ reviewer }) => reviewer);
  return {
    all: figuresOf(answers),
    each: new Map([...each].map(([reviewer, own]) => [reviewer, figuresOf(own)])),
  };
}

/** What a calibration takes off, where it is known of both kinds. */
export const errorsOf = ({ falseSame, falseDifferent }: ReviewerFigures): ReviewerErrors | undefined =>
  falseSame && falseDifferent
    ? { falseSame: falseSame.share, falseDifferent: falseDifferent.share }
    : undefined;

function figuresOf(answers: readonly KnownAnswer[]): ReviewerFigures {
  const wrongAmong = (truth: KnownAnswer['truth']) => {
    const shown = answers.filter((answer) => answer.truth === truth);
    if (shown.length < FEWEST_PAIRS) return null;
    return wilson(shown.filter(({ said }) => said !== truth).length, shown.length);
  };
  return {
    answers: answers.length,
    falseSame: wrongAmong('different'),
    falseDifferent: wrongAmong('same'),
  };
}
