import { Readable } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { OutageError } from '../../src/domain/errors.ts';
import { readSettings } from '../../src/domain/settings.ts';
import { openStorage } from '../../src/storage/account.ts';
import { Blobs } from '../../src/storage/blobs.ts';
import { isGenuine, notGenuine, onlyGenuine } from '../../src/storage/genuine.ts';
import { limited } from '../../src/storage/limit.ts';
import { Queues } from '../../src/storage/queues.ts';
import {
  hasCode,
  isContainerMissing,
  isStorageOutage,
  orUndefined,
  statusOf,
} from '../../src/storage/status.ts';
import { Table, Tables } from '../../src/storage/tables.ts';

/** A response of this status, from the service or from what stands before it. */
const response = (status: number, isService = true) => ({
  status,
  headers: { get: (name: string) => (isService && name === 'x-ms-request-id' ? 'id' : undefined) },
});
const failure = (status: number, more: object = {}, isService = true) =>
  Object.assign(new Error(`HTTP ${status}`), {
    statusCode: status,
    response: response(status, isService),
    ...more,
  });

type Answer = unknown | ((...args: unknown[]) => unknown);
/** An SDK's client, whatever is opened of it: answers by method, those that are errors are thrown. */
function sdk(answers: Record<string, Answer>) {
  const calls: { method: string; args: unknown[] }[] = [];
  const client: unknown = new Proxy(
    {},
    {
      get: (_, method: string) => {
        if (method === 'then') return undefined;
        if (/^get\w*Client$/.test(method)) return () => client;
        return (...args: unknown[]) => {
          calls.push({ method, args });
          const answer = answers[method];
          const said = typeof answer === 'function' ? answer(...args) : answer;
          if (/^list/.test(method)) return { byPage: (range: unknown) => pages(said, range) };
          return said instanceof Error ? Promise.reject(said) : Promise.resolve(said);
        };
      },
    },
  );
  const pages = (said: unknown, range: unknown) => {
    calls.push({ method: 'byPage', args: [range] });
    return { next: async () => ({ value: said }) };
  };
  const methods = () => calls.map(({ method }) => method);
  return { client: client as never, calls, methods };
}
const tableOf = (answers: Record<string, Answer>) => new Table(sdk(answers).client);
const blobsOf = (answers: Record<string, Answer>) => new Blobs(sdk(answers).client);
const queuesOf = (answers: Record<string, Answer>) => new Queues(sdk(answers).client);

