import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Instance, Ports } from '../../cli/instance.ts';
import { ACCOUNT_FILE } from '../storage/state/database.ts';
import type { DataFolder } from './data-folder.ts';
import type { StorageKind } from './options.ts';

export interface StorageAccount {
  readonly name: string;
  /** Base64. */
  readonly key: string;
}

/** Azurite's published account: the same in every Azurite, a secret of nobody. */
export const AZURITE_ACCOUNT: StorageAccount = {
  name: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
};

/** Of our own service: part of every image's address, so it never changes. */
const OWN_ACCOUNT = 'imaginem';

const KEY_BYTES = 64;

/** The account of an instance: its key is random, made once per data folder and kept in its instance.json. */
export function storageAccount(
  kind: StorageKind,
  last: Instance | undefined,
  folder: Pick<DataFolder, 'storage'>,
): StorageAccount {
  if (kind === 'azurite') return AZURITE_ACCOUNT;
  const [, name, key] =
    /AccountName=([^;]+);AccountKey=([^;]+)/.exec(last?.settings.AzureWebJobsStorage ?? '') ?? [];
  // Azurite's key is a secret of nobody: with it this was an instance over Azurite.
  const before =
    name !== undefined && key !== undefined && key !== AZURITE_ACCOUNT.key ? { name, key } : undefined;
  // Backups of before have no such file, but the instance's.
  const own = accountName(folder.storage) ?? before?.name ?? OWN_ACCOUNT;
  if (before?.name === own) return before;
  return { name: own, key: randomBytes(KEY_BYTES).toString('base64') };
}

function accountName(storage: string): string | undefined {
  try {
    return readFileSync(path.join(storage, ACCOUNT_FILE), 'utf8').trim();
  } catch {
    return undefined;
  }
}

export function connectionString({ blob, queue, table }: Ports, { name, key }: StorageAccount): string {
  const endpoint = (port: number) => `http://127.0.0.1:${port}/${name}`;
  return [
    'DefaultEndpointsProtocol=http',
    `AccountName=${name}`,
    `AccountKey=${key}`,
    `BlobEndpoint=${endpoint(blob)}`,
    `QueueEndpoint=${endpoint(queue)}`,
    `TableEndpoint=${endpoint(table)}`,
  ].join(';');
}
