import { applyPending } from '../../src/admin/apply-consent.ts';
import { takeCensus } from '../../src/admin/standing/census.ts';
import type { App } from '../../src/app.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { Eraser } from '../../src/erasure/eraser.ts';
import { eraseExpired } from '../../src/erasure/expired.ts';
import { eraseOldFaceprints } from '../../src/erasure/faceprint-retention.ts';
import { eraseTooOld } from '../../src/erasure/retention.ts';

const { signal } = new AbortController();

const DAY_MS = 24 * 3600 * 1000;

/** By how much the clock of erasures is ahead, in milliseconds. */
let ahead = 0;

/** Every run is so much later that the lease of one that could not let go of it is over. */
function eraserOf(app: App, settleMs?: number): { eraser: Eraser; now: number } {
  ahead += 30 * 60_000;
  const clock = () => Date.now() + ahead;
  const settling = settleMs === undefined ? {} : { settleMs };
  return { eraser: new Eraser({ app, log: silentLog, clock, ...settling }), now: clock() };
}

export interface Timer {
  /**
   * What its function does, without the ages below which it leaves things alone.
   *
   * @param outside the same app past the wire, to look at what was done
   */
  run(app: App, outside: App): Promise<unknown>;
  /** The kinds of call that it makes in every round of the tests; what it makes now and then is another's here. */
  calls: readonly string[];
}

/** The timer functions by name. */
export const TIMERS: Record<string, Timer> = {
  reconcile: {
    run: async (app) => {
      await app.reconciler(0, 180_000).run(silentLog, signal);
      await applyPending(app, signal, silentLog);
    },
    calls: ['table get', 'table merge', 'table list', 'blob list', 'queue send'],
  },
  facelists: {
    run: (app) => app.gallery().maintain((face) => app.imageOf(face.batchId, face.jobId, signal), signal),
    calls: [
      ...['table get', 'table list', 'table merge', 'table delete', 'blob read'],
      ...['face add', 'face train', 'face training', 'face remove'],
    ],
  },
  models: {
    // Nobody switches here: what it does then has tests of its own (test/people/models).
    run: async (app) => (await app.models()).proceed(silentLog, signal, () => false),
    calls: ['table get'],
  },
  census: {
    run: (app) => takeCensus(app, signal, 1),
    calls: ['table list', 'table merge', 'table delete', 'blob list'],
  },
  'facelists-sweep': {
    run: (app) => app.gallery().sweep(signal),
    calls: ['table list', 'face list', 'face list faces'],
  },
  retention: {
    run: async (app) => {
      const { eraser, now } = eraserOf(app);
      for (const erase of [eraseExpired, eraseTooOld, eraseOldFaceprints])
        await erase(app, eraser, now + 2 * DAY_MS, signal);
    },
    calls: [
      ...['table list', 'table get', 'table insert', 'table merge', 'table delete'],
      ...['blob list', 'blob head', 'blob delete'],
    ],
  },
  erasures: {
    run: async (app, outside) => {
      await eraserOf(app, 0).eraser.resume(signal);
      // A run says nothing of an erasure that could not go on: the next one takes it up.
      const receipts = await new Eraser({ app: outside, log: silentLog }).receipts();
      if (receipts.some(({ state }) => state !== 'final')) throw new Error('An erasure is not final yet.');
    },
    calls: [
      ...['table list', 'table get', 'table merge', 'table delete', 'blob list', 'blob head', 'blob delete'],
      ...['queue other', 'face remove', 'face list', 'face list faces'],
    ],
  },
};
