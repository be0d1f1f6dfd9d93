import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { bombSet } from './bombs.ts';
import type { Decoded } from './decode-all.ts';

/**
 * Peak memory of a process that decodes the bomb set: each bomb several times at once, then all of them. Linux only, for
 * the kernel keeps the peak.
 */
const { values } = parseArgs({
  options: {
    side: { type: 'string', default: '10000' },
    copies: { type: 'string', default: '6' },
    budget: { type: 'string', default: '1000000000' },
  },
});
const copies = Number(values.copies);
const child = fileURLToPath(new URL('./decode-all.ts', import.meta.url));
const folder = await mkdtemp(path.join(tmpdir(), 'imaginem-bombs-'));

async function decode(files: readonly string[]): Promise<Decoded> {
  const { stdout } = await promisify(execFile)(process.execPath, [child, values.budget, ...files], {
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
  });
  return JSON.parse(stdout) as Decoded;
}

const tally = (outcomes: readonly string[]): string =>
  [...new Set(outcomes)]
    .map((one) => `${outcomes.filter((other) => other === one).length} ${one}`)
    .join(', ');

try {
  const files: string[] = [];
  console.log(`${copies} at once, a budget of ${Number(values.budget) / 1e6} MB`);
  console.log(`${'bomb'.padEnd(40)}${'kB'.padStart(8)}${'MB more'.padStart(9)}${'s'.padStart(7)}  outcome`);
  for (const [name, bytes] of Object.entries(await bombSet(Number(values.side)))) {
    const file = path.join(folder, String(files.length));
    await writeFile(file, bytes);
    files.push(file);
    const { addedMb, ms, outcomes } = await decode(Array.from({ length: copies }, () => file));
    console.log(
      `${name.padEnd(40)}${String(Math.round(bytes.length / 1000)).padStart(8)}${String(addedMb).padStart(9)}${(ms / 1000).toFixed(1).padStart(7)}  ${tally(outcomes)}`,
    );
  }
  const { addedMb, ms, outcomes } = await decode(files);
  console.log(
    `${'all of them at once'.padEnd(48)}${String(addedMb).padStart(9)}${(ms / 1000).toFixed(1).padStart(7)}  ${tally(outcomes)}`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
