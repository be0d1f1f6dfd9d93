/**
 * Copies the write-ahead log into the database, in a thread and with a connection of its own, so that no answer waits
 * for it. Passive: it takes no lock that a write needs.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** What a checkpoint found and did, in pages. */
export interface Checkpointed {
  readonly log: number;
  readonly checkpointed: number;
}

const db = new DatabaseSync(workerData as string);
db.exec(
  'PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA cache_size = -512',
);
const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');

parentPort?.on('message', (message) => {
  if (message === 'close') {
    db.close();
    parentPort?.close();
    return;
  }
  try {
    parentPort?.postMessage(checkpoint.get());
  } catch (error) {
    // Tried again with the next one; the log keeps everything meanwhile.
    parentPort?.postMessage({ log: 0, checkpointed: 0, failed: String(error) });
  }
});
