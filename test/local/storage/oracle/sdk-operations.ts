import { odata, TableClient, TableServiceClient, type TransactionAction } from '@azure/data-tables';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';

/** The clients of one service, on a container, a queue and a table of their own. */
export interface Clients {
  readonly blobs: BlobServiceClient;
  readonly container: ContainerClient;
  readonly queue: QueueClient;
  readonly table: TableClient;
  /** Messages received and not deleted, oldest first. */
  readonly held: { messageId: string; popReceipt: string }[];
}

/** What a call is given: small numbers, of which each operation makes what it needs. */
export interface Given {
  readonly one: number;
  readonly other: number;
}

export async function openClients(connectionString: string, space: string): Promise<Clients> {
  const insecure = { allowInsecureConnection: true };
  const blobs = BlobServiceClient.fromConnectionString(connectionString);
  const tables = TableServiceClient.fromConnectionString(connectionString, insecure);
  const container = blobs.getContainerClient(space);
  const queue = QueueServiceClient.fromConnectionString(connectionString).getQueueClient(space);
  await Promise.all([container.create(), queue.create(), tables.createTable(space)]);
  const table = TableClient.fromConnectionString(connectionString, space, insecure);
  return { blobs, container, queue, table, held: [] };
}

const NAMES = ['a', 'folder/b c', "folder/ü 50%+'&"] as const;
const nameOf = (index: number): string => NAMES[index % NAMES.length] ?? 'a';
const bytesOf = (size: number): Buffer => Buffer.alloc(size, 'bytes');
const SIZES = [0, 5, 70_000, 300_000] as const;
const sizeOf = (index: number): number => SIZES[index % SIZES.length] ?? 0;
const key = (index: number) => ({ partitionKey: `p'${index % 2}`, rowKey: `r ${index % 3}` });
const blobOf = ({ container }: Clients, index: number) => container.getBlockBlobClient(nameOf(index));

/**
 * What the SDKs are asked, and of what they return what must be the same: no ids, times, addresses or ETags. A listed
 * blob without metadata has an empty element of the service and none of Azurite.
 */
