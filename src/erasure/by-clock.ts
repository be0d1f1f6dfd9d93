import type { Clock, Log } from '../domain/ports.ts';
import { isClockDoubted } from './clock-doubt.ts';
import type { Eraser } from './eraser.ts';
import type { ErasureParts } from './place.ts';

type ByClock<Parts> = (app: Parts, eraser: Eraser, now: number, signal: AbortSignal) => Promise<unknown>;

/**
 * The door of everything that goes by its age or expiry and not because a person asks: closed while the clock is doubted.
 * None of the works holds up the others.
 *
 * @throws what the first of them threw that failed
 */
export async function eraseByClock<
  Parts extends Pick<ErasureParts, 'storage'> & { clock: Clock; eraser(log: Log): Promise<Eraser> },
>(app: Parts, works: readonly ByClock<Parts>[], log: Log, signal: AbortSignal): Promise<void> {
  const now = app.clock();
  if (await isClockDoubted(app.storage, now, log)) return;
  const eraser = await app.eraser(log);
  const ends = [];
  for (const work of works) ends.push(...(await Promise.allSettled([work(app, eraser, now, signal)])));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
