import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LogFile } from '../../../src/local/launcher/log-file.ts';
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
