import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../support/project-root.ts';
import { allDocuments, anchorsOf, linksOf } from './documents.ts';
import { commandsOf, shellBlocks } from './shell-blocks.ts';

const documents = allDocuments();
const scripts = Object.keys(
  (JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { scripts: object }).scripts,
);

test('the README is read in two minutes, and in a diff', () => {
  const readme = documents.get('README.md') ?? '';
  const lines = readme.trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(130);
  const words = readme.replace(/\]\([^)]*\)/g, ']').split(/\s+/);
  expect(words.length).toBeLessThanOrEqual(1000);
  // A picture, a table's row or a command cannot be broken.
  const prose = lines.filter((line) => !/^(\||\[!|!\[|az )/.test(line));
  expect(prose.filter((line) => line.length > 150)).toEqual([]);
});

test('the README opens with what it is, a picture and the two commands', () => {
  const top = (documents.get('README.md') ?? '').split('\n').slice(0, 22).join('\n');
  expect(top).toMatch(/^# Imaginem\n\nPhotographs go in/);
  expect(top).toMatch(/!\[[^\]]{20,}\]\(docs\/screenshots\/\S+\)/);
  expect(top).toContain('npm ci && npm start -- samples --once');
  expect(top).toContain('npm ci && npm test ');
});

test('every document is linked from the index, and found from the README', () => {
  const index = linksOf('docs/README.md', documents.get('docs/README.md') ?? '').map(({ path }) => path);
  const others = [...documents.keys()].filter((path) => !['README.md', 'docs/README.md'].includes(path));
  expect(others.filter((path) => !index.includes(path))).toEqual([]);
  const first = linksOf('README.md', documents.get('README.md') ?? '').map(({ path }) => path);
  expect(first).toContain('docs/README.md');
});

test('the site has a page in its menu for every document', () => {
  // Read, not imported: copies of the project, in which steps are tried, have no documents.
  const menu = readFileSync(join(projectRoot, 'docs/.vitepress/sidebar.ts'), 'utf8');
  const linked = [...menu.matchAll(/\bpage\('[^']+', '([^']+)'\)/g)].map(([, link = '']) => link);
  const page = (path: string) =>
    path === 'README.md' ? '/' : `/${path.replace(/README\.md$/, '').replace(/\.md$/, '')}`;
  expect([...linked].sort()).toEqual([...documents.keys()].map(page).sort());
});

describe.each([...documents])('%s', (path, markdown) => {
  test('every link leads to a file, and every anchor to a heading of it', () => {
    const broken = linksOf(path, markdown).filter(({ path: to, anchor }) => {
      if (!existsSync(join(projectRoot, to))) return true;
      return anchor !== undefined && !anchorsOf(documents.get(to) ?? '').includes(anchor);
    });
    expect(broken.map(({ text }) => text)).toEqual([]);
  });

  test('it has one title, and shows what stands in angle brackets', () => {
    expect(markdown).toMatch(/^# \S/);
    const prose = markdown.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '');
    expect(prose.match(/^# /gm)).toHaveLength(1);
    // GitHub drops what looks like a tag; the site refuses it. Comments mark what a test compares.
    expect(prose.replace(/<!--.*?-->/gs, '').match(/<[a-z/][^>]*>/gi) ?? []).toEqual([]);
  });

  test('bash can parse its commands, and the scripts and files that they name exist', () => {
    const blocks = shellBlocks(markdown);
    for (const block of blocks) {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: block, encoding: 'utf8' });
      expect(status, `${block}\n${stderr}`).toBe(0);
    }
    const commands = blocks.flatMap(commandsOf);
    const unknown = commands.filter((command) => {
      const [program = '', first = '', second = ''] = asRoot(command.words);
      if (program === 'npm') return !knownToNpm(first, second);
      if (program === 'node') return !existsSync(join(projectRoot, first));
      if (program === 'npx') return !['imaginem', 'vitest'].includes(first);
      return !OTHERS.includes(program);
    });
    expect(unknown.map(({ text }) => text)).toEqual([]);
  });
});

/** Programs that people have: what they take is not ours to check. */
const OTHERS =
  `az azd cd cp curl docker env export func git install kubectl openssl sqlcmd systemctl useradd`.split(' ');

/** What sudo runs, as whom and with which environment left out. */
const asRoot = (words: readonly string[]): readonly string[] =>
  words[0] === 'sudo' ? words.slice(words[1] === '-u' ? 3 : 1) : words;

const knownToNpm = (verb: string, name: string): boolean =>
  verb === 'run' ? scripts.includes(name) : verb === 'ci' || scripts.includes(verb);

test('a broken link, anchor and heading are seen as such', () => {
  const links = linksOf(
    'docs/guides/a.md',
    'see [x](../b.md#c-d) and `[no](link.md)`\n```sh\n[y](z.md)\n```\n',
  );
  expect(links).toEqual([{ text: '../b.md#c-d', path: 'docs/b.md', anchor: 'c-d' }]);
  expect(anchorsOf('# A, b\n\n## `func start`\n### Files: what is read')).toEqual([
    'a-b',
    'func-start',
    'files-what-is-read',
  ]);
});
