import { access } from 'node:fs/promises';
import path from 'node:path';
import type { DataFolder } from './data-folder.ts';
import type { StorageKind } from './options.ts';

/** Azurite writes it with its first container. */
const AZURITE_FILE = '__azurite_db_blob__.json';

/** The service that an instance runs on: what is asked for, unless the folder's data is Azurite's. */
export async function storageKindOf(
  asked: StorageKind,
  folder: DataFolder,
  say: (sentence: string) => void,
): Promise<StorageKind> {
  if (asked === 'azurite' || (await exists(folder.storage))) return asked;
  if (!(await exists(path.join(folder.azurite, AZURITE_FILE)))) return asked;
  say('The data of this folder is in Azurite: it goes on there.');
  return 'azurite';
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