describe('a storage error', () => {
  test('has the status that the service answered, and none where something else did', () => {
    for (const status of [400, 404, 409, 412, 429, 500, 503]) expect(statusOf(failure(status))).toBe(status);
    expect(statusOf(failure(404, {}, false))).toBe(0);
    expect(statusOf(failure(499, {}, false))).toBe(0);
    for (const status of [429, 500, 503]) expect(statusOf(failure(status, {}, false))).toBe(status);
    expect(statusOf({ statusCode: 404 }), 'without its response').toBe(404);
    expect(statusOf({ statusCode: 404, response: { status: 404 } })).toBe(404);
    for (const none of [undefined, null, 'text', new Error('x'), { statusCode: '404' }])
      expect(statusOf(none)).toBe(0);
  });

  test('that says "not found" is an answer; any other is thrown', async () => {
    expect(await orUndefined(Promise.resolve(7))).toBe(7);
    expect(await orUndefined(Promise.reject(failure(404)))).toBeUndefined();
    for (const error of [failure(403), failure(404, {}, false)])
      await expect(orUndefined(Promise.reject(error))).rejects.toBe(error);
  });

  test('has its code in one of two places; only a container that is missing is one', () => {
    const [code, details] = [{ code: 'ContainerNotFound' }, { details: { errorCode: 'ContainerNotFound' } }];
    for (const error of [code, details]) {
      expect(hasCode(error, 'ContainerNotFound')).toBe(true);
      expect(hasCode(error, 'BlobNotFound')).toBe(false);
      expect(isContainerMissing(failure(404, error))).toBe(true);
      expect(isContainerMissing(failure(409, error))).toBe(false);
    }
    expect(isContainerMissing(failure(404, { code: 'BlobNotFound' }))).toBe(false);
    for (const none of [undefined, null, {}, { details: {} }]) expect(hasCode(none, 'X')).toBe(false);
  });

  test('means an outage where time cures it', () => {
    const named = (name: string) => Object.assign(new Error(name), { name });
    const coded = (code: unknown, more = {}) => Object.assign(new Error('x'), { code, ...more });
    const outages = [
      ...[408, 429, 500, 503, 599].map((status) => failure(status)),
      ...['TimeoutError', 'AbortError'].map(named),
      failure(404, {}, false),
      failure(200, {}, false),
      ...['REQUEST_SEND_ERROR', 'ECONNRESET', 'UND_ERR_SOCKET'].map((code) => coded(code)),
    ];
    for (const error of outages) expect(isStorageOutage(error), String(error)).toBe(true);
    const others = [
      ...[400, 403, 404, 409, 412, 428, 499].map((status) => failure(status)),
      named('RestError'),
      new Error('x'),
      ...['EACCES', 'XECONNRESET', 7, undefined].map((code) => coded(code)),
      coded('ECONNRESET', { statusCode: 404, response: response(404) }),
      // What only looks like an error of ours.
      { statusCode: 503, name: 'TimeoutError' },
      'ECONNRESET',
      undefined,
    ];
    for (const error of others) expect(isStorageOutage(error), String(error)).toBe(false);
  });

  test('is none of the service where its request is not named: only then, and below an outage, it is kept from the SDK', async () => {
    expect(isGenuine(response(200))).toBe(true);
    expect(isGenuine(response(200, false))).toBe(false);
    const asked = (status: number, isService: boolean) =>
      onlyGenuine({ sendRequest: async () => response(status, isService) as never })
        .sendRequest({} as never)
        .then(({ status: passed }) => passed, String);
    for (const status of [200, 404, 407, 409, 499]) {
      expect(await asked(status, true)).toBe(status);
      expect(await asked(status, false)).toBe(String(notGenuine()));
    }
    for (const status of [408, 429, 500, 503]) expect(await asked(status, false)).toBe(status);
    expect(notGenuine()).toBeInstanceOf(OutageError);
    expect(notGenuine().code).toBe('StorageUnexpectedAnswer');
  });
});

