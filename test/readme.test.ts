import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSettings, settingNames } from '../src/domain/settings.ts';
import { exampleQueries } from '../src/results/examples.ts';
import { projectRoot } from './support/stack.ts';

const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
const between = (start: string, end: string) => readme.split(start)[1]?.split(end)[0] ?? '';

test('the README prints the example queries as the code has them', () => {
  const printed = between('<!-- queries:', '<!-- /queries -->');
  for (const { title, sql } of exampleQueries) {
    expect(printed).toContain(`**${title}**\n\n\`\`\`sql\n${sql}\n\`\`\``);
  }
  expect(printed.match(/```sql/g)).toHaveLength(exampleQueries.length);
});

test('the README names every setting, and none that does not exist', () => {
  const table = between('<!-- settings:', '<!-- /settings -->');
  const named = [...table.matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  expect(named.sort()).toEqual([...settingNames].sort());
});

test('the defaults that the README states are those of the code', () => {
  const defaults = readSettings({}) as Record<string, unknown>;
  const rows = [
    ...between('<!-- settings:', '<!-- /settings -->').matchAll(/^\| `([A-Z_]+)` \| `?([\w.]+)`? \|/gm),
  ];
  expect(rows.length).toBeGreaterThan(8);
  for (const [, name = '', stated] of rows) {
    if (stated === 'all' || stated === 'none') continue;
    expect(`${name} ${defaults[name]}`).toBe(`${name} ${stated}`);
  }
});

test('every file that the README links to exists', () => {
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path);
  expect(links.length).toBeGreaterThan(0);
  for (const path of links) expect(existsSync(join(projectRoot, path)), path).toBe(true);
});
