import { applyPending } from '../admin/apply-consent.ts';
import type { Reconciler } from '../pipeline/rescue/reconcile.ts';
import { registerTimer } from '../wiring.ts';

/** Event Grid tries for longer, but an event this late is worth doubling. */
const MIN_AGE_MS = 10 * 60_000;
/** Done before the timer is due again, and far from the host's limit of ten minutes. */
const BUDGET_MS = 3 * 60_000;

let reconciler: Reconciler | undefined;

/** Every five minutes: an event for every image that no event has announced, and what was said of batches brought to their images. */
registerTimer('reconcile', '0 */5 * * * *', async (app, log, signal) => {
  reconciler ??= app.reconciler(MIN_AGE_MS, BUDGET_MS);
  await reconciler.run(log, signal);
  await applyPending(app, signal, log);
});
