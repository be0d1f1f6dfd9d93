import type { HostLog } from '../log.ts';

/** As often the platform starts a worker anew whose start failed. */
const RESTARTS = 3;

/**
 * Runs the `appStart` hooks as the platform does: one that throws ends the worker, which is started again, and after
 * three restarts in vain the app has no functions. The host itself stays up and says no more than this. Here the worker
 * is this process, so that of its restarts the hooks alone are run again.
 *
 * @returns whether the app has started
 */
export async function startWorker(runHooks: () => Promise<void>, log: HostLog): Promise<boolean> {
  for (let restart = 0; restart <= RESTARTS; restart += 1) {
    try {
      await runHooks();
      return true;
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      // The platform keeps the reason to itself; whoever runs this host is at work on the app.
      const then = restart < RESTARTS ? 'The worker is started again.' : 'It is not started again.';
      log.system('warning', `An appStart hook failed. ${then} ${reason}`);
    }
  }
  log.system(
    'error',
    'Exceeded language worker restart retry count for runtime:node. Shutting down and proactively recycling the Functions Host to recover',
  );
  return false;
}
