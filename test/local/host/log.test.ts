import { expect, test } from 'vitest';
import type { LogLevel } from '../../../src/local/host/app/core-api.ts';
import { createLog, parseLogLevel } from '../../../src/local/host/log.ts';

function linesOf(level: LogLevel, pretty: boolean): string[] {
  const lines: string[] = [];
  const log = createLog({ level, pretty, write: (line) => lines.push(line) });
  log.system('debug', 'too low');
  log.write({ level: 'warning', category: 'user', message: 'two\nlines', function: 'f', invocationId: 'i' });
  log.system('error', 'of the host');
  log.write({ level: 'none', category: 'user', message: 'never shown' });
  return lines;
}

test('lines below the level are left out; each of the others is one JSON object on one line', () => {
  expect(linesOf('information', false).map((line) => JSON.parse(line))).toEqual([
    { level: 'warning', category: 'user', message: 'two\nlines', function: 'f', invocationId: 'i' },
    { level: 'error', category: 'system', message: 'of the host' },
  ]);
  expect(linesOf('information', false).join('')).not.toContain('\n');
});

test('at a terminal a line is for people', () => {
  expect(linesOf('error', true)).toEqual(['error       host: of the host']);
});

test('nothing is written at level none', () => {
  expect(linesOf('none', false)).toEqual([]);
});

test('a level is known in any case', () => {
  expect(parseLogLevel('Warning')).toBe('warning');
  expect(parseLogLevel('loud')).toBeUndefined();
});
