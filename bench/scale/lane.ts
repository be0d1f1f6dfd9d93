import type { Database } from '../../src/database/database.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { newImage } from './new-image.ts';
import { countingTries, type Tries } from './tries.ts';

/** What one process saves beside others. */
export interface Share {
  /** Its number, from 0, and of how many. */
  own: number;
  of: number;
  lanes: number;
  saves: number;
  /** Number of the first image of all of them. */
  from: number;
}

/** What one process did. */
export interface Done extends Tries {
  saved: number;
  refused: number;
  seconds: number;
  /** Milliseconds of each save. */
  took: number[];
}

/**
 * Saves in some lanes at once. Images of the processes alternate, and each matches its neighbour: of another process, where
 * there are several. All of them share tags.
 *
 * @param say what was refused, in words
 */
export async function saveInLanes(
  database: Database,
  { own, of, lanes, saves, from }: Share,
  say: (words: string) => void,
): Promise<Done> {
  const { database: counted, tries } = countingTries(database);
  const store = new SqlResultStore(counted);
  const idOf = (number: number): string => newImage(number).id;
  const done = { saved: 0, refused: 0, took: [] as number[] };
  const began = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < saves) {
      const number = from + next * of + own;
      next += 1;
      const start = performance.now();
      try {
        await store.save(newImage(number, idOf(number ^ 1)));
        done.saved += 1;
        done.took.push(performance.now() - start);
      } catch (error) {
        say(String(error));
        done.refused += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { ...done, ...tries, seconds: (performance.now() - began) / 1000 };
}
