import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { cases } from '../../scripts/check-azure/arm/scenarios.ts';
import { check } from '../../scripts/check-azure/check.ts';
import { code } from '../../scripts/check-azure/code.ts';
import { neededRoles } from '../../scripts/check-azure/knowledge/roles.ts';
import { rules } from '../../scripts/check-azure/rules.ts';
import { sound } from './support.ts';

test("the project's own files break no rule, in any combination of parameters", () => {
  expect(check(sound, code)).toEqual([]);
});

test('every switch of the template is tried on and off', () => {
  const names = cases(JSON.parse(sound['azuredeploy.json'])).map((one) => one.name);
  expect(names[0]).toBe('the defaults');
  expect(names).toContain('deployVirtualNetwork=false');
  expect(names).toContain('faceEndpoint="https://sample.example/" visionEndpoint="https://sample.example/"');
  expect(names.length).toBeGreaterThanOrEqual(2 ** 7);
});

test('every rule has an id of its own and says why it is there', () => {
  expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
  for (const rule of rules) expect(rule.why, rule.id).toMatch(/^.{20,}\.$/s);
});

test('every rule has a test that breaks it', async () => {
  const folder = new URL('rules/', import.meta.url);
  const tests = await Promise.all(
    (await readdir(folder)).map((file) => readFile(new URL(file, folder), 'utf8')),
  );
  for (const { id } of rules) expect(tests.join('\n'), id).toContain(`'${id}'`);
});

test('the roles that docs/deploy.md lists are those that the check wants', async () => {
  const text = await readFile(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
  const listed = [...text.matchAll(/^\| (the app|the deployment|Event Grid) \| ([^|]+) \|/gm)].map(
    ([, who, role]) => `${who}: ${role}`,
  );
  expect(listed.sort()).toEqual(neededRoles.map(({ who, role }) => `${who}: ${role}`).sort());
});

test('a file that is not strict JSON is the only finding', () => {
  const findings = check({ ...sound, 'host.json': '{ "version": "2.0", // no\n }' }, code);
  expect(findings).toMatchObject([{ rule: 'strict-json', path: 'host.json' }]);
});

const main = fileURLToPath(new URL('../../scripts/check-azure/main.ts', import.meta.url));
const run = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });

test('the command says that everything holds, and ends with 0', () => {
  const { status, stdout } = run();
  expect(stdout).toMatch(/all \d+ rules hold/);
  expect(status).toBe(0);
});

test('the command names place, fault and remedy of a broken template, and ends with 1', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'check-azure-'));
  try {
    for (const [file, text] of Object.entries(sound)) await writeFile(join(folder, file), text);
    const template = sound['azuredeploy.json'].replace(
      '"allowSharedKeyAccess": false',
      '"allowSharedKeyAccess": true',
    );
    await writeFile(join(folder, 'azuredeploy.json'), template);
    const { status, stderr } = run(folder);
    expect(stderr).toMatch(
      /resources\[4\].properties\.allowSharedKeyAccess\s+is true\s+Write false: a key opens everything/,
    );
    expect(status).toBe(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});
