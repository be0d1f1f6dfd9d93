import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDataFolder } from '../../../src/local/launcher/data-folder.ts';
import { clientsOf } from '../../../src/local/launcher/move-in/accounts.ts';
import { moveIn } from '../../../src/local/launcher/move-in/move-in.ts';
import { startReading } from '../../../src/local/launcher/move-in/reading.ts';
import { AZURITE_ACCOUNT, storageAccount } from '../../../src/local/launcher/storage-account.ts';
import { startStorage } from '../../../src/local/storage/start.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'imaginem-move-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** How many messages are in the file of Azurite's queues. */
async function savedMessages(azurite: string): Promise<number> {
  const text = await readFile(path.join(azurite, '__azurite_db_queue__.json'), 'utf8');
  return text.match(/"messageId":"[0-9a-f-]{36}"/g)?.length ?? 0;
}

test('what Azurite kept moves in whole, put-back messages and ETags too; interrupted, it begins again', async () => {
  const folder = await openDataFolder(home, () => {});
  await mkdir(folder.azurite, { recursive: true });
  const azurite = await startReading(folder.azurite, 0);
  const { name, key } = AZURITE_ACCOUNT;
  const address = (service: 'Blob' | 'Queue' | 'Table') =>
    `${service}Endpoint=${azurite.endpoint(service)}/${name}`;
  const old = clientsOf(
    `DefaultEndpointsProtocol=http;AccountName=${name};AccountKey=${key};${address('Blob')};${address('Queue')};${address('Table')}`,
  );
  const container = old.blobs.getContainerClient('inputimages');
  await container.create({ metadata: { made: 'before' } });
  const bytes = Buffer.alloc(200_000, 'photo');
  const blob = container.getBlockBlobClient("batch/ü o'k 50%.jpg");
  const { etag } = await blob.upload(bytes, bytes.length, {
    metadata: { who: 'me' },
    blobHTTPHeaders: { blobContentType: 'image/jpeg' },
  });
  await old.tables.createTable('journal');
  await old.table('journal').createEntity({
    ...{ partitionKey: "job'1", rowKey: 'x', text: 'ä', count: 3, yes: true, ratio: 0.5 },
    ...{ big: 9007199254740993n, when: new Date('2026-01-02T03:04:05.678Z') },
  });
  const queue = old.queues.getQueueClient('ocr');
  await queue.create();
  await queue.sendMessage('{"now":"<&>"}', { messageTimeToLive: -1 });
  await queue.sendMessage('soon', { messageTimeToLive: -1, visibilityTimeout: 3000 });
  await queue.sendMessage('later', { messageTimeToLive: -1, visibilityTimeout: 6 * 24 * 3600 });
  // It saves every few seconds.
  const saved = async (what: string, text: string) =>
    (
      await readFile(path.join(folder.azurite, `__azurite_db_${what}__.json`), 'utf8').catch(() => '')
    ).includes(text);
  await expect
    .poll(
      async () =>
        (await saved('blob', '50%')) && (await saved('table', "job'1")) && (await saved('queue', 'ocr')),
      {
        timeout: 30_000,
      },
    )
    .toBe(true);
  await expect.poll(() => savedMessages(folder.azurite), { timeout: 30_000 }).toBe(3);
  await azurite.stop();

  // A first try that was killed: half of a copy is there.
  rmSync(`${folder.storage}.moving`, { recursive: true, force: true });
  const half = await startStorage({
    folder: `${folder.storage}.moving`,
    accounts: [{ name: 'devstoreaccount1', keys: [Buffer.alloc(64).toString('base64')] }],
  });
  await half.close();
  const said: string[] = [];
  await moveIn(
    folder,
    () => Date.parse('2026-11-29T12:00:00Z'),
    (sentence) => said.push(sentence),
  );
  expect(said.at(-1)).toMatch(/Copied 1 blobs, 1 entities and 3 messages.*azurite-moved-2026-11-29/);
  expect((await readdir(home)).sort()).toEqual(['azurite-moved-2026-11-29', 'engine', 'logs', 'storage']);
  expect(
    (await stat(path.join(home, 'azurite-moved-2026-11-29', '__azurite_db_blob__.json'))).size,
  ).toBeGreaterThan(100);

  const account = storageAccount('imaginem', undefined, folder);
  // The account keeps its name, for it is part of every image's address; its key is a new one.
  expect(account.name).toBe('devstoreaccount1');
  expect(account.key).not.toBe(key);
  const storage = await startStorage({
    folder: folder.storage,
    accounts: [{ name: account.name, keys: [account.key] }],
  });
  try {
    const now = clientsOf(storage.connectionString);
    const moved = now.blobs.getContainerClient('inputimages').getBlockBlobClient("batch/ü o'k 50%.jpg");
    expect(
      (await moved.downloadToBuffer(0, undefined, { conditions: { ifMatch: etag ?? '' } })).equals(bytes),
    ).toBe(true);
    expect(await moved.getProperties()).toMatchObject({
      etag,
      contentType: 'image/jpeg',
      metadata: { who: 'me' },
    });
    expect(await now.blobs.getContainerClient('inputimages').getProperties()).toMatchObject({
      metadata: { made: 'before' },
    });
    expect(await now.table('journal').getEntity("job'1", 'x')).toMatchObject({
      ...{ text: 'ä', count: 3, yes: true, ratio: 0.5, big: 9007199254740993n },
      when: new Date('2026-01-02T03:04:05.678Z'),
    });
    const { receivedMessageItems } = await now.queues
      .getQueueClient('ocr')
      .receiveMessages({ numberOfMessages: 32 });
    expect(receivedMessageItems.map(({ messageText }) => messageText).sort()).toEqual([
      'later',
      'soon',
      '{"now":"<&>"}',
    ]);
  } finally {
    await storage.close();
  }
});