export const SDK_OPERATIONS: Readonly<Record<string, (clients: Clients, given: Given) => Promise<unknown>>> =
  {
    async upload(clients, { one, other }) {
      const body = bytesOf(sizeOf(other));
      const { contentMD5 } = await blobOf(clients, one).upload(body, body.length, {
        metadata: { index: String(other) },
        blobHTTPHeaders: { blobContentType: 'text/plain' },
      });
      return Buffer.from(contentMD5 ?? []).toString('hex');
    },
    async uploadOnce(clients, { one }) {
      const conditions = { ifNoneMatch: '*' };
      await blobOf(clients, one).uploadData(Buffer.from('once'), { conditions });
    },
    async uploadInBlocks(clients, { one, other }) {
      const sizes = { blockSize: 32 * 1024, maxSingleShotSize: 1024 };
      await blobOf(clients, one).uploadData(bytesOf(sizeOf(other)), { ...sizes, concurrency: 3 });
    },
    async download(clients, { one }) {
      const bytes = await blobOf(clients, one).downloadToBuffer(0, undefined, { blockSize: 50_000 });
      return `${bytes.length} ${bytes.toString('utf8', 0, 20)}`;
    },
    async downloadRange(clients, { one, other }) {
      const answer = await blobOf(clients, one).download(other, 3);
      const parts: Buffer[] = [];
      for await (const part of answer.readableStreamBody ?? []) parts.push(Buffer.from(part));
      return [Buffer.concat(parts).toString(), answer.contentRange];
    },
    async properties(clients, { one }) {
      const { contentLength, contentType, metadata, leaseState, leaseStatus, blobType, acceptRanges } =
        await blobOf(clients, one).getProperties();
      return { contentLength, contentType, metadata, leaseState, leaseStatus, blobType, acceptRanges };
    },
    async setMetadata(clients, { one, other }) {
      await blobOf(clients, one).setMetadata({ changed: String(other) });
    },
    async copy(clients, { one, other }) {
      const poller = await blobOf(clients, one).beginCopyFromURL(blobOf(clients, other).url);
      return (await poller.pollUntilDone()).copyStatus;
    },
    exists: (clients, { one }) => blobOf(clients, one).exists(),
    async remove(clients, { one }) {
      return (await blobOf(clients, one).deleteIfExists()).succeeded;
    },
    async removeBatch(clients, { one, other }) {
      const blobs = [...new Set([one, other].map(nameOf))].map((name) =>
        clients.container.getBlobClient(name),
      );
      const { subResponses } = await clients.blobs.getBlobBatchClient().deleteBlobs(blobs);
      return subResponses.map(({ status, errorCode }) => [status, errorCode]);
    },
    async leaseAndRelease(clients, { one }) {
      const lease = blobOf(clients, one).getBlobLeaseClient('11111111-1111-4111-8111-111111111111');
      const { leaseId } = await lease.acquireLease(15);
      const refused = await blobOf(clients, one)
        .upload('x', 1)
        .catch((error: { code: string }) => error.code);
      await lease.renewLease();
      await lease.releaseLease();
      return [leaseId, refused];
    },
    async list(clients, { other }) {
      const found: unknown[] = [];
      const pages = clients.container
        .listBlobsFlat({ includeMetadata: true })
        .byPage({ maxPageSize: 1 + other });
      for await (const { segment } of pages) {
        found.push(
          segment.blobItems.map(({ name, metadata, properties }) => [
            name,
            metadata || {},
            properties.contentLength,
          ]),
        );
      }
      return found;
    },
    async listByFolder(clients) {
      const found: unknown[] = [];
      for await (const item of clients.container.listBlobsByHierarchy('/'))
        found.push([item.kind, item.name]);
      return found.sort();
    },
    async send({ queue }, { one, other }) {
      await queue.sendMessage(`<&> ${one} ü`, { messageTimeToLive: other === 0 ? -1 : 3600 });
    },
    async receive({ queue, held }, { other }) {
      const { receivedMessageItems } = await queue.receiveMessages({
        ...{ numberOfMessages: 1 + other, visibilityTimeout: 60 },
      });
      held.push(...receivedMessageItems);
      return receivedMessageItems.map(({ messageText, dequeueCount }) => [messageText, dequeueCount]);
    },
    async peek({ queue }) {
      const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: 32 });
      return peekedMessageItems.map(({ messageText, dequeueCount }) => [messageText, dequeueCount]);
    },
    async update({ queue, held }, { one, other }) {
      const message = held[0];
      if (!message) return;
      const text = other === 0 ? undefined : `changed ${one}`;
      const { popReceipt } = await queue.updateMessage(
        message.messageId,
        message.popReceipt,
        text,
        other * 30,
      );
      message.popReceipt = popReceipt ?? '';
    },
    async deleteMessage({ queue, held }) {
      const message = held.shift();
      if (message) await queue.deleteMessage(message.messageId, message.popReceipt);
    },
    async clear({ queue }) {
      await queue.clearMessages();
    },
    async createEntity({ table }, { one, other }) {
      await table.createEntity({
        ...{ ...key(one), text: `ü ${other}`, count: other, yes: other > 1, ratio: other / 4 },
        ...{ big: BigInt(other) * 10n ** 15n, when: new Date(Date.UTC(2026, other)), bytes: bytesOf(other) },
      });
    },
    async upsertEntity({ table }, { one, other }) {
      await table.upsertEntity({ ...key(one), text: 'other', more: other }, other > 1 ? 'Merge' : 'Replace');
    },
    async updateEntity({ table }, { one, other }) {
      await table.updateEntity({ ...key(one), count: 100 + other }, other > 1 ? 'Merge' : 'Replace');
    },
    async getEntity({ table }, { one }) {
      const { partitionKey, rowKey } = key(one);
      const got = await table.getEntity(partitionKey, rowKey);
      const { etag: _etag, timestamp: _timestamp, 'odata.metadata': _address, ...entity } = got;
      return entity;
    },
    async deleteEntity({ table }, { one }) {
      const { partitionKey, rowKey } = key(one);
      await table.deleteEntity(partitionKey, rowKey);
    },
    async query({ table }, { one, other }) {
      const { partitionKey } = key(one);
      const filter = odata`PartitionKey eq ${partitionKey} and (count ge ${other} or text eq 'other')`;
      const found: unknown[] = [];
      const pages = table
        .listEntities({ queryOptions: { filter, select: ['rowKey', 'text', 'count'] } })
        .byPage({ maxPageSize: 1 + other });
      for await (const page of pages) {
        for (const { etag: _etag, timestamp: _timestamp, ...entity } of page) found.push(entity);
      }
      return found;
    },
    async transaction({ table }, { one, other }) {
      const { partitionKey } = key(one);
      const actions: TransactionAction[] = [
        ['upsert', { partitionKey, rowKey: 'r 0', text: `together ${other}` }],
        [other > 1 ? 'create' : 'upsert', { partitionKey, rowKey: 'r 1', text: 'together' }],
      ];
      const { subResponses } = await table.submitTransaction(actions);
      return subResponses.map(({ status }) => status);
    },
  };
