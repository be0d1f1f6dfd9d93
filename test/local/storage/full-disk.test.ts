import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { smallDisk } from '../../support/small-disk.ts';
import { startTestStorage, testAccount } from './support.ts';
import { accountOf } from './wire/account.ts';
import { WireClient } from './wire/client.ts';
import type { WireAnswer } from './wire/request.ts';

const MB = 1024 * 1024;

test('on a full disk nothing is acknowledged that is not kept, reads go on, and writes too once there is space', async ({
  skip,
}) => {
  const disk = smallDisk('10m');
  if (!disk) {
    skip('Only root may mount a small file system.');
    return;
  }
  const { folder } = disk;
  writeFileSync(path.join(folder, 'of-somebody-else'), Buffer.alloc(3 * MB));
  const unexpected: string[] = [];
  const options = {
    ...{ folder, accounts: [testAccount()] },
    onUnexpected: (error: unknown, what: string) => void unexpected.push(`${what}: ${error}`),
  };
  let storage = await startTestStorage(options);
  let client = new WireClient(accountOf(storage.connectionString));
  const put = (name: string, size: number) =>
    client.send({
      ...{ service: 'blob', method: 'PUT', path: `/full/${name}`, body: Buffer.alloc(size, name) },
      headers: { 'x-ms-blob-type': 'BlockBlob' },
    });
  const send = (text: string) =>
    client.send({
      ...{
        service: 'queue',
        method: 'POST',
        path: '/full/messages',
        headers: { 'content-type': 'application/xml' },
      },
      body: `<QueueMessage><MessageText>${text}</MessageText></QueueMessage>`,
    });
  const codes = (answers: readonly WireAnswer[]) => [...new Set(answers.map(({ status }) => status))].sort();
  try {
    await client.send({ service: 'blob', method: 'PUT', path: '/full', query: { restype: 'container' } });
    await client.send({ service: 'queue', method: 'PUT', path: '/full' });
    const kept: string[] = [];
    const answers: WireAnswer[] = [];
    // Large ones are files, small ones and messages go into the database: each kind meets the end.
    for (let index = 0; index < 60; index += 1) {
      const name = `blob-${index}`;
      const answer = await put(name, index % 2 ? MB : 30_000);
      if (answer.status === 201) kept.push(name);
      answers.push(answer);
    }
    for (let index = 0; index < 200; index += 1) answers.push(await send('m'.repeat(60_000)));
    expect(codes(answers)).toEqual([201, 507]);
    const refused = answers.find(({ status }) => status === 507);
    expect(refused?.headers['x-ms-error-code']).toBe('InsufficientStorage');
    expect(refused?.body.toString()).toMatch(/The disk .* is full/);
    expect(unexpected).toEqual([]);
    // Small ones would find room where large ones did not: a message could be taken and not be put back.
    const first = answers.findIndex(({ status }) => status === 507);
    expect(codes(answers.slice(first))).toEqual([507]);
    expect((await send('m')).status).toBe(507);
    const read = (query: Record<string, string>) =>
      client.send({ service: 'queue', method: 'GET', path: '/full/messages', query });
    // To take one is a write, by whatever method it is asked for; to look at one is not.
    expect((await read({})).status).toBe(507);
    expect((await read({ peekonly: 'true' })).status).toBe(200);

    // What was acknowledged is there, and nothing else.
    const names = async () => {
      const query = { restype: 'container', comp: 'list' };
      const { body } = await client.send({ service: 'blob', method: 'GET', path: '/full', query });
      return [...body.toString().matchAll(/<Name>(.*?)<\/Name>/g)].map(([, name = '']) => name).sort();
    };
    expect(await names()).toEqual([...kept].sort());

    // Somebody frees space: it goes on by itself.
    rmSync(path.join(folder, 'of-somebody-else'));
    await expect.poll(async () => (await put('again', 30_000)).status, { timeout: 20_000 }).toBe(201);
    expect((await client.send({ service: 'queue', method: 'DELETE', path: '/full/messages' })).status).toBe(
      204,
    );
    kept.push('again');
    client.close();
    await storage.close();
    storage = await startTestStorage(options);
    client = new WireClient(accountOf(storage.connectionString));
    expect(await names()).toEqual([...kept].sort());
  } finally {
    client.close();
    await storage.close();
    disk.remove();
  }
});
