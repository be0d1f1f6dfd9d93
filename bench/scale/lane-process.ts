/** One host of `lanes.ts`: `<file> <number of the process>`. */
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { type Done, LANES, SAVES } from './lanes.ts';
import { newImage } from './results-operations.ts';

const [file = '', own = '0'] = process.argv.slice(2);
const store = new SqlResultStore(await SqliteDatabase.open(file));
/** Images of the processes alternate, and each matches its neighbour: of the other process. */
const numberOf = (save: number, of = Number(own)): number => save * 2 + of;
const idOf = (number: number): string => newImage(number).id;

const began = performance.now();
let next = 0;
const done: Done = { saved: 0, refused: 0, seconds: 0 };
const lane = async () => {
  while (next < SAVES) {
    const save = next;
    next += 1;
    try {
      await store.save(newImage(numberOf(save), idOf(numberOf(save, 1 - Number(own)))));
      done.saved += 1;
    } catch (error) {
      process.stderr.write(`${error}\n`);
      done.refused += 1;
    }
  }
};
await Promise.all(Array.from({ length: LANES }, lane));
done.seconds = (performance.now() - began) / 1000;
await store.close();
process.send?.(done);
process.disconnect();
