import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { archive } from '../../scripts/package/archive.ts';
import { filesOf } from '../../scripts/package/files.ts';
import { lostImports, readImports } from '../../scripts/package/imports.ts';
import {
  alsoDeploying,
  type Lock,
  type Manifest,
  productionLock,
  productionManifest,
} from '../../scripts/package/manifest.ts';
import { isLeftOut, prune } from '../../scripts/package/prune.ts';
import { largestParts, refusalOf } from '../../scripts/package/report.ts';
import { projectRoot } from '../support/project-root.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imaginem-parts-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

describe('what is left out', () => {
  test.each([
    'node_modules/a/index.js.map',
    'node_modules/a/index.d.ts',
    'node_modules/a/src/index.ts',
    'node_modules/a/README.md',
    'node_modules/@types/a/package.json',
    'node_modules/a/test/index.js',
    'node_modules/@azure/a/dist/browser/index.js',
    'node_modules/@azure/a/dist/react-native/deep/index.js',
    'node_modules/.bin/a',
    'node_modules/onnx/bin/napi-v6/win32/x64/a.node',
    'node_modules/onnx/bin/napi-v6/linux/arm64/a.node',
    'node_modules/.package-lock.json',
    'node_modules/a/node_modules/.bin/b',
  ])('%s', (path) => {
    expect(isLeftOut(path)).toBe(true);
  });

  test.each([
    'node_modules/a/LICENSE.md',
    'node_modules/a/license',
    'node_modules/a/package.json',
    'node_modules/a/lib/browser/index.js',
    'node_modules/test/index.js',
    'node_modules/@img/x/lib/libvips-cpp.so.8.18.7',
    'node_modules/onnx/bin/napi-v6/linux/x64/a.node',
    'node_modules/@azure/a/dist/commonjs/index.js',
    'node_modules/@azure/a/dist/esm/index.js',
    'dist/src/functions/ocr.js',
    'host.json',
  ])('but not %s', (path) => {
    expect(isLeftOut(path)).toBe(false);
  });

  test('a rule that takes away what is imported is found out', async () => {
    await write({
      'dist/app.js': "import { x } from 'a'; import('fine'); require('./gone-before');",
      'node_modules/a/package.json': '{ "name": "a", "main": "index.js" }',
      'node_modules/a/index.js': "exports.x = require('./test/helper.js'); require('./kept');",
      'node_modules/a/test/helper.js': 'exports.y = 1;',
      'node_modules/a/kept.js': '',
      'node_modules/a/notes.md': 'notes',
    });
    const imports = await readImports(folder);
    expect(lostImports(imports)).toEqual([]);
    await prune(folder);
    expect(await filesOf(folder)).toEqual([
      'dist/app.js',
      'node_modules/a/index.js',
      'node_modules/a/kept.js',
      'node_modules/a/package.json',
    ]);
    expect(lostImports(imports)).toEqual([expect.stringContaining('imports "./test/helper.js"')]);
  });
});

test('the lock that is installed has the same versions, and nothing that only develops', async () => {
  const json = async <T>(path: string) => JSON.parse(await readFile(join(projectRoot, path), 'utf8')) as T;
  const manifest = await json<Manifest>('package.json');
  const whole = await json<Lock>('package-lock.json');
  const { packages } = productionLock(whole, manifest);
  for (const name of Object.keys(manifest.dependencies))
    expect(packages[`node_modules/${name}`], name).toEqual(whole.packages[`node_modules/${name}`]);
  const names = Object.keys(packages);
  expect(names).not.toContain('node_modules/vitest');
  expect(names.filter((name) => /^node_modules\/node-(bin-)?(linux|darwin|win)/.test(name))).toEqual([]);
  expect(packages['']).toMatchObject({ dependencies: manifest.dependencies });
  expect(productionManifest(manifest)).not.toHaveProperty('scripts');
});

