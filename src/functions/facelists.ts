import { registerTimer } from '../wiring.ts';

/** Every minute: moves the oldest of many fresh faces to the trained lists. */
registerTimer('facelists', '30 * * * * *', async (app, _, signal) => {
  if (app.settings.FACE_ENDPOINT === undefined || app.settings.FACE_LIMITED_ACCESS === 'off') return;
  // No more than what is taken out: moving a face on would enrol it anew.
  if (app.settings.FACE_RECOGNITION === 'off') return;
  await app.gallery().maintain((face) => app.imageOf(face.batchId, face.jobId, signal), signal);
});

/** Every hour: removes what the face index does not own from the face lists, once two sweeps have seen it. */
registerTimer('facelists-sweep', '0 17 * * * *', async (app, _, signal) => {
  if (app.settings.FACE_ENDPOINT === undefined || app.settings.FACE_LIMITED_ACCESS === 'off') return;
  await app.gallery().sweep(signal);
});
