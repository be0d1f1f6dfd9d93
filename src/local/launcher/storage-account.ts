import { randomBytes } from 'node:crypto';
import type { Instance, Ports } from '../../cli/instance.ts';
import type { StorageKind } from './options.ts';

export interface StorageAccount {
  readonly name: string;
  /** Base64. */
  readonly key: string;
}

/** Azurite's published account: the same in every Azurite, a secret of nobody. */
const AZURITE_ACCOUNT: StorageAccount = {
  name: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
};

/** Of our own service: part of every image's address, so it never changes. */
const OWN_ACCOUNT = 'imaginem';

const KEY_BYTES = 64;

/** The account of an instance: its key is random, made once per data folder and kept in its instance.json. */
export function storageAccount(kind: StorageKind, last: Instance | undefined): StorageAccount {
  if (kind === 'azurite') return AZURITE_ACCOUNT;
  const [, name, key] =
    /AccountName=([^;]+);AccountKey=([^;]+)/.exec(last?.settings.AzureWebJobsStorage ?? '') ?? [];
  if (name === OWN_ACCOUNT && key !== undefined) return { name, key };
  return { name: OWN_ACCOUNT, key: randomBytes(KEY_BYTES).toString('base64') };
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
