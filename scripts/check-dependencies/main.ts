/**
 * Audits what is deployed against the registry's known vulnerabilities; says plainly where nobody could be asked, and
 * fails then with --release.
 */
import { spawnSync } from 'node:child_process';
import { accepted } from './accepted.ts';
import { fails, judge } from './verdict.ts';

const LIMIT_MS = 60_000;

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  timeout: LIMIT_MS,
  shell: process.platform === 'win32',
  stdio: ['ignore', 'pipe', 'ignore'],
});
const { kind, lines } = judge(stdout ?? '', accepted, new Date().toISOString().slice(0, 10));
for (const line of lines) console.log(line);
if (fails(kind, process.argv.includes('--release'))) process.exitCode = 1;
