import { request as rawRequest } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type HostProcess, startHost } from './support.ts';

let host: HostProcess;
beforeAll(async () => {
  host = await startHost({ main: 'http.js' });
});
afterAll(async () => {
  expect(await host.stop()).toBe(0);
});

const get = (path: string, init?: RequestInit) => fetch(`${host.url}${path}`, init);
const json = async (path: string, init?: RequestInit) =>
  (await (await get(path, init)).json()) as Record<string, unknown>;

test('a function without a route has its name as route, under the prefix "api"', async () => {
  expect(await json('/api/defaultroute')).toMatchObject({ function: 'defaultroute', method: 'GET' });
  expect((await get('/defaultroute')).status).toBe(404);
});

test('a handler sees method, address, parameters, query, headers and body', async () => {
  const answer = await json('/api/items/a%20b?q=1&q=2&empty=', {
    method: 'POST',
    headers: { 'x-test': 'yes' },
    body: 'größe',
  });
  expect(answer).toEqual({
    function: 'items',
    method: 'POST',
    url: `${host.url}/api/items/a%20b?q=1&q=2&empty=`,
    params: { id: 'a b' },
    query: { q: '1,2', empty: '' },
    header: 'yes',
    body: 'größe',
  });
});

test('functions may share a route with different methods; literals come before constraints, those before parameters', async () => {
  expect(await json('/api/items/1', { method: 'DELETE' })).toMatchObject({ function: 'itemsdelete' });
  expect(await json('/api/items/special')).toMatchObject({ function: 'itemliteral' });
  expect(await json('/api/items/42')).toMatchObject({ function: 'number', params: { number: '42' } });
  expect(await json('/api/items/word')).toMatchObject({ function: 'items', params: { id: 'word' } });
});

test('optional and catch-all parameters', async () => {
  expect((await json('/api/optional')).params).toEqual({});
  expect((await json('/api/optional/7')).params).toEqual({ id: '7' });
  expect((await get('/api/optional/7/8')).status).toBe(404);
  expect((await json('/api/files/a/b%2Fc.txt')).params).toEqual({ path: 'a/b/c.txt' });
  expect((await json('/api/files')).params).toEqual({});
});

test('an unknown route is 404, a method nobody takes is 405 with those that are taken', async () => {
  expect((await get('/api/nosuch')).status).toBe(404);
  const refused = await get('/api/items/1', { method: 'PUT' });
  expect(refused.status).toBe(405);
  expect(refused.headers.get('allow')?.split(', ').sort()).toEqual(['DELETE', 'GET', 'POST']);
});

test('HEAD works where a function takes it, and has no body', async () => {
  const answer = await get('/api/head', { method: 'HEAD' });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe('');
});

test('authLevel is not enforced on one machine', async () => {
  expect((await get('/api/guarded')).status).toBe(200);
});

test('bytes travel unchanged in both directions, with status and headers', async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  const answer = await get('/api/bytes', { method: 'POST', body: bytes });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('x-answer')).toBe('yes');
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes.toReversed());
});

test('a body of more than 100 MiB is answered with 500 and nothing else, as the platform does', async () => {
  const sent = rawRequest(`${host.url}/api/bytes`, { method: 'POST' });
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; body: string }>();
  sent.on('error', reject);
  sent.on('response', async (response) => {
    let body = '';
    for await (const chunk of response) body += chunk;
    resolve({ status: response.statusCode, body });
  });
  // One byte too many.
  const piece = Buffer.alloc(1_048_576);
  for (let sentPieces = 0; sentPieces < 100; sentPieces += 1) sent.write(piece);
  sent.end('x');
  expect(await promise).toEqual({ status: 500, body: '' });
  expect((await get('/api/items/1')).status).toBe(200);
});

test('where the app has no page of its own the host shows one, unless a setting says no', async () => {
  const shown = await get('/');
  expect([shown.status, await shown.text()]).toEqual([200, expect.stringContaining('up and running')]);
  const own = await startHost({ main: 'http.js', env: { AzureWebJobsDisableHomepage: 'true' } });
  const hidden = await fetch(`${own.url}/`);
  expect([hidden.status, await hidden.text()]).toEqual([204, '']);
  expect(await own.stop()).toBe(0);
});

test('cookies are set with their attributes', async () => {
  expect((await get('/api/cookies')).headers.getSetCookie()).toEqual([
    'a=x%20y%3Bz; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Strict',
    'b=2; Domain=example.org; Expires=Wed, 02 Jan 2030 03:04:05 GMT',
    'c=3; SameSite=None',
  ]);
});

test('a handler that returns nothing answers 204, one that throws 500 without the reason', async () => {
  expect((await get('/api/nothing')).status).toBe(204);
  const failed = await get('/api/throws');
  expect(failed.status).toBe(500);
  expect(await failed.text()).toBe('');
  await host.logged((line) => line.function === 'throws' && /secret detail/.test(line.message));
});

test('without streaming, a body that is a stream is sent whole', async () => {
  const answer = await get('/api/stream');
  expect(await answer.text()).toBe('one,two');
  expect(answer.headers.get('content-length')).toBe('7');
});

test('a malformed path or host is refused, and the host goes on', async () => {
  expect((await get('/api/items/%E0%A4%A')).status).toBe(404);
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  rawRequest(`${host.url}/api/items/1`, { headers: { host: 'not a host' } }, (response) => {
    response.resume();
    resolve(response.statusCode);
  })
    .on('error', reject)
    .end();
  expect(await promise).toBe(400);
  expect((await get('/api/items/1')).status).toBe(200);
});

test('a graceful stop answers the request under way', async () => {
  const own = await startHost({ main: 'http.js' });
  const answer = fetch(`${own.url}/api/slow`);
  await own.reported('slow');
  const code = own.stop();
  await eventually(() => fetch(own.url).catch(() => 'refused')).toBe('refused');
  own.go('slow');
  expect(await (await answer).text()).toBe('at last');
  expect(await code).toBe(0);
});

test('host.json sets the route prefix', async () => {
  const env = { AzureFunctionsJobHost__extensions__http__routePrefix: '' };
  const own = await startHost({ main: 'http.js', env });
  expect((await fetch(`${own.url}/items/1`)).status).toBe(200);
  expect((await fetch(`${own.url}/api/items/1`)).status).toBe(404);
  expect(await own.stop()).toBe(0);
});
