import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { readInstance, writeInstance } from '../../cli/instance.ts';
import { copyDurably, sync } from './durable.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { DataFolderError } from './parts.ts';

/**
 * Makes a data folder of a backup. It appears whole or not at all; what an interrupted restore left is made anew.
 *
 * @throws {DataFolderError} where the backup is not whole, or there is data in the folder already
 */
export async function restore(from: string, root: string): Promise<Manifest> {
  const manifest = await readManifest(from);
  if (existsSync(root) && (await readdir(root)).length > 0) {
    throw new DataFolderError(
      `There is data in ${root} already, and nothing is overwritten: move that folder away, or name another with --data.`,
    );
  }
  const draft = `${root}.restoring`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile()) await copyDurably(file, path.join(draft, path.relative(from, file)));
  }
  for (const name of manifest.databases) {
    if (!existsSync(path.join(draft, name))) {
      throw new DataFolderError(`${from} is no whole backup: its ${name} is missing.`);
    }
  }
  const instance = await readInstance(draft);
  if (instance?.settings.SQLITE_PATH !== undefined) {
    const settings = { ...instance.settings, SQLITE_PATH: path.join(root, 'results.db') };
    await writeInstance(draft, { ...instance, settings });
  }
  if (existsSync(root)) await rmdir(root);
  await rename(draft, root);
  await sync(path.dirname(root));
  return manifest;
}
