import type { App } from '../../src/app.ts';
import { Eraser } from '../../src/erasure/eraser.ts';
import { eraseTooOld } from '../../src/erasure/retention.ts';
import { applyPending } from '../../src/pipeline/admin/apply-consent.ts';
import { silentLog } from '../../src/ports.ts';

const { signal } = new AbortController();

/** By how much the erasures' clock is ahead, in milliseconds. */
let ahead = 0;

export interface Timer {
  /**
   * What its function does, without the ages below which it leaves things alone.
   *
   * @param outside the same app past the wire, to look at what was done
   */
  run(app: App, outside: App): Promise<unknown>;
  /** The kinds of call that it makes in a round of these tests. */
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
  'facelists-sweep': {
    run: (app) => app.gallery().sweep(signal),
    calls: ['table list', 'face list', 'face list faces'],
  },
  erasures: {
    run: async (app, outside) => {
      // Every run is so much later that the lease of one that could not let go of it is over.
      ahead += 30 * 60_000;
      const clock = () => Date.now() + ahead;
      await new Eraser({ app, log: silentLog, settleMs: 0, clock }).resume(signal);
      // A run says nothing of an erasure that could not go on: the next one takes it up.
      const receipts = await new Eraser({ app: outside, log: silentLog }).receipts();
      if (receipts.some(({ state }) => state !== 'final')) throw new Error('An erasure is not final yet.');
    },
    calls: ['table list', 'table get', 'table merge', 'table delete', 'blob list', 'blob delete'],
  },
  retention: {
    run: (app) => eraseTooOld(app, app.eraser(silentLog), Date.now(), signal),
    calls: ['table list'],
  },
};
