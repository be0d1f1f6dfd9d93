import { constants } from 'node:fs';
import { copyFile, mkdir, open, stat } from 'node:fs/promises';
import path from 'node:path';

/** Copies a file so that it is there after a power cut; shares its blocks where the file system can. */
export async function copyDurably(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await sync(to);
}

/** Makes the content of a file, or the names in a folder, last. */
export async function sync(name: string): Promise<void> {
  // Windows keeps names in a log of its own, and has no fsync of a folder.
  if (process.platform === 'win32' && (await stat(name)).isDirectory()) return;
  const handle = await open(name, 'r+').catch(() => open(name, 'r'));
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
