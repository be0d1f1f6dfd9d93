import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** `user_version` of a file in whose unused pages nothing is left of what was deleted from it. */
export const OVERWRITTEN = 1;

/** From TypeScript source the entry is a .ts, from dist a .js: as this file itself. */
const ENTRY = new URL(`./sqlite-vacuum-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Writes a file anew, without its unused pages, in a thread of its own: versions before deleted without overwriting, so
 * that unused pages of theirs still hold what was erased. A gigabyte takes some seconds, in which nobody else writes.
 */
export async function vacuumFile(path: string): Promise<void> {
  const worker = new Worker(ENTRY, { workerData: path, execArgv: [] });
  try {
    const { error } = await new Promise<{ error?: { message: string; errcode?: unknown } }>(
      (resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.once('exit', (code) =>
          reject(new Error(`The thread that writes the file anew ended with ${code}.`)),
        );
      },
    );
    if (error) throw Object.assign(new Error(error.message), error);
  } finally {
    await worker.terminate();
  }
}
