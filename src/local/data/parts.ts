import { existsSync } from 'node:fs';
import path from 'node:path';
import { INSTANCE_FILE, readInstance } from '../../cli/instance.ts';
import { DATABASE_FILE } from '../storage/state/database.ts';

/** A file of a data folder that a backup takes whole. */
export interface DataPart {
  /** Where it lives. */
  readonly file: string;
  /** Its place in a backup, and in a folder made of one. */
  readonly name: string;
  /** As people are told: "storage". */
  readonly title: string;
}

/** The folder of the contents of large blobs, in the storage folder. */
export const CONTENTS = 'contents';
export const STORAGE = 'storage';
export const INSTANCE = INSTANCE_FILE;

/** What cannot be done with a data folder, in a sentence with what to do. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}

/**
 * The databases of a data folder, in the order in which a backup takes them. Storage comes first, for it says what is
 * still to be done: what a later part knows beyond it is done again on the restored folder, and comes out the same.
 * Taken after the results, storage could say that an image is done whose row the backup lacks.
 *
 * @throws {DataFolderError} where there is no storage of our own in it
 */
export async function databasesOf(root: string): Promise<DataPart[]> {
  const storage = path.join(root, STORAGE, DATABASE_FILE);
  if (!existsSync(storage)) {
    throw new DataFolderError(
      existsSync(path.join(root, 'azurite'))
        ? `The images in ${root} are kept by Azurite, which this command does not read. Start it once with "npm start": they are moved.`
        : `There is no data in ${root}: start an instance with "npm start", or name its folder with --data.`,
    );
  }
  const results = (await readInstance(root))?.settings.SQLITE_PATH ?? path.join(root, 'results.db');
  const parts: DataPart[] = [
    { file: storage, name: path.join(STORAGE, DATABASE_FILE), title: 'storage' },
    { file: path.join(root, 'engine', 'engine.db'), name: path.join('engine', 'engine.db'), title: 'engine' },
    { file: results, name: 'results.db', title: 'results' },
  ];
  return parts.filter(({ file }) => existsSync(file));
}
