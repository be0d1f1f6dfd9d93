import { rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LogFile } from '../../../src/local/launcher/log-file.ts';
import { smallDisk } from '../../support/small-disk.ts';
import { folder } from './support.ts';

test('each start begins the log anew and keeps the last one', async () => {
  const file = path.join(await folder(onTestFinished), 'part.log');
  for (const run of ['first', 'second', 'third']) {
    const log = new LogFile(file);
    log.write(run);
    log.close();
  }
  expect(await readFile(file, 'utf8')).toBe('third\n');
  expect(await readFile(`${file}.old`, 'utf8')).toBe('second\n');
});

test('a log that grows beyond its limit keeps its latest part and the one before', async () => {
  const file = path.join(await folder(onTestFinished), 'part.log');
  const log = new LogFile(file, 20);
  for (let line = 0; line < 100; line += 1) log.write(`line ${line}`);
  log.close();
  const kept = (await readFile(`${file}.old`, 'utf8')) + (await readFile(file, 'utf8'));
  expect(kept).toMatch(/line 98\nline 99\n$/);
  expect(kept.length).toBeLessThan(70);
});

test('a line for which the disk has no room is lost, and the log goes on and says so', async ({ skip }) => {
  const disk = smallDisk('64k');
  if (!disk) {
    skip('Only root may mount a small file system.');
    return;
  }
  try {
    const file = path.join(disk.folder, 'part.log');
    const log = new LogFile(file);
    log.write('before');
    writeFileSync(path.join(disk.folder, 'of-somebody-else'), Buffer.alloc(56 * 1024));
    for (let line = 0; line < 400; line += 1) log.write(`${line} ${'x'.repeat(60)}`);
    rmSync(path.join(disk.folder, 'of-somebody-else'));
    log.write('after');
    log.close();
    expect(await readFile(file, 'utf8')).toMatch(
      /^before\n0 x+\n.*\n[1-9]\d* lines are missing here: the disk took none\.\nafter\n$/s,
    );
  } finally {
    disk.remove();
  }
});
