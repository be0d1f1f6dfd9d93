import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { encodeMarker } from '../../../src/local/storage/http/listing.ts';
import { startTestStorage, type TestStorage } from './support.ts';

let storage: TestStorage;
let service: BlobServiceClient;
let now = Date.now();
beforeAll(async () => {
  storage = await startTestStorage({ clock: () => now });
  service = BlobServiceClient.fromConnectionString(storage.connectionString, {
    retryOptions: { maxTries: 1 },
  });
});
afterAll(() => storage?.end());

let made = 0;
async function newContainer(): Promise<ContainerClient> {
  made += 1;
  const container = service.getContainerClient(`container-${made}`);
  await container.create();
  return container;
}

const failure = (code: string, statusCode: number) => expect.objectContaining({ code, statusCode });
/** Files of contents that a test has made. */
const known = new Set<string>();
beforeEach(() => {
  for (const name of files()) known.add(name);
});
const files = (): string[] =>
  !existsSync(join(storage.folder, 'contents'))
    ? []
    : readdirSync(join(storage.folder, 'contents'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .filter((name) => !known.has(name));

test.each([0, 1, 1000, 65_536, 65_537, 300_000, 3_000_000])(
  'a blob of %i bytes comes back as it went, with what was said of it',
  async (size) => {
    const container = await newContainer();
    const bytes = randomBytes(size);
    const blob = container.getBlockBlobClient(`a folder/é %25+ '&<"?#.jpg`);
    const { etag, contentMD5 } = await blob.upload(bytes, size, {
      blobHTTPHeaders: { blobContentType: 'image/jpeg', blobCacheControl: 'no-store' },
      metadata: { who: 'me' },
    });
    const md5 = createHash('md5').update(bytes).digest();
    expect(Buffer.from(contentMD5 ?? [])).toEqual(md5);
    expect(etag).toMatch(/^"0x[0-9A-F]{15,}"$/);
    expect((await blob.downloadToBuffer()).equals(bytes)).toBe(true);
    expect(await blob.getProperties()).toMatchObject({
      etag,
      contentLength: size,
      contentType: 'image/jpeg',
      cacheControl: 'no-store',
      metadata: { who: 'me' },
      leaseState: 'available',
      blobType: 'BlockBlob',
    });
    const [item] = await names(container, '', { includeMetadata: true });
    expect(item).toMatchObject({ name: blob.name, metadata: { who: 'me' } });
    await blob.delete();
    await expect(blob.download()).rejects.toMatchObject({ statusCode: 404, code: 'BlobNotFound' });
    expect(files()).toEqual([]);
  },
);

test('the digest of a range is told where it is asked for, of a whole blob only where it has one', async () => {
  const container = await newContainer();
  const blob = container.getBlockBlobClient('digits');
  await blob.upload('0123456789', 10);
  const asked = { rangeGetContentMD5: true };
  const { contentMD5 } = await blob.download(1, 9, asked);
  expect(Buffer.from(contentMD5 ?? [])).toEqual(createHash('md5').update('123456789').digest());
  const { contentCrc64 } = await blob.download(1, 9, { rangeGetContentCrc64: true });
  // The check value of CRC-64/NVME, lowest byte first.
  expect(Buffer.from(contentCrc64 ?? []).toString('hex')).toBe('8898790a86148bae');
  for (const [offset, options] of [
    [undefined, asked],
    [undefined, { rangeGetContentCrc64: true }],
    [1, { ...asked, rangeGetContentCrc64: true }],
  ] as const) {
    await expect(blob.download(offset, undefined, options)).rejects.toEqual(
      failure('InvalidHeaderValue', 400),
    );
  }
  const empty = container.getBlockBlobClient('of no blocks');
  await empty.commitBlockList([]);
  expect((await empty.download()).contentMD5).toBeUndefined();
  expect((await empty.getProperties()).contentMD5).toBeUndefined();
});

async function names(container: ContainerClient, prefix = '', options = {}) {
  const items = [];
  for await (const item of container.listBlobsFlat({ prefix, ...options })) items.push(item);
  return items;
}

test('a file is gone once its blob is overwritten, and stays while something else names it', async () => {
  const container = await newContainer();
  const [one, two] = [container.getBlockBlobClient('one'), container.getBlockBlobClient('two')];
  const bytes = randomBytes(200_000);
  await one.upload(bytes, bytes.length);
  await (await two.beginCopyFromURL(one.url)).pollUntilDone();
  expect(files()).toHaveLength(1);
  await one.upload('short', 5);
  expect(files()).toHaveLength(1);
  expect((await two.downloadToBuffer()).equals(bytes)).toBe(true);
  expect(await two.getProperties()).toMatchObject({ copyStatus: 'success', copySource: one.url });
  await two.delete();
  expect(files()).toEqual([]);
});

test('ranges are given of small and large blobs, and refused where there is nothing', async () => {
  const container = await newContainer();
  for (const size of [100, 200_000]) {
    const bytes = randomBytes(size);
    const blob = container.getBlockBlobClient(`range-${size}`);
    await blob.upload(bytes, size);
    for (const [offset, count] of [
      [0, 10],
      [50, 50],
      [99, 1],
      [10, undefined],
      [1, 1_000_000],
    ] as const) {
      const answer = await blob.download(offset, count);
      const end = Math.min(size, count === undefined ? size : offset + count);
      expect(answer).toMatchObject({
        contentRange: `bytes ${offset}-${end - 1}/${size}`,
        contentLength: end - offset,
      });
      expect(await read(answer.readableStreamBody)).toEqual(bytes.subarray(offset, end));
    }
    await expect(blob.download(size, 1)).rejects.toEqual(failure('InvalidRange', 416));
  }
});

async function read(stream: NodeJS.ReadableStream | undefined): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test('of blocks that no list has named there is no blob: to create it is allowed, and forgets them', async () => {
  const container = await newContainer();
  const blob = container.getBlockBlobClient('blocks-only');
  await blob.stageBlock('AAAA', 'block', 5);
  await expect(blob.getProperties()).rejects.toMatchObject({ statusCode: 404 });
  await blob.upload('whole', 5, { conditions: { ifNoneMatch: '*' } });
  expect((await blob.getBlockList('all')).uncommittedBlocks ?? []).toEqual([]);
  expect((await blob.downloadToBuffer()).toString()).toBe('whole');
  await blob.stageBlock('BBBB', 'block', 5);
  await blob.upload('again', 5);
  expect((await blob.getBlockList('all')).uncommittedBlocks ?? []).toEqual([]);
  await expect(blob.commitBlockList(['BBBB'])).rejects.toEqual(failure('InvalidBlockList', 400));
});

test('conditions hold back reads and writes', async () => {
  const container = await newContainer();
  const blob = container.getBlockBlobClient('conditions');
  const first = await blob.upload('1', 1, { conditions: { ifNoneMatch: '*' } });
  await expect(blob.upload('2', 1, { conditions: { ifNoneMatch: '*' } })).rejects.toEqual(
    failure('BlobAlreadyExists', 409),
  );
  const second = await blob.upload('2', 1, { conditions: { ifMatch: first.etag ?? '' } });
  const stale = { conditions: { ifMatch: first.etag ?? '' } };
  await expect(blob.upload('3', 1, stale)).rejects.toEqual(failure('ConditionNotMet', 412));
  await expect(blob.download(0, 1, stale)).rejects.toEqual(failure('ConditionNotMet', 412));
  await expect(blob.delete(stale)).rejects.toEqual(failure('ConditionNotMet', 412));
  await expect(blob.download(0, 1, { conditions: { ifNoneMatch: second.etag ?? '' } })).rejects.toMatchObject(
    { statusCode: 304 },
  );
  await expect(
    blob.getProperties({ conditions: { ifUnmodifiedSince: new Date(now - 60_000) } }),
  ).rejects.toMatchObject({ statusCode: 412 });
  await expect(
    container.getBlockBlobClient('none').upload('x', 1, { conditions: { ifMatch: '"0x1"' } }),
  ).rejects.toEqual(failure('ConditionNotMet', 412));
  await blob.delete({ conditions: { ifMatch: second.etag ?? '' } });
});

test('blocks become a blob when a list names them, in its order, and again in another', async () => {
  const container = await newContainer();
  const blob = container.getBlockBlobClient('blocks');
  const id = (index: number) => Buffer.from(`block-${index}`).toString('base64');
  const part = (index: number) => Buffer.alloc(index === 2 ? 100_000 : 10, index);
  for (const index of [0, 1, 2, 3]) await blob.stageBlock(id(index), part(index), part(index).length);
  await expect(blob.download()).rejects.toMatchObject({ statusCode: 404 });
  expect((await blob.getBlockList('all')).uncommittedBlocks).toHaveLength(4);
  await expect(blob.commitBlockList([id(9)])).rejects.toEqual(failure('InvalidBlockList', 400));
  await blob.commitBlockList([id(2), id(0), id(0)], { metadata: { a: 'b' } });
  expect(await blob.downloadToBuffer()).toEqual(Buffer.concat([part(2), part(0), part(0)]));
  const { committedBlocks, uncommittedBlocks } = await blob.getBlockList('all');
  expect(committedBlocks?.map(({ name }) => name)).toEqual([id(2), id(0), id(0)]);
  expect(uncommittedBlocks ?? []).toEqual([]);
  await blob.stageBlock(id(1), part(1), 10);
  await blob.commitBlockList([id(1), id(0)]);
  expect(await blob.downloadToBuffer()).toEqual(Buffer.concat([part(1), part(0)]));
  expect(files()).toEqual([]);
  await expect(blob.stageBlock(Buffer.from('x').toString('base64'), 'x', 1)).resolves.toBeDefined();
  await expect(blob.stageBlock(id(1), 'x', 1)).rejects.toEqual(failure('InvalidBlobOrBlock', 400));
  const big = randomBytes(9_000_000);
  const large = container.getBlockBlobClient('large');
  await large.uploadData(big, { blockSize: 4_000_000, maxSingleShotSize: 4_000_000 });
  expect((await large.downloadToBuffer()).equals(big)).toBe(true);
});

test('a listing by a prefix has nothing else, also from a marker that another listing gave', async () => {
  const container = await newContainer();
  // In the order of UTF-16 the first comes behind the second, in that of the names before it.
  const [before, own] = ['\ue000a', '\u{1f600}a'];
  for (const name of [before, own]) await container.getBlockBlobClient(name).upload('x', 1);
  const page = await container
    .listBlobsFlat({ prefix: '\u{1f600}' })
    .byPage({ continuationToken: encodeMarker(before) })
    .next();
  const items: { name: string }[] = page.value.segment.blobItems;
  expect(items.map(({ name }) => name)).toEqual([own]);
});

test('a listing comes in pages, by prefix, by folder, and refuses a marker that is none', async () => {
  const container = await newContainer();
  const all = ['a/1', 'a/2', 'a/b/3', 'a0', 'b/4', 'c', 'x&<y>', 'é', 'none\uFFFF', '🙂'];
  for (const name of all) await container.getBlockBlobClient(name).upload(name, Buffer.byteLength(name));
  const sorted = [...all].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  const paged: string[] = [];
  for await (const { segment } of container.listBlobsFlat().byPage({ maxPageSize: 3 })) {
    paged.push(...segment.blobItems.map(({ name }) => name));
  }
  expect(paged).toEqual(sorted);
  expect((await names(container, 'a/')).map(({ name }) => name)).toEqual(['a/1', 'a/2', 'a/b/3']);
  for (const maxPageSize of [1, 2, 100]) {
    const seen: string[] = [];
    for await (const { segment } of container.listBlobsByHierarchy('/').byPage({ maxPageSize })) {
      seen.push(...(segment.blobPrefixes ?? []).map(({ name }) => name));
      seen.push(...segment.blobItems.map(({ name }) => name));
    }
    expect(seen.sort()).toEqual(['a/', 'a0', 'b/', 'c', 'x&<y>', 'é', 'none\uFFFF', '🙂'].sort());
  }
  const wrong = container.listBlobsFlat().byPage({ continuationToken: 'nonsense' });
  await expect(wrong.next()).rejects.toEqual(failure('InvalidQueryParameterValue', 400));
});

test('a lease holds back others, is renewed, runs out, and is broken', async () => {
  const container = await newContainer();
  const blob = container.getBlockBlobClient('leased');
  const proposed = randomUUID();
  const lease = blob.getBlobLeaseClient(proposed);
  await expect(lease.acquireLease(15)).rejects.toEqual(failure('BlobNotFound', 404));
  await blob.upload('x', 1);
  expect((await lease.acquireLease(15)).leaseId).toBe(proposed);
  await expect(blob.getBlobLeaseClient(randomUUID()).acquireLease(15)).rejects.toEqual(
    failure('LeaseAlreadyPresent', 409),
  );
  await expect(blob.upload('y', 1)).rejects.toEqual(failure('LeaseIdMissing', 412));
  const conditions = { leaseId: proposed };
  await blob.setMetadata({ a: 'b' }, { conditions });
  await expect(blob.delete({ conditions: { leaseId: randomUUID() } })).rejects.toEqual(
    failure('LeaseIdMismatchWithBlobOperation', 412),
  );
  now += 10_000;
  await lease.renewLease();
  now += 10_000;
  expect(await blob.getProperties()).toMatchObject({ leaseState: 'leased', leaseDuration: 'fixed' });
  now += 6000;
  expect(await blob.getProperties()).toMatchObject({ leaseState: 'expired', leaseStatus: 'unlocked' });
  await expect(blob.upload('z', 1, { conditions })).rejects.toEqual(
    failure('LeaseNotPresentWithBlobOperation', 412),
  );
  const other = blob.getBlobLeaseClient(randomUUID());
  await other.acquireLease(-1);
  expect(await other.breakLease(10)).toMatchObject({ leaseTime: 10 });
  expect(await blob.getProperties()).toMatchObject({ leaseState: 'breaking', leaseStatus: 'locked' });
  now += 11_000;
  expect(await blob.getProperties()).toMatchObject({ leaseState: 'broken' });
  await other.releaseLease();
  await blob.delete();
  const onContainer = container.getBlobLeaseClient();
  await onContainer.acquireLease(15);
  await expect(container.delete()).rejects.toEqual(failure('LeaseIdMissing', 412));
  await onContainer.releaseLease();
  await container.delete();
  await expect(container.getProperties()).rejects.toMatchObject({ statusCode: 404 });
});

type Blob = ReturnType<ContainerClient['getBlockBlobClient']>;
const WRITES: Readonly<Record<string, (blob: Blob, other: Blob) => Promise<unknown>>> = {
  'Put Blob': (blob) => blob.upload('y', 1),
  'Put Block': (blob) => blob.stageBlock('AAAA', 'y', 1),
  'Put Block List': (blob) => blob.commitBlockList([]),
  'Set Blob Properties': (blob) => blob.setHTTPHeaders({ blobContentType: 'text/plain' }),
  'Set Blob Metadata': (blob) => blob.setMetadata({ a: 'b' }),
  'Copy Blob': (blob, other) => blob.syncCopyFromURL(other.url),
};

test.each(Object.keys(WRITES))(
  'a lease that has ended is forgotten with %s, one that holds is not',
  async (name) => {
    const write = WRITES[name];
    const container = await newContainer();
    const [blob, broken, other] = ['expired', 'broken', 'other'].map((one) =>
      container.getBlockBlobClient(one),
    );
    if (!write || !blob || !broken || !other) throw new Error('There is no such write.');
    for (const one of [blob, broken, other]) await one.upload('x', 1);
    const lease = blob.getBlobLeaseClient(randomUUID());
    await lease.acquireLease(15);
    now += 16_000;
    await lease.renewLease();
    now += 16_000;
    await write(blob, other);
    expect(await blob.getProperties()).toMatchObject({ leaseState: 'available', leaseStatus: 'unlocked' });
    // Who held it learns that somebody has been there.
    await expect(lease.renewLease()).rejects.toEqual(failure('LeaseIdMismatchWithLeaseOperation', 409));
    const second = broken.getBlobLeaseClient(randomUUID());
    await second.acquireLease(-1);
    await broken.setMetadata({ c: 'd' }, { conditions: { leaseId: second.leaseId } });
    expect(await broken.getProperties()).toMatchObject({ leaseState: 'leased' });
    await second.breakLease(0);
    expect(await broken.getProperties()).toMatchObject({ leaseState: 'broken' });
    await write(broken, other);
    expect(await broken.getProperties()).toMatchObject({ leaseState: 'available' });
  },
);

test('containers are listed, described and made once', async () => {
  const container = service.getContainerClient('described');
  await container.create({ metadata: { one: '1' } });
  await expect(container.create()).rejects.toEqual(failure('ContainerAlreadyExists', 409));
  await container.setMetadata({ two: '2' });
  expect((await container.getProperties()).metadata).toEqual({ two: '2' });
  const found = [];
  for await (const item of service.listContainers({ prefix: 'descr', includeMetadata: true }))
    found.push(item);
  expect(found).toMatchObject([{ name: 'described', metadata: { two: '2' } }]);
  await container.setAccessPolicy(undefined, [
    { id: 'p', accessPolicy: { permissions: 'r', startsOn: new Date(now), expiresOn: new Date(now + 1000) } },
  ]);
  expect((await container.getAccessPolicy()).signedIdentifiers).toMatchObject([{ id: 'p' }]);
  await expect(container.setAccessPolicy('blob')).rejects.toEqual(failure('PublicAccessNotPermitted', 409));
});

test('what is not part of it says so', async () => {
  const container = await newContainer();
  const blob = container.getBlockBlobClient('plain');
  await blob.upload('x', 1);
  const refused = { statusCode: 501 };
  await expect(container.getPageBlobClient('p').create(512)).rejects.toMatchObject(refused);
  await expect(container.getAppendBlobClient('p').create()).rejects.toMatchObject(refused);
  await expect(blob.createSnapshot()).rejects.toMatchObject(refused);
  await expect(blob.setTags({ a: 'b' })).rejects.toMatchObject(refused);
  await expect(blob.upload('x', 1, { tags: { a: 'b' } })).rejects.toMatchObject(refused);
});

test('a checksum that does not fit is refused and nothing kept', async () => {
  const container = await newContainer();
  const blob = container.getBlockBlobClient('sum');
  for (const size of [10, 100_000]) {
    const bytes = randomBytes(size);
    const wrong = createHash('md5').update('other').digest();
    await expect(blob.stageBlock('aaaa', bytes, size, { transactionalContentMD5: wrong })).rejects.toEqual(
      failure('Md5Mismatch', 400),
    );
  }
  expect(files()).toEqual([]);
  expect(await blob.exists()).toBe(false);
});

test('a stream that is open when its blob is deleted is read to its end', async () => {
  const container = await newContainer();
  const blob = container.getBlockBlobClient('open');
  const bytes = randomBytes(8_000_000);
  await blob.upload(bytes, bytes.length);
  const { readableStreamBody } = await blob.download();
  await blob.delete();
  expect((await read(readableStreamBody)).equals(bytes)).toBe(true);
  await expect.poll(files).toEqual([]);
});

test('every answer names its request, and an error says its code in the header, too', async () => {
  const response = await fetch(`${storage.blobUrl}/none/none`);
  expect(response.status).toBe(401);
  expect(response.headers.get('x-ms-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(response.headers.get('x-ms-error-code')).toBe('NoAuthenticationInformation');
  expect(await text(response.body as never)).toContain('<Code>NoAuthenticationInformation</Code>');
  for (const headers of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
    expect((await fetch(storage.blobUrl, { headers })).status).toBe(403);
  }
});
