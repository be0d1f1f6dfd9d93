import { seeded } from '../../../src/domain/seeded.ts';
import type { CalibrationInput } from '../../../src/people/calibration/calibrate.ts';
import type { DecidedPair } from '../../../src/people/calibration/pair.ts';
import { strataOf, stratumIndex } from '../../../src/people/calibration/strata.ts';

/**
 * An archive whose errors are known exactly: confidences of pairs of one person are normal around 0.7, those of two
 * people around 0.05; each person is easier or harder than others, so that pairs of one person are alike. What lies
 * beyond 0 and 1 is left there: only the order matters.
 */
const GENUINE = { mean: 0.7, spread: Math.hypot(0.13, 0.09) };
const STRANGER = { mean: 0.05, spread: Math.hypot(0.1, 0.04, 0.04) };

/** The error rates that the model has at a threshold, in closed form. */
export const truth = (threshold: number) => ({
  falseMatchRate: 1 - normalShare((threshold - STRANGER.mean) / STRANGER.spread),
  falseNonMatchRate: normalShare((threshold - GENUINE.mean) / GENUINE.spread),
});

/** @param perStratum decided pairs of each stratum, where it has as many */
export function archive(
  seed: number,
  { persons = 120, perStratum = 60, reviewers = { falseSame: 0, falseDifferent: 0 }, threshold = 0.5 } = {},
): CalibrationInput & { confidences: { confidence: number; same: boolean }[] } {
  const random = seeded(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const faces: { person: number }[] = [];
  const ease = Array.from({ length: persons }, () => ({ own: normal() * 0.09, others: normal() * 0.04 }));
  for (let person = 0; person < persons; person += 1) {
    for (let face = 0; face < 2 + Math.floor(random() * 3); face += 1) faces.push({ person });
  }
  const strata = strataOf(threshold);
  const held: DecidedPair[][] = strata.map(() => []);
  const confidences: { confidence: number; same: boolean }[] = [];
  let allPairs = 0;
  const sameBelow: DecidedPair[] = [];
  for (let a = 0; a < faces.length; a += 1) {
    for (let b = a + 1; b < faces.length; b += 1) {
      const [one, other] = [faces[a]?.person as number, faces[b]?.person as number];
      const same = one === other;
      const confidence = same
        ? GENUINE.mean + normal() * 0.13 + (ease[one]?.own as number)
        : STRANGER.mean + normal() * 0.1 + (ease[one]?.others as number) + (ease[other]?.others as number);
      allPairs += 1;
      confidences.push({ confidence, same });
      const pair = { confidence, same, persons: [`p${one}`, `p${other}`] as const };
      const stratum = stratumIndex(strata, confidence);
      if (stratum >= 0) held[stratum]?.push(pair);
      else if (same) sameBelow.push(pair);
    }
  }
  const said = (pair: DecidedPair): DecidedPair => {
    const errs = random() < (pair.same ? reviewers.falseDifferent : reviewers.falseSame);
    return errs ? { ...pair, same: !pair.same } : pair;
  };
  return {
    threshold,
    faces: faces.length,
    sizes: strata.map(({ from }, at) => ({ from, pairs: held[at]?.length ?? 0 })),
    pairs: [...held.flatMap((pairs) => drawn(pairs, perStratum, random)), ...sameBelow].map(said),
    allPairs,
    errors: reviewers,
    seed,
    confidences,
  };
}

function drawn<T>(items: readonly T[], count: number, random: () => number): T[] {
  const left = [...items];
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(Math.floor(random() * left.length), 1),
  ).flat();
}

/** The share of the standard normal below z. Abramowitz and Stegun 7.1.26, to 1.5e-7. */
export function normalShare(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const tail =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) *
    t *
    Math.exp(-x * x);
  return z >= 0 ? 1 - tail / 2 : tail / 2;
}
