import type { Clients } from './accounts.ts';

/** What the bytes of a blob do not say, and a client cannot set. */
export interface BlobVersion {
  readonly container: string;
  readonly name: string;
  /** Without quotes. A job's id is made of it. */
  readonly etag: string;
  readonly created: number;
  readonly modified: number;
}

const LANES = 8;
/** Messages are taken for as long as one can be hidden: nothing else reads this copy. */
const HIDDEN_S = 7 * 24 * 3600;
/** Beyond this a message has no end. */
const ENDLESS_MS = 100 * 365 * 24 * 3600 * 1000;

export async function copyBlobs(from: Clients, to: Clients): Promise<BlobVersion[]> {
  const versions: BlobVersion[] = [];
  for await (const { name: container, metadata } of from.blobs.listContainers({ includeMetadata: true })) {
    const source = from.blobs.getContainerClient(container);
    const target = to.blobs.getContainerClient(container);
    await target.create(metadata ? { metadata } : {});
    const items = source.listBlobsFlat({ includeMetadata: true });
    const lane = async () => {
      for (let next = await items.next(); !next.done; next = await items.next()) {
        const { name, properties, metadata: ofBlob } = next.value;
        const bytes = await source.getBlobClient(name).downloadToBuffer();
        await target.getBlockBlobClient(name).upload(bytes, bytes.length, {
          ...(ofBlob && { metadata: ofBlob }),
          blobHTTPHeaders: {
            ...(properties.contentType !== undefined && { blobContentType: properties.contentType }),
            ...(properties.contentEncoding && { blobContentEncoding: properties.contentEncoding }),
            ...(properties.contentLanguage && { blobContentLanguage: properties.contentLanguage }),
            ...(properties.cacheControl && { blobCacheControl: properties.cacheControl }),
            ...(properties.contentDisposition && { blobContentDisposition: properties.contentDisposition }),
          },
        });
        const modified = properties.lastModified.getTime();
        const created = properties.createdOn?.getTime() ?? modified;
        versions.push({ container, name, etag: properties.etag.replaceAll('"', ''), created, modified });
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }
  return versions;
}

/** @returns how many entities */
export async function copyTables(from: Clients, to: Clients): Promise<number> {
  let count = 0;
  for await (const { name = '' } of from.tables.listTables()) {
    await to.tables.createTable(name);
    const target = to.table(name);
    // Types stay as they are written, where the SDK's own values would lose some.
    const entities = from.table(name).listEntities<object>({ disableTypeConversion: true });
    const lane = async () => {
      for (let next = await entities.next(); !next.done; next = await entities.next()) {
        const { etag: _etag, timestamp: _timestamp, ...entity } = next.value as Record<string, unknown>;
        await target.createEntity(entity as { partitionKey: string; rowKey: string });
        count += 1;
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }
  return count;
}

/** How many messages there are in all queues, hidden ones too. */
export async function countMessages({ queues }: Clients): Promise<number> {
  let count = 0;
  for await (const { name } of queues.listQueues()) {
    count += (await queues.getQueueClient(name).getProperties()).approximateMessagesCount ?? 0;
  }
  return count;
}

/** Those that can be read now; they are hidden afterwards. @returns how many */
export async function copyMessages(from: Clients, to: Clients, seen: Set<string>): Promise<number> {
  let count = 0;
  for await (const { name, metadata } of from.queues.listQueues({ includeMetadata: true })) {
    const source = from.queues.getQueueClient(name);
    const target = to.queues.getQueueClient(name);
    await target.createIfNotExists(metadata ? { metadata } : {});
    for (;;) {
      const { receivedMessageItems: items } = await source.receiveMessages({
        numberOfMessages: 32,
        visibilityTimeout: HIDDEN_S,
      });
      if (items.length === 0) break;
      for (const item of items) {
        if (seen.has(item.messageId)) continue;
        seen.add(item.messageId);
        const left = item.expiresOn.getTime() - Date.now();
        const messageTimeToLive = left > ENDLESS_MS ? -1 : Math.max(60, Math.ceil(left / 1000));
        await target.sendMessage(item.messageText, { messageTimeToLive });
        count += 1;
      }
    }
  }
  return count;
}
