import { type Identity, openIdentity } from '../domain/identity.ts';
import { type Settings, SettingsError } from '../domain/settings.ts';
import { Blobs } from './blobs.ts';
import { onlyGenuine } from './genuine.ts';
import { Queues } from './queues.ts';
import { Tables } from './tables.ts';

export interface StorageAccount {
  readonly blobs: Blobs;
  readonly queues: Queues;
  readonly tables: Tables;
}

/** A dead storage call ends in seconds: the message it serves is redelivered anyway. */
const retryOptions = { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2000, tryTimeoutInMs: 30_000 };
const tableRetryOptions = { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 2000 };

/**
 * Opens the storage account the settings name: by connection string, else by identity.
 *
 * @throws {SettingsError} when no setting names an account, or what does is no connection string
 */
export async function openStorage(
  settings: Settings,
  identity: Identity = openIdentity(settings.AZURE_CLIENT_ID),
): Promise<StorageAccount> {
  const [blob, queue, table, { createDefaultHttpClient }] = await Promise.all([
    import('@azure/storage-blob'),
    import('@azure/storage-queue'),
    import('@azure/data-tables'),
    import('@azure/core-rest-pipeline'),
  ]);
  const options = { retryOptions };
  const tableOptions = {
    retryOptions: tableRetryOptions,
    // The other two SDKs have no such place for it: there `blobs.ts`, `queues.ts` and `status.ts` look.
    httpClient: onlyGenuine(createDefaultHttpClient()),
  };
  const connection = settings.AzureWebJobsStorage;
  if (connection !== undefined) {
    const insecure = {
      ...tableOptions,
      // The emulator speaks plain HTTP on loopback; Azure's connection strings say https and are left alone.
      allowInsecureConnection: /DefaultEndpointsProtocol=http;|UseDevelopmentStorage=true/i.test(connection),
    };
    try {
      return {
        blobs: new Blobs(blob.BlobServiceClient.fromConnectionString(connection, options)),
        queues: new Queues(queue.QueueServiceClient.fromConnectionString(connection, options)),
        tables: new Tables(table.TableServiceClient.fromConnectionString(connection, insecure), (name) =>
          table.TableClient.fromConnectionString(connection, name, insecure),
        ),
      };
    } catch {
      // What the clients say of it may quote it, and it holds a key.
      throw new SettingsError(
        'App setting AzureWebJobsStorage: is not a connection string: copy it whole from the storage account, or write UseDevelopmentStorage=true for the emulator.',
      );
    }
  }
  const address = (service: 'blob' | 'queue' | 'table') => {
    const url = settings[`AzureWebJobsStorage__${service}ServiceUri`];
    if (url !== undefined) return url;
    const account = settings.AzureWebJobsStorage__accountName;
    if (account !== undefined) return `https://${account}.${service}.core.windows.net`;
    throw new SettingsError(
      'No storage account: set AzureWebJobsStorage to a connection string, or AzureWebJobsStorage__accountName to sign in by identity.',
    );
  };
  const [blobUrl, queueUrl, tableUrl] = [address('blob'), address('queue'), address('table')];
  const token = await identity();
  return {
    blobs: new Blobs(new blob.BlobServiceClient(blobUrl, token, options)),
    queues: new Queues(new queue.QueueServiceClient(queueUrl, token, options)),
    tables: new Tables(
      new table.TableServiceClient(tableUrl, token, tableOptions),
      (name) => new table.TableClient(tableUrl, name, token, tableOptions),
    ),
  };
}
