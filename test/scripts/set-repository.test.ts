import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PLACEHOLDER, parseRepository, readdress } from '../../scripts/set-repository/addresses.ts';
import { setRepository } from '../../scripts/set-repository/set.ts';
import { projectRoot } from '../support/project-root.ts';

const disk = (files: Record<string, string>) => ({
  files,
  read: async (file: string) => files[file],
  write: async (file: string, text: string) => {
    files[file] = text;
  },
});
const real = (...names: string[]) =>
  disk(Object.fromEntries(names.map((name) => [name, readFileSync(join(projectRoot, name), 'utf8')])));

test('the Deploy button of the README leads to the template, and package.json knows its address', async () => {
  const place = real('README.md', 'package.json');
  expect(await setRepository('red-cross/Imaginem', place)).toContain('package.json');
  expect(place.files['README.md']).not.toContain('%3Cowner%3E%2F');
  const [, encoded = ''] =
    /portal\.azure\.com\/#create\/Microsoft\.Template\/uri\/([^)\s]+)\)/.exec(
      place.files['README.md'] ?? '',
    ) ?? [];
  expect(decodeURIComponent(encoded)).toBe(
    'https://raw.githubusercontent.com/red-cross/Imaginem/main/azuredeploy.json',
  );
  expect(JSON.parse(place.files['package.json'] ?? '')).toMatchObject({
    name: 'imaginem',
    repository: { url: 'git+https://github.com/red-cross/Imaginem.git' },
    bugs: 'https://github.com/red-cross/Imaginem/issues',
  });
});

test('run again with the same address it changes nothing; with another one, everything', async () => {
  const place = real('README.md', 'package.json');
  await setRepository('a/b', place);
  expect(await setRepository('a/b', place)).toEqual([]);
  const once = place.files['README.md'];
  await setRepository('c/d', place);
  await setRepository('https://github.com/a/b.git', place);
  expect(place.files['README.md']).toBe(once);
});

test('the image is lower case, and what asks for the address goes', async () => {
  const place = disk({
    'package.json': '{"name":"imaginem"}',
    'README.md': 'a\n<!-- no repository yet -->\nReplace it.\n<!-- /no repository yet -->\nb\n',
    'deploy/compose.yaml': 'image: ghcr.io/<owner>/imaginem:0.1.0\n',
  });
  await setRepository('Red-Cross/Imaginem', place);
  expect(place.files['README.md']).toBe('a\nb\n');
  expect(place.files['deploy/compose.yaml']).toBe('image: ghcr.io/red-cross/imaginem:0.1.0\n');
});

test('another repository whose name only begins so is left alone', () => {
  const text = 'https://github.com/a/b-data https://github.com/a/b/issues https://github.com/a/b.';
  expect(readdress(text, { owner: 'a', name: 'b' }, { owner: 'x', name: 'y' })).toBe(
    'https://github.com/a/b-data https://github.com/x/y/issues https://github.com/x/y.',
  );
});

test.each(['', 'a', 'a/', '/b', 'a/b/c', '-a/b', 'a b/c', 'a/..', 'https://example.com/a/b'])(
  '"%s" is refused',
  (text) => {
    expect(() => parseRepository(text)).toThrow(/is not an address such as owner\/name/);
  },
);

test('any address can be set and set back', () => {
  const part = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9-]{0,10}[A-Za-z0-9])?$/);
  const text = `[x](https://github.com/<owner>/<repository>/issues) ${encodeURIComponent('https://raw.githubusercontent.com/<owner>/<repository>/main')}`;
  fc.assert(
    fc.property(part, part, (owner, name) => {
      const there = readdress(text, PLACEHOLDER, { owner, name });
      expect(there).not.toContain('owner>');
      expect(readdress(there, { owner, name }, PLACEHOLDER)).toBe(text);
    }),
  );
});
