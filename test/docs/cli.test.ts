import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandLine } from '../support/command-line.ts';
import { projectRoot } from '../support/project-root.ts';

/** Every command as --help lists it, with what it says of it: "poison" is its commands, "poison list" and so on. */
async function everyCommand(above: readonly string[] = []): Promise<string[]> {
  const { out } = await commandLine([...above, '--help'], {});
  const list = /\nCommands:\n([\s\S]*?)(\n\n|$)/.exec(out)?.[1] ?? '';
  const rows: string[] = [];
  for (const line of list.replace(/\n {4,}/g, ' ').split('\n')) {
    const [, name = '', given = '', words = ''] = /^ {2}([a-z-]+)([^\n]*?) {2,}(\S.*)$/.exec(line) ?? [];
    if (name === '' || name === 'help') continue;
    // What has options of its own below another one has no commands.
    const below = above.length === 0 || given === '' ? await everyCommand([...above, name]) : [];
    rows.push(
      ...(below.length > 0
        ? below
        : [`| \`${[...above, name].join(' ')}\` | ${words.replaceAll('<', '&lt;')} |`]),
    );
  }
  return rows;
}

test('docs/cli.md lists every command in the words of its help', async () => {
  const page = readFileSync(join(projectRoot, 'docs/cli.md'), 'utf8');
  const [, table = ''] = /<!-- commands:[^>]*-->\n([\s\S]*?)\n<!-- \/commands -->/.exec(page) ?? [];
  expect(table.split('\n').filter((line) => line.startsWith('| `'))).toEqual(await everyCommand());
});
