import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ForeignImageOptions, fetchForeignImage } from '../../../src/imaging/foreign/fetch.ts';
import type { Address } from '../../../src/network/pinned.ts';
import { selfSignedCertificate } from '../../support/certificate.ts';
import * as make from '../../support/images.ts';

const HOST = 'images.example.org';
const MIRROR = 'mirror.example.org';
const LOOPBACK: Address = { address: '127.0.0.1', family: 4 };
const certificate = selfSignedCertificate([HOST, MIRROR]);

/** A real TLS server that plays the public hosts; each test says how it answers. */
let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: IncomingMessage[];
let resolved: string[];

beforeAll(async () => {
  server = createServer(certificate, (request, response) => {
    asked.push(request);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  resolved = [];
  answer = (_, response) => response.end('bytes');
});

function fetchImage(
  url = `https://${HOST}/a.jpg`,
  changes: Partial<ForeignImageOptions> = {},
): Promise<Buffer> {
  return fetchForeignImage(url, {
    allowedHosts: [HOST, MIRROR],
    maxBytes: 100_000,
    signal: new AbortController().signal,
    timeoutMs: 20_000,
    clock: () => Date.parse('2026-01-01T00:00:00Z'),
    resolve: async (host) => {
      resolved.push(host);
      return [LOOPBACK];
    },
    transport: {
      ca: certificate.cert,
      port: (server.address() as AddressInfo).port,
      isPublic: (address) => address === LOOPBACK.address,
    },
    ...changes,
  });
}

const refusal = { name: 'ContractError', code: 'ForeignImageRefused' };

test('an image is fetched whole, with the host in SNI and in Host', async () => {
  const image = await make.jpeg();
  answer = (_, response) => response.end(image);
  expect((await fetchImage(`https://${HOST}/folder/a.jpg?size=full`)).equals(image)).toBe(true);
  expect(resolved).toEqual([HOST]);
  const [request] = asked;
  expect(request?.url).toBe('/folder/a.jpg?size=full');
  expect(request?.headers.host?.split(':')[0]).toBe(HOST);
  expect((request?.socket as (TLSSocket & { servername?: string }) | undefined)?.servername).toBe(HOST);
  expect(request?.headers['accept-encoding']).toBe('identity');
  expect(request?.headers.cookie).toBeUndefined();
});

describe('addresses', () => {
  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '169.254.169.254',
    '::1',
    '::ffff:10.0.0.1',
    'fd00::1',
    '64:ff9b::7f00:1',
  ])('a listed host that resolves to %s is refused, and never connected to', async (address) => {
    const { port } = server.address() as AddressInfo;
    const { isPublicAddress } = await import('../../../src/network/public-address.ts');
    const changes = {
      resolve: async () => [{ address, family: address.includes(':') ? 6 : 4 }],
      transport: { ca: certificate.cert, port, isPublic: isPublicAddress },
    };
    await expect(fetchImage(undefined, changes)).rejects.toMatchObject(refusal);
    expect(asked).toEqual([]);
  });

  test('one private address among public ones is enough', async () => {
    const resolve = async () => [LOOPBACK, { address: '10.0.0.1', family: 4 }];
    await expect(fetchImage(undefined, { resolve })).rejects.toMatchObject(refusal);
    expect(asked).toEqual([]);
  });

  test('rebinding: the checked address is connected to, and the resolver is not asked again', async () => {
    const answers: Address[] = [LOOPBACK, { address: '10.0.0.1', family: 4 }];
    let calls = 0;
    const resolve = async () => [answers[calls++] ?? LOOPBACK];
    expect(String(await fetchImage(undefined, { resolve }))).toBe('bytes');
    expect(calls).toBe(1);
  });

  test('rebinding between redirects: each hop is checked anew', async () => {
    const answers: Address[] = [LOOPBACK, { address: '10.0.0.1', family: 4 }];
    answer = (_, response) => response.writeHead(302, { location: '/again' }).end();
    await expect(
      fetchImage(undefined, { resolve: async () => [answers.shift() ?? LOOPBACK] }),
    ).rejects.toMatchObject(refusal);
    expect(asked).toHaveLength(1);
  });

  test('a host that does not resolve is an outage: it may be there tomorrow', async () => {
    const resolve = async () => {
      throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
    };
    await expect(fetchImage(undefined, { resolve })).rejects.toMatchObject({ name: 'OutageError' });
    await expect(fetchImage(undefined, { resolve: async () => [] })).rejects.toMatchObject({
      name: 'OutageError',
      code: 'ForeignImageUnavailable',
    });
  });
});

describe('redirects', () => {
  test('are followed to another host of the list, which is resolved as well', async () => {
    answer = ({ url }, response) =>
      url === '/a.jpg'
        ? response.writeHead(301, { location: `https://${MIRROR}/b.jpg` }).end()
        : response.end(`at ${url}`);
    expect(String(await fetchImage())).toBe('at /b.jpg');
    expect(resolved).toEqual([HOST, MIRROR]);
  });

  test.each([
    ['off the list', 'https://evil.test/a.jpg'],
    ['to plain http', `http://${HOST}/a.jpg`],
    ['to an address', 'https://169.254.169.254/'],
    ['to another port', `https://${HOST}:8443/`],
    ['to a file', 'file:///etc/passwd'],
    ['to another host without a scheme', '//evil.test/a.jpg'],
  ])('%s are refused', async (_, location) => {
    answer = (__, response) => response.writeHead(307, { location }).end();
    await expect(fetchImage()).rejects.toMatchObject(refusal);
    expect(asked).toHaveLength(1);
  });

  test('end after three', async () => {
    answer = (_, response) => response.writeHead(302, { location: '/a.jpg' }).end();
    await expect(fetchImage()).rejects.toMatchObject(refusal);
    expect(asked).toHaveLength(4);
  });
});

