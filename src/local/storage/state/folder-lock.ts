import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Takes a folder for this process alone. The lock is the operating system's, on a file that SQLite holds open: it
 * ends with the process, however that ends.
 *
 * @throws {Error} when another process, or another instance in this one, has it
 */
export function lockFolder(folder: string): { release(): void } {
  const db = new DatabaseSync(path.join(folder, 'lock.db'));
  try {
    db.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new Error('another storage service works on it already: stop that one first');
  }
  return { release: () => db.close() };
}

const SQLITE_BUSY = 5;
