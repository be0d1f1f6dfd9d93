import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { sync } from './durable.ts';
import { DataFolderError } from './parts.ts';

/** Written last: a backup without it is not whole. */
const MANIFEST = 'backup.json';

const schema = z.object({
  version: z.literal(1),
  /** ISO 8601, UTC: when the copy of the storage was taken. */
  takenAt: z.string(),
  /** Names of the databases in it. */
  databases: z.array(z.string()),
  /** Files of large blobs in it. */
  files: z.int(),
});

export type Manifest = z.infer<typeof schema>;

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const file = path.join(folder, MANIFEST);
  await writeFile(file, `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 });
  await sync(file);
  await sync(folder);
}

/** @throws {DataFolderError} where the folder is no backup, or not a whole one */
export async function readManifest(folder: string): Promise<Manifest> {
  try {
    return schema.parse(JSON.parse(await readFile(path.join(folder, MANIFEST), 'utf8')));
  } catch {
    throw new DataFolderError(
      `${folder} is no whole backup: it has no ${MANIFEST} that this version can read. Take another with "imaginem backup <folder>".`,
    );
  }
}
