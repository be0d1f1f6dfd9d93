import { recognitionOf } from '../domain/recognition.ts';
import { registerTimer } from '../wiring.ts';

/** Done before the timer is due again. */
const BUDGET_MS = 45_000;

/** Every minute: goes on with a switch of models of recognition, wherever it stands. */
registerTimer('models', '15 * * * * *', async (app, log, signal) => {
  if (app.settings.FACE_ENDPOINT === undefined || recognitionOf(app.settings) !== 'allowed') return;
  const ends = Date.now() + BUDGET_MS;
  const { images, through } = await (await app.models()).proceed(log, signal, () => Date.now() > ends);
  if (images > 0) log.info('model.enrolled', { images, through });
});
