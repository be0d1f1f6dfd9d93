import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSettings, settingNames } from '../../src/domain/settings.ts';
import { projectRoot } from '../support/project-root.ts';

const page = readFileSync(join(projectRoot, 'docs/settings.md'), 'utf8');
const table = page.split('<!-- settings:')[1]?.split('<!-- /settings -->')[0] ?? '';

test('docs/settings.md names every setting, and none that does not exist', () => {
  const named = [...table.matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  expect(named.sort()).toEqual([...settingNames].sort());
});

test('the defaults that it states are those of the code', () => {
  const defaults = readSettings({}) as Record<string, unknown>;
  const rows = [...table.matchAll(/^\| `([A-Z_]+)` \| `?([\w.]+)`? \|/gm)];
  expect(rows.length).toBeGreaterThan(8);
  for (const [, name = '', stated] of rows) {
    if (stated === 'all' || stated === 'none') continue;
    expect(`${name} ${defaults[name]}`).toBe(`${name} ${stated}`);
  }
});

test('the settings that the README names exist', () => {
  const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
  const named = [...readme.matchAll(/`([A-Z]+(?:_[A-Z]+)+)/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThanOrEqual(6);
  expect(named.filter((name) => !(settingNames as readonly string[]).includes(name))).toEqual([]);
});
