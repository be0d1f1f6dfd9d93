import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrate } from './schema.ts';

export const DATABASE_FILE = 'storage.db';

/** Where the account has another name than usual: data that moved in from Azurite keeps its own. */
export const ACCOUNT_FILE = 'account';

/** Pages kept in memory, in KiB (SQLite's negative unit). */
const CACHE_KIB = 8 * 1024;

/**
 * Opens the state. NORMAL: the log is fsynced before it is copied into the database, and by `LogSync` before anything
 * is answered; what opening itself writes is under FULL. `secure_delete`: what is deleted is overwritten.
 * Checkpoints are left to `Checkpoints`, which no write waits for.
 */
export function openDatabase(folder: string): DatabaseSync {
  const db = new DatabaseSync(path.join(folder, DATABASE_FILE));
  try {
    db.exec(`
      PRAGMA busy_timeout = 5000;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA fullfsync = ON;
      PRAGMA secure_delete = ON;
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA cache_size = -${CACHE_KIB};
      PRAGMA temp_store = MEMORY;
    `);
    migrate(db);
    db.exec('PRAGMA synchronous = NORMAL');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** SQLite's words for a folder that cannot be used, as a sentence for the operator. */
export function whyUnusable(error: unknown): string {
  const { errcode, code, message } = Object(error) as { errcode?: number; code?: string; message?: string };
  const primary = (errcode ?? 0) & 0xff;
  if (primary === 8 || code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return 'it cannot be written to: give this user the right to write there, or choose another folder';
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') return 'something that is no folder stands in its path';
  if (primary === 11 || primary === 26) {
    return `its database ${DATABASE_FILE} is damaged (${message}): restore the folder from a backup; nothing was changed`;
  }
  if (primary === 13 || code === 'ENOSPC') return 'its disk is full: free some space and start again';
  if (primary === 14)
    return 'its database cannot be opened: see that the folder exists and this user may write there';
  return message ?? String(error);
}
