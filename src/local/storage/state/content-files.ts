import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

const PER_FOLDER = 1000;

/**
 * Contents as files, each of a number of its own that is never used again: it is written where it stays and nothing
 * names it before the metadata is committed, so there is no state in between that a rename would have to hide.
 */
export class ContentFiles {
  readonly #root: string;
  readonly #made = new Set<string>();
  readonly #syncs = new Map<string, { running: Promise<void>; next: Promise<void> | undefined }>();

  constructor(folder: string) {
    this.#root = path.join(folder, 'contents');
  }

  path(id: number): string {
    return path.join(this.#folderOf(id), String(id));
  }

  /** Opens a new file for writing. */
  async create(id: number): Promise<FileHandle> {
    const folder = this.#folderOf(id);
    if (!this.#made.has(folder)) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await syncFolder(this.#root);
      await syncFolder(path.dirname(this.#root));
      this.#made.add(folder);
    }
    return open(this.path(id), constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
  }

  /** The name of a file that is written and fsynced is made to last, too; those who ask meanwhile share one fsync. */
  async keepName(id: number): Promise<void> {
    const folder = this.#folderOf(id);
    const current = this.#syncs.get(folder);
    if (current) {
      // What runs may have begun before this name was there.
      current.next ??= current.running.catch(() => {}).then(() => this.#sync(folder));
      return current.next;
    }
    return this.#sync(folder);
  }

  /** That it is gone already is no error. */
  async remove(id: number): Promise<void> {
    await rm(this.path(id), { force: true });
  }

  /** The numbers of all files whose number is at least `from` and below `to`. */
  async between(from: number, to: number): Promise<number[]> {
    const found: number[] = [];
    for (let first = from - (from % PER_FOLDER); first < to; first += PER_FOLDER) {
      const names = await readdir(this.#folderOf(first)).catch(() => []);
      for (const name of names) {
        const id = Number(name);
        if (id >= from && id < to) found.push(id);
      }
    }
    return found;
  }

  #sync(folder: string): Promise<void> {
    const entry = { running: syncFolder(folder), next: undefined };
    this.#syncs.set(folder, entry);
    return entry.running.finally(() => {
      if (this.#syncs.get(folder) === entry) this.#syncs.delete(folder);
    });
  }

  #folderOf(id: number): string {
    return path.join(this.#root, String(Math.floor(id / PER_FOLDER)));
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows has no such thing, and keeps names in its own log.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
