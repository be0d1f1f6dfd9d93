import { type Interval, wilson } from '../../domain/interval.ts';
import { FEWEST_PAIRS } from './estimate.ts';
import type { Answer } from './known.ts';

/** What was said of pairs whose answer is known. */
export interface KnownAnswer {
  readonly truth: Answer;
  readonly said: Answer;
  /** How often. */
  readonly times: number;
}

/** How often a reviewer, or all of them, are wrong. Null where too few known pairs were shown. */
export interface ReviewerFigures {
  readonly answers: number;
  /** Of pairs of two people, the share of which was said "same". */
  readonly falseSame: Interval | null;
  /** Of pairs of one person, the share of which was said "different". */
  readonly falseDifferent: Interval | null;
}

/** Errors from answers about pairs whose answer is known. */
export function figuresOf(answers: readonly KnownAnswer[]): ReviewerFigures {
  const count = (some: readonly KnownAnswer[]) => some.reduce((sum, { times }) => sum + times, 0);
  const wrongAmong = (truth: Answer) => {
    const shown = answers.filter((answer) => answer.truth === truth);
    const trials = count(shown);
    if (trials < FEWEST_PAIRS) return null;
    return wilson(count(shown.filter(({ said }) => said !== truth)), trials);
  };
  return {
    answers: count(answers),
    falseSame: wrongAmong('different'),
    falseDifferent: wrongAmong('same'),
  };
}
