import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import type { Aim } from '../report.ts';

/** As many messages as a host works on at once, for each of so many hosts. */
export const LANES = 8;
const PROCESSES = 2;
/** Saves of each process. */
export const SAVES = 800;

/** What one process did: see `lane-process.ts`. */
export interface Done {
  saved: number;
  refused: number;
  seconds: number;
}

/** Hosts that save at once, images that share tags and match each other across the processes: what is counted wrong, and what is refused. */
export async function measureTwoProcesses(folder: string, say: (words: string) => void): Promise<Aim[]> {
  const file = join(folder, `imaginem-lanes-${process.pid}.db`);
  const store = new SqlResultStore(await SqliteDatabase.open(file));
  try {
    await store.migrate();
    say(`${PROCESSES} processes with ${LANES} lanes each save ${SAVES} images each`);
    const script = fileURLToPath(new URL('./lane-process.ts', import.meta.url));
    const all = await Promise.all(
      Array.from({ length: PROCESSES }, async (_, process) => {
        const child = fork(script, [file, String(process)]);
        const [done] = (await once(child, 'message')) as [Done];
        return done;
      }),
    );
    const sum = (figure: keyof Done) => all.reduce((total, done) => total + done[figure], 0);
    const { images } = await store.counts.totals();
    const wrong = await store.counts.recount();
    const seconds = Math.max(...all.map((done) => done.seconds));
    say(`${(sum('saved') / seconds).toFixed(0)} saves a second`);
    const none = (text: string, measured: number): Aim => ({ text, measured, limit: 0, sense: 'at most' });
    return [
      none('two processes with eight lanes: wrong counts', wrong.length),
      none('two processes with eight lanes: refused saves', sum('refused')),
      none('two processes with eight lanes: images that are not counted', PROCESSES * SAVES - images),
    ];
  } finally {
    await store.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
  }
}
