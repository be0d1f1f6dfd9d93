import { everyImage } from '../../src/cli/every-image.ts';
import { imageJson } from '../../src/cli/format/image-json.ts';
import type { Database } from '../../src/database/database.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { questions } from '../api/questions.ts';
import { batchOf, facesOf, timeOf } from '../api/world.ts';
import type { Operation, Side } from './measure.ts';
import { newImage } from './new-image.ts';

/** What the database alone is asked and told. */
export async function openResults(database: Database, ids: readonly string[]): Promise<Side> {
  const store = new SqlResultStore(database);
  await store.migrate();
  return { operations: operationsOn(store, ids), close: () => store.close() };
}

/** As `imaginem export` makes it, but for the disk. @returns characters */
async function exported(store: SqlResultStore): Promise<number> {
  let characters = 0;
  for await (const image of everyImage(store, {}, 500)) characters += JSON.stringify(imageJson(image)).length;
  return characters;
}

/** Of the questions of `bench:api`, a first page, one far down, and one of each kind of condition. */
const SEARCHES = [
  ...['newest', 'newest, somewhere deep down', 'batch', 'common tag', 'common tag, deep down'],
  ...['two common tags', 'a step that failed', 'at least one face'],
];

function operationsOn(store: SqlResultStore, ids: readonly string[]): Operation[] {
  const { signal } = new AbortController();
  const images = ids.length;
  const idOf = (n: number) => ids[n] ?? '';
  const first = (from: number): number => {
    for (let n = from; ; n += 1) if (facesOf(n) > 0) return n;
  };
  const keepSuggestions = (outputs: Record<string, unknown>) => outputs;
  return [
    { name: 'save, like no other', run: (round) => store.save(newImage(round)) },
    { name: 'save with one pair', run: (round) => store.save(newImage(1000 + round, idOf(first(round)))) },
    {
      name: 'save again',
      run: (round) => store.save({ ...newImage(1000 + round, idOf(first(round))), run: 1 }),
    },
    { name: 'totals', run: () => store.counts.totals() },
    { name: 'the first batches', run: () => store.counts.batches({ limit: 60 }) },
    { name: 'one batch', run: (round) => store.counts.batch(batchOf(round)) },
    { name: 'how steps ended and how long they took', run: () => store.counts.outcomes() },
    { name: 'what failed', run: () => store.counts.failures() },
    { name: 'most frequent tags', run: () => store.counts.names({ kind: 'tag', limit: 20 }) },
    ...questions(images)
      .filter(({ name }) => SEARCHES.includes(name))
      .map(({ name, ask }) => ({ name: `search: ${name}`, run: (round: number) => ask(store, round) })),
    { name: 'review, first page', run: () => store.decisions.review({ minConfidence: 0, limit: 20 }) },
    {
      name: 'nightly look for what is too old, nothing to do',
      run: () => store.erasures.find({ before: '2020-01-01T00:00:00.000Z' }, { limit: 1000 }),
    },
    {
      name: 'look for what is too old, 100 of them',
      run: () => store.erasures.find({ before: timeOf(0, images) }, { limit: 100 }),
    },
    {
      name: 'erase 20 images from the results',
      most: 10,
      run: (round) =>
        store.erasures.remove(
          Array.from({ length: 20 }, (_, n) => idOf(100 + round * 20 + n)),
          signal,
        ),
    },
    {
      name: 'do-not-match for a batch of some 20 images',
      most: 5,
      run: async (round) => {
        const batchId = `bench ${round}`;
        for (let n = 0; n < 20; n += 1)
          await store.save({ ...newImage(5000 + round * 20 + n, idOf(first(n * 7))), batchId });
        await store.applyConsent(batchId, { purpose: 'bench', doNotMatch: true }, { keepSuggestions });
      },
    },
    { name: 'recount of everything', readsAll: true, most: 1, run: () => store.counts.recount() },
    { name: 'export of everything', readsAll: true, most: 1, run: () => exported(store) },
  ];
}
