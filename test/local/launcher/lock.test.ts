import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { LockedError, takeLock } from '../../../src/local/launcher/lock.ts';
import { folder } from './support.ts';

let home: string;
let file: string;
beforeEach(async () => {
  home = await folder(onTestFinished);
  file = path.join(home, 'lock');
});

test('a data folder is taken once, and can be taken again after its release', async () => {
  const lock = await takeLock(file);
  await expect(takeLock(file)).rejects.toThrow(LockedError);
  await expect(takeLock(file)).rejects.toThrow(/already runs.*process \d+.*imaginem submit.*--data/);
  await lock.release();
  await lock.release();
  await (await takeLock(file)).release();
  expect(await readdir(home)).toEqual([]);
});

test('the lock of a process that is gone is taken over', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await writeFile(file, JSON.stringify({ pid: child.pid, born: '' }));
  const lock = await takeLock(file);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid });
  await lock.release();
});

test('a later process with the pid of a dead launcher does not hold its lock', async () => {
  await writeFile(file, JSON.stringify({ pid: process.ppid, born: 'another boot 12345' }));
  await (await takeLock(file)).release();
});

test('a lock that holds nonsense is taken over', async () => {
  await writeFile(file, '{"pid": "me"');
  await (await takeLock(file)).release();
});

test('of many that find a dead lock at once, one takes it', async () => {
  for (let round = 0; round < 60; round += 1) {
    await writeFile(file, JSON.stringify({ pid: 2 ** 22 - 1, born: `x${round}` }));
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(file)));
    const taken = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(taken).toHaveLength(1);
    await taken[0]?.value.release();
    expect(await readdir(home)).toEqual([]);
  }
});

test('a launcher that died while it cleared a dead lock away holds nobody up', async () => {
  const dead = JSON.stringify({ pid: 2 ** 22 - 1, born: 'x' });
  await writeFile(file, dead);
  const name = createHash('sha256').update(dead).digest('hex').slice(0, 16);
  await writeFile(`${file}.${name}`, JSON.stringify({ pid: 2 ** 22 - 2, born: 'y' }));
  await (await takeLock(file)).release();
  expect(await readdir(home)).toEqual([]);
});

test('a release does not take away the lock of another', async () => {
  const lock = await takeLock(file);
  await writeFile(file, JSON.stringify({ pid: process.ppid, born: '' }));
  await lock.release();
  expect(await readdir(home)).toEqual(['lock']);
});

// Windows and macOS do not say when a process was born; here their way is taken on purpose.
test('where pids cannot be told apart, the lock is the system’s: it is taken once, and again after its release', async () => {
  const unknown = () => '';
  const lock = await takeLock(file, unknown);
  await expect(takeLock(file, unknown)).rejects.toThrow(/already runs.*process \d+/);
  await lock.release();
  await lock.release();
  await (await takeLock(file, unknown)).release();
});

test('where pids cannot be told apart, a dead launcher whose pid is another program’s by now holds nothing', async () => {
  await writeFile(file, JSON.stringify({ pid: process.ppid, born: '' }));
  const lock = await takeLock(file, () => '');
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid });
  await lock.release();
});
