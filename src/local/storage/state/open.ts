import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Checkpoints } from './checkpoints.ts';
import { DATABASE_FILE, openDatabase, whyUnusable } from './database.ts';
import { lockFolder } from './folder-lock.ts';
import { GroupCommit, type StoragePoint } from './group-commit.ts';
import { LogSync } from './log-sync.ts';
import type { State } from './state.ts';

interface OpenState extends State {
  close(): Promise<void>;
}

interface StateOptions {
  readonly clock: () => number;
  readonly at?: (point: StoragePoint) => void;
  /** See `GroupOptions`. */
  readonly onLost?: (error: unknown) => void;
}

/** Opens the folder for this process alone. @throws {Error} a sentence that names the folder and what to do */
export function openState(folder: string, { at = () => {}, onLost }: StateOptions): OpenState {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const lock = lockFolder(folder);
    try {
      const db = openDatabase(folder);
      const log = new LogSync(path.join(folder, `${DATABASE_FILE}-wal`));
      const group = new GroupCommit(db, { at, sync: log.sync, ...(onLost && { onLost }) });
      const checkpoints = new Checkpoints(db, group, path.join(folder, DATABASE_FILE), at);
      return {
        folder,
        db,
        group,
        at,
        close: async () => {
          await group.settled();
          await checkpoints.close();
          log.close();
          db.close();
          lock.release();
        },
      };
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    throw new Error(`The storage folder ${folder} cannot be used: ${whyUnusable(error)}.`);
  }
}
