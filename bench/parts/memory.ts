import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { projectRoot } from '../../test/support/project-root.ts';
import type { Part } from '../part.ts';
import { descendants, type ProcessFacts, readProcess } from '../processes.ts';
import type { Aim } from '../report.ts';

const LOOK_EVERY_MS = 100;

const ROLES = ['launcher', 'host', 'engine', 'emulator'] as const;
type Role = (typeof ROLES)[number];

/** Peak of resident memory of each process while `npm start -- samples --once` works on the samples. */
export const memory: Part = async ({ quick, say }) => {
  const folders = quick ? ['samples/group.jpg', 'samples/sign.jpg'] : ['samples'];
  const peaks = new Map<number, Record<Role, number>>();
  for (const workers of [1, 2]) {
    say(`${workers} workers`);
    peaks.set(workers, await run(folders, workers));
  }
  const of = (workers: number, role: Role) => peaks.get(workers)?.[role] ?? Number.NaN;
  const atMost = (text: string, measured: number, limit: number): Aim => ({
    text,
    measured,
    limit,
    sense: 'at most',
    unit: ' MB',
  });
  return {
    part: 'memory',
    aims: [
      atMost('engine, 1 worker', of(1, 'engine'), 1200),
      atMost('engine, 2 workers', of(2, 'engine'), 2000),
      atMost('host', Math.max(of(1, 'host'), of(2, 'host')), 250),
    ],
    tables: [
      {
        title: 'Peak resident memory, MB',
        columns: ['engine workers', ...ROLES, 'all'],
        rows: [...peaks].map(([workers, peak]) => [
          String(workers),
          ...ROLES.map((role) => peak[role]),
          ROLES.reduce((sum, role) => sum + peak[role], 0),
        ]),
      },
    ],
    notes: ['VmHWM of the very processes that npm start runs; 1 MB is 10^6 bytes. Peaks need not coincide.'],
  };
};

async function run(paths: string[], workers: number): Promise<Record<Role, number>> {
  const data = await mkdtemp(join(tmpdir(), 'imaginem-bench-'));
  const args = ['dist/src/local/main.js', ...paths, '--once', '--data', data, '--workers', String(workers)];
  const launcher = spawn(process.execPath, args, { cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [launcher.stdout, launcher.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const peak: Record<Role, number> = { launcher: 0, host: 0, engine: 0, emulator: 0 };
  try {
    const ended = once(launcher, 'exit');
    const pid = launcher.pid ?? 0;
    while (launcher.exitCode === null && launcher.signalCode === null) {
      const own = readProcess(pid);
      for (const facts of [...(own ? [own] : []), ...descendants(pid)]) {
        const role = facts.pid === pid ? 'launcher' : roleOf(facts);
        // A peak that the kernel keeps cannot be missed, but the last look before the end can come too early.
        if (role) peak[role] = Math.max(peak[role], facts.peakMb);
      }
      await Promise.race([ended, delay(LOOK_EVERY_MS)]);
    }
    if (launcher.exitCode !== 0) throw new Error(`npm start did not do its work. It said:\n${output}`);
    return peak;
  } finally {
    launcher.kill();
    await rm(data, { recursive: true, force: true });
  }
}

function roleOf({ command }: ProcessFacts): Role | undefined {
  const script = command.find((word) => /\.(js|ts)$/.test(word)) ?? '';
  if (/[\\/]local[\\/]host[\\/]/.test(script)) return 'host';
  if (/[\\/]local[\\/]vision[\\/]/.test(script)) return 'engine';
  if (/[\\/]local[\\/]storage[\\/]/.test(script)) return 'emulator';
  return undefined;
}
