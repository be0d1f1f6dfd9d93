import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../src/api/routes.ts';
import type { FunctionInfo } from '../../src/local/host/set-up.ts';
import { form, photograph } from '../support/api.ts';
import { openStack, type Stack } from '../support/stack.ts';

/** The functions as built, in the embedded host, over a socket. There is no engine: nothing is analysed here. */
let stack: Stack;
let host: URL;
let functions: readonly FunctionInfo[];

beforeAll(async () => {
  stack = await openStack('http://127.0.0.1:9');
  const child = stack.spawnHost();
  const ended = once(child.process, 'exit').then((): [Ready] => {
    throw new Error(`The host ended before it was ready:\n${child.output()}`);
  });
  const [ready] = (await Promise.race([once(child.process, 'message'), ended])) as [Ready];
  functions = ready.functions;
  host = new URL(ready.url);
});
afterAll(() => stack?.stop());

interface Ready {
  url: string;
  functions: readonly FunctionInfo[];
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A request with exactly these headers; `fetch` would not let a test write `Host` or `Origin`. */
async function ask(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: Buffer,
): Promise<Answer> {
  const sent = request({ hostname: host.hostname, port: host.port, method, path, headers });
  sent.end(body);
  const [response] = await once(sent, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}
const json = ({ body }: Answer) => JSON.parse(body.toString('utf8'));

describe('in the embedded host', () => {
  test('the API, its document, health and the page have their places, and no other route is taken', async () => {
    expect(json(await ask('GET', routes.me))).toEqual({ name: 'local', role: 'administrator', local: true });
    expect(json(await ask('GET', routes.openapi)).openapi).toBe('3.1.0');
    expect((await ask('GET', '/api/health')).headers['content-type']).toContain('json');
    const page = await ask('GET', '/dashboard/');
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    expect((await ask('GET', '/admin/host/status')).status).toBe(404);
    expect((await ask('GET', '/images')).status).toBe(404);
    expect((await ask('POST', routes.images)).status).toBe(405);
  });

  test('every route but the one that says whether all is well goes through the gate', async () => {
    const open = [];
    for (const { name, source = '' } of functions.filter(({ trigger }) => trigger === 'httpTrigger')) {
      const path = `/${source.replace(/\{\*?\w+\}/g, 'x')}`;
      // Whatever the method: a route that has it not answers 405, and so to nobody.
      const answers = await Promise.all(
        ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'].map((method) =>
          ask(method, path, { host: `evil.example:${host.port}`, 'content-type': 'application/json' }),
        ),
      );
      if (!answers.every(({ status }) => status === 403 || status === 405)) open.push(name);
      expect(
        answers.some(({ status }) => status !== 405),
        name,
      ).toBe(true);
    }
    expect(open).toEqual(['health']);
  });

  test('whoever may GET may ask for the headers alone', async () => {
    for (const path of [routes.me, routes.openapi, '/api/health', '/dashboard/', '/machine/api/me']) {
      const [get, head] = [await ask('GET', path), await ask('HEAD', path)];
      expect([path, head.status, head.body.length]).toEqual([path, get.status, 0]);
      expect(head.headers['content-type']).toBe(get.headers['content-type']);
    }
    expect((await ask('HEAD', routes.uploads)).status).toBe(405);
  });

  test('another name for this host, and another site, are refused', async () => {
    const rebound = await ask('GET', routes.live, { host: `evil.example:${host.port}` });
    expect([rebound.status, json(rebound).code]).toEqual([403, 'HostRefused']);
    const otherPort = await ask('GET', routes.live, { host: 'localhost:1' });
    expect(json(otherPort).code).toBe('HostRefused');
    const foreign = await ask('POST', routes.uploads, { origin: 'http://evil.example' });
    expect([foreign.status, json(foreign).code]).toEqual([403, 'CrossSite']);
    expect((await ask('GET', routes.live, { host: `localhost:${host.port}` })).status).toBe(200);
    expect((await ask('GET', '/dashboard/', { host: `evil.example:${host.port}` })).status).toBe(403);
  });

  test('an uploaded photograph becomes a job, with its picture at the same address as ever', async () => {
    const { headers = {}, body } = form([{ name: 'a b.jpg', bytes: await photograph({}, 1) }]);
    const own = { ...headers, origin: host.origin, 'sec-fetch-site': 'same-origin' };
    const answer = await ask('POST', `${routes.uploads}?batch=x%2Fy`, own, body as Buffer);
    const [file] = json(answer).files;
    expect(file).toMatchObject({ accepted: true, blobName: 'x/y/a b.jpg' });
    await stack.app.reconciler(Number.NEGATIVE_INFINITY).run({ info() {}, warn() {}, error() {} });
    await expect
      .poll(async () => (await ask('GET', routes.image(file.id))).status, { timeout: 30_000 })
      .toBe(200);
    const thumbnail = await ask('GET', routes.imageThumbnail(file.id));
    expect(thumbnail.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'x-content-type-options': 'nosniff',
    });
    expect(thumbnail.body.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    const again = await ask('GET', routes.imageThumbnail(file.id), {
      'if-none-match': thumbnail.headers.etag ?? '',
    });
    expect(again.status).toBe(304);
    expect(json(await ask('GET', routes.batch('x/y')))).toMatchObject({ accepted: 1, underWay: 1 });
  });

  test('values of one name in a query stay apart, commas and all', async () => {
    expect((await ask('GET', `${routes.images}?tag=a,b&tag=c`)).status).toBe(200);
    expect(json(await ask('GET', `${routes.images}?limit=1&limit=2`)).code).toBe('InvalidInput');
  });
});