describe('what the host answers', () => {
  test.each([
    [404, 'PermanentError', 'ForeignImageNotFound'],
    [410, 'PermanentError', 'ForeignImageNotFound'],
    [401, 'PermanentError', 'ForeignImageRejected'],
    [403, 'PermanentError', 'ForeignImageRejected'],
    [204, 'PermanentError', 'ForeignImageRejected'],
    [302, 'PermanentError', 'ForeignImageRejected'],
    [408, 'OutageError', 'ForeignImageUnavailable'],
    [500, 'OutageError', 'ForeignImageUnavailable'],
    [503, 'OutageError', 'ForeignImageUnavailable'],
    [429, 'RateLimitedError', 'ForeignImageRateLimited'],
  ])('%d is a %s', async (status, name, code) => {
    answer = (_, response) => response.writeHead(status).end();
    await expect(fetchImage()).rejects.toMatchObject({ name, code });
  });

  test.each([
    [429, '7', 7000],
    [503, '7', 7000],
    [429, 'Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    [429, 'soon', 30_000],
    [429, '-5', 30_000],
    [429, '999999999', 3_600_000],
  ])('%d with Retry-After: %s', async (status, header, retryAfterMs) => {
    answer = (_, response) => response.writeHead(status, { 'retry-after': header }).end();
    await expect(fetchImage()).rejects.toMatchObject({ retryAfterMs });
  });

  test('a body of exactly the cap is taken', async () => {
    answer = (_, response) => response.end(Buffer.alloc(100_000, 1));
    expect(await fetchImage()).toHaveLength(100_000);
  });

  test('a Content-Length over the cap is refused before the body comes', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-length': 100_001 }).flushHeaders();
    await expect(fetchImage()).rejects.toMatchObject({ code: 'ForeignImageTooLarge' });
  });

  test('an endless body without a length is cut off at the cap', async () => {
    answer = (_, response) => {
      const write = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384, 1)));
      };
      response.on('drain', write);
      write();
    };
    await expect(fetchImage()).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'ForeignImageTooLarge',
    });
  });

  test('a compressed body is refused: a few bytes can be gigabytes', async () => {
    answer = (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(90_000)));
    await expect(fetchImage()).rejects.toMatchObject({ code: 'ForeignImageEncoded' });
  });

  test('a body that breaks off is an outage, not half an image', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('only this', () => response.destroy());
    };
    await expect(fetchImage()).rejects.toMatchObject({ name: 'OutageError' });
  });
});

describe('time and trust', () => {
  test('a host that never answers is an outage once the time is up', async () => {
    answer = () => {};
    await expect(fetchImage(undefined, { timeoutMs: 150 })).rejects.toMatchObject({
      name: 'OutageError',
      code: 'ForeignImageUnavailable',
      message: expect.stringContaining('in time'),
    });
  });

  test('so is one that stops in the middle of the body', async () => {
    answer = (_, response) => response.write('the beginning');
    await expect(fetchImage(undefined, { timeoutMs: 150 })).rejects.toMatchObject({ name: 'OutageError' });
  });

  test('so is a resolver that never answers', async () => {
    const resolve = () => new Promise<never>(() => {});
    await expect(fetchImage(undefined, { timeoutMs: 50, resolve })).rejects.toMatchObject({
      name: 'OutageError',
    });
  });

  test("the caller's abort ends it with the caller's reason", async () => {
    const controller = new AbortController();
    const reason = new Error('shutting down');
    answer = () => controller.abort(reason);
    await expect(fetchImage(undefined, { signal: controller.signal })).rejects.toBe(reason);
    await expect(fetchImage(undefined, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('a certificate for another host is not trusted', async () => {
    const changes = { allowedHosts: ['other.example.org'] };
    await expect(fetchImage('https://other.example.org/a.jpg', changes)).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'ForeignImageUntrusted',
    });
    expect(asked).toEqual([]);
  });

  test('a closed port is an outage', async () => {
    const closed = createServer(certificate);
    closed.listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    const transport = { ca: certificate.cert, port, isPublic: () => true };
    await expect(fetchImage(undefined, { transport })).rejects.toMatchObject({ name: 'OutageError' });
  });
});

test('no error quotes the URL', async () => {
  const url = `https://${HOST}/anna-example.jpg?token=secret`;
  for (const status of [302, 404, 403, 429, 500]) {
    answer = (_, response) => response.writeHead(status).end();
    const thrown = await fetchImage(url).catch((error: Error) => error);
    expect(String(thrown)).toMatch(/Error/);
    expect(String(thrown)).not.toMatch(/anna|secret/);
  }
});
