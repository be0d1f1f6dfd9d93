import type { Interval } from '../../domain/interval.ts';
import { estimate, neverSeen } from './estimate.ts';
import type { Counted, Tally } from './tally.ts';

/** How often candidates of a stratum are right, in an archive of the size in which the pairs were decided. */
export interface ChanceAt {
  readonly from: number;
  readonly to: number;
  /** Decided pairs in it. */
  readonly decided: number;
  /** Null where nothing in it was decided. */
  readonly chance: Interval | null;
}

/** The chance, stratum by stratum: never falling with confidence, for a surer candidate is not less often right. */
export function chancesOf(given: Tally, found: Counted, resampled: readonly Counted[]): ChanceAt[] {
  const decided = given.strata.map((_, at) => given.pairs.filter(({ stratum }) => stratum === at).length);
  const risen = rising(found);
  const others = resampled.map(rising);
  return given.strata.map(({ from, to }, at) => {
    const share = risen[at] as number;
    const known = decided[at] as number;
    return {
      from,
      to,
      decided: known,
      chance:
        known === 0 || !Number.isFinite(share)
          ? null
          : estimate(
              share,
              others.map((chances) => chances[at] as number),
              neverSeen(known),
            ),
    };
  });
}

/** Pool-adjacent-violators over the strata: the rising line that is nearest to the shares, by weight. */
function rising({ same, different }: Counted): number[] {
  const blocks: { share: number; weight: number; strata: number }[] = [];
  let empty = 0;
  for (let at = 0; at < same.length; at += 1) {
    const weight = (same[at] as number) + (different[at] as number);
    if (weight <= 0) {
      const last = blocks.at(-1);
      if (last) last.strata += 1;
      else empty += 1;
      continue;
    }
    let block = { share: clamp((same[at] as number) / weight), weight, strata: 1 };
    for (let last = blocks.at(-1); last && last.share >= block.share; last = blocks.at(-1)) {
      blocks.pop();
      const both = last.weight + block.weight;
      block = {
        share: (last.share * last.weight + block.share * block.weight) / both,
        weight: both,
        strata: last.strata + block.strata,
      };
    }
    blocks.push(block);
  }
  return [
    ...Array<number>(empty).fill(Number.NaN),
    ...blocks.flatMap(({ share, strata }) => Array<number>(strata).fill(share)),
  ];
}

const clamp = (share: number): number => Math.min(1, Math.max(0, share));

/**
 * A chance as it is in an archive of another size: false candidates grow with its faces, the right one stays one, so the
 * odds fall as the archive grows.
 *
 * @param chance 0 to 1, among `then` faces
 */
export function chanceAmong(chance: number, then: number, now: number): number {
  if (chance <= 0 || chance >= 1 || then <= 0 || now <= 0) return chance;
  const odds = (chance / (1 - chance)) * (then / now);
  return odds / (1 + odds);
}
