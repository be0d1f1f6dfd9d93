import type { Interval } from '../../domain/interval.ts';
import type { ArchiveWorth } from '../../domain/match-worth.ts';
import type { Calibration } from './calibrate.ts';
import { chanceAmong } from './chance.ts';
import { stratumIndex } from './strata.ts';

/**
 * @param confidence 0 to 1, as the service gave it
 * @param faces in the archive now; those at the time of the calibration are known to it
 */
export function worthByCalibration(
  { chances, rates, faces: then }: Calibration,
  confidence: number,
  faces: number,
): ArchiveWorth {
  const at = stratumIndex(chances, confidence);
  const chance = chances[at]?.chance ?? null;
  const rate = rates[at]?.falseMatchRate ?? null;
  return {
    chance: chance && mapInterval(chance, (share) => chanceAmong(share, then, faces)),
    falseCandidates: rate && mapInterval(rate, (share) => share * faces),
  };
}

const mapInterval = ({ share, low, high }: Interval, change: (share: number) => number): Interval => ({
  share: change(share),
  low: change(low),
  high: change(high),
});
