import { registerTimer } from '../wiring.ts';

/** Of each minute: a longer sweep is gone on with in the next. */
const SWEEP_MS = 40_000;

/** Every minute: goes on with erasures that were interrupted, and with the sweep that those wait for which have had time to settle. */
registerTimer(
  'erasures',
  '15 * * * * *',
  async (app, log, signal) => {
    await (await app.eraser(log)).resume(signal, { budgetMs: SWEEP_MS, atEase: true });
  },
  'administration',
);

type Work = Parameters<typeof registerTimer>[2];

/** What goes by its age or expiry. @param persons whether they, too: in a night they have a timer of their own */
const eraseDue =
  (persons: boolean): Work =>
  async (app, log, signal) => {
    const [
      { eraseByClock },
      { eraseExpired, eraseExpiredEnquiries, eraseExpiredPersons },
      { describeRetention, eraseTooOld },
      { eraseOldFaceprints },
    ] = await Promise.all([
      import('../erasure/by-clock.ts'),
      import('../erasure/expired.ts'),
      import('../erasure/retention.ts'),
      import('../erasure/faceprint-retention.ts'),
    ]);
    log.info('retention', describeRetention(app.settings));
    const works = [eraseExpiredEnquiries, eraseExpired, eraseTooOld, eraseOldFaceprints];
    await eraseByClock(app, persons ? [...works, eraseExpiredPersons] : works, log, signal);
  };

/** Every night: erases what is in batches that have expired, and what is older than RETENTION_DAYS and its kin say. */
registerTimer('retention', '0 40 2 * * *', eraseDue(false), 'administration');

/** Every hour: the same where no night has done it. A laptop may be off in each of them. */
registerTimer(
  'retention-missed',
  '0 10 * * * *',
  async (app, log, signal) => {
    const { isNightMissed } = await import('../erasure/clock-doubt.ts');
    if (await isNightMissed(app.storage, app.clock())) await eraseDue(true)(app, log, signal);
  },
  'administration',
);
