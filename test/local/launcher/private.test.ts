import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { SqliteDatabase } from '../../../src/database/sqlite.ts';
import { openDataFolder } from '../../../src/local/launcher/data-folder.ts';

const home = mkdtempSync(path.join(tmpdir(), 'imaginem-private-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const modeOf = (file: string): number => statSync(file).mode & 0o777;

test('a data folder that others could read is closed at every start, and its owner told', async () => {
  const data = path.join(home, 'data');
  mkdirSync(data);
  for (const mode of [0o755, 0o777, 0o750, 0o701]) {
    chmodSync(data, mode);
    const told: string[] = [];
    await openDataFolder(data, (sentence) => told.push(sentence));
    expect(told).toEqual([expect.stringContaining(`could read ${data}: that is closed now`)]);
    expect(modeOf(data)).toBe(0o700);
  }
  const told: string[] = [];
  const folder = await openDataFolder(data, (sentence) => told.push(sentence));
  expect(told).toEqual([]);
  expect([folder.engine, folder.logs].map(modeOf)).toEqual([0o700, 0o700]);
});

test('the results are their owner’s alone, wherever SQLITE_PATH says they are', async () => {
  const made = path.join(home, 'somewhere', 'results.db');
  const found = path.join(home, 'found.db');
  writeFileSync(found, '', { mode: 0o644 });
  chmodSync(found, 0o644);
  for (const file of [made, found]) {
    const database = await SqliteDatabase.open(file);
    await database.write(async () => {});
    expect([file, `${file}-wal`, `${file}-shm`].map(modeOf)).toEqual([0o600, 0o600, 0o600]);
    await database.close();
  }
  expect(modeOf(path.dirname(made))).toBe(0o700);
});

test('every process of ours takes its rights from nobody', () => {
  const entries = execFileSync('git', ['ls-files', 'src/**/main.ts'], { encoding: 'utf8' })
    .trim()
    .split('\n');
  expect(entries).toEqual(
    expect.arrayContaining([
      'src/cli/main.ts',
      'src/local/data/main.ts',
      'src/local/host/main.ts',
      'src/local/storage/main.ts',
      'src/local/vision/main.ts',
    ]),
  );
  for (const file of [...entries, 'src/local/main.ts']) {
    expect(readFileSync(file, 'utf8'), file).toMatch(/^process\.umask\(0o077\);$/m);
  }
});

test.runIf(process.getuid?.() === 0)('another user gets neither in nor at a file', async () => {
  const data = path.join(home, 'data');
  writeFileSync(path.join(data, 'photo.jpg'), 'x', { mode: 0o666 });
  chmodSync(home, 0o755);
  await openDataFolder(data, () => {});
  const tried = spawnSync('cat', [path.join(data, 'photo.jpg')], {
    uid: 65534,
    gid: 65534,
    encoding: 'utf8',
  });
  expect(tried.stdout).toBe('');
  expect(tried.stderr).toContain('Permission denied');
});