describe('every call', () => {
  test('ends after half a minute, or with its caller', () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout');
    try {
      const caller = new AbortController();
      const [alone, both] = [limited().abortSignal, limited(caller.signal).abortSignal];
      expect(timeout.mock.calls).toEqual([[30_000], [30_000]]);
      caller.abort(new Error('enough'));
      expect([alone.aborted, both.aborted]).toEqual([false, true]);
    } finally {
      timeout.mockRestore();
    }
    const over = AbortSignal.abort();
    const spy = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(over);
    try {
      expect(
        [limited().abortSignal, limited(new AbortController().signal).abortSignal].map((s) => s.aborted),
      ).toEqual([true, true]);
    } finally {
      spy.mockRestore();
    }
  });

  const found = { requestId: 'id', approximateMessagesCount: 1, etag: 'e' };
  const answers = {
    ...{ getProperties: found, peekMessages: { peekedMessageItems: [] }, createEntity: {}, updateEntity: {} },
    receiveMessages: { receivedMessageItems: [{ messageText: 't', messageId: 'm', popReceipt: 'p' }] },
    ...{ getEntity: {}, upload: {}, commitBlockList: {}, getBlockList: {}, exists: true },
    download: () => ({ readableStreamBody: Readable.from([]), etag: 'e' }),
    listBlobsFlat: { requestId: 'id', segment: { blobItems: [] } },
    listEntities: [],
  };
  const bytes = Buffer.from('x');
  const ways: Record<string, (client: never) => Promise<unknown>> = {
    'table get': (client) => new Table(client).get('p', 'r'),
    'table create': (client) => new Table(client).create('p', 'r', {}),
    'table merge': (client) => new Table(client).merge('p', 'r', {}, 'e'),
    'table replace': (client) => new Table(client).replace('p', 'r', {}, 'e'),
    'table upsert': (client) => new Table(client).upsert('p', 'r', {}),
    'table delete': (client) => new Table(client).delete('p', 'r'),
    'table page': (client) => new Table(client).page(),
    'tables ensure': (client) => new Tables(client, () => client).ensure(['t']),
    'blob read': (client) => new Blobs(client).read('c', 'n'),
    'blob head': (client) => new Blobs(client).head('c', 'n'),
    'blob write': (client) => new Blobs(client).write('c', 'n', bytes, 't'),
    'blob create': (client) => new Blobs(client).create('c', 'n', bytes, 't'),
    'blob block': (client) => new Blobs(client).stageBlock('c', 'n', 'i', bytes),
    'blob blocks': (client) => new Blobs(client).stagedBlocks('c', 'n'),
    'blob commit': (client) => new Blobs(client).commitBlocks('c', 'n', [], 't'),
    'blob delete': (client) => new Blobs(client).delete('c', 'n'),
    'blob page': (client) => new Blobs(client).page('c'),
    'blob server': (client) => new Blobs(client).serverOf('c').catch(() => ''),
    'blob container': (client) => new Blobs(client).hasContainer('c'),
    'blobs ensure': (client) => new Blobs(client).ensure(['c']),
    'queue send': (client) => new Queues(client).send('q', 't'),
    'queue look': (client) => new Queues(client).look('q'),
    'queue renew': (client) => new Queues(client).renew('q'),
    'queue clear': (client) => new Queues(client).clear('q'),
    'queues ensure': (client) => new Queues(client).ensure(['q']),
  };
  test.each(Object.entries(ways))('%s has that limit', async (_, way) => {
    const { client, calls } = sdk(answers);
    await way(client);
    const made = calls.filter(({ method }) => method !== 'byPage');
    expect(made.length).toBeGreaterThan(0);
    for (const { method, args } of made) {
      const last = args.at(-1) as { abortSignal?: unknown };
      expect(last?.abortSignal, method).toBeInstanceOf(AbortSignal);
    }
  });
});

describe('a table', () => {
  test('takes conflicts for answers, each for its own, and throws every other error', async () => {
    const outcome = async (method: string, status: number, work: (table: Table) => Promise<unknown>) =>
      work(tableOf({ [method]: failure(status) })).catch(({ message }) => message);
    const cases: [string, (table: Table) => Promise<unknown>, Record<number, unknown>][] = [
      ['createEntity', (table) => table.insert('p', 'r', {}), { 409: false }],
      ['createEntity', (table) => table.create('p', 'r', {}), { 409: undefined }],
      ['updateEntity', (table) => table.update('p', 'r', {}, 'e'), { 404: false, 412: false }],
      ['updateEntity', (table) => table.merge('p', 'r', {}, 'e'), { 404: undefined, 412: undefined }],
      ['updateEntity', (table) => table.replace('p', 'r', {}, 'e'), { 404: undefined, 412: undefined }],
      ['deleteEntity', (table) => table.delete('p', 'r', 'e'), { 404: true, 412: false }],
      ['getEntity', (table) => table.get('p', 'r'), { 404: undefined }],
      ['upsertEntity', (table) => table.upsert('p', 'r', {}), {}],
    ];
    for (const [method, work, answers] of cases)
      for (const status of [400, 403, 404, 409, 412, 503])
        expect(await outcome(method, status, work), `${method} ${status}`).toBe(
          status in answers ? answers[status] : `HTTP ${status}`,
        );
  });

  test('gives an empty version where an answer names none, and an empty page where there is none', async () => {
    const table = tableOf({
      createEntity: {},
      updateEntity: {},
      getEntity: { partitionKey: 'p', rowKey: 'r' },
    });
    expect(await table.create('p', 'r', {})).toBe('');
    expect(await table.insert('p', 'r', {})).toBe(true);
    expect(await table.merge('p', 'r', {}, 'e')).toBe('');
    expect(await table.get('p', 'r')).toEqual({ partitionKey: 'p', rowKey: 'r', etag: '', columns: {} });
    expect(await tableOf({ listEntities: undefined }).page()).toEqual({ rows: [] });
  });

  test('is made where it is missing, all of them; that one is there is no error', async () => {
    const { client, calls } = sdk({ createTable: (name: unknown) => (name === 'b' ? failure(409) : {}) });
    await new Tables(client, () => client).ensure(['a', 'b', 'c']);
    expect(calls.map(({ args: [name] }) => name)).toEqual(['a', 'b', 'c']);
    const refused = sdk({ createTable: failure(403) }).client;
    await expect(new Tables(refused, () => refused).ensure(['a'])).rejects.toThrow('HTTP 403');
  });
});

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

