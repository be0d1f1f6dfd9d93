import { type Counted, countPairs, type Tally } from './tally.ts';

/** Enough for the ends of a 95 % interval to stand still in their second digit. */
const RESAMPLES = 400;

/**
 * The counts of samples as they might as well have come out: persons are drawn with replacement, as many as there are,
 * and a pair counts as often as its persons were drawn together. Pairs of one person are alike, so drawing pairs would
 * make intervals too narrow; drawing persons makes them rather too wide.
 */
export function resample(given: Tally, random: () => number, resamples = RESAMPLES): Counted[] {
  const counted: Counted[] = [];
  const times = new Int32Array(given.persons);
  for (let round = 0; round < resamples; round += 1) {
    times.fill(0);
    for (let draw = 0; draw < given.persons; draw += 1) {
      const person = Math.floor(random() * given.persons);
      times[person] = (times[person] as number) + 1;
    }
    counted.push(countPairs(given, times));
  }
  return counted;
}
