import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { OutageError } from '../../src/domain/errors.ts';
import { Blobs } from '../../src/storage/blobs.ts';
import { Queues } from '../../src/storage/queues.ts';
import { Table, Tables } from '../../src/storage/tables.ts';
import { failure, sdk } from './sdk.ts';

type Answers = Parameters<typeof sdk>[0];
const tableOf = (answers: Answers) => new Table(sdk(answers).client);
const queuesOf = (answers: Answers) => new Queues(sdk(answers).client);

describe('every call', () => {
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
