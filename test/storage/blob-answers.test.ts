import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { OutageError } from '../../src/domain/errors.ts';
import { Blobs } from '../../src/storage/blobs.ts';
import { failure, sdk } from './sdk.ts';

type Answers = Parameters<typeof sdk>[0];
const blobsOf = (answers: Answers) => new Blobs(sdk(answers).client);

describe('a blob', () => {
  const content = (more: object = {}) => ({
    readableStreamBody: Readable.from([Buffer.from('abc'), Buffer.from('de')]),
    ...{ etag: '"e"', contentLength: 5 },
    ...more,
  });

  test('is read whole, and not at all beyond what its caller takes', async () => {
    const read = (maxBytes?: number, more: object = {}) =>
      blobsOf({ download: () => content(more) }).read('c', 'n', maxBytes === undefined ? {} : { maxBytes });
    const whole = { bytes: Buffer.from('abcde'), etag: 'e', contentType: undefined, metadata: {} };
    for (const maxBytes of [undefined, 5, 6]) expect(await read(maxBytes)).toEqual(whole);
    for (const maxBytes of [4, 0]) expect(await read(maxBytes)).toBe('too large');
    expect(await read(4, { contentLength: undefined }), 'of a length that nobody says').toEqual(whole);
    expect(await read(5, { contentType: 't', metadata: { a: 'b' } })).toEqual({
      ...{ ...whole, contentType: 't', metadata: { a: 'b' } },
    });
    expect(await read(5, { readableStreamBody: undefined })).toBeUndefined();
    await expect(read(5, { etag: undefined })).rejects.toBeInstanceOf(OutageError);
  });

  test('that changed is told from one that is gone; from the beginning, and of the version that is meant', async () => {
    const { client, calls } = sdk({ download: () => content() });
    await new Blobs(client).read('c', 'n');
    await new Blobs(client).read('c', 'n', { ifMatch: 'v' });
    expect(calls.map(({ args: [offset, count] }) => [offset, count])).toEqual([
      [0, undefined],
      [0, undefined],
    ]);
    const [plain, conditional] = calls.map(({ args }) => args[2] as { conditions?: unknown });
    expect(plain).not.toHaveProperty('conditions');
    expect(conditional?.conditions).toEqual({ ifMatch: '"v"' });
    const outcome = (status: number, head: unknown) =>
      blobsOf({ download: failure(status), getProperties: head })
        .read('c', 'n')
        .catch(({ message }) => message);
    expect(await outcome(412, { etag: 'e' })).toBe('changed');
    expect(await outcome(412, failure(404))).toBeUndefined();
    expect(await outcome(404, { etag: 'e' })).toBeUndefined();
    expect(await outcome(403, { etag: 'e' })).toBe('HTTP 403');
  });

  test('has its head, as far as the service knows it', async () => {
    const head = (properties: unknown) => blobsOf({ getProperties: properties }).head('c', 'n');
    expect(await head({ etag: '"e"' })).toEqual({ etag: 'e', bytes: 0, md5: undefined, metadata: {} });
    const known = { etag: 'e', contentLength: 9, contentMD5: Buffer.from('md5'), metadata: { a: 'b' } };
    expect(await head(known)).toEqual({
      ...{ etag: 'e', bytes: 9, md5: Buffer.from('md5').toString('base64'), metadata: { a: 'b' } },
    });
    expect(await head(failure(404))).toBeUndefined();
    await expect(head({})).rejects.toBeInstanceOf(OutageError);
  });

  test('is written over what was there, or only where there is none', async () => {
    const bytes = Buffer.from('abc');
    const { client, calls } = sdk({ upload: {}, commitBlockList: {} });
    const blobs = new Blobs(client);
    expect(await blobs.write('c', 'n', bytes, 'image/png', { a: 'b' })).toBe('');
    expect(await blobs.create('c', 'n', bytes, 'image/png')).toBe('');
    expect(await blobs.commitBlocks('c', 'n', ['i'], 'image/png')).toBe('');
    const [write, create, commit] = calls.map(({ args }) => args.at(-1) as Record<string, unknown>);
    expect(write).not.toHaveProperty('conditions');
    expect(write).toMatchObject({ metadata: { a: 'b' } });
    for (const options of [create, commit]) expect(options?.conditions).toEqual({ ifNoneMatch: '*' });
    for (const options of [write, create, commit])
      expect(options?.blobHTTPHeaders).toEqual({ blobContentType: 'image/png' });
  });

  test('takes conflicts for answers, each for its own, and throws every other error', async () => {
    const bytes = Buffer.from('abc');
    const block = { code: 'InvalidBlobOrBlock' };
    const list = { code: 'InvalidBlockList' };
    const cases: [string, (blobs: Blobs) => Promise<unknown>, Error, unknown][] = [
      ['upload', (blobs) => blobs.create('c', 'n', bytes, 't'), failure(409), undefined],
      ['upload', (blobs) => blobs.create('c', 'n', bytes, 't'), failure(412), undefined],
      ['upload', (blobs) => blobs.create('c', 'n', bytes, 't'), failure(403), 'HTTP 403'],
      ['upload', (blobs) => blobs.write('c', 'n', bytes, 't'), failure(409), 'HTTP 409'],
      ['stageBlock', (blobs) => blobs.stageBlock('c', 'n', 'i', bytes), failure(400, block), false],
      ['stageBlock', (blobs) => blobs.stageBlock('c', 'n', 'i', bytes), failure(400), 'HTTP 400'],
      ['stageBlock', (blobs) => blobs.stageBlock('c', 'n', 'i', bytes), failure(409, block), 'HTTP 409'],
      ['commitBlockList', (blobs) => blobs.commitBlocks('c', 'n', [], 't'), failure(409), undefined],
      ['commitBlockList', (blobs) => blobs.commitBlocks('c', 'n', [], 't'), failure(412), undefined],
      ['commitBlockList', (blobs) => blobs.commitBlocks('c', 'n', [], 't'), failure(400, list), undefined],
      ['commitBlockList', (blobs) => blobs.commitBlocks('c', 'n', [], 't'), failure(400), 'HTTP 400'],
      ['commitBlockList', (blobs) => blobs.commitBlocks('c', 'n', [], 't'), failure(403, list), 'HTTP 403'],
      ['deleteIfExists', (blobs) => blobs.delete('c', 'n', 'e'), failure(412), undefined],
      ['deleteIfExists', (blobs) => blobs.delete('c', 'n', 'e'), failure(403), 'HTTP 403'],
      ['getBlockList', (blobs) => blobs.stagedBlocks('c', 'n'), failure(404), new Map()],
      ['getBlockList', (blobs) => blobs.stagedBlocks('c', 'n'), failure(403), 'HTTP 403'],
      ['getProperties', (blobs) => blobs.serverOf('c'), failure(404), ''],
    ];
    for (const [method, work, error, outcome] of cases)
      expect(await work(blobsOf({ [method]: error })).catch(({ message }) => message), method).toEqual(
        outcome,
      );
    expect(await blobsOf({ stageBlock: {} }).stageBlock('c', 'n', 'i', bytes)).toBe(true);
    const waiting = { uncommittedBlocks: [{ name: 'i', size: 3 }] };
    expect(await blobsOf({ getBlockList: waiting }).stagedBlocks('c', 'n')).toEqual(new Map([['i', 3]]));
    expect(await blobsOf({ getBlockList: {} }).stagedBlocks('c', 'n')).toEqual(new Map());
  });

  test('of one version is deleted as that; without one, whatever is there', async () => {
    const { client, calls } = sdk({});
    await new Blobs(client).delete('c', 'n', 'v');
    await new Blobs(client).delete('c', 'n');
    const [one, any] = calls.map(({ method, args: [options] }) => ({ method, ...(options as object) }));
    expect(one).toMatchObject({ method: 'deleteIfExists', conditions: { ifMatch: '"v"' } });
    expect(any?.method).toBe('deleteIfExists');
    expect(any).not.toHaveProperty('conditions');
  });

  test('is written into a container that somebody deleted, which is made again; anything else is thrown', async () => {
    const bytes = Buffer.from('abc');
    const missing = failure(404, { code: 'ContainerNotFound' });
    for (const [method, work] of [
      ['upload', (blobs: Blobs) => blobs.write('c', 'n', bytes, 't')],
      ['upload', (blobs: Blobs) => blobs.create('c', 'n', bytes, 't')],
      ['stageBlock', (blobs: Blobs) => blobs.stageBlock('c', 'n', 'i', bytes)],
    ] as const) {
      const left = [missing, { etag: 'e' }];
      const { client, methods } = sdk({ [method]: () => left.shift() });
      await work(new Blobs(client));
      expect(methods()).toEqual([method, 'createIfNotExists', method]);
    }
    const other = sdk({ upload: failure(404, { code: 'BlobNotFound' }) });
    await expect(new Blobs(other.client).write('c', 'n', bytes, 't')).rejects.toThrow('HTTP 404');
    expect(other.methods()).toEqual(['upload']);
  });

  test('is in a page with what is known of it', async () => {
    const modified = new Date(0);
    const page = (continuationToken?: string) => ({
      requestId: 'id',
      ...(continuationToken !== undefined && { continuationToken }),
      segment: {
        blobItems: [
          { name: 'a', properties: { etag: '"e"', contentLength: 3, lastModified: modified } },
          { name: 'b', properties: { lastModified: modified } },
        ],
      },
    });
    const blobs = [
      { name: 'a', etag: 'e', bytes: 3, createdAt: modified },
      { name: 'b', etag: '', bytes: 0, createdAt: modified },
    ];
    for (const none of [undefined, ''])
      expect(await blobsOf({ listBlobsFlat: page(none) }).page('c')).toStrictEqual({ blobs });
    const { client, calls } = sdk({ listBlobsFlat: page('there') });
    expect(await new Blobs(client).page('c', { prefix: 'p', from: 'here', size: 2 })).toStrictEqual({
      ...{ blobs, next: 'there' },
    });
    await new Blobs(client).page('c');
    expect(calls.map(({ args: [range] }) => range)).toMatchObject([
      { prefix: 'p' },
      { continuationToken: 'here', maxPageSize: 2 },
      { prefix: '' },
      {},
    ]);
    expect(calls.at(-1)?.args).toEqual([{}]);
  });
});

test('a listing goes on to its last page; one that is not of the service is an outage', async () => {
  const page = (name: string, continuationToken?: string) => ({
    ...{ requestId: 'id', continuationToken },
    segment: { blobItems: [{ name, properties: {} }] },
  });
  const left = [page('a', '1'), page('b', '2'), page('c')];
  const { client, calls } = sdk({ listBlobsFlat: () => left.shift() });
  const names: string[] = [];
  for await (const { name } of new Blobs(client).list('c', 'p')) names.push(name);
  expect(names).toEqual(['a', 'b', 'c']);
  expect(calls.map(({ args: [range] }) => range)).toMatchObject([
    ...[{ prefix: 'p' }, {}, { prefix: 'p' }, { continuationToken: '1' }],
    ...[{ prefix: 'p' }, { continuationToken: '2' }],
  ]);
  const other = { segment: { blobItems: [] } };
  for (const listBlobsFlat of [undefined, other, new TypeError('no XML')])
    await expect(blobsOf({ listBlobsFlat }).page('c')).rejects.toBeInstanceOf(OutageError);
  await expect(blobsOf({ listBlobsFlat: failure(403) }).page('c')).rejects.toThrow('HTTP 403');
});
