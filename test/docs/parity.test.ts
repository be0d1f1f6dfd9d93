import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { operations } from '../../src/api/contract.ts';
import { projectRoot } from '../support/project-root.ts';
import { commandOf, commandsAlone, parityTable } from './parity.ts';

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8');

/** As docs/cli.md lists them, which another test compares with the help of the commands. */
const LISTED = /<!-- commands:[^>]*-->([\s\S]*?)<!-- \/commands -->/;
const [, listed = ''] = LISTED.exec(read('docs/cli.md')) ?? [];
const commands = [...listed.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name);

test('every command is to be had over HTTP, every operation at the command line, or it is said why not', () => {
  const counterparts = Object.values(commandOf).filter((other) => typeof other === 'string');
  const known = new Set([...counterparts, ...Object.keys(commandsAlone)]);
  expect(commands.length).toBeGreaterThan(20);
  expect(commands.filter((name) => !known.has(name))).toEqual([]);
  expect([...known].filter((name) => !commands.includes(name))).toEqual([]);
  expect(Object.keys(commandsAlone).filter((name) => counterparts.includes(name))).toEqual([]);
});

test('docs/api.md prints it', () => {
  const [, block = ''] =
    /<!-- parity:[^>]*-->\n([\s\S]*?)\n<!-- \/parity -->/.exec(read('docs/api.md')) ?? [];
  expect(block).toBe(parityTable(operations));
});
