import { mkdtempSync, rmSync } from 'node:fs';
import { appendFile, cp, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readInstance, writeInstance } from '../../../src/cli/instance.ts';
import { backup } from '../../../src/local/data/backup.ts';
import { check } from '../../../src/local/data/check.ts';
import { restore } from '../../../src/local/data/restore.ts';
import { connectionString, storageAccount } from '../../../src/local/launcher/storage-account.ts';
import { seeded } from '../../reliability/random.ts';
import { BlobLane, QueueLane, TableLane } from '../storage/crash/lanes.ts';
import { startTestStorage, testAccount } from '../storage/support.ts';
import { accountOf } from '../storage/wire/account.ts';
import { WireClient } from '../storage/wire/client.ts';

const account = testAccount();
let home: string;
let data: string;

const open_ = (root: string) =>
  startTestStorage({ folder: path.join(root, 'storage'), accounts: [account], onUnexpected: () => {} });

const lanesOf = () => [
  new QueueLane('lane-q', seeded(1)),
  new BlobLane('lane-b', seeded(2)),
  new TableLane('lane-t', seeded(3)),
];

beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'imaginem-data-'));
  data = path.join(home, 'data');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('a backup taken while it is written to holds what was answered before, whole', async () => {
  await mkdir(data);
  const storage = await open_(data);
  const client = new WireClient(accountOf(storage.connectionString));
  const lanes = lanesOf();
  for (const lane of lanes) await lane.prepare(client);
  let stop = false;
  const working = Promise.all(lanes.map((lane) => lane.run(client, () => stop)));
  while (lanes.some((lane) => lane.answered < 30)) await new Promise((resolve) => setTimeout(resolve, 20));
  // What is answered now and not touched again must be in the backup.
  const mark = 'x'.repeat(100_000);
  const headers = { 'x-ms-blob-type': 'BlockBlob' };
  await client.send({ service: 'blob', method: 'PUT', path: '/lane-b/mark', body: mark, headers });
  const before = lanes.map((lane) => lane.answered);
  const manifest = await backup(data, path.join(home, 'backup'), Date.now);
  const after = lanes.map((lane) => lane.answered);
  stop = true;
  await working;
  expect(after.some((count, index) => count > (before[index] ?? 0))).toBe(true);
  await client.send({ service: 'blob', method: 'DELETE', path: '/lane-b/mark' });
  client.close();
  await storage.close();
  expect(manifest.files).toBeGreaterThan(0);

  await restore(path.join(home, 'backup'), path.join(home, 'restored'));
  const report = await check(path.join(home, 'restored'), { hashes: true });
  expect(report).toMatchObject({ wrong: [], orphans: 0, files: manifest.files });
  expect(report.hashed).toBeGreaterThan(0);
  const again = await open_(path.join(home, 'restored'));
  const reader = new WireClient(accountOf(again.connectionString));
  const { body } = await reader.send({ service: 'blob', method: 'GET', path: '/lane-b/mark' });
  expect(body.toString()).toBe(mark);
  reader.close();
  await again.close();
});

test('data that moved in from Azurite is found under its account again, from backups of before as well', async () => {
  const moved = path.join(home, 'moved');
  await mkdir(path.join(moved, 'storage'), { recursive: true });
  await writeFile(path.join(moved, 'storage', 'account'), 'devstoreaccount1');
  await (await open_(moved)).close();
  const own = { name: 'devstoreaccount1', key: 'b3du' };
  const ports = { blob: 1, queue: 2, table: 3, engine: 4, host: 5 };
  const settings = { AzureWebJobsStorage: connectionString(ports, own) };
  const instance = { pid: 1, startedAt: '2026-11-30T00:00:00.000Z', ports, settings, inherited: [] };
  await writeInstance(moved, instance);
  const copy = path.join(home, 'moved-backup');
  await backup(moved, copy, Date.now);
  const found = async (from: string, name: string) => {
    const root = path.join(home, name);
    await restore(from, root);
    return storageAccount('imaginem', await readInstance(root), { storage: path.join(root, 'storage') });
  };
  expect(await found(copy, 'moved-again')).toEqual(own);
  expect(await readFile(path.join(home, 'moved-again', 'storage', 'account'), 'utf8')).toBe(own.name);
  await rm(path.join(copy, 'storage', 'account'));
  expect(await found(copy, 'moved-before')).toEqual(own);
});

test('a restore overwrites nothing, and takes nothing that is not whole', async () => {
  await expect(restore(path.join(home, 'backup'), data)).rejects.toThrow(/nothing is overwritten/);
  const half = path.join(home, 'half');
  await cp(path.join(home, 'backup'), half, { recursive: true });
  await rm(path.join(half, 'backup.json'));
  await expect(restore(half, path.join(home, 'new'))).rejects.toThrow(/no whole backup/);
  await expect(backup(data, path.join(home, 'backup'), Date.now)).rejects.toThrow(/not empty/);
  await expect(backup(path.join(home, 'nothing'), path.join(home, 'b2'), Date.now)).rejects.toThrow(
    /no data/,
  );
});

test('a check tells a missing file, a short one, other bytes, a damaged database, and what nothing names', async () => {
  const folder = path.join(home, 'harmed');
  await restore(path.join(home, 'backup'), folder);
  const contents = path.join(folder, 'storage', 'contents');
  const [group = ''] = await readdir(contents);
  const names = await readdir(path.join(contents, group));
  const [first = ''] = names.map((name) => path.join(contents, group, name));
  const good = await readFile(first);

  await writeFile(path.join(contents, group, '999999999'), 'nobody');
  expect(await check(folder, { hashes: false })).toMatchObject({ wrong: [], orphans: 1 });

  const other = Buffer.from(good);
  other[5] = (other[5] ?? 0) ^ 1;
  await writeFile(first, other);
  expect((await check(folder, { hashes: false })).wrong).toEqual([]);

  await writeFile(first, good.subarray(0, 10));
  expect((await check(folder, { hashes: false })).wrong[0]).toMatch(/has 10 of \d+ bytes/);

  await rm(first);
  expect((await check(folder, { hashes: false })).wrong[0]).toMatch(/is missing/);

  await writeFile(first, good);
  const file = await open(path.join(folder, 'storage', 'storage.db'), 'r+');
  const { size } = await file.stat();
  for (let at = 4096; at < size; at += 4096) await file.write(Buffer.alloc(2000, 0xff), 0, 2000, at + 8);
  await file.close();
  expect((await check(folder, { hashes: false })).wrong.join()).toMatch(/damaged|cannot be read/);
});

test('other bytes are told by their hash', async () => {
  const folder = path.join(home, 'other');
  await restore(path.join(home, 'backup'), folder);
  const contents = path.join(folder, 'storage', 'contents');
  for (const group of await readdir(contents)) {
    for (const name of await readdir(path.join(contents, group))) {
      const bytes = await readFile(path.join(contents, group, name));
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      await writeFile(path.join(contents, group, name), bytes);
    }
  }
  await appendFile(path.join(folder, 'unrelated'), '');
  expect((await check(folder, { hashes: true })).wrong.join()).toMatch(/not those that were written/);
});
