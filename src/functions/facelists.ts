import { recognitionOf } from '../domain/recognition.ts';
import { registerTimer } from '../wiring.ts';

/** Every minute: moves the oldest of many fresh faces to the trained lists. */
registerTimer('facelists', '30 * * * * *', async (app, _, signal) => {
  // Switched off, nothing is moved either: that would enrol a face anew.
  if (app.settings.FACE_ENDPOINT === undefined || recognitionOf(app.settings) !== 'allowed') return;
  await app.gallery().maintain((face) => app.imageOf(face.batchId, face.jobId, signal), signal);
});

/** Every hour: removes what the face index does not own from the face lists, once two sweeps have seen it. */
registerTimer('facelists-sweep', '0 17 * * * *', async (app, _, signal) => {
  // Also where recognition is switched off: what was enrolled before can be taken out.
  if (app.settings.FACE_ENDPOINT === undefined || app.settings.FACE_LIMITED_ACCESS === 'off') return;
  await app.gallery().sweep(signal);
});
