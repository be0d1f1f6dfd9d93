import { eraseExpired } from '../erasure/expired.ts';
import { describeRetention, eraseOldFaceprints, eraseTooOld } from '../erasure/retention.ts';
import { registerTimer } from '../wiring.ts';

/** Every minute: goes on with erasures that were interrupted, and counts those again that have had time to settle. */
registerTimer('erasures', '15 * * * * *', async (app, log, signal) => {
  await app.eraser(log).resume(signal);
});

/** Every night: erases what is in batches that have expired, and what is older than RETENTION_DAYS and its kin say. */
registerTimer('retention', '0 40 2 * * *', async (app, log, signal) => {
  const eraser = app.eraser(log);
  const now = app.clock();
  log.info('retention', describeRetention(app.settings));
  await eraseExpired(app, eraser, now, signal);
  await eraseTooOld(app, eraser, now, signal);
  await eraseOldFaceprints(app, eraser, now, signal);
});
