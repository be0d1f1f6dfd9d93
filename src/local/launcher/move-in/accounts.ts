import { TableClient, TableServiceClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';

/** The SDKs' clients of one account. */
export interface Clients {
  readonly blobs: BlobServiceClient;
  readonly queues: QueueServiceClient;
  readonly tables: TableServiceClient;
  table(name: string): TableClient;
}

export function clientsOf(connectionString: string): Clients {
  const insecure = { allowInsecureConnection: true };
  return {
    blobs: BlobServiceClient.fromConnectionString(connectionString),
    queues: QueueServiceClient.fromConnectionString(connectionString),
    tables: TableServiceClient.fromConnectionString(connectionString, insecure),
    table: (name) => TableClient.fromConnectionString(connectionString, name, insecure),
  };
}
