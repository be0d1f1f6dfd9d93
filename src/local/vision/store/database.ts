import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS face_id (
  id TEXT PRIMARY KEY,
  faceprint BLOB NOT NULL,
  recognition_model TEXT NOT NULL,
  expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS face_id_expires ON face_id (expires);

CREATE TABLE IF NOT EXISTS face_list (
  key INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  user_data TEXT,
  recognition_model TEXT NOT NULL,
  training_started INTEGER,
  training_ends INTEGER,
  training_faces INTEGER,
  training_seq INTEGER,
  trained_seq INTEGER,
  trained_at INTEGER,
  UNIQUE (kind, id)
);

CREATE TABLE IF NOT EXISTS persisted_face (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  list INTEGER NOT NULL REFERENCES face_list (key) ON DELETE CASCADE,
  id TEXT NOT NULL,
  user_data TEXT,
  faceprint BLOB NOT NULL,
  UNIQUE (list, id)
);

CREATE TABLE IF NOT EXISTS read_operation (
  id TEXT PRIMARY KEY,
  status TEXT NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  result TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS read_operation_created ON read_operation (created);
`;

const LOCK_FILE = 'lock.db';

/**
 * Opens the engine's database.
 *
 * - WAL with synchronous FULL: an enrolled face that was answered with 200 survives a power cut, as the service's does.
 *   The sync costs a millisecond or two beside the third of a second that finding the face took.
 * - A lock of its own, on a database beside it that is attached, held until the connection ends: the indexes in memory are
 *   only right while this process is the sole writer. Not on the database itself, which backups and checks read meanwhile.
 * - secure_delete: an erased faceprint is overwritten, not merely unlinked.
 *
 * @param dataDir folder, made when missing; undefined keeps everything in memory
 * @throws {Error} when another engine holds the folder
 */
export function openDatabase(dataDir: string | undefined): DatabaseSync {
  if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(dataDir === undefined ? ':memory:' : join(dataDir, 'engine.db'));
  try {
    if (dataDir !== undefined) {
      db.prepare('ATTACH ? AS held').run(join(dataDir, LOCK_FILE));
      // The lock comes with the first write, and in this mode it stays.
      db.exec('PRAGMA held.locking_mode = EXCLUSIVE; PRAGMA held.user_version = 1;');
    }
    db.exec(
      'PRAGMA main.journal_mode = WAL; PRAGMA main.synchronous = FULL; ' +
        'PRAGMA main.secure_delete = ON; PRAGMA foreign_keys = ON;',
    );
    db.exec(SCHEMA);
  } catch (error) {
    db.close();
    if (error instanceof Error && /locked|busy/i.test(error.message)) {
      throw new Error(
        'The data folder of the vision engine is in use by another engine. Stop that one, or give this one a folder of its own with --data.',
        { cause: error },
      );
    }
    throw error;
  }
  return db;
}

/**
 * Brings the log into the file, where what was deleted is overwritten, and empties it.
 *
 * @returns false where somebody reads at this moment (a backup): then it is for the next time
 */
export function emptyLog(db: DatabaseSync): boolean {
  return Number(db.prepare('PRAGMA main.wal_checkpoint(TRUNCATE)').get()?.busy) === 0;
}

/** Runs `work` in one transaction; whatever it throws rolls everything back. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}

export function toBlob(faceprint: ArrayLike<number>): Uint8Array {
  return new Uint8Array(Float32Array.from(faceprint).buffer);
}

export function fromBlob(blob: Uint8Array): Float32Array {
  // Copied: SQLite's bytes need not lie on a four-byte boundary.
  return new Float32Array(blob.slice().buffer);
}
