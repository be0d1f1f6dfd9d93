/** The worker of `filled.ts` that writes the results: it says how far it is. */
import { DatabaseSync } from 'node:sqlite';
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
halfMayNotBeMatched(file);

/** The second half of the ids: a pair's other image is one of the first. */
function halfMayNotBeMatched(file: string): void {
  const database = new DatabaseSync(file);
  database.exec(`UPDATE pipeline_output SET do_not_match = 1 WHERE id > (SELECT id FROM pipeline_output ORDER BY id
    LIMIT 1 OFFSET (SELECT COUNT(*) / 2 FROM pipeline_output))`);
  database.close();
}
