import { connect } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createThrottle } from '../../../../src/local/vision/http/throttle.ts';
import { createClients, refusal } from '../clients.ts';
import { picture, portrait } from '../fake-analyzer.ts';
import { startEngine } from '../start-engine.ts';

/** Sends raw bytes and collects what comes back until the engine closes the connection. */
function sendRaw(url: string, ...chunks: (string | Buffer)[]): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    for (const chunk of chunks) socket.write(chunk);
  });
}

describe('the gateway', () => {
  test.each([
    ['GET', '/'],
    ['GET', '/vision/v3.2/analyze'],
    ['POST', '/vision/v4.0/analyze'],
    ['POST', '/face/v1.0/identify'],
    ['POST', '/prefix/face/v1.0/detect'],
    ['GET', '/face/v1.0/facelists/%E0%A4%A'],
    ['DELETE', '/face/v1.0/facelists//'],
  ])('%s %s is not found', async (method, path) => {
    const { url } = await startEngine();
    const response = await fetch(url + path, { method });
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: { code: '404', message: 'Resource not found' } });
  });

  test('a required key is required, as key or as token', async () => {
    const { url, face } = await startEngine({ key: 'secret' });
    expect(await face.faceList.list()).toEqual([]);
    expect(await refusal(createClients(url, 'wrong').face.faceList.list())).toMatchObject({
      status: 401,
      code: '401',
    });
    const response = await fetch(`${url}/face/v1.0/facelists`, {
      headers: { authorization: 'Bearer secret' },
    });
    expect(response.status).toBe(200);
  });

  test.each([
    ['a page of another site', { origin: 'http://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['an image or a form of a page', { 'sec-fetch-site': 'cross-site' }],
    ['a page on another port', { 'sec-fetch-site': 'same-site' }],
    ['a name that leads here', { host: 'evil.example:80' }],
  ])('%s is refused, whatever key it brings', async (_, headers) => {
    const { url } = await startEngine({ key: 'secret' });
    const lines = Object.entries({ host: new URL(url).host, ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    const head = [
      'GET /face/v1.0/facelists HTTP/1.1',
      ...lines,
      'ocp-apim-subscription-key: secret',
      'connection: close',
    ];
    expect(await sendRaw(url, `${head.join('\r\n')}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 403 /);
  });

  test('whoever types its address, or is no browser, is let in', async () => {
    const { url } = await startEngine({ key: 'secret' });
    for (const headers of [{}, { 'sec-fetch-site': 'none' }, { host: `localhost:${new URL(url).port}` }]) {
      const lines = Object.entries({ host: new URL(url).host, ...headers }).map(
        ([name, value]) => `${name}: ${value}`,
      );
      const head = [
        'GET /face/v1.0/facelists HTTP/1.1',
        ...lines,
        'ocp-apim-subscription-key: secret',
        'connection: close',
      ];
      expect(await sendRaw(url, `${head.join('\r\n')}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
    }
  });

  test('calls beyond the rate are answered 429 with how long to wait, per service', async () => {
    const { face, vision, advance, url } = await startEngine({ callsPerSecond: 2 });
    await face.faceList.list();
    await face.faceList.list();
    const error = await refusal(face.faceList.list());
    expect(error).toMatchObject({ status: 429, code: '429' });
    expect((await fetch(`${url}/face/v1.0/facelists`)).headers.get('retry-after')).toBe('1');
    await vision.tagImageInStream(picture());
    advance(1000);
    expect(await face.faceList.list()).toEqual([]);
  });

  test('no second ever holds more calls than the rate', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 200 }), fc.integer({ min: 1, max: 5 }), (gaps, rate) => {
        let now = 0;
        const throttle = createThrottle(rate, () => now);
        const admitted: number[] = [];
        for (const gap of gaps) {
          now += gap;
          const wait = throttle.refusal();
          if (wait === undefined) admitted.push(now);
          else expect(wait).toBeGreaterThanOrEqual(1);
        }
        for (const [i, at] of admitted.entries()) {
          const later = admitted[i + rate];
          if (later !== undefined) expect(later - at).toBeGreaterThanOrEqual(1000);
        }
      }),
    );
  });
});

test('closing lets a call under way end, and does not wait for its client', async () => {
  const { engine, face, analyzer } = await startEngine();
  let release = () => {};
  let reached = () => {};
  const underWay = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  analyzer.gate = () => {
    reached();
    return held;
  };
  const call = face.face.detectWithStream(portrait(1));
  await underWay;
  const closed = engine.close();
  release();
  expect(await call).toHaveLength(1);
  await closed;
}, 5000);

