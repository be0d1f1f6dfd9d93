import { access } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../domain/ports.ts';
import type { DataFolder } from './data-folder.ts';
import { moveIn } from './move-in/move-in.ts';
import type { StorageKind } from './options.ts';

/** Azurite writes it with its first container. */
const AZURITE_FILE = '__azurite_db_blob__.json';

/** The service that an instance runs on. Data that an earlier version left in Azurite moves in first. */
export async function storageKindOf(
  asked: StorageKind,
  folder: DataFolder,
  clock: Clock,
  say: (sentence: string) => void,
): Promise<StorageKind> {
  if (asked === 'azurite' || (await exists(folder.storage))) return asked;
  if (!(await exists(path.join(folder.azurite, AZURITE_FILE)))) return asked;
  await moveIn(folder, clock, say);
  return asked;
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
