import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' });

/** Lines of each file that differ from `base`, what is not committed included. */
export function changedLines(base: string): Map<string, Set<number>> {
  const changed = new Map<string, Set<number>>();
  const from = git('merge-base', base, 'HEAD').trim();
  let lines = new Set<number>();
  for (const line of git('diff', '--unified=0', '--no-color', from, '--', 'src').split('\n')) {
    const [, file] = /^\+\+\+ b\/(.*)$/.exec(line) ?? [];
    if (file !== undefined) {
      lines = new Set();
      changed.set(file, lines);
    }
    const [, start, count = '1'] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    for (let n = 0; start !== undefined && n < Number(count); n += 1) lines.add(Number(start) + n);
  }
  for (const file of git('ls-files', '--others', '--exclude-standard', 'src').split('\n')) {
    if (file === '') continue;
    const { length } = readFileSync(file, 'utf8').split('\n');
    changed.set(file, new Set(Array.from({ length }, (_, index) => index + 1)));
  }
  return changed;
}
