import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { cases } from '../../scripts/check-azure/arm/scenarios.ts';
import { check } from '../../scripts/check-azure/check.ts';
import { code } from '../../scripts/check-azure/code.ts';
import { rules } from '../../scripts/check-azure/rules.ts';
import { sound } from './support.ts';

test("the project's own files break no rule, in any combination of parameters", () => {
  expect(check(sound, code)).toEqual([]);
});

test('every switch of the template is tried on and off', () => {
  const names = cases(JSON.parse(sound['azuredeploy.json'])).map((one) => one.name);
  expect(names[0]).toBe('the defaults');
  expect(names).toContain('deployVirtualNetwork=true');
  expect(names).toContain('faceEndpoint="https://sample.example/" visionEndpoint="https://sample.example/"');
  expect(names.length).toBeGreaterThanOrEqual(2 ** 7);
});

test('every rule has an id of its own and says why it is there', () => {
  expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
  for (const rule of rules) expect(rule.why, rule.id).toMatch(/^.{20,}\.$/s);
});

test('a file that is not strict JSON is the only finding', () => {
  const findings = check({ ...sound, 'host.json': '{ "version": "2.0", // no\n }' }, code);
  expect(findings).toMatchObject([{ rule: 'strict-json', path: 'host.json' }]);
});

test('npm run check:azure says that everything holds, and ends with 0', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const said = execFileSync(process.execPath, ['scripts/check-azure/main.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(said).toMatch(/all \d+ rules hold/);
});
