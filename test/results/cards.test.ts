import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { raw } from '../../src/database/sql.ts';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { migrate } from '../../src/results/migrate.ts';
import type { ImageResult, ImageStatus } from '../../src/results/rows.ts';
import { migrations } from '../../src/results/schema.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { face, image, matching } from './fixtures.ts';
import { RecordingDatabase } from './recording.ts';

let folder: string;
let database: RecordingDatabase;
let store: SqlResultStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cards-'));
  database = new RecordingDatabase(await SqliteDatabase.open(join(folder, 'results.db')));
  store = new SqlResultStore(database);
  await store.migrate();
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const execute = (...statements: string[]) =>
  database.write((session) => session.run(statements.map((one) => raw(one))));
const count = async (table: string) =>
  Number((await database.query(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.n);
/** How often a page was made of the tables. */
const fromTables = async (work: () => Promise<unknown>): Promise<number> =>
  (await database.during(work)).filter(({ text }) => text.includes('FROM image_tag')).length;

test('a card shows what the tables have, whatever was saved, saved again, or lost its faces', async () => {
  const any = fc.string({ unit: 'binary', maxLength: 12 });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const side = fc.double({ min: -50, max: 500, noNaN: true });
  const result = fc.record({
    id: fc.constantFrom('a', 'b', 'a-1'),
    hour: fc.nat({ max: 3 }),
    run: fc.nat({ max: 2 }),
    batchId: any,
    status: fc.constantFrom<ImageStatus>('done', 'partial', 'rejected', 'gone', 'superseded'),
    reason: fc.option(fc.record({ code: any, message: any }), { nil: undefined }),
    caption: fc.option(any, { nil: undefined }),
    size: fc.constantFrom({}, { width: 0, height: 0 }, { width: 300, height: 200 }),
    tags: fc.array(fc.record({ name: any, confidence: share }), { maxLength: 15 }),
    warnings: fc.option(
      fc.uniqueArray(
        fc.record({ code: fc.constantFrom('\0', 'b', 'B', '\u{1f600}', '\uffee'), message: any }),
        {
          maxLength: 4,
          selector: ({ code }) => code,
        },
      ),
      {
        nil: undefined,
      },
    ),
    rectangles: fc.array(fc.record({ left: side, top: side, width: side, height: side }), { maxLength: 3 }),
    looked: fc.constantFrom('done', 'failed', 'skipped'),
    remove: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(result, { minLength: 1, maxLength: 5 }), async (results) => {
      await store.clear();
      for (const { id, hour, size, rectangles, looked, remove, ...given } of results) {
        await store.save({
          ...image(id),
          ...(given as Partial<ImageResult>),
          ...size,
          finishedAt: `2026-11-23T0${hour}:00:00.000Z`,
          steps: { facedetection: { state: looked as 'done', attempts: 1 } },
          faces: rectangles.map((rectangle, n) => ({ ...face(`${id}-${n}`), rectangle })),
        });
        if (remove) await store.removeFaces(id);
      }
      const shown = await store.summaries();
      expect(await fromTables(() => store.summaries())).toBe(0);
      expect(await count('image_card')).toBe(shown.images.length);
      await execute('DELETE FROM image_card');
      expect(await store.summaries()).toEqual(shown);
    }),
    { numRuns: 60 },
  );
});

test('images of before are shown as they are, and get their cards in passing: the newest first, some in each transaction', async () => {
  const before = await SqliteDatabase.open(join(folder, 'old.db'));
  await migrate(before, Date.now, migrations.slice(0, 22));
  const columns =
    'id, batch_id, timestamp, status, run, face_count, image_url, caption, errors, processing_pipeline, tagsJSON, job_output';
  // Several of one moment, so that the place where it stopped lies among them.
  const values = Array.from(
    { length: 45 },
    (_, n) =>
      `('i${n}', 'x', '2026-01-01T0${Math.floor(n / 15)}:00:00.000Z', 'done', 0, 0, 'u', 'c${n}', '{}', '[]', '[]', '{}')`,
  );
  await before.write((session) =>
    session.run([
      raw(`INSERT INTO pipeline_output (${columns}) VALUES ${values.join(', ')}`),
      raw("INSERT INTO image_tag VALUES ('i44', 'person', 0.9, '2026-01-01T02:00:00.000Z')"),
    ]),
  );
  const recording = new RecordingDatabase(before);
  const later = new SqlResultStore(recording);
  await later.migrate();
  await later.save(image('new', { finishedAt: '2026-02-01T00:00:00.000Z' }));
  const shown = await later.summaries({ limit: 100 });
  expect(shown.images).toHaveLength(46);
  expect(shown.images.find(({ id }) => id === 'i44')?.tags).toEqual([{ name: 'person', confidence: 0.9 }]);
  await recording.write((session) => session.run([raw('UPDATE pipeline_output SET words_version = 99')]));

  const cards = async () =>
    (await recording.query('SELECT image_id FROM image_card ORDER BY timestamp, image_id')).map(
      ({ image_id }) => image_id,
    );
  const answers = [true, false];
  expect(await later.reindex(() => answers.shift() ?? false)).toBe(20);
  expect((await cards()).slice(-3)).toEqual(['i43', 'i44', 'new']);
  expect(await cards()).toHaveLength(21);
  // Another process goes on.
  const other = new SqlResultStore(recording);
  expect(await other.reindex(() => true)).toBe(25);
  expect(await cards()).toHaveLength(46);
  expect(await recording.query('SELECT below FROM card_fill')).toEqual([{ below: '' }]);
  expect(await later.summaries({ limit: 100 })).toEqual(shown);
  // Nothing is left to do, and nothing is gone through for that.
  expect(
    (await recording.during(() => other.reindex(() => true))).map(({ text }) => text),
  ).not.toContainEqual(expect.stringContaining('NOT EXISTS'));
  await later.close();
});

test('an image that is erased or saved anew while its card is made has none, or its own', async () => {
  await store.save(matching('a', [], { finishedAt: '2026-01-01T00:00:00.000Z' }));
  await store.save(matching('b', [], { finishedAt: '2026-01-02T00:00:00.000Z' }));
  await execute('DELETE FROM image_card', "UPDATE card_fill SET below = '9999'");
  // Both were found without a card, and then others came first.
  let stepped = false;
  const { signal } = new AbortController();
  const reading = database.read.bind(database);
  database.read = async (statements) => {
    const rows = await reading(statements);
    if (
      !stepped &&
      statements.some(({ parts }) => parts.join('').includes('NOT EXISTS (SELECT 1 FROM image_card'))
    ) {
      stepped = true;
      await store.erasures.remove(['a'], signal);
      await store.save(matching('b', [], { run: 1, caption: 'new', finishedAt: '2026-01-03T00:00:00.000Z' }));
    }
    return rows;
  };
  await store.reindex(() => true);
  expect(stepped).toBe(true);
  expect(await database.query('SELECT image_id, timestamp FROM image_card')).toEqual([
    { image_id: 'b', timestamp: '2026-01-03T00:00:00.000Z' },
  ]);
  expect((await store.summaries()).images.map(({ id, caption }) => [id, caption])).toEqual([['b', 'new']]);
});
