import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ContentFiles } from '../storage/state/content-files.ts';
import { ACCOUNT_FILE } from '../storage/state/database.ts';
import { fileContents, filesOf, sizeOf } from './contents.ts';
import { copyDurably, sync } from './durable.ts';
import { type Manifest, writeManifest } from './manifest.ts';
import { CONTENTS, DataFolderError, type DataPart, databasesOf, INSTANCE, STORAGE } from './parts.ts';

/** Files that were deleted while they were copied: so often the storage is looked at anew. */
const TRIES = 5;

/**
 * Copies a data folder, whose instance may run meanwhile, into a new folder. Each database is copied as of one moment;
 * see `databasesOf` for why their order makes the whole consistent.
 *
 * @throws {DataFolderError} where there is no data, or the target is not empty
 */
export async function backup(root: string, target: string, clock: () => number): Promise<Manifest> {
  const databases = await databasesOf(root);
  await mkdir(target, { recursive: true, mode: 0o700 });
  if ((await readdir(target)).length > 0) {
    throw new DataFolderError(`${target} is not empty: name a new folder for the backup.`);
  }
  const takenAt = new Date(clock()).toISOString();
  let files = 0;
  for (const part of databases) {
    if (part.title === 'storage') files = await backupStorage(root, target, part);
    else await copyDatabase(part.file, path.join(target, part.name));
  }
  for (const name of [INSTANCE, path.join(STORAGE, ACCOUNT_FILE)]) {
    const file = path.join(root, name);
    if (existsSync(file)) await copyDurably(file, path.join(target, name));
  }
  const manifest = { version: 1 as const, takenAt, databases: databases.map(({ name }) => name), files };
  await writeManifest(target, manifest);
  return manifest;
}

/** One consistent copy while others write; written anew, so that what was deleted is in none of its pages. */
async function copyDatabase(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
  await rm(to, { force: true });
  const db = new DatabaseSync(from, { readOnly: true, timeout: 30_000 });
  try {
    db.prepare('VACUUM INTO ?').run(to);
  } finally {
    db.close();
  }
  await sync(to);
  await sync(path.dirname(to));
}

/** @returns how many files of large blobs it has */
async function backupStorage(root: string, target: string, part: DataPart): Promise<number> {
  const copy = path.join(target, part.name);
  const source = new ContentFiles(path.join(root, STORAGE));
  const own = new ContentFiles(path.join(target, STORAGE));
  // First all files that are there: what is deleted from now on cannot be missed by the copy of the database.
  for await (const { id, file } of filesOf(path.join(root, STORAGE, CONTENTS))) {
    await copyDurably(file, own.path(id)).catch(orGone);
  }
  for (let tries = 1; ; tries += 1) {
    await copyDatabase(part.file, copy);
    const wanted = await missingFiles(copy, own);
    let gone = 0;
    for (const { id } of wanted) {
      if (!(await copyDurably(source.path(id), own.path(id)).then(() => true, orGone))) gone += 1;
    }
    if (gone === 0) break;
    if (tries === TRIES) {
      throw new DataFolderError(
        `${gone} files of blobs are missing from ${root}: see "imaginem check". The backup is not whole.`,
      );
    }
  }
  return await removeOthers(copy, own, path.join(target, STORAGE, CONTENTS));
}

/** A file is written whole before a database names it: one of another size was cut off by its copy. */
async function missingFiles(database: string, own: ContentFiles): Promise<{ id: number }[]> {
  const missing = new Map<number, { id: number }>();
  await eachFile(database, async ({ id, size }) => {
    if (((await sizeOf(own.path(id))) ?? -1) < size) missing.set(id, { id });
  });
  return [...missing.values()];
}

/** What the copied database does not name was on its way, or was deleted. */
async function removeOthers(database: string, own: ContentFiles, folder: string): Promise<number> {
  const named = new Set<number>();
  await eachFile(database, async ({ id }) => void named.add(id));
  for await (const { id, file } of filesOf(folder)) if (!named.has(id)) await rm(file);
  for (const group of new Set([...named].map((id) => path.dirname(own.path(id))))) await sync(group);
  return named.size;
}

async function eachFile(
  database: string,
  work: (content: { id: number; size: number }) => Promise<void>,
): Promise<void> {
  const db = new DatabaseSync(database, { readOnly: true });
  try {
    for (const content of fileContents(db)) await work(content);
  } finally {
    db.close();
  }
}

function orGone(error: unknown): false {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
  throw error;
}