test('what an optional step needs is deployed where it is asked for, with all that it depends on', () => {
  const manifest: Manifest = {
    ...{ name: 'app', version: '1.0.0', type: 'module', main: 'x.js' },
    dependencies: { a: '1' },
    devDependencies: { onnx: '2', vitest: '3' },
  };
  const lock: Lock = {
    lockfileVersion: 3,
    packages: {
      '': {},
      'node_modules/a': { version: '1' },
      'node_modules/common': { version: '1', dev: true },
      'node_modules/onnx': { version: '2', dev: true, dependencies: { common: '2' } },
      'node_modules/onnx/node_modules/common': { version: '2', dev: true, dependencies: { deep: '1' } },
      'node_modules/deep': { version: '1', dev: true },
      'node_modules/vitest': { version: '3', dev: true, dependencies: { common: '1' } },
    },
  };
  const wider = alsoDeploying(manifest, ['onnx']);
  expect(productionManifest(wider).dependencies).toEqual({ a: '1', onnx: '2' });
  const { packages } = productionLock(lock, wider);
  expect(Object.keys(packages).sort()).toEqual(
    ['', 'a', 'deep', 'onnx', 'onnx/node_modules/common'].map((path) => path && `node_modules/${path}`),
  );
  expect(JSON.stringify(packages)).not.toContain('dev');
  expect(() => alsoDeploying(manifest, ['numpy'])).toThrow(/--with numpy: .* no such package/);
});

test('equal files are equal archives, whenever they were written and in whatever order', async () => {
  await write({ 'b/2.txt': 'two', 'a.txt': 'one', 'b/10.txt': 'ten' });
  const first = await archive(folder);
  expect([...first.parts.keys()]).toEqual(['a.txt', 'b/10.txt', 'b/2.txt']);
  await rm(folder, { recursive: true });
  await write({ 'b/10.txt': 'ten', 'b/2.txt': 'two', 'a.txt': 'one' });
  const again = await archive(folder);
  expect(again.bytes.equals(first.bytes)).toBe(true);
  await write({ 'a.txt': 'other' });
  expect((await archive(folder)).bytes.equals(first.bytes)).toBe(false);
});

test('the largest parts are named by package, largest first', () => {
  const parts = new Map([
    ['dist/a.js', 100_000],
    ['node_modules/@s/p/a.js', 2_000_000],
    ['node_modules/@s/p/node_modules/q/b.js', 1_000_000],
    ['node_modules/r/c.js', 500_000],
  ]);
  expect(largestParts(parts, 2)).toEqual(['  3.0 MB  @s/p', '  0.5 MB  r']);
});

describe.runIf(spawnSync('unzip', ['-v']).status === 0)('unpacked by `unzip`, as others will', () => {
  test.each([0o022, 0o077])('under umask %o everybody reads files and enters folders', async (umask) => {
    await write({ 'app/host.json': '{}', 'app/dist/src/a.js': 'a', 'app/dist/tool': '#!/bin/sh' });
    // What this machine lets nobody else read must be readable there.
    await chmod(join(folder, 'app/host.json'), 0o600);
    await chmod(join(folder, 'app/dist/tool'), 0o700);
    await writeFile(join(folder, 'app.zip'), (await archive(join(folder, 'app'))).bytes);
    const script = `umask ${umask.toString(8)}; unzip -q app.zip -d out`;
    const { status, stderr } = spawnSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' });
    expect(status, stderr).toBe(0);

    const modes: Record<string, string> = {};
    for (const path of ['dist', 'dist/src', 'host.json', 'dist/src/a.js', 'dist/tool'])
      modes[path] = ((await stat(join(folder, 'out', path))).mode & 0o7777).toString(8);
    expect(modes).toEqual({
      dist: '755',
      'dist/src': '755',
      'host.json': '644',
      'dist/src/a.js': '644',
      'dist/tool': '755',
    });
  });
});

test('a package over its limit is refused, one at its limit is not', () => {
  expect(refusalOf(30_000_000, 30_000_000)).toBeUndefined();
  expect(refusalOf(30_000_001, 30_000_000)).toMatch(/larger than its limit of 30\.0 MB/);
});