describe('a queue', () => {
  test('is empty where it is not there, and is not looked into where it has no message', async () => {
    expect(await queuesOf({ getProperties: failure(404) }).look('q')).toBeUndefined();
    expect(await queuesOf({ getProperties: failure(404) }).standing('q')).toEqual({
      ...{ messages: 0, visible: [], poison: 0 },
    });
    for (const count of [0, undefined]) {
      const { client, methods } = sdk({ getProperties: { requestId: 'i', approximateMessagesCount: count } });
      expect(await new Queues(client).look('q')).toEqual({ messages: 0, visible: [] });
      expect(methods()).toEqual(['getProperties']);
    }
    await expect(queuesOf({ getProperties: {} }).look('q')).rejects.toBeInstanceOf(OutageError);
    await expect(queuesOf({ getProperties: failure(403) }).look('q')).rejects.toThrow('HTTP 403');
  });

  test('shows what is visible, at most 32, and since when the oldest of it waits', async () => {
    const message = (text: string, at: number) => ({
      ...{ messageText: text, insertedOn: new Date(at), dequeueCount: 3, messageId: 'other' },
    });
    const look = (peekedMessageItems: unknown[]) => {
      const { client, calls } = sdk({
        getProperties: { requestId: 'i', approximateMessagesCount: 5 },
        peekMessages: { peekedMessageItems },
      });
      return { depth: new Queues(client).look('q'), calls };
    };
    expect(await look([]).depth).toEqual({ messages: 5, visible: [] });
    const { depth, calls } = look([message('b', 20), message('a', 10), message('c', 30)]);
    expect(await depth).toEqual({
      messages: 5,
      visible: [
        { text: 'b', insertedAt: new Date(20), dequeueCount: 3 },
        { text: 'a', insertedAt: new Date(10), dequeueCount: 3 },
        { text: 'c', insertedAt: new Date(30), dequeueCount: 3 },
      ],
      oldestReady: new Date(10),
    });
    expect(calls.at(-1)?.args).toMatchObject([{ numberOfMessages: 32 }]);
  });

  test('keeps what it is sent for ever; it is made where it is missing, and any other error is thrown', async () => {
    const left: unknown[] = [failure(404), {}];
    const { client, calls, methods } = sdk({ sendMessage: () => left.shift() });
    await new Queues(client).send('q', 'text', 1500);
    expect(methods()).toEqual(['sendMessage', 'createIfNotExists', 'sendMessage']);
    for (const { args } of calls.filter(({ method }) => method === 'sendMessage'))
      expect(args).toMatchObject(['text', { messageTimeToLive: -1, visibilityTimeout: 2 }]);
    const refused = sdk({ sendMessage: failure(403) });
    await expect(new Queues(refused.client).send('q', 'text')).rejects.toThrow('HTTP 403');
    expect(refused.methods()).toEqual(['sendMessage']);
  });

  const received = (text: string, dequeueCount: number) => ({
    ...{ messageText: text, messageId: `id ${text}`, popReceipt: `pop ${text}`, dequeueCount },
  });
  const acts = (calls: { method: string; args: unknown[] }[]) =>
    calls
      .filter(({ method }) => /^(send|delete)/.test(method))
      .map(({ method, args }) => `${method.slice(0, 4)} ${args[0]}`);

  test('has what is visible sent anew, each before its old one is deleted; one that has gone meanwhile is no error', async () => {
    const { client, calls } = sdk({
      receiveMessages: { receivedMessageItems: [received('a', 1), received('b', 1)] },
      deleteMessage: (id: unknown) => (id === 'id a' ? failure(404) : {}),
    });
    expect(await new Queues(client).renew('q')).toBe(2);
    expect(calls[0]?.args).toMatchObject([{ numberOfMessages: 32, visibilityTimeout: 60 }]);
    expect(acts(calls)).toEqual(['send a', 'dele id a', 'send b', 'dele id b']);
  });

  test('gives up only what was delivered so often in vain, all of it, and sends the others anew', async () => {
    const rounds = [
      [received('a', 6), received('b', 2)],
      [received('c', 7), received('d', 5)],
    ];
    const peeked = rounds.map((round) =>
      round.map((one) => ({ ...one, dequeueCount: one.dequeueCount - 1, insertedOn: new Date(0) })),
    );
    const { client, calls } = sdk({
      getProperties: { requestId: 'i', approximateMessagesCount: 2 },
      // The last time, what is left has not been delivered often enough.
      peekMessages: () => ({
        peekedMessageItems: peeked.shift() ?? [{ ...received('d', 4), insertedOn: new Date(0) }],
      }),
      receiveMessages: () => ({ receivedMessageItems: rounds.shift() ?? [] }),
    });
    const worked: string[] = [];
    expect(await new Queues(client).takeLeft('q', 5, async (text) => void worked.push(text))).toBe(2);
    expect(worked).toEqual(['a', 'c']);
    expect(acts(calls)).toEqual(['dele id a', 'send b', 'dele id b', 'dele id c', 'send d', 'dele id d']);
    expect(
      calls.filter(({ method }) => method === 'receiveMessages').map(({ args }) => args[0]),
    ).toMatchObject([1, 2].map(() => ({ numberOfMessages: 32, visibilityTimeout: 60 })));
    expect(await queuesOf({ getProperties: failure(404) }).takeLeft('q', 5, async () => {})).toBe(0);
  });

  test('whose messages another has taken meanwhile is left; what could not be worked on stays', async () => {
    const one = { ...received('a', 5), insertedOn: new Date(0) };
    const seen = {
      getProperties: { requestId: 'i', approximateMessagesCount: 1 },
      peekMessages: { peekedMessageItems: [one] },
    };
    const none = queuesOf({ ...seen, receiveMessages: { receivedMessageItems: [] } });
    expect(await none.takeLeft('q', 5, async () => {})).toBe(0);
    const { client, methods } = sdk({
      ...seen,
      receiveMessages: { receivedMessageItems: [{ ...one, dequeueCount: 6 }] },
    });
    const failing = new Queues(client).takeLeft('q', 5, () => Promise.reject(new Error('not now')));
    await expect(failing).rejects.toThrow('not now');
    expect(methods()).not.toContain('deleteMessage');
  });
});

describe('an account', () => {
  const identity = async () => ({ getToken: async () => null });
  test('is opened by its name, or by the addresses that are given', async () => {
    const urlOf = async (env: Record<string, string>) =>
      (await openStorage(readSettings(env), identity as never)).blobs.url('c', 'n');
    const name = { AzureWebJobsStorage__accountName: 'photos' };
    expect(await urlOf(name)).toBe('https://photos.blob.core.windows.net/c/n');
    const addresses = Object.fromEntries(
      ['blob', 'queue', 'table'].map((service) => [
        `AzureWebJobsStorage__${service}ServiceUri`,
        `https://${service}.example`,
      ]),
    );
    expect(await urlOf({ ...name, ...addresses })).toBe('https://blob.example/c/n');
    expect(await urlOf(addresses)).toBe('https://blob.example/c/n');
    await expect(openStorage(readSettings({}), identity as never)).rejects.toThrow(/No storage account/);
    await expect(
      openStorage(readSettings({ AzureWebJobsStorage: 'secret' }), identity as never),
    ).rejects.toThrow(/^App setting AzureWebJobsStorage: is not a connection string/);
  });
});
