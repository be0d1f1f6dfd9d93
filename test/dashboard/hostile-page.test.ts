import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  generateAccountSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../src/local/vision/engine.ts';
import { containers, tables } from '../../src/storage/names.ts';
import { createFakeAnalyzer } from '../local/vision/fake-analyzer.ts';
import { jpeg, noise } from '../support/images.ts';
import { openStack, type Stack } from '../support/stack.ts';
import { type Browser, findChromium, openBrowser } from './chromium.ts';

const chromium = findChromium();
const ENGINE_KEY = 'a-key-that-the-page-has-learned';
const BLOB = 'camp/photograph.jpg';

/**
 * A page that the operator has open beside the program, which knows everything that could be known: the ports, the
 * account's key and the engine's. In a real browser, for what a browser sends of itself is what keeps the page out.
 */
describe.skipIf(chromium === undefined)('a hostile page', () => {
  let stack: Stack;
  let engine: Engine;
  let hostUrl: string;
  let server: Server;
  let browser: Browser;
  let page: Page;
  /** Of everything in the account, for an hour. */
  let sas: string;
  let account: string;

  beforeAll(async () => {
    engine = createEngine({ analyzer: createFakeAnalyzer(), key: ENGINE_KEY });
    stack = await openStack(await engine.listen());
    const host = stack.spawnHost();
    const [ready] = (await Promise.race([
      once(host.process, 'message'),
      once(host.process, 'exit').then(() => Promise.reject(new Error(host.output()))),
    ])) as [{ url: string }];
    hostUrl = ready.url;
    const setting = (name: string) =>
      new RegExp(`${name}=([^;]+)`).exec(stack.emulator.connectionString)?.[1] ?? '';
    account = setting('AccountName');
    sas = generateAccountSASQueryParameters(
      {
        services: AccountSASServices.parse('bqt').toString(),
        resourceTypes: AccountSASResourceTypes.parse('sco').toString(),
        permissions: AccountSASPermissions.parse('rwdlacup'),
        expiresOn: new Date(Date.now() + 3_600_000),
      },
      new StorageSharedKeyCredential(account, setting('AccountKey')),
    ).toString();
    await stack.app.storage.blobs.write(containers.input, BLOB, await jpeg(noise(80, 60)), 'image/jpeg');

    server = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end('<title>bait</title>'),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    browser = await openBrowser(chromium ?? '', ['--host-resolver-rules=MAP rebound.test 127.0.0.1']);
    page = await browser.context.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
    await stack?.stop();
    await engine?.close();
  });

  const at = (service: 'blob' | 'queue' | 'table', path: string, query = '', name = '127.0.0.1') =>
    `http://${name}:${stack.emulator.ports[service]}/${account}${path}?${sas}${query}`;

  /** As the page can without asking: the answer is opaque to it, what it does is not. */
  const post = (url: string, type: string, body: string) =>
    page.evaluate(
      async ([to, contentType, text]) => {
        await fetch(to as string, {
          method: 'POST',
          mode: 'no-cors',
          credentials: 'include',
          headers: { 'content-type': contentType as string },
          body: text as string,
        }).catch(() => undefined);
      },
      [url, type, body],
    );

  const messages = async () => (await stack.app.storage.queues.look('ocr'))?.messages;
  const hasBlob = async () => (await stack.app.storage.blobs.head(containers.input, BLOB)) !== undefined;

  test('the same addresses work for whoever is no page: the keys are right', async () => {
    const answer = await fetch(at('blob', `/${containers.input}/${BLOB}`));
    expect(answer.status).toBe(200);
    expect((await fetch(at('table', `/${tables.journal}()`))).status).toBe(200);
    expect((await fetch(`${engine.url}/face/v1.0/facelists?subscription-key=${ENGINE_KEY}`)).status).toBe(
      200,
    );
    expect((await fetch(`${hostUrl}/api/images`)).status).toBe(200);
  });

  test('it puts no message into a queue', async () => {
    const text = '<QueueMessage><MessageText>{}</MessageText></QueueMessage>';
    await post(at('queue', '/ocr/messages'), 'text/plain', text);
    await post(at('queue', '/ocr/messages', '', 'rebound.test'), 'text/plain', text);
    expect(await messages()).toBe(0);
  });

  test('it shows no photograph', async () => {
    const shown = await page.evaluate(
      (sources) =>
        Promise.all(
          sources.map(
            (source) =>
              new Promise<boolean>((resolve) => {
                const image = new Image();
                image.onload = () => resolve(true);
                image.onerror = () => resolve(false);
                image.src = source;
              }),
          ),
        ),
      [
        at('blob', `/${containers.input}/${BLOB}`),
        at('blob', `/${containers.input}/${BLOB}`, '', 'localhost'),
        at('blob', `/${containers.input}/${BLOB}`, '', 'rebound.test'),
      ],
    );
    expect(shown).toEqual([false, false, false]);
  });

  test('it deletes no blob, by a batch or by a form', async () => {
    const lines = [
      '--batch_x',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      'Content-ID: 0',
      '',
      `DELETE /${account}/${containers.input}/${BLOB}?${sas} HTTP/1.1`,
      'Content-Length: 0',
      '',
      '--batch_x--',
      '',
    ].join('\r\n');
    for (const type of ['multipart/mixed', 'multipart/form-data'])
      await post(at('blob', '/', '&comp=batch'), `${type}; boundary=batch_x`, lines);
    await page.evaluate(
      async (url) => {
        await fetch(url, { method: 'DELETE' }).catch(() => undefined);
      },
      at('blob', `/${containers.input}/${BLOB}`),
    );
    expect(await hasBlob()).toBe(true);
  });

  test.each([
    [
      'lists of blobs',
      () => at('blob', `/${containers.input}`, '&restype=container&comp=list', 'rebound.test'),
    ],
    ['a photograph', () => at('blob', `/${containers.input}/${BLOB}`, '', 'rebound.test')],
    ['the journal', () => at('table', `/${tables.journal}()`, '', 'rebound.test')],
    ['messages', () => at('queue', '/ocr/messages', '&peekonly=true', 'rebound.test')],
    ['enrolled faces', () => `${rebound(engine.url)}/face/v1.0/facelists?subscription-key=${ENGINE_KEY}`],
    ['results', () => `${rebound(hostUrl)}/api/images`],
    ['the page of the program', () => `${rebound(hostUrl)}/dashboard/`],
  ])('under a name that leads here it reads nothing: %s', async (_, url) => {
    const other = await browser.context.newPage();
    try {
      const answer = await other.goto(url());
      expect(answer?.status()).toBeGreaterThanOrEqual(400);
      const text = (await answer?.text()) ?? '';
      expect(text).not.toMatch(/photograph\.jpg|<root|faceListId/);
    } finally {
      await other.close();
    }
  });

  test('it uploads nothing to the host, and has nothing erased or run again', async () => {
    const before = await count();
    const form = [
      '--x',
      'Content-Disposition: form-data; name="file"; filename="bait.jpg"',
      'Content-Type: image/jpeg',
      '',
      'bytes',
      '--x--',
      '',
    ].join('\r\n');
    for (const name of [hostUrl, rebound(hostUrl)]) {
      for (const path of ['/api/uploads', '/api/erasures', '/api/bulk-acts'])
        await post(`${name}${path}`, 'multipart/form-data; boundary=x', form);
      await post(`${name}/api/erasures`, 'text/plain', JSON.stringify({ batch: 'camp', confirm: 'camp' }));
    }
    expect(await count()).toBe(before);
    expect(await hasBlob()).toBe(true);
  });

  const rebound = (url: string) =>
    url.replace('127.0.0.1', 'rebound.test').replace('localhost', 'rebound.test');
  const count = async () => {
    let found = 0;
    for await (const _ of stack.app.storage.blobs.list(containers.input)) found += 1;
    return found;
  };
});
