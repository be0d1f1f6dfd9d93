import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TableClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterEach, describe, expect, test } from 'vitest';
import { startStorage } from '../../../src/local/storage/start.ts';
import { openState } from '../../../src/local/storage/state/open.ts';
import { startTestStorage, type TestStorage, testAccount } from './support.ts';

const accounts = [testAccount()];
const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'imaginem-storage-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function start(folder: string): Promise<TestStorage> {
  const storage = await startTestStorage({ folder, accounts });
  ends.push(() => storage.close());
  return storage;
}

const blobsOf = ({ connectionString }: { connectionString: string }) =>
  BlobServiceClient.fromConnectionString(connectionString, { retryOptions: { maxTries: 1 } });

const filesIn = (folder: string): string[] =>
  !existsSync(folder)
    ? []
    : readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));

describe('a folder', () => {
  test('is for one service at a time', async () => {
    const folder = newFolder();
    const first = await start(folder);
    await expect(startStorage({ folder, accounts })).rejects.toThrow(
      /cannot be used: another storage service works on it already/,
    );
    await first.close();
    await (await startStorage({ folder, accounts })).close();
  });

  test('that is damaged is refused, and not changed', async () => {
    const folder = newFolder();
    const file = join(folder, 'storage.db');
    const bytes = randomBytes(20_000);
    writeFileSync(file, bytes);
    await expect(startStorage({ folder, accounts })).rejects.toThrow(
      /storage\.db is damaged.*restore the folder/,
    );
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  test('of a later version is refused', async () => {
    const folder = newFolder();
    const db = new DatabaseSync(join(folder, 'storage.db'));
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(startStorage({ folder, accounts })).rejects.toThrow(/later version of Imaginem/);
  });

  test('that is none, or cannot be written, is refused with what to do', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'file'), '');
    await expect(startStorage({ folder: join(folder, 'file', 'below'), accounts })).rejects.toThrow(
      /cannot be used: something that is no folder stands in its path/,
    );
    // Root writes everywhere.
    if (process.getuid?.() === 0) return;
    chmodSync(folder, 0o500);
    ends.push(() => chmodSync(folder, 0o700));
    await expect(startStorage({ folder, accounts })).rejects.toThrow(/cannot be used: it cannot be/);
  });

  test('keeps everything over a restart, and is for its owner only', async () => {
    const folder = newFolder();
    const first = await start(folder);
    const queue = QueueServiceClient.fromConnectionString(first.connectionString).getQueueClient('kept');
    await queue.create();
    await queue.sendMessage('still here', { messageTimeToLive: -1 });
    const container = blobsOf(first).getContainerClient('kept');
    await container.create();
    const bytes = randomBytes(100_000);
    await container.getBlockBlobClient('large').upload(bytes, bytes.length);
    await first.close();
    const second = await start(folder);
    const again = QueueServiceClient.fromConnectionString(second.connectionString).getQueueClient('kept');
    expect((await again.peekMessages()).peekedMessageItems[0]?.messageText).toBe('still here');
    const blob = blobsOf(second).getContainerClient('kept').getBlobClient('large');
    expect((await blob.downloadToBuffer()).equals(bytes)).toBe(true);
    const modes = filesIn(join(folder, 'contents')).map((file) => statSync(file).mode & 0o077);
    expect(modes).toEqual([0]);
  });
});

test('files that a crash left without a name are swept, those with one stay', async () => {
  const folder = newFolder();
  const first = await start(folder);
  const container = blobsOf(first).getContainerClient('kept');
  await container.create();
  await container.getBlockBlobClient('one').upload(randomBytes(100_000), 100_000);
  const [kept = ''] = filesIn(join(folder, 'contents'));
  const orphan = join(kept, '..', '47');
  await first.close();
  writeFileSync(orphan, 'written, never named');
  await start(folder);
  await expect.poll(() => existsSync(orphan)).toBe(false);
  expect(existsSync(kept)).toBe(true);
});

test('what belonged to a deleted container, table or queue is swept away', async () => {
  const folder = newFolder();
  const storage = await start(folder);
  const container = blobsOf(storage).getContainerClient('gone');
  await container.create();
  for (const index of [1, 2, 3])
    await container.getBlockBlobClient(`b${index}`).upload(randomBytes(80_000), 80_000);
  await container.getBlockBlobClient('waiting').stageBlock('aaaa', randomBytes(80_000), 80_000);
  const queue = QueueServiceClient.fromConnectionString(storage.connectionString).getQueueClient('gone');
  await queue.create();
  for (let index = 0; index < 10; index += 1) await queue.sendMessage('x', { messageTimeToLive: -1 });
  const table = TableClient.fromConnectionString(storage.connectionString, 'Gone', {
    allowInsecureConnection: true,
  });
  await table.createTable();
  await table.createEntity({ partitionKey: 'p', rowKey: 'r' });
  await queue.delete();
  await container.delete();
  await table.deleteTable();
  // At once there may be new ones of the same names, which have nothing of the old.
  await queue.create();
  await queue.sendMessage('new');
  const db = new DatabaseSync(join(folder, 'storage.db'), { readOnly: true });
  ends.push(() => db.close());
  const left = () =>
    db
      .prepare(
        'SELECT (SELECT count(*) FROM blob) + (SELECT count(*) FROM entity) + (SELECT count(*) FROM content) + (SELECT count(*) FROM uncommitted_block) + (SELECT count(*) FROM discarded) AS rest, (SELECT count(*) FROM message) AS messages',
      )
      .get();
  await expect.poll(left, { timeout: 10_000 }).toEqual({ rest: 0, messages: 1 });
  await expect.poll(() => filesIn(join(folder, 'contents'))).toEqual([]);
});

