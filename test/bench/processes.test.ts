import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { descendants, parsePeak, parseStat, readProcess } from '../../bench/processes.ts';

test('a process whose name has spaces and parentheses is read all the same', () => {
  const fields = ['S', '42', ...Array.from({ length: 9 }, () => '0'), '150', '50', '0', '0'];
  expect(parseStat(`17 (a) b (c) ${fields.join(' ')}`)).toEqual({ parent: 42, cpuSeconds: 2 });
});

test('peak memory is told in MB, and is nothing where the kernel says nothing', () => {
  expect(parsePeak('VmPeak:\t 9 kB\nVmHWM:\t  1000000 kB\n')).toBe(1024);
  expect(parsePeak('Name:\tzombie\n')).toBe(0);
});

describe.runIf(existsSync('/proc/self/stat'))('where there is /proc', () => {
  test('this process is found with memory, and so is its child, until that ends', async () => {
    expect(readProcess(process.pid)?.peakMb).toBeGreaterThan(10);
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await once(child, 'spawn');
    expect(descendants(process.pid).map(({ pid }) => pid)).toContain(child.pid);
    child.stdin?.end();
    await once(child, 'exit');
    expect(descendants(process.pid).map(({ pid }) => pid)).not.toContain(child.pid);
  });
});
