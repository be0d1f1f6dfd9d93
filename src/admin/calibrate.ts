import { randomInt, randomUUID } from 'node:crypto';
import { calibrate } from '../people/calibration/calibrate.ts';
import type { CalibrationLedger, KeptCalibration } from '../people/calibration/ledger.ts';
import type { Audited } from './audited.ts';

interface CalibrateDeps extends Audited {
  readonly ledger: CalibrationLedger;
  /** Of the recognition. */
  readonly model: string;
  /** `FACE_MATCH_CONFIDENCE`. */
  readonly threshold: number;
}

/**
 * Finds out from people's decisions what a match is worth, and keeps it. From then on, where there were enough, it
 * counts instead of published figures.
 *
 * @param seed of the resampling; random where absent, and kept with the result
 */
export async function makeCalibration(
  who: string,
  { ledger, model, threshold, audit }: CalibrateDeps,
  seed: number = randomInt(2 ** 31),
): Promise<KeptCalibration> {
  const id = randomUUID();
  await audit.record({ who, action: 'calibration.made', detail: { calibration: id, seed } });
  const evidence = await ledger.evidence(model, threshold);
  const result = calibrate({ ...evidence, threshold, seed });
  return ledger.keep(id, { by: who, model, seed, result });
}
