import type { BlobItem, BlobServiceClient } from '@azure/storage-blob';
import { bareEtag, quotedEtag } from '../domain/etag.ts';
import { notGenuine } from './genuine.ts';
import { limited } from './limit.ts';
import { RecentContents } from './recent-contents.ts';
import { hasCode, isContainerMissing, orUndefined, statusOf } from './status.ts';

interface BlobContent {
  bytes: Buffer;
  etag: string;
  contentType: string | undefined;
  /** As it was uploaded with; names in lower case. */
  metadata: Readonly<Record<string, string>>;
}

export interface BlobHead {
  /** Bare, without quotes. */
  etag: string;
  bytes: number;
  /** Of the content, base64, where the service knows it: it does for blobs written in one piece. */
  md5: string | undefined;
  metadata: Readonly<Record<string, string>>;
}

export interface BlobEntry {
  name: string;
  /** Bare, without quotes. */
  etag: string;
  bytes: number;
  /** When this version was written. */
  createdAt: Date;
}

/** One version of a blob, as a listing or `head` knows it. */
type BlobVersion = Pick<BlobEntry, 'name' | 'etag' | 'bytes'>;

export interface BlobPage {
  blobs: BlobEntry[];
  /** Where the next page begins. */
  next?: string;
}

/**
 * Blobs that are listed at once: the SDK takes a tenth of a millisecond and more to read one out of the XML, and nobody
 * else in this process has a turn meanwhile.
 */
export const BLOBS_AT_ONCE = 400;

/** Bytes of a blob that is read in pieces: with each there is a call, and its limit, of its own. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** Reads and writes private blobs by container and name. */
export class Blobs {
  readonly #service: BlobServiceClient;
  /** What was read or written just now, for those who ask first whether it is still so. */
  readonly recent = new RecentContents();

  constructor(service: BlobServiceClient) {
    this.#service = service;
  }

  /** Address of a blob: an identifier only; nothing is public and no SAS is ever made. */
  url(container: string, name: string): string {
    return this.#service.getContainerClient(container).getBlobClient(name).url;
  }

  /**
   * The blob name that `url` has in `container` of this account, or undefined where it is elsewhere. Compared as
   * parsed URLs, so that other spellings of the same address are the same blob.
   */
  nameIn(container: string, url: string): string | undefined {
    if (!URL.canParse(url)) return undefined;
    const given = new URL(url);
    const root = new URL(`${this.#service.getContainerClient(container).url}/`);
    if (given.origin !== root.origin || given.search !== '' || given.hash !== '') return undefined;
    if (!given.pathname.startsWith(root.pathname)) return undefined;
    const name = decodeOrUndefined(given.pathname.slice(root.pathname.length));
    return name === '' ? undefined : name;
  }

