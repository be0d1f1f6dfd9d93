import { endsOf100 } from '../../domain/interval.ts';
import { number, plural } from './plural.ts';

const per = (share: number, round = Math.round): string => {
  const percent = share * 100;
  const digits = percent >= 10 || percent === 0 ? 0 : 1 - Math.floor(Math.log10(percent));
  return `${(round(percent * 10 ** digits) / 10 ** digits).toFixed(digits)} %`;
};
/** The ends of an interval are rounded outwards: nothing reads as surer than it is. */
const from = (low: number): string => per(low, (value) => Math.floor(value + 1e-9));
const to = (high: number): string => per(high, (value) => Math.ceil(value - 1e-9));
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const many = (count: number): string =>
  count >= 10 ? number.format(Math.round(count)) : count.toPrecision(2);

/** What a match is worth here, in words that promise no more than was found out. */
export const calibration = {
  title: 'Calibration',
  intro:
    'How often a possible match is right depends on the people, the photographs, and on how many faces there are. What people have decided tells; until there is enough of it, published figures do.',
  now: (faces: number, model: string) =>
    `${plural(faces, 'face', 'faces')} in the archive, compared by ${model}.`,
  made: (by: string, when: string, pairs: number, persons: number) =>
    `Made by ${by} on ${when}, from ${plural(pairs, 'decided pair', 'decided pairs')} of ${plural(persons, 'person', 'persons')}.`,
  tooFew: 'Too few decisions to tell anything yet.',
  tooFewText: (pairs: number, persons: number) =>
    `Decided so far: ${plural(pairs, 'pair', 'pairs')} of ${plural(persons, 'person', 'persons')}. An error rate is told of 30 pairs and 20 persons at least.`,
  none: 'Nobody has calibrated here',
  noneText:
    'Draw pairs, have them decided in Review, then calibrate. Pairs below the threshold are among them: without these, misses would read zero.',
  published: 'Published figures of the engine',
  publishedText: 'They were measured on other people, not on yours, and say nothing of misses here.',
  publishedNone: 'Nobody has published figures of the service that answers here.',
  atConfidence: 'Confidence',
  wrongInSearch: 'Wrong candidates of one search',
  falseMatches: 'Of pairs of two people, offered',
  right: 'How many candidates are right',
  rightOf: (least: number, most: number, faces: number, share: number, low: number, high: number) => {
    const ends = endsOf100({ low, high });
    return `Of a hundred candidates between ${least.toFixed(2)} and ${most.toFixed(2)} in an archive of ${number.format(faces)} faces about ${Math.round(share * 100)} are right (between ${ends.low} and ${ends.high}).`;
  },
  rightUnknown: (least: number, most: number) =>
    `Between ${least.toFixed(2)} and ${most.toFixed(2)}: too few decided to tell.`,
  threshold: 'What a threshold costs',
  thresholdText:
    'Move along the curves to see what another threshold would cost. Nothing is set here: FACE_MATCH_CONFIDENCE is an app setting, and people move it.',
  thresholdLabel: 'Threshold to look at',
  isSet: (threshold: number) => `${threshold.toFixed(2)} is set now.`,
  at: (threshold: number) => `At ${threshold.toFixed(2)}:`,
  missed: (share: number, low: number, high: number) =>
    `${per(share)} of the pairs of one person are missed (between ${from(low)} and ${to(high)}).`,
  missedUnknown: 'How many pairs of one person are missed is not known: too few were decided.',
  offers: (count: number, low: number, high: number) =>
    `One search offers ${many(count)} wrong candidates (between ${many(low)} and ${many(high)}).`,
  offersUnknown: 'How many wrong candidates a search offers is not known: too few were decided.',
  missedChart: 'Missed pairs of one person, by threshold',
  offersChart: 'Wrong candidates of one search, by threshold',
  rightChart: 'Right candidates, by confidence',
  axisShare: (share: number) => `${short.format(share * 100)} %`,
  axisFigure: (value: number) => short.format(value),
  band: 'The band is where it would lie in 95 of 100 samples like this one.',
  groups: 'By group',
  groupsText: 'As the case data say; nothing is inferred from a face.',
  ageGaps: 'By years between two photographs',
  group: 'Group',
  pairs: 'Pairs',
  persons: 'Persons',
  missedColumn: 'Missed',
  wrongColumn: 'Wrong among offered',
  few: 'too few',
  interval: (share: number, low: number, high: number) => `${per(share)} (${from(low)} to ${to(high)})`,
  reviewers: 'How sure reviewers are',
  reviewersText:
    'Whoever agrees meets pairs in Review whose answer two people have given before. What is said of these joins and parts nobody; it tells how often one errs.',
  measuredOff: 'Nobody is measured: no rate is set.',
  measuredOn: (oneIn: number) =>
    `About one of ${number.format(oneIn)} pairs in Review is such a pair, for those who agree.`,
  agree: 'Agree to be measured',
  withdraw: 'No longer be measured',
  withdrawHint: 'Taking it back removes your answers.',
  agreed: 'You agreed to be measured.',
  withdrew: 'You are not measured any more, and your answers are gone.',
  ownFigures: 'Your own answers, seen by nobody else',
  groupFigures: (reviewers: number) =>
    `All together: ${number.format(reviewers)} ${reviewers === 1 ? 'reviewer has' : 'reviewers have'} agreed`,
  known: (same: number, different: number) =>
    `Pairs whose answer is known: ${number.format(same)} of one person, ${number.format(different)} of two.`,
  fewAnswered: 'fewer than three reviewers have answered',
  answers: 'Answers',
  falseSame: 'Two people, called the same',
  falseDifferent: 'One person, called different',
  rate: 'One known pair in so many (0: none)',
  saveRate: 'Set the rate',
  rateSet: 'The rate is set.',
  calibrate: 'Calibrate now',
  draw: 'Draw pairs for review',
  drawn: (pairs: number) =>
    pairs === 0
      ? 'No new pair was drawn.'
      : `${plural(pairs, 'new pair is', 'new pairs are')} mixed into Review.`,
  done: 'Calibrated.',
  print: 'Print the report',
  reportFor: 'Report for the data protection officer',
  method: 'How this was found out',
  methodText: [
    'People decided pairs of faces, some drawn from below the threshold. Each pair counts for as many as its stratum holds, so that a few pairs from a stratum of a million weigh as they should.',
    'Intervals come from drawing persons, not pairs, again and again: where no error was seen the interval still has an upper end.',
    'What people decided is taken for true. With unknown faces people err in one pair of five to ten.',
    'A possible match is never taken for a fact: of an enquiry two people decide before a find counts, and no threshold is set by the machine.',
  ],
};
