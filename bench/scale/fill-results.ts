/** The worker of `filled.ts` that writes the results: it says how far it is. */
import { parentPort, workerData } from 'node:worker_threads';
import { buildSet } from '../api/build-set.ts';
import type { ResultsToFill } from './filled.ts';

const { file, images, ids } = workerData as ResultsToFill;
const order = Uint32Array.from(ids.keys()).sort((one, other) =>
  (ids[one] ?? '') < (ids[other] ?? '') ? -1 : 1,
);
await buildSet(file, images, (words) => parentPort?.postMessage(`results: ${words}`), {
  idOf: (n) => ids[n] ?? '',
  order,
});
