import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CliError } from '../../../src/cli/errors.ts';
import { findFiles } from '../../../src/cli/submit/find-files.ts';
import { leftOutLines } from '../../../src/cli/submit/sentences.ts';
import { batchOf } from '../../../src/domain/job-id.ts';
import { jpeg } from '../../support/images.ts';

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
    await writeFile(path.join(home, name), name === 'e' ? await jpeg() : name);
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

test('camera raw files of a folder are images', async () => {
  const raws = ['a.DNG', 'b.nef', 'c.ARW', 'd.cr2', 'e.CR3', 'f.raf'];
  for (const name of raws) await writeFile(path.join(home, 'camp', name), name);
  const found = names(await findFiles([path.join(home, 'camp')]));
  for (const name of raws) expect(found).toContain(`camp/${name}`);
});

test('a file that is named is taken whatever its name where it is an image, and left out as in a folder where not', async () => {
  expect(names(await findFiles([path.join(home, 'camp/a.JPG')]))).toEqual(['camp/a.JPG']);
  expect(names(await findFiles([path.join(home, 'e')], 'x'))).toEqual(['x/e']);
  const readme = path.join(home, 'camp/readme.md');
  expect(await findFiles([readme])).toMatchObject({ files: [], leftOut: [readme] });
});

test('--batch names the batch, a path in it too', async () => {
  expect(names(await findFiles([path.join(home, 'e')], 'north/camp-4'))).toEqual(['north/camp-4/e']);
});

test.each(['camp ', 'a/../b', './a', '..', '', '/x', 'x/', 'a//b', 'a\\b', 'a\nb', 'x'.repeat(201)])(
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

test('what systems keep beside photographs is passed over, and counted', async () => {
  const shared = [
    'nas/a.jpg',
    'nas/@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg',
    'nas/@eaDir/a.jpg/SYNOPHOTO_THUMB_S.jpg',
    'nas/#recycle/old.jpg',
    'nas/._a.jpg',
    'nas/Thumbs.db',
    'nas/__MACOSX/b.jpg',
  ];
  for (const name of shared) {
    await mkdir(path.dirname(path.join(home, name)), { recursive: true });
    await writeFile(path.join(home, name), name);
  }
  const found = await findFiles([path.join(home, 'nas')]);
  expect(names(found)).toEqual(['nas/a.jpg']);
  expect(Object.fromEntries(found.passedOver)).toEqual({
    '@eaDir': 2,
    '#recycle': 1,
    '._a.jpg': 1,
    'Thumbs.db': 1,
    __MACOSX: 1,
  });
  expect(leftOutLines(found)).toEqual([
    expect.stringMatching(/^Passed over, hidden or of the system: 6 files \(.*@eaDir/),
  ]);
});

test('a file whose name is not UTF-8 is submitted under one that is, and its own is kept', async () => {
  const old = (name: string) => Buffer.concat([Buffer.from(`${home}/camp/`), Buffer.from(name, 'latin1')]);
  await writeFile(old('caf\xe9 50%.jpg'), 'one');
  await mkdir(old('\xc9t\xe9'));
  await writeFile(old('\xc9t\xe9/b.jpg'), 'two');
  const found = await findFiles([path.join(home, 'camp')]);
  expect(names(found)).toContain('camp/café 50%.jpg');
  expect(names(found)).toContain('camp/Été_b.jpg');
  const one = found.files.find(({ blobName }) => blobName === 'camp/café 50%.jpg');
  expect(one?.originalName).toBe('caf%E9%2050%25.jpg');
  expect(await readFile(one?.bytesOfPath ?? '', 'utf8')).toBe('one');
  expect(leftOutLines(found)).toContainEqual(
    expect.stringMatching(/^Not UTF-8, stored as "camp\/café 50%\.jpg"/),
  );
});

test('two old names that read alike are two images, and an old one beside its proper twin, too', async () => {
  const old = (name: string) => Buffer.concat([Buffer.from(`${home}/camp/`), Buffer.from(name, 'latin1')]);
  await writeFile(old('caf\xe9.jpg'), 'old');
  await writeFile(path.join(home, 'camp/café.jpg'), 'new');
  const cafes = names(await findFiles([path.join(home, 'camp')])).filter((name) => name.includes('caf'));
  expect(cafes).toHaveLength(2);
  expect(new Set(cafes).size).toBe(2);
});
