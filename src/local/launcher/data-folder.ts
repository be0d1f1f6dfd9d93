import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { INSTANCE_FILE } from '../../cli/instance.ts';
import { makePrivate, narrowedSentence } from '../../domain/private-files.ts';

/** Where everything of one local instance lives; deleting the folder starts anew. */
export interface DataFolder {
  readonly root: string;
  /** The storage service's database and contents. */
  readonly storage: string;
  /** Azurite's files, where that is used. */
  readonly azurite: string;
  /** The vision engine's face lists. */
  readonly engine: string;
  readonly logs: string;
  readonly lock: string;
  readonly instance: string;
  /** Results, as one SQLite file. */
  readonly results: string;
}

/**
 * @param given relative paths count from the working folder
 * @param warn told, in a sentence, where others could read the folder
 */
export async function openDataFolder(given: string, warn: (sentence: string) => void): Promise<DataFolder> {
  const root = path.resolve(given);
  const folder: DataFolder = {
    root,
    storage: path.join(root, 'storage'),
    azurite: path.join(root, 'azurite'),
    engine: path.join(root, 'engine'),
    logs: path.join(root, 'logs'),
    lock: path.join(root, 'lock'),
    instance: path.join(root, INSTANCE_FILE),
    results: path.join(root, 'results.db'),
  };
  // Photographs of people: for the one who runs this only.
  await mkdir(root, { recursive: true, mode: 0o700 });
  const sentence = narrowedSentence(root, makePrivate(root));
  if (sentence !== undefined) warn(sentence);
  await Promise.all([folder.engine, folder.logs].map((sub) => mkdir(sub, { recursive: true, mode: 0o700 })));
  return folder;
}

/** Files that a running instance writes to all the time. */
export const writtenTo = ({ results, storage, logs }: DataFolder): string[] => [
  results,
  `${results}-wal`,
  ...['storage.db', 'storage.db-wal'].map((file) => path.join(storage, file)),
  ...['host.log', 'storage.log'].map((file) => path.join(logs, file)),
];
