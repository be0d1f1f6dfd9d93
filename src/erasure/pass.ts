import { UnavailableError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import { SettingsError } from '../domain/settings.ts';
import type { Hold } from './hold.ts';
import type { Entry } from './ledger.ts';
import { patiently } from './patience.ts';
import type { Place } from './place.ts';
import { noteFound, noteRemaining, noteUnknown, type Receipt, remainingIn, remainingOf } from './receipt.ts';
import type { Look, Target } from './subjects.ts';

/** After so long, in milliseconds, it is written down which places are through. */
const SAVE_EVERY_MS = 1000;

/**
 * One pass of an erasure over the places where the images' own rows lead: counts each, erases where something is, and
 * counts there again. One that was interrupted goes on, and reports no less.
 */
export async function eraseFrom(
  places: readonly Place[],
  hold: Hold<Entry>,
  target: Target,
  look: Look & { clock: Clock },
): Promise<void> {
  const { entry } = hold;
  const { receipt } = entry;
  if (!entry.counted) {
    for (const place of places)
      await asking(place, receipt, look, async () => noteFound(receipt, await place.count(target, look)));
    // What was found is written down before it goes.
    entry.counted = true;
    if (remainingIn(receipt) > 0) await hold.keep();
  }
  let savedAt = look.clock();
  for (const [index, place] of places.entries()) {
    const left = place.stores.map(({ name }) => remainingOf(receipt, name));
    // What could not be counted is left alone: nothing goes of which the receipt would not tell.
    if (index < entry.placesDone || left.includes(null) || left.every((count) => count === 0)) continue;
    await asking(place, receipt, look, async () => {
      await place.erase(target, look);
      const why = 'It could not be deleted yet, or was written meanwhile.';
      noteRemaining(receipt, await place.count(target, look), why);
    });
    entry.placesDone = index + 1;
    if (look.clock() - savedAt < SAVE_EVERY_MS) continue;
    await hold.keep();
    savedAt = look.clock();
  }
  Object.assign(entry, { counted: false, placesDone: 0 });
}

/** A service may not be asked now: the other places do not wait for it. */
async function asking(
  place: Place,
  receipt: Receipt,
  { signal }: Look,
  work: () => Promise<void>,
): Promise<void> {
  signal.throwIfAborted();
  try {
    await patiently(work, signal);
  } catch (error) {
    if (!(error instanceof UnavailableError || error instanceof SettingsError)) throw error;
    const names = place.stores.map(({ name }) => name);
    noteUnknown(receipt, names, `It could not be counted: ${error.message}`);
  }
}
