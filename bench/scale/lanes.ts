import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import type { Aim } from '../report.ts';
import { quantile } from '../stats.ts';
import type { Cleanup } from './cleanup.ts';
import type { Done, Share } from './lane.ts';
import { openPlace, type Place } from './place.ts';

/** As many messages as a host works on at once, for each of so many hosts. */
const LANES = 8;
const PROCESSES = 2;
/** Saves of each process. */
const SAVES = 800;
/** Times the throughput of one lane that several processes are to have on a server. */
const TIMES = 3;

/** What a process of `lane-process.ts` is told. */
export interface Told {
  place: Place;
  share: Share;
}

/** What hosts that saved at once did, and what was found afterwards. */
export interface Lanes {
  processes: number;
  lanes: number;
  /** Images a second. */
  throughput: number;
  /** Milliseconds of a save. */
  p95: number;
  refused: number;
  again: number;
  contention: number;
  wrongCounts: number;
  /** Images that are in no count. */
  uncounted: number;
  /** Pairs of which one side is lost. */
  halfPairs: number;
}

interface Hosts {
  processes: number;
  lanes: number;
  saves: number;
  from: number;
}

/** Runs one process's share; a process of its own, but in tests. */
export type RunShare = (place: Place, share: Share) => Promise<Done>;

/**
 * Hosts that save at once, images that share tags and match each other across the processes.
 *
 * @param place of a database with the tables, in which nobody else writes
 */
export async function saveAtOnce(
  place: Place,
  { processes, lanes, saves, from }: Hosts,
  run: RunShare,
  open: typeof openPlace = openPlace,
): Promise<Lanes> {
  const store = new SqlResultStore(await open(place));
  try {
    const { images: before } = await store.counts.totals();
    const all = await Promise.all(
      Array.from({ length: processes }, (_, own) =>
        run(place, { own, of: processes, lanes, saves: Math.floor(saves / processes), from }),
      ),
    );
    const sum = (figure: 'saved' | 'refused' | 'again' | 'contention') =>
      all.reduce((total, done) => total + done[figure], 0);
    const { images } = await store.counts.totals();
    const wrong = await store.counts.recount();
    const [row] = await store.query(
      'SELECT COUNT(*) AS pairs FROM face_match WHERE reported_by_a <> 1 OR reported_by_b <> 1',
    );
    return {
      ...{ processes, lanes, refused: sum('refused'), again: sum('again'), contention: sum('contention') },
      throughput: sum('saved') / Math.max(...all.map(({ seconds }) => seconds)),
      p95: quantile(
        all.flatMap(({ took }) => took),
        0.95,
      ),
      wrongCounts: wrong.length,
      uncounted: sum('saved') - (images - before),
      halfPairs: Number(row?.pairs),
    };
  } finally {
    await store.close();
  }
}

/** In a process of its own, which ends with this one. */
export const inProcess =
  (cleanup: Cleanup): RunShare =>
  async (place, share) => {
    const child = fork(fileURLToPath(new URL('./lane-process.ts', import.meta.url)));
    const kept = cleanup.add('a process that saves', () => {
      child.kill('SIGKILL');
    });
    try {
      const told: Told = { place, share };
      child.send(told);
      const ended = once(child, 'exit').then(([code]) => {
        throw new Error(`A process that saves ended before it was done (${code}).`);
      });
      const [done] = (await Promise.race([once(child, 'message'), ended])) as [Done];
      return done;
    } finally {
      kept.forget();
    }
  };

/**
 * Two processes with eight lanes each; before them, where a server is measured, one process with one lane.
 *
 * @param place of a database without tables
 */
export async function measureLanes(
  place: Place,
  { alone, saves = SAVES }: { alone: boolean; saves?: number },
  run: RunShare,
  say: (words: string) => void,
  open: typeof openPlace = openPlace,
): Promise<Lanes[]> {
  const store = new SqlResultStore(await open(place));
  await store.migrate();
  await store.close();
  const hosts: Hosts[] = [
    ...(alone ? [{ processes: 1, lanes: 1, saves, from: 0 }] : []),
    { processes: PROCESSES, lanes: LANES, saves: PROCESSES * saves, from: saves + (saves % 2) },
  ];
  const measured: Lanes[] = [];
  for (const one of hosts) {
    say(`${nameOf(one)}: ${one.saves} images`);
    const lanes = await saveAtOnce(place, one, run, open);
    say(`${nameOf(one)}: ${lanes.throughput.toFixed(0)} saves a second`);
    measured.push(lanes);
  }
  return measured;
}

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
const many = (number: number, one: string, several: string): string =>
  `${WORDS[number] ?? number} ${number === 1 ? one : several}`;

export const nameOf = ({ processes, lanes }: Pick<Lanes, 'processes' | 'lanes'>): string =>
  `${many(processes, 'process', 'processes')} with ${many(lanes, 'lane', 'lanes')}`;

/** What is aimed at: nothing lost; and more at once than one after the other, where that was measured. */
export function aimsOf(measured: readonly Lanes[]): Aim[] {
  const none = (text: string, found: number): Aim => ({ text, measured: found, limit: 0, sense: 'at most' });
  const one = measured.find(({ processes, lanes }) => processes * lanes === 1);
  return measured
    .filter((lanes) => lanes !== one)
    .flatMap((lanes) => [
      none(`${nameOf(lanes)}: wrong counts`, lanes.wrongCounts),
      none(`${nameOf(lanes)}: refused saves`, lanes.refused),
      none(`${nameOf(lanes)}: images that are not counted`, lanes.uncounted),
      none(`${nameOf(lanes)}: pairs that lost a side`, lanes.halfPairs),
      ...(one === undefined
        ? []
        : [
            {
              text: `${nameOf(lanes)}: throughput, over ${nameOf(one)}`,
              measured: lanes.throughput / one.throughput,
              limit: TIMES,
              sense: 'at least' as const,
              unit: 'x',
            },
          ]),
    ]);
}
