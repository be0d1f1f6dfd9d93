/** The worker of `filled.ts` that writes the results: it says how far it is. */
import { parentPort, workerData } from 'node:worker_threads';
import { buildSet } from '../api/build-set.ts';
import type { ResultsToFill } from './filled.ts';
import { setOf } from './set-of.ts';

const { file, images, ids } = workerData as ResultsToFill;
await buildSet(file, images, (words) => parentPort?.postMessage(`results: ${words}`), setOf(ids));