  /**
   * The whole blob, or a range of it.
   *
   * @param ifMatch bare ETag the blob must have
   * @param maxBytes more is not read
   * @param range must lie within the blob
   * @returns `changed` where the ETag differs, `too large` beyond `maxBytes`, undefined where there is no such blob
   */
  async read(
    container: string,
    name: string,
    options: {
      ifMatch?: string;
      maxBytes?: number;
      range?: { from: number; bytes: number };
      signal?: AbortSignal;
    } = {},
  ): Promise<BlobContent | 'changed' | 'too large' | undefined> {
    const client = this.#service.getContainerClient(container).getBlobClient(name);
    try {
      const response = await client.download(options.range?.from ?? 0, options.range?.bytes, {
        ...(options.ifMatch !== undefined && { conditions: { ifMatch: quotedEtag(options.ifMatch) } }),
        ...limited(options.signal),
      });
      const stream = response.readableStreamBody;
      if (!stream) return undefined;
      // Where either is not known (NaN), it is not too large.
      if (Number(response.contentLength) > Number(options.maxBytes)) {
        (stream as NodeJS.ReadableStream & { destroy?(): void }).destroy?.();
        return 'too large';
      }
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      return {
        bytes: Buffer.concat(chunks),
        etag: etagOf(response),
        contentType: response.contentType,
        metadata: response.metadata ?? {},
      };
    } catch (error) {
      // The SDK's own word for an answer without an ETag.
      if (error instanceof RangeError) throw notGenuine();
      // The emulator answers 412 for a blob that is gone, too.
      if (statusOf(error) === 412) return (await this.head(container, name)) ? 'changed' : undefined;
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  /**
   * A blob of any size, piece by piece: only one is in memory.
   *
   * @param version the one that is read: `changed` comes in the place of a piece where there is another one, or none, by now
   */
  async *pieces(
    container: string,
    { name, etag, bytes }: BlobVersion,
    signal?: AbortSignal,
  ): AsyncGenerator<Buffer | 'changed'> {
    const options = { ifMatch: etag, ...(signal && { signal }) };
    for (let from = 0; from < bytes; from += PIECE_BYTES) {
      const range = { from, bytes: Math.min(PIECE_BYTES, bytes - from) };
      const piece = await this.read(container, name, { ...options, range });
      if (piece === undefined || typeof piece === 'string') {
        yield 'changed';
        return;
      }
      yield piece.bytes;
    }
  }

  /** What is known of a blob without reading it, or undefined where there is none. */
  async head(container: string, name: string): Promise<BlobHead | undefined> {
    const client = this.#service.getContainerClient(container).getBlobClient(name);
    const properties = await orUndefined(client.getProperties(limited()));
    if (!properties) return undefined;
    const { contentLength = 0, contentMD5, metadata = {} } = properties;
    const md5 = contentMD5 && Buffer.from(contentMD5).toString('base64');
    return { etag: etagOf(properties), bytes: contentLength, md5, metadata };
  }

  /** Writes the whole blob, over whatever was there. @returns its bare ETag */
  async write(
    container: string,
    name: string,
    bytes: Buffer,
    contentType: string,
    metadata: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const client = this.#service.getContainerClient(container).getBlockBlobClient(name);
    const { etag } = await this.#inContainer(container, () =>
      client.upload(bytes, bytes.length, {
        blobHTTPHeaders: { blobContentType: contentType },
        metadata: { ...metadata },
        ...limited(),
      }),
    );
    return bareEtag(etag ?? '');
  }

  /** Writes the whole blob where there is none of this name. @returns its bare ETag, or undefined where there is one */
  async create(
    container: string,
    name: string,
    bytes: Buffer,
    contentType: string,
  ): Promise<string | undefined> {
    const client = this.#service.getContainerClient(container).getBlockBlobClient(name);
    try {
      const { etag } = await this.#inContainer(container, () =>
        client.upload(bytes, bytes.length, {
          blobHTTPHeaders: { blobContentType: contentType },
          conditions: { ifNoneMatch: '*' },
          ...limited(),
        }),
      );
      return bareEtag(etag ?? '');
    } catch (error) {
      if (statusOf(error) === 409 || statusOf(error) === 412) return undefined;
      throw error;
    }
  }

  /**
   * Keeps a block for a blob that is still to come: until a commit names it, it is part of nothing and in no listing,
   * and after a week without another block the service removes it.
   *
   * @param id base64; all of one blob are equally long
   * @returns false where blocks with ids of another length wait under this name
   */
  async stageBlock(container: string, name: string, id: string, bytes: Buffer): Promise<boolean> {
    const client = this.#service.getContainerClient(container).getBlockBlobClient(name);
    try {
      await this.#inContainer(container, () => client.stageBlock(id, bytes, bytes.length, limited()));
      return true;
    } catch (error) {
      if (statusOf(error) === 400 && hasCode(error, 'InvalidBlobOrBlock')) return false;
      throw error;
    }
  }

  /** The blocks that wait under a name: bytes by id. */
  async stagedBlocks(container: string, name: string): Promise<Map<string, number>> {
    const client = this.#service.getContainerClient(container).getBlockBlobClient(name);
    const list = await orUndefined(client.getBlockList('uncommitted', limited()));
    return new Map((list?.uncommittedBlocks ?? []).map((block) => [block.name, block.size]));
  }

  /**
   * Makes blocks that wait a blob where there is none of this name. Whatever else waits under the name is dropped.
   *
   * @returns its bare ETag, or undefined where there is one, or a block does not wait (any longer)
   */
  async commitBlocks(
    container: string,
    name: string,
    ids: readonly string[],
    contentType: string,
  ): Promise<string | undefined> {
    const client = this.#service.getContainerClient(container).getBlockBlobClient(name);
    try {
      const { etag } = await client.commitBlockList([...ids], {
        blobHTTPHeaders: { blobContentType: contentType },
        conditions: { ifNoneMatch: '*' },
        ...limited(),
      });
      return bareEtag(etag ?? '');
    } catch (error) {
      if (statusOf(error) === 409 || statusOf(error) === 412) return undefined;
      if (statusOf(error) === 400 && hasCode(error, 'InvalidBlockList')) return undefined;
      throw error;
    }
  }

