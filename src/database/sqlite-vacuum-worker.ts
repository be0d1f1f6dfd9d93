import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** The engine waits for whoever writes or reads that long: nobody else waits for this thread. */
const WAIT_MS = 10_000;

const database = new DatabaseSync(String(workerData), { timeout: WAIT_MS });
try {
  database.exec(
    'PRAGMA secure_delete = ON; VACUUM; PRAGMA user_version = 1; PRAGMA wal_checkpoint(TRUNCATE)',
  );
  parentPort?.postMessage({});
} catch (error) {
  const { message, errcode } = error as { message: string; errcode?: unknown };
  parentPort?.postMessage({ error: { message, errcode } });
} finally {
  database.close();
}