test('blocks that nothing names are swept away a week after the last of their blob came', async () => {
  const folder = newFolder();
  const before = await start(folder);
  const container = blobsOf(before).getContainerClient('waiting');
  await container.create();
  for (const [name, block] of [
    ['abandoned', 'aaaa'],
    ['abandoned', 'bbbb'],
    ['slow', 'aaaa'],
    ['slow', 'bbbb'],
  ] as const)
    await container.getBlockBlobClient(name).stageBlock(block, randomBytes(80_000), 80_000);
  await before.close();
  const db = new DatabaseSync(join(folder, 'storage.db'));
  ends.push(() => db.close());
  const week = 7 * 24 * 3_600_000;
  db.prepare("UPDATE uncommitted_block SET at = at - ? WHERE name = 'abandoned' OR block = 'aaaa'").run(week);
  await start(folder);
  const left = () => db.prepare('SELECT name, block FROM uncommitted_block').all();
  await expect.poll(left, { timeout: 10_000 }).toEqual([
    { name: 'slow', block: 'aaaa' },
    { name: 'slow', block: 'bbbb' },
  ]);
  await expect.poll(() => filesIn(join(folder, 'contents')).length).toBe(2);
});

test('what is deleted is not found in the files of the folder', async () => {
  const folder = newFolder();
  const storage = await start(folder);
  const secret = `secret-${randomBytes(12).toString('hex')}`;
  const container = blobsOf(storage).getContainerClient('secrets');
  await container.create();
  const table = TableClient.fromConnectionString(storage.connectionString, 'Secrets', {
    allowInsecureConnection: true,
  });
  await table.createTable();
  const queue = QueueServiceClient.fromConnectionString(storage.connectionString).getQueueClient('secrets');
  await queue.create();
  const filler = (index: number) => `${secret}-${index}-${'x'.repeat((index * 997) % 9000)}`;
  const found = () => filesIn(folder).filter((file) => readFileSync(file).includes(secret));
  for (let index = 0; index < 60; index += 1) {
    const text = filler(index);
    await container.getBlockBlobClient(`b-${index}`).upload(text, text.length);
    await table.upsertEntity({ partitionKey: 'p', rowKey: String(index), text });
    // Written again: earlier versions must go as well.
    await table.upsertEntity({
      partitionKey: 'p',
      rowKey: String(index),
      text: `${text}${text.slice(0, 900)}`,
    });
    await queue.sendMessage(text);
  }
  expect(found().length).toBeGreaterThan(0);
  for (let index = 0; index < 60; index += 1) {
    await container.deleteBlob(`b-${index}`);
    await table.deleteEntity('p', String(index));
  }
  for (;;) {
    const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32 });
    if (receivedMessageItems.length === 0) break;
    for (const { messageId, popReceipt } of receivedMessageItems)
      await queue.deleteMessage(messageId, popReceipt);
  }
  // While it runs: the log is emptied as soon as nothing is written.
  await expect.poll(found, { timeout: 15_000 }).toEqual([]);
}, 60_000);

describe('a disk that is full', () => {
  test('is answered with 507, nothing is kept of what was refused, and work goes on when there is space', async () => {
    const folder = newFolder();
    const state = openState(folder, { clock: Date.now });
    ends.push(() => state.close());
    const insert = state.db.prepare(
      "INSERT INTO entity (owner, pk, rk, stamp, properties) VALUES (1, 'p', ?, '', ?)",
    );
    await state.group.write(() => insert.run('before', ''));
    const pages = Number(state.db.prepare('PRAGMA page_count').get()?.page_count);
    state.db.exec(`PRAGMA max_page_count = ${pages + 4}`);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        state.group.write(() => insert.run(`row-${index}`, 'x'.repeat(6000))),
      ),
    );
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const outcome of refused) {
      expect(outcome).toMatchObject({ reason: { status: 507, code: 'InsufficientStorage' } });
    }
    const kept = Number(state.db.prepare('SELECT count(*) AS count FROM entity').get()?.count);
    expect(kept).toBe(1 + outcomes.length - refused.length);
    state.db.exec('PRAGMA max_page_count = 1000000');
    await state.group.write(() => insert.run('after', 'x'.repeat(6000)));
  });
});
