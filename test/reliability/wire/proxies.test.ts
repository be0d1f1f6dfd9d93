import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../support/emulator.ts';
import { FAULTS, type Fault } from './faults.ts';
import { startProxy } from './proxy.ts';
import { sqlAddress, startTcpProxy } from './tcp-proxy.ts';
import { Wire } from './wire.ts';

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function backend(): Promise<{ url: string; port: number; heard: string[] }> {
  const heard: string[] = [];
  const server: Server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url}`);
    response.writeHead(200, { 'content-type': 'application/json', etag: '"1"' }).end('{"whole":"answer"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, heard };
}

/** What the caller and the service know of a request that meets a fault. */
async function meet(fault: Fault | undefined) {
  const { url, heard } = await backend();
  const proxy = await startProxy('vision', url, { before: async () => fault, after: async () => undefined });
  closing.push(() => proxy.close());
  const answer = await fetch(`${proxy.url}/face/v1.0/detect?a=%2F`, { signal: AbortSignal.timeout(2500) })
    .then(async (response) => ({ status: response.status, text: await response.text() }))
    .catch((error: Error) => ({ status: 0, text: error.name }));
  return { ...answer, heard };
}

test('without a fault, path and answer pass unchanged', async () => {
  expect(await meet(undefined)).toEqual({
    status: 200,
    text: '{"whole":"answer"}',
    heard: ['GET /face/v1.0/detect?a=%2F'],
  });
});

test('each fault is what it says, to the caller and to the service', async () => {
  const seen = Object.fromEntries(await Promise.all(FAULTS.map(async (fault) => [fault, await meet(fault)])));
  expect(seen.throttled).toMatchObject({ status: 429, heard: [] });
  expect(seen['throttled-silently']).toMatchObject({ status: 429, heard: [] });
  expect(seen.error).toMatchObject({ status: 500, heard: [] });
  expect(seen.unavailable).toMatchObject({ status: 503, heard: [] });
  expect(seen['wrong-type']).toMatchObject({
    status: 200,
    text: expect.stringContaining('hotel'),
    heard: [],
  });
  expect(seen.reset).toMatchObject({ status: 0, heard: [] });
  expect(seen.stall).toMatchObject({ status: 0, text: 'TimeoutError', heard: [] });
  expect(seen.lost).toMatchObject({ status: 0, heard: [expect.anything()] });
  expect(seen.half).toMatchObject({ status: 0, heard: [expect.anything()] });
  expect(seen.slow).toMatchObject({ status: 200, heard: [expect.anything()] });
});

test('the trap is sprung at the n-th request, before or after the service has heard of it, and polls are not counted', async () => {
  const emulator: Emulator = await startEmulator();
  closing.push(() => emulator.stop());
  const wire = await Wire.open(emulator, 'http://127.0.0.1:1');
  closing.push(() => wire.close());
  const direct = QueueServiceClient.fromConnectionString(emulator.connectionString).getQueueClient('trapped');
  await direct.create();
  const depth = async () => (await direct.getProperties()).approximateMessagesCount;
  for (const when of ['before', 'after'] as const) {
    await direct.clearMessages();
    const through = QueueServiceClient.fromConnectionString(wire.connectionString(emulator), {
      retryOptions: { maxTries: 1 },
    }).getQueueClient('trapped');
    const killed = Promise.withResolvers<void>();
    wire.arm({ n: 2, when, kill: async () => killed.resolve() });
    await through.receiveMessages();
    await through.sendMessage('one');
    expect(wire.sprung).toBe(false);
    const abort = new AbortController();
    const second = through.sendMessage('two', { abortSignal: abort.signal });
    await killed.promise;
    expect(await depth()).toBe(when === 'before' ? 1 : 2);
    abort.abort();
    await expect(second).rejects.toThrow();
    expect(wire.disarm()).toEqual({ sprung: true, names: [expect.any(String), expect.any(String)] });
  }
});

test('a TCP proxy passes bytes on, counts, and cuts', async () => {
  const { port } = await backend();
  const proxy = await startTcpProxy({ host: '127.0.0.1', port });
  closing.push(() => proxy.close());
  const ask = () =>
    fetch(`http://127.0.0.1:${proxy.port}/x`, { headers: { connection: 'close' } }).then((response) =>
      response.text(),
    );
  expect(await ask()).toBe('{"whole":"answer"}');
  expect(proxy.requests).toBe(1);
  proxy.cut(true);
  await expect(ask()).rejects.toThrow();
  proxy.cut(false);
  expect(await ask()).toBe('{"whole":"answer"}');
});

test('the trap is sprung at the n-th piece for a database, before or after the server has heard of it', async () => {
  const { port, heard } = await backend();
  const emulator: Emulator = await startEmulator();
  closing.push(() => emulator.stop());
  const wire = await Wire.open(emulator, 'http://127.0.0.1:1');
  closing.push(() => wire.close());
  const proxy = await startTcpProxy({ host: '127.0.0.1', port }, wire.database);
  closing.push(() => proxy.close());
  for (const when of ['before', 'after'] as const) {
    heard.length = 0;
    const killed = Promise.withResolvers<void>();
    const abort = new AbortController();
    const ask = () =>
      fetch(`http://127.0.0.1:${proxy.port}/x`, { headers: { connection: 'close' }, signal: abort.signal });
    wire.arm({ n: 2, when, kill: async () => killed.resolve() });
    expect((await ask()).status).toBe(200);
    expect(wire.sprung).toBe(false);
    const second = ask();
    await killed.promise;
    expect(heard.length).toBe(when === 'before' ? 1 : 2);
    abort.abort();
    await expect(second).rejects.toThrow();
    expect(wire.disarm()).toEqual({ sprung: true, names: [expect.any(String), expect.any(String)] });
  }
});

test('the server in a connection string is found and replaced', () => {
  const address = sqlAddress('Server=tcp:db.example,1444;Database=x;Encrypt=true');
  expect(address).toMatchObject({ host: 'db.example', port: 1444 });
  expect(address.via(5)).toBe('Server=127.0.0.1,5;Database=x;Encrypt=true');
  expect(sqlAddress('Database=x;Data Source=.')).toMatchObject({ host: 'localhost', port: 1433 });
  expect(() => sqlAddress('Database=x')).toThrow(/names no server/);
});
