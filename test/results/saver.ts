/**
 * A process of its own that saves images, for tests that need several, or one to kill:
 * `saver.ts <prefix> <count> <run> [other prefix or -] [lanes] [fold]`. So many at once as there are lanes, one unless told. With another prefix, image n reports a match with the other's
 * image n. With `fold` it folds the counts in after each save. Prints the id after each save. Settings come from the environment, as in the app.
 */

import { readSettings } from '../../src/domain/settings.ts';
import { openResultStore } from '../../src/results/open.ts';
import { face, image, match } from './fixtures.ts';

const [prefix = '', count = '0', run = '0', other = '-', lanes = '1', fold] = process.argv.slice(2);
const store = await openResultStore(readSettings(process.env));
await store.migrate();
let number = 0;
async function lane(): Promise<void> {
  for (let mine = number++; mine < Number(count); mine = number++) {
    const id = `${prefix}${mine}`;
    await store.save(
      image(id, {
        run: Number(run),
        text: `run${run} ${Array.from({ length: 40 }, (_, word) => `w${run}x${word}`).join(' ')}`,
        tags: Array.from({ length: 20 }, (_, tag) => ({ name: `t${run}x${tag}`, confidence: 0.5 })),
        faces: Array.from({ length: 5 }, (_, key) => face(`${id}-${key}`)),
        matches: other === '-' ? [] : [match(id, `${other}${mine}`, 0.8)],
      }),
    );
    process.stdout.write(`${id}\n`);
    if (fold !== undefined) await store.counts.fold();
  }
}
await Promise.all(Array.from({ length: Number(lanes) }, lane));
await store.close();
