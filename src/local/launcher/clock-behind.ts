import { stat } from 'node:fs/promises';
import { CLOCKS_DIFFER_MS } from '../../domain/wrong-clock.ts';

/**
 * A machine without a battery for its clock begins in 1970: what arrives then carries that date, and retention, which
 * counts days, would take it for old.
 *
 * @param files that are written to while an instance runs; which of them are missing is no matter
 * @param now milliseconds since the epoch
 * @returns a sentence where the clock is behind the last write by more than an hour
 */
export async function clockBehind(files: readonly string[], now: number): Promise<string | undefined> {
  const times = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  const last = Math.max(...times);
  if (last <= now + CLOCKS_DIFFER_MS) return undefined;
  return `The clock of this machine says ${shown(now)}, and the data folder was last written to at ${shown(last)}. If the clock is behind, stop with Ctrl-C, set it and start again: photographs that arrive now would carry its date, by which retention counts the days.`;
}

const shown = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
