import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { InvocationResponse } from '../../../../src/local/host/app/core-api.ts';
import type { RegisteredFunction } from '../../../../src/local/host/app/registry.ts';
import type { BodyLimits } from '../../../../src/local/host/http/body.ts';
import { parseRoute } from '../../../../src/local/host/http/route.ts';
import { type HttpServer, serveHttp } from '../../../../src/local/host/http/server.ts';

const MIB = 1024 * 1024;
let server: HttpServer | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server?.abort();
  await server?.stop();
});

/** A host with one function on every path, which says how many bytes it got, once `go` lets it. */
async function start(bodies: Partial<BodyLimits>, go: Promise<void> = Promise.resolve()) {
  const seen: number[] = [];
  server = await serveHttp({
    ...{ port: 0, homepage: false, streamProxy: undefined, bodies },
    functions: [
      {
        fn: {} as RegisteredFunction,
        bindingName: 'request',
        route: parseRoute('', '{*path}'),
        methods: new Set(['GET', 'POST']),
      },
    ],
    log: { write: () => {}, system: () => {} },
    invoke: async (_, { data }) => {
      const { length } = (data as { http: { body: { bytes: Buffer } } }).http.body.bytes;
      seen.push(length);
      await go;
      return {
        returnValue: { http: { statusCode: '200', body: { string: `${length}` } } },
      } as InvocationResponse;
    },
  });
  return { url: server.url, port: Number(new URL(server.url).port), seen };
}

/** Writes the head of a request, and gives what is answered though no body follows. */
async function half(port: number, head: readonly string[], begin = '\r\n'): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(`${head.join('\r\n')}\r\n${begin}`);
  return socket;
}
const firstLine = async (socket: Socket): Promise<string> => {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString().split('\r\n')[0] ?? '';
};
const post = (port: number, path: string, bytes: number, ...more: string[]) =>
  half(port, [`POST ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, `Content-Length: ${bytes}`, ...more]);

test.each([
  ['Origin', 'Origin: http://127.0.0.1:1'],
  ['Origin of a rebound name', 'Origin: http://evil.example'],
  ['null as Origin', 'Origin: null'],
  ['Sec-Fetch-Site', 'Sec-Fetch-Site: cross-site'],
  ['Sec-Fetch-Site of another port', 'Sec-Fetch-Site: same-site'],
])('a page of another site is refused by its headers, before its body: %s', async (_, header) => {
  const { port, seen } = await start({});
  expect(await firstLine(await post(port, '/upload', 100 * MIB, header))).toContain('403');
  expect(seen).toEqual([]);
});

test('so is a foreign name in Host, and a body that does not say its length', async () => {
  const { port, seen } = await start({});
  const heads = [
    ['POST / HTTP/1.1', `Host: evil.example:${port}`, `Content-Length: ${MIB}`],
    ['POST / HTTP/1.1', 'Host: 127.0.0.1:1', 'Transfer-Encoding: chunked'],
  ];
  for (const head of heads) expect(await firstLine(await half(port, head))).toContain('403');
  expect(seen).toEqual([]);
});

test("this host's own page and programs get through", async () => {
  const { port, url } = await start({});
  for (const headers of [{}, { origin: url, 'sec-fetch-site': 'same-origin' }] as Record<string, string>[]) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'four', headers });
    expect(await answer.text()).toBe('4');
  }
});

test('a path without files takes little, one with files takes much', async () => {
  const { port, url } = await start({ filePaths: ['/api/uploads', '/api/Cases/{case}/files'] });
  expect(await firstLine(await post(port, '/api/else', MIB + 1))).toContain('413');
  const whole = await fetch(`${url}/API/uploads/`, { method: 'POST', body: new Uint8Array(3 * MIB) });
  expect(await whole.text()).toBe(`${3 * MIB}`);
  const inCase = await fetch(`${url}/api/cases/%C3%A9-1/files`, {
    method: 'POST',
    body: new Uint8Array(3 * MIB),
  });
  expect(await inCase.text()).toBe(`${3 * MIB}`);
  for (const path of ['/api/cases//files', '/api/cases/1/2/files', '/api/cases/1/files/2', '/api/cases/1'])
    expect(await firstLine(await post(port, path, MIB + 1)), path).toContain('413');
  // Without a length it is counted as it comes.
  const drip = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(MIB / 4)),
  });
  const init = { method: 'POST', body: drip, duplex: 'half' } as RequestInit;
  const status = await fetch(`${url}/api/else`, init).then(
    (answer) => answer.status,
    () => 'cut',
  );
  expect([413, 'cut']).toContain(status);
});

test('all bodies together have a limit, from their first byte to their answer', async () => {
  const { promise: go, resolve } = Promise.withResolvers<void>();
  const { url, port, seen } = await start({ bufferedBytes: 3 * MIB }, go);
  const body = new Uint8Array(2 * MIB);
  const first = fetch(url, { method: 'POST', body });
  await expect.poll(() => seen).toEqual([2 * MIB]);
  const refused = await post(port, '/', 2 * MIB);
  const answer = ((await once(refused, 'data')) as [Buffer])[0].toString();
  expect(answer).toContain('503');
  expect(answer.toLowerCase()).toContain('retry-after: 5');
  resolve();
  expect(await (await first).text()).toBe(`${2 * MIB}`);
  await expect.poll(async () => (await fetch(url, { method: 'POST', body })).status).toBe(200);
});

test('what half-sent bodies hold counts as well, and is given back when they are cut', async () => {
  const { url, port } = await start({ bufferedBytes: 4 * MIB, stallMs: 300 });
  const halves = await Promise.all(Array.from({ length: 40 }, () => post(port, '/', 4 * MIB)));
  const answers = halves.map(firstLine);
  for (const socket of halves) socket.write(Buffer.alloc(MIB / 8));
  for (const line of await Promise.all(answers)) expect(line).toMatch(/408|503/);
  await expect
    .poll(async () => (await fetch(url, { method: 'POST', body: new Uint8Array(4 * MIB) })).status)
    .toBe(200);
});

test('headers that do not come to an end are cut off', async () => {
  const { port } = await start({ headersMs: 200 });
  const socket = await half(port, ['GET / HTTP/1.1', `Host: 127.0.0.1:${port}`], 'X-Slow: ');
  expect(await firstLine(socket)).toContain('408');
});

test('six foreign bodies of 100 MiB leave the memory where it was', async () => {
  const { port } = await start({});
  const before = process.memoryUsage().rss;
  const sent = await Promise.all(
    Array.from({ length: 6 }, () => post(port, '/', 100 * MIB, 'Origin: http://evil.example')),
  );
  const answers = Promise.all(sent.map(firstLine));
  const piece = Buffer.alloc(MIB);
  for (const socket of sent) for (let i = 0; i < 4 && !socket.destroyed; i++) socket.write(piece);
  for (const line of await answers) expect(line).toContain('403');
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * MIB);
});

test.each(['a@127.0.0.1', 'a:b@127.0.0.1', '127.0.0.1/x', '127.0.0.1?x'])(
  '%s in Host is a bad request',
  async (host) => {
    const { port } = await start({});
    const socket = await half(port, ['GET / HTTP/1.1', `Host: ${host}:${port}`]);
    expect(await firstLine(socket)).toContain('400');
  },
);
