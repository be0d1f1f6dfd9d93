import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BlobServiceClient } from '@azure/storage-blob';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OutageError } from '../../src/domain/errors.ts';
import { readSettings } from '../../src/domain/settings.ts';
import { openStorage, type StorageAccount } from '../../src/storage/account.ts';
import { containers } from '../../src/storage/names.ts';
import { isStorageOutage } from '../../src/storage/status.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';

let emulator: Emulator;
let storage: StorageAccount;
beforeAll(async () => {
  emulator = await startEmulator();
  storage = await openStorage(readSettings({ AzureWebJobsStorage: emulator.connectionString }));
});
afterAll(() => emulator?.stop());

/** Names that survive as a URL path: no lone surrogates, and no segment that is only dots, which URLs resolve away. */
const blobNames = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
  .filter(
    (name) =>
      name.isWellFormed() &&
      !name.startsWith('/') &&
      !name.includes('\\') &&
      !/(^|\/)\.{1,2}(\/|$)/.test(name),
  );

describe('the name in a blob URL', () => {
  test('is the name it was made from', () => {
    fc.assert(
      fc.property(blobNames, (name) => {
        expect(storage.blobs.nameIn(containers.input, storage.blobs.url(containers.input, name))).toBe(name);
      }),
    );
  });

  test('is absent for every other host, scheme, container, query and user, however it is spelt', () => {
    const own = new URL(storage.blobs.url(containers.input, 'x.jpg'));
    const [, account] = own.pathname.split('/');
    for (const url of [
      `https://evil.example${own.pathname}`,
      `http://127.0.0.1.evil.example:${own.port}${own.pathname}`,
      `http://127.0.0.1:${own.port}@evil.example${own.pathname}`,
      `http://127.0.0.1:1${own.pathname}`,
      `https://127.0.0.1:${own.port}${own.pathname}`,
      `ftp://127.0.0.1:${own.port}${own.pathname}`,
      `${own}?sv=2024&sig=abc`,
      `${own}#fragment`,
      `${own.origin}/${account}/faces/x.jpg`,
      `${own.origin}/${account}/inputimages/../faces/x.jpg`,
      `${own.origin}/${account}/inputimages/%2e%2e/faces/x.jpg`,
      `${own.origin}/${account}/inputimages`,
      `${own.origin}/${account}/inputimages/`,
      `${own.origin}/${account}/inputimages/%zz`,
      'file:///etc/passwd',
      'data:image/png;base64,AAAA',
      '//evil.example/x',
      'x.jpg',
      '',
    ]) {
      expect(storage.blobs.nameIn(containers.input, url), url).toBeUndefined();
    }
  });

  test('never throws and never leaves the container, whatever it is asked', () => {
    const { origin, pathname } = new URL(storage.blobs.url(containers.input, 'x'));
    const root = `${origin}/${pathname.split('/')[1]}/`;
    const urls = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
      fc.string({ unit: 'binary' }).map((tail) => root + tail),
    );
    fc.assert(
      fc.property(urls, (url) => {
        const name = storage.blobs.nameIn(containers.input, url);
        if (name === undefined) return;
        expect(new URL(url).pathname).toMatch(/^\/[^/]+\/inputimages\//);
      }),
    );
  });
});

test('defect 11 of 2017: containers were public and listable; ours answer nobody without a key', async () => {
  await storage.blobs.ensure(Object.values(containers));
  const service = BlobServiceClient.fromConnectionString(emulator.connectionString);
  for (const container of Object.values(containers)) {
    const client = service.getContainerClient(container);
    await storage.blobs.write(container, 'secret.jpg', Buffer.from('x'), 'image/jpeg');
    expect((await client.getAccessPolicy()).blobPublicAccess, container).toBeUndefined();
    for (const url of [`${client.url}?restype=container&comp=list`, `${client.url}/secret.jpg`]) {
      expect((await fetch(url)).ok, url).toBe(false);
    }
  }
});

describe('a page that something else answered with, in place of the storage account, is an outage', () => {
  const ACCOUNT = /(Blob|Queue|Table)Endpoint=http:\/\/[^/]+/g;
  let status = 200;
  let portal: Server;
  let storage: StorageAccount;
  beforeAll(async () => {
    portal = createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(status, { 'content-type': 'text/html' }).end('<p>Sign in</p>');
      });
    });
    await new Promise<void>((resolve) => portal.listen(0, '127.0.0.1', resolve));
    const { port } = portal.address() as AddressInfo;
    const elsewhere = emulator.connectionString.replace(ACCOUNT, `$1Endpoint=http://127.0.0.1:${port}`);
    storage = await openStorage(readSettings({ AzureWebJobsStorage: elsewhere }));
  });
  afterAll(() => {
    portal.close();
    portal.closeAllConnections();
  });

  const listed = async () => {
    for await (const row of storage.tables.table('faceindex').list()) return row;
    return 'nothing';
  };
  const CALLS: Record<string, () => Promise<unknown>> = {
    'table list': listed,
    'table get': () => storage.tables.table('faceindex').get('a', 'b'),
    'table insert': () => storage.tables.table('faceindex').insert('a', 'b', {}),
    'table update': () => storage.tables.table('faceindex').update('a', 'b', {}, 'e'),
    'table delete': () => storage.tables.table('faceindex').delete('a', 'b'),
    'blob list': () => storage.blobs.page('inputimages'),
    'blob head': () => storage.blobs.head('inputimages', 'x'),
    'blob read': () => storage.blobs.read('inputimages', 'x', { ifMatch: 'abc' }),
    'blob write': () => storage.blobs.write('inputimages', 'x', Buffer.from('x'), 'text/plain'),
    'blob delete': () => storage.blobs.delete('inputimages', 'x'),
    'queue send': () => storage.queues.send('ocr', 'text'),
    'queue look': () => storage.queues.look('ocr'),
  };
  test.each([200, 404].flatMap((code) => Object.keys(CALLS).map((name) => [name, code] as const)))(
    '%s, answered by %i',
    async (name, code) => {
      status = code;
      const error = await CALLS[name]?.().then(
        (answer) => new Error(`It was taken for an answer: ${JSON.stringify(answer)}`),
        (thrown: unknown) => thrown,
      );
      expect(error instanceof OutageError || isStorageOutage(error), String(error)).toBe(true);
    },
  );
});
