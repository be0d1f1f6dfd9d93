import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestStorage, testAccount } from './support.ts';
import { accountOf } from './wire/account.ts';
import { WireClient } from './wire/client.ts';
import type { WireRequest } from './wire/request.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'imaginem-folder-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const accounts = [testAccount()];
const start = (where: string) => startTestStorage({ folder: where, accounts });

test('two services do not work on one folder', async () => {
  const where = path.join(folder, 'two');
  const storage = await start(where);
  await expect(start(where)).rejects.toThrow(/cannot be used: another storage service works on it already/);
  await storage.close();
  await (await start(where)).close();
});

test('a damaged database is refused, and nothing is changed', async () => {
  const where = path.join(folder, 'damaged');
  await (await start(where)).close();
  const database = path.join(where, 'storage.db');
  writeFileSync(database, 'This is no database at all. '.repeat(1000));
  const before = readFileSync(database);
  await expect(start(where)).rejects.toThrow(/storage\.db is damaged .* restore the folder from a backup/);
  expect(readFileSync(database).equals(before)).toBe(true);
});

/** Files in which the bytes of a text are found. */
function filesWith(where: string, text: string): string[] {
  return readdirSync(where, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

test('what was deleted is not found by a raw search of the folder, while the service runs', async () => {
  const where = path.join(folder, 'erased');
  const storage = await start(where);
  const client = new WireClient(accountOf(storage.connectionString));
  const secret = 'a-person-who-asked-to-be-forgotten';
  const json = { 'content-type': 'application/json', accept: 'application/json;odata=nometadata' };
  const send = async (request: WireRequest) => {
    const answer = await client.send(request);
    expect(answer.status, `${request.method} ${request.path}: ${answer.body}`).toBeLessThan(300);
    return answer.body.toString();
  };
  await send({ service: 'blob', method: 'PUT', path: '/images', query: { restype: 'container' } });
  await send({ service: 'queue', method: 'PUT', path: '/tasks' });
  await send({
    service: 'table',
    method: 'POST',
    path: '/Tables',
    headers: json,
    body: '{"TableName":"journal"}',
  });
  const sizes = { small: 2000, medium: 60_000, large: 400_000 };
  for (const [name, size] of Object.entries(sizes)) {
    await send({
      ...{
        service: 'blob',
        method: 'PUT',
        path: `/images/${secret}-${name}`,
        body: Buffer.alloc(size, secret),
      },
      headers: { 'x-ms-blob-type': 'BlockBlob', 'x-ms-meta-who': secret },
    });
  }
  const entity = { PartitionKey: secret, RowKey: 'job', outcome: secret.repeat(200) };
  await send({
    service: 'table',
    method: 'POST',
    path: '/journal',
    headers: json,
    body: JSON.stringify(entity),
  });
  const answer = await send({
    ...{
      service: 'queue',
      method: 'POST',
      path: '/tasks/messages',
      headers: { 'content-type': 'application/xml' },
    },
    body: `<QueueMessage><MessageText>${secret}</MessageText></QueueMessage>`,
  });
  expect(filesWith(where, secret).length).toBeGreaterThan(1);

  for (const name of Object.keys(sizes)) {
    await send({ service: 'blob', method: 'DELETE', path: `/images/${secret}-${name}` });
  }
  await send({
    ...{ service: 'table', method: 'DELETE', path: `/journal(PartitionKey='${secret}',RowKey='job')` },
    headers: { ...json, 'if-match': '*' },
  });
  const id = /<MessageId>(.*?)</.exec(answer)?.[1];
  const popreceipt = /<PopReceipt>(.*?)</.exec(answer)?.[1] ?? '';
  await send({ service: 'queue', method: 'DELETE', path: `/tasks/messages/${id}`, query: { popreceipt } });
  await expect.poll(() => filesWith(where, secret), { timeout: 40_000, interval: 200 }).toEqual([]);
  client.close();
  await storage.close();
  expect(filesWith(where, secret)).toEqual([]);
});
