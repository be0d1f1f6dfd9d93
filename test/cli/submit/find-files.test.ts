import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CliError } from '../../../src/cli/errors.ts';
import { findFiles } from '../../../src/cli/submit/find-files.ts';
import { batchOf } from '../../../src/domain/job-id.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'imaginem-files-'));
  for (const name of [
    'camp/a.JPG',
    'camp/day 1/b.png',
    'camp/.hidden/c.jpg',
    'camp/.d.jpg',
    'camp/readme.md',
    'e',
  ]) {
    await mkdir(path.dirname(path.join(home, name)), { recursive: true });
    await writeFile(path.join(home, name), name);
  }
});
afterEach(() => rm(home, { recursive: true, force: true }));
const names = (found: Awaited<ReturnType<typeof findFiles>>) => found.files.map(({ blobName }) => blobName);

test('all images of a folder, at any depth, are one batch named after it', async () => {
  const found = await findFiles([path.join(home, 'camp')]);
  expect(names(found)).toEqual(['camp/a.JPG', 'camp/day 1_b.png']);
  expect(new Set(names(found).map(batchOf))).toEqual(new Set(['camp']));
  expect(found.leftOut).toEqual([path.join(home, 'camp/readme.md')]);
});

test('a file that is named is taken whatever its name, in the batch of its folder', async () => {
  expect(names(await findFiles([path.join(home, 'camp/readme.md')]))).toEqual(['camp/readme.md']);
});

test('--batch names the batch, a path in it too', async () => {
  expect(names(await findFiles([path.join(home, 'e')], 'north/camp-4'))).toEqual(['north/camp-4/e']);
});

test.each(['camp ', '', '/x', 'x/', 'a//b', 'a\\b', 'a\nb', 'x'.repeat(201)])(
  'the batch %j is refused',
  async (batch) => {
    await expect(findFiles([path.join(home, 'e')], batch)).rejects.toThrow(CliError);
  },
);

test('two files that would get one name are refused, and both named', async () => {
  await mkdir(path.join(home, 'other'));
  await writeFile(path.join(home, 'other/a.JPG'), 'another');
  await expect(findFiles([path.join(home, 'camp'), path.join(home, 'other')], 'one')).rejects.toThrow(
    /camp\/a\.JPG" and .*other\/a\.JPG" would both be stored as "one\/a\.JPG"/,
  );
});

test('the same file named twice is taken once', async () => {
  const file = path.join(home, 'e');
  expect(names(await findFiles([file, file], 'x'))).toEqual(['x/e']);
});
