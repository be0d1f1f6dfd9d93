import { registerTimer } from '../wiring.ts';

/** Done before the timer is due again. */
const BUDGET_MS = 45_000;

/** Every minute: makes the groups again that a photograph, an erasure or a crash has left to be made, the first time all of them. */
registerTimer(
  'people',
  '45 * * * * *',
  async (app, log, signal) => {
    const ends = Date.now() + BUDGET_MS;
    const people = await app.people();
    const images = await people.settleAll(() => signal.aborted || Date.now() > ends);
    if (images > 0) log.info('groups.settled', { images });
  },
  'administration',
);

/** Every night: erases persons whose time is over, with a receipt. */
registerTimer(
  'people-expired',
  '0 50 2 * * *',
  async (app, log, signal) => {
    const [{ eraseByClock }, { eraseExpiredPersons }] = await Promise.all([
      import('../erasure/by-clock.ts'),
      import('../erasure/expired.ts'),
    ]);
    await eraseByClock(app, [eraseExpiredPersons], log, signal);
  },
  'administration',
);