  /**
   * Removes a blob; that it was not there is no error.
   *
   * @param ifMatch bare ETag of the one version that is meant: another one stays
   */
  async delete(container: string, name: string, ifMatch?: string): Promise<void> {
    const client = this.#service.getContainerClient(container).getBlobClient(name);
    const conditions = ifMatch !== undefined && { conditions: { ifMatch: quotedEtag(ifMatch) } };
    try {
      await client.deleteIfExists({ ...conditions, ...limited() });
    } catch (error) {
      if (statusOf(error) !== 412) throw error;
    }
  }

  /**
   * Every blob whose name starts with `prefix`, in name order.
   *
   * @param size blobs that are asked for at once
   */
  async *list(container: string, prefix = '', size = BLOBS_AT_ONCE): AsyncGenerator<BlobEntry> {
    let from: string | undefined;
    // Page by page, for the limit is that of one call, however long the list.
    do {
      const page = await this.page(container, { prefix, from, size });
      yield* page.blobs;
      from = page.next;
    } while (from !== undefined);
  }

  /**
   * One page of a listing, in name order.
   *
   * @param range.from `next` of the page before
   * @param range.size blobs of the page at most; the service's own limit is 5,000
   * @returns `next` is absent where the listing has ended
   */
  async page(
    container: string,
    range: { prefix?: string; from?: string | undefined; size?: number } = {},
  ): Promise<BlobPage> {
    const { prefix = '', from, size } = range;
    const { value: page } = await this.#service
      .getContainerClient(container)
      .listBlobsFlat({ prefix, ...limited() })
      .byPage({
        ...(from !== undefined && { continuationToken: from }),
        ...(size !== undefined && { maxPageSize: size }),
      })
      .next()
      .catch((error: unknown) => {
        // What is not the XML of a listing, the SDK stumbles over.
        throw error instanceof TypeError ? notGenuine() : error;
      });
    if (page?.requestId === undefined) throw notGenuine();
    const blobs = (page.segment.blobItems as BlobItem[]).map(({ name, properties }) => ({
      name,
      etag: bareEtag(properties.etag ?? ''),
      bytes: properties.contentLength ?? 0,
      createdAt: properties.lastModified,
    }));
    const next: string | undefined = page.continuationToken || undefined;
    return { blobs, ...(next !== undefined && { next }) };
  }

  /** What answers calls about a container, by its own word: `Windows-Azure-Blob/1.0 ...`, `Azurite-Blob/3.37.0`. */
  async serverOf(container: string): Promise<string> {
    const answer = await orUndefined(this.#service.getContainerClient(container).getProperties(limited()));
    return answer?._response.headers.get('server') ?? '';
  }

  /**
   * The time of Azure's own storage service, which is nobody's machine here; undefined where something else answers.
   *
   * @returns milliseconds since the epoch, to the second
   */
  async azureTime(container: string): Promise<number | undefined> {
    const answer = await orUndefined(this.#service.getContainerClient(container).getProperties(limited()));
    const headers = answer?._response.headers;
    if (!headers?.get('server')?.startsWith('Windows-Azure-Blob/')) return undefined;
    const time = Date.parse(headers.get('date') ?? '');
    return Number.isNaN(time) ? undefined : time;
  }

  /** Whether there is such a container. */
  async hasContainer(container: string): Promise<boolean> {
    return this.#service.getContainerClient(container).exists(limited());
  }

  /** Somebody may have deleted the container since the app started: it is made again by whoever next writes into it. */
  async #inContainer<T>(container: string, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (!isContainerMissing(error)) throw error;
      await this.ensure([container]);
      return write();
    }
  }

  async ensure(containers: readonly string[]): Promise<void> {
    await Promise.all(
      containers.map((container) => this.#service.getContainerClient(container).createIfNotExists(limited())),
    );
  }
}

/** The bare ETag of an answer about a blob. One without is not the storage service's: see `genuine.ts`. */
function etagOf({ etag }: { etag?: string }): string {
  if (etag !== undefined) return bareEtag(etag);
  throw notGenuine();
}

function decodeOrUndefined(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
