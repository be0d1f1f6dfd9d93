import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planFaults, roomFaults } from '../../scripts/check-rooms/check.ts';
import { rooms } from '../../scripts/check-rooms/rooms.ts';
import { run } from '../support/project-copy.ts';
import { projectRoot } from '../support/project-root.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imaginem-rooms-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function plant(files: Record<string, string>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
}

const MAIN = join(projectRoot, 'scripts/check-rooms/main.ts');

test('the house keeps its own rules', async () => {
  expect(planFaults(rooms)).toEqual([]);
  expect(await run(projectRoot, [MAIN])).toEqual({ code: 0, output: '' });
});

test('lint fails on an upward import, static, of a type, or dynamic', async () => {
  await plant({
    'domain/static.ts': "import { openApp } from '../app.ts';\nopenApp();\n",
    'domain/type.ts': "export type Row = import('../results/rows.ts').ImageResult;\n",
    'pipeline/journal/dynamic.ts': "export const step = () => import('../../steps/ocr.ts');\n",
    'steps/downwards.ts': "import type { Job } from '../domain/job.ts';\nexport type One = Job;\n",
    'local/vision/other.ts': "import { host } from '../host/host.ts';\nhost();\n",
  });
  const { code, output } = await run(projectRoot, [MAIN, folder]);
  expect(code).toBe(1);
  expect(output.split('\n').slice(0, -2)).toEqual([
    'src/domain/static.ts imports app.ts, but domain may not import app.ts.',
    'src/domain/type.ts imports results/rows.ts, but domain may not import results.',
    'src/local/vision/other.ts imports local/host/host.ts, but local/vision may not import local/host.',
    'src/pipeline/journal/dynamic.ts imports steps/ocr.ts, but pipeline/journal may not import steps.',
  ]);
});

test('a file beside the rooms, and a plan that leads upwards, are refused', async () => {
  await plant({ 'loose.ts': 'export {};\n' });
  expect(roomFaults(folder, rooms)).toEqual([
    'src/loose.ts stands in no room: move it into one, or add its room to rooms.ts.',
  ]);
  const low = { holds: 'the lower', mayImport: ['high'] };
  expect(planFaults({ low, high: { holds: 'the upper', mayImport: ['low', 'none'] } })).toEqual([
    'low may import high, which stands above it.',
    'high may import none, which is no room.',
  ]);
});

test('lint fails on a circle of imports, of types too', async () => {
  await plant({
    'biome.json': readFileSync(join(projectRoot, 'biome.json'), 'utf8').replace(
      /^.*"(vcs|\$schema)".*\n/gm,
      '',
    ),
    'a.ts': "import type { B } from './b.ts';\n\nexport type A = B[];\n",
    'b.ts': "import type { A } from './a.ts';\n\nexport type B = A | 'b';\n",
  });
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
  const { code, output } = await run(folder, [biome, 'ci', '--colors=off', '.']);
  expect(output).toMatch(/a\.ts:1:\d+ lint\/suspicious\/noImportCycles/);
  expect(output).toContain('Found 2 errors');
  expect(code).toBe(1);
});

test('docs/architecture.md has every room as the check has it', () => {
  const text = readFileSync(join(projectRoot, 'docs/architecture.md'), 'utf8');
  const [, table = ''] = /<!-- rooms:[^>]*-->\n([\s\S]*?)<!-- \/rooms -->/.exec(text) ?? [];
  const printed = Object.entries(rooms).map(
    ([name, { holds, mayImport }]) => `| \`${name}\` | ${holds} | ${mayImport.join(', ') || 'nothing'} |`,
  );
  expect(table.trim().split('\n').slice(2)).toEqual(printed);
});
