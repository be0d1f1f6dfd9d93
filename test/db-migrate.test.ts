import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrations } from '../src/results/schema.ts';
import { projectRoot } from './support/project-root.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imaginem-migrate-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function migrate(env: Record<string, string>) {
  const child = spawn(process.execPath, [join(projectRoot, 'scripts/db-migrate.ts')], {
    env: { PATH: process.env.PATH, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const [code] = await once(child, 'close');
  return { code: code as number, output };
}

test('several at once bring a new database to the schema, each step once; again, they change nothing', async () => {
  const path = join(folder, 'results.db');
  const all = await Promise.all([1, 2, 3].map(() => migrate({ SQLITE_PATH: path })));
  expect(
    all.map(({ code }) => code),
    JSON.stringify(all),
  ).toEqual([0, 0, 0]);
  const versions = () => {
    const database = new DatabaseSync(path, { readOnly: true });
    const rows = database.prepare('SELECT version, applied_at FROM schema_version ORDER BY version').all();
    database.close();
    return rows;
  };
  const before = versions();
  expect(before.map(({ version }) => version)).toEqual(migrations.map(({ version }) => version));
  expect((await migrate({ SQLITE_PATH: path })).output).toContain('has the schema of this version');
  expect(versions()).toEqual(before);
});

test('without a database set it says which settings to set', async () => {
  const { code, output } = await migrate({});
  expect(code).toBe(1);
  expect(output).toMatch(/SQL_SERVER and SQL_DATABASE/);
  expect(output).not.toMatch(/at .*\.ts:\d+/);
});