test('a call refused for its rate is answered even while it sends a large image', async () => {
  const { face } = await startEngine({ callsPerSecond: 1 });
  await face.faceList.list();
  const large = picture({}, 6 * 1024 * 1024);
  expect(await refusal(face.face.detectWithStream(large))).toMatchObject({ status: 429 });
});

describe('hostile bodies', () => {
  test('a chunked body that never ends is cut off, and others are served meanwhile', async () => {
    const { url, face } = await startEngine({ limits: { faceMaxBytes: 64 * 1024 } });
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const head =
      'POST /face/v1.0/detect HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/octet-stream\r\ntransfer-encoding: chunked\r\n\r\n';
    const framed = Buffer.concat([
      Buffer.from(`${chunk.length.toString(16)}\r\n`),
      chunk,
      Buffer.from('\r\n'),
    ]);
    const answer = sendRaw(url, head, ...Array.from({ length: 20 }, () => framed));
    expect(await face.face.detectWithStream(portrait(1))).toHaveLength(1);
    expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(await answer).toContain('"InvalidImageSize"');
  });

  test('a length that promises too much is refused without waiting for it', async () => {
    const { url } = await startEngine();
    const answer = await sendRaw(
      url,
      'POST /vision/v3.2/analyze HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/octet-stream\r\ncontent-length: 999999999\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"InvalidImageSize"');
  });

  test('a client that goes away in the middle harms nobody', async () => {
    const { url, face, analyzer } = await startEngine();
    const { hostname, port } = new URL(url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          'POST /face/v1.0/detect HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/octet-stream\r\ncontent-length: 5000\r\n\r\nhalf',
          () => socket.destroy(),
        );
      });
      socket.on('close', () => resolve());
    });
    expect(await face.face.detectWithStream(portrait(1))).toHaveLength(1);
    expect(analyzer.calls).toBe(1);
  });

  test('any JSON at all is answered with a client error, never with a crash', async () => {
    const { url } = await startEngine();
    const routes = [
      ['POST', '/face/v1.0/findsimilars'],
      ['POST', '/face/v1.0/verify'],
      ['PUT', '/face/v1.0/facelists/a'],
      ['PATCH', '/face/v1.0/largefacelists/a'],
      ['POST', '/face/v1.0/detect'],
      ['POST', '/vision/v3.2/analyze'],
    ] as const;
    const known = fc.record(
      {
        faceId: fc.anything(),
        faceIds: fc.anything(),
        faceListId: fc.anything(),
        faceId1: fc.anything(),
        name: fc.oneof(fc.integer(), fc.constant(''), fc.constant('x'.repeat(129))),
        userData: fc.anything(),
        url: fc.anything(),
      },
      { requiredKeys: [] },
    );
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      known.map((value) => JSON.stringify(value) ?? ''),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...routes), body, async ([method, path], text) => {
        const response = await fetch(url + path, {
          method,
          headers: { 'content-type': 'application/json' },
          body: text,
        });
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(response.status).toBeLessThan(500);
        expect(await response.json()).toHaveProperty('error.code');
      }),
      { numRuns: 150 },
    );
  });
});

describe('image URLs', () => {
  test('are fetched from a trusted host, within its limits, without redirects', async () => {
    // The pictures' host: an engine has a port of its own to be told apart by.
    const { createServer } = await import('node:http');
    const host = createServer((request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location: '/ok' }).end();
      else if (request.url === '/large') response.end(Buffer.alloc(7 * 1024 * 1024));
      else if (request.url === '/ok') response.end(portrait(1));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
    try {
      const address = host.address();
      const authority = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
      const { face } = await startEngine({ trustedImageHosts: [authority] });
      const detect = (path: string) => face.face.detectWithUrl(`http://${authority}${path}`);
      expect(await detect('/ok')).toHaveLength(1);
      expect(await refusal(detect('/moved'))).toMatchObject({ code: 'InvalidURL' });
      expect(await refusal(detect('/none'))).toMatchObject({ code: 'InvalidURL' });
      expect(await refusal(detect('/large'))).toMatchObject({ code: 'InvalidImageSize' });
    } finally {
      host.closeAllConnections();
      host.close();
    }
  });
});
