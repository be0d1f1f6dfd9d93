/**
 * A folder of more than two hundred odd files, made by code, through the whole of `npm start`: one row each, and what is
 * expected of it. Run by hand: `npm run --silent build && node test/reliability/odd-files/main.ts`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '../../../src/domain/settings.ts';
import { openResultStore } from '../../../src/results/open.ts';
import type { StoredImage } from '../../../src/results/rows.ts';
import { projectRoot } from '../../support/project-root.ts';
import { type OddFile, oddFiles } from './files.ts';

const home = await mkdtemp(join(tmpdir(), 'odd-files-'));
const folder = join(home, 'odd');
const data = join(home, 'data');
try {
  const files = await oddFiles();
  await mkdir(folder);
  for (const { name, bytes } of files) await writeFile(join(folder, name), bytes);
  console.log(`${files.length} files in ${folder}`);
  const began = Date.now();
  const child = spawn(
    process.execPath,
    [join(projectRoot, 'dist/src/local/main.js'), folder, '--once', '--data', data],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, CI: '1' } },
  );
  await once(child, 'exit');
  console.log(`npm start: ${Math.round((Date.now() - began) / 1000)} s`);
  const store = await openResultStore(readSettings({ SQLITE_PATH: join(data, 'results.db') }));
  const rows = await store.list({ limit: 1000 });
  await store.close();
  process.exitCode = report(files, rows) ? 0 : 1;
} finally {
  await rm(home, { recursive: true, force: true });
}

function report(files: readonly OddFile[], rows: readonly StoredImage[]): boolean {
  const byName = Map.groupBy(
    rows,
    ({ imageUrl }) => decodeURIComponent(imageUrl).split('/inputimages/odd/')[1] ?? '',
  );
  const counts = new Map<string, number>();
  const faults: string[] = [];
  for (const { name, expected, warning } of files) {
    const own = byName.get(name) ?? [];
    const [row] = own;
    if (own.length !== 1 || row === undefined) {
      faults.push(`${name}: ${own.length} rows`);
      continue;
    }
    const failed = Object.entries(row.steps).filter(([, { state }]) => state === 'failed');
    const codes = [row.reason?.code, ...(row.warnings ?? []).map((one) => one.code)].filter(
      (code) => code !== undefined,
    );
    const key = [row.status, ...codes].join(' ');
    counts.set(key, (counts.get(key) ?? 0) + 1);
    const isRight =
      expected === 'done'
        ? row.status === 'done'
        : row.status === 'rejected' && row.reason?.code === expected.rejected;
    if (!isRight || failed.length > 0 || (warning !== undefined && !codes.includes(warning))) {
      const said = failed.map(([step, { error }]) => `${step} ${error?.code}`).join(', ');
      faults.push(`${name}: ${key} ${said}; expected ${JSON.stringify(expected)} ${warning ?? ''}`);
    }
  }
  for (const [key, number] of [...counts].sort((one, other) => other[1] - one[1]))
    console.log(`| ${key} | ${number} |`);
  console.log(`${files.length} files, ${rows.length} rows, ${faults.length} faults`);
  for (const fault of faults) console.log(fault);
  return faults.length === 0 && rows.length === files.length;
}
