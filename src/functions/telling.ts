import { registerTimer } from '../wiring.ts';

/** Three times a minute: sends what no process could send at once, and sends again what was not taken. */
registerTimer(
  'telling',
  '5,25,45 * * * * *',
  async (app, log, signal) => {
    await app.telling.deliver(log, signal);
  },
  'administration',
);
