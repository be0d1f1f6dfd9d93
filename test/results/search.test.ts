import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { render, type Sql } from '../../src/database/sql.ts';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import type { ImageFilter } from '../../src/results/rows.ts';
import { findIds, findPage } from '../../src/results/search.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { image } from './fixtures.ts';

const failedOcr = {
  ocr: { state: 'failed', attempts: 5, error: { code: 'Broken', message: 'It broke.' } },
} as const;

const filters: ImageFilter[] = [
  {},
  { batchId: 'b1' },
  { status: 'partial' },
  { batchId: 'b1', status: 'partial' },
  { tag: 'even' },
  { tag: 'even', batchId: 'b2' },
  { outcome: { step: 'ocr', state: 'failed' } },
  { outcome: { step: 'ocr', state: 'failed', code: 'Broken' }, batchId: 'b1' },
  { text: 'common' },
  { text: 'com*' },
  { text: 'com* rare7' },
  { text: 'common rare8', tag: 'even' },
  { text: 'ra*', after: { finishedAt: '2026-01-01T00:00:30.000Z', id: 'i030' } },
];

describe('search', () => {
  let folder: string;
  let database: SqliteDatabase;
  const plans: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'results-'));
    database = await SqliteDatabase.open(join(folder, 'results.db'));
    const store = new SqlResultStore(database);
    await store.migrate();
    for (let n = 0; n < 60; n++) {
      await store.save(
        image(`i${String(n).padStart(3, '0')}`, {
          batchId: `b${n % 4}`,
          status: n % 5 === 0 ? 'partial' : 'done',
          steps: n % 5 === 0 ? failedOcr : {},
          text: `common rare${n % 20}`,
          tags: [{ name: n % 2 === 0 ? 'even' : 'odd', confidence: 1 }],
          finishedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, n)).toISOString(),
        }),
      );
    }
  });
  afterAll(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.for(filters)('finds the same images whichever condition leads: %j', async (filter) => {
    const counted = await findIds(database, filter, { small: 1000, window: 1000 });
    expect(await findIds(database, filter, { small: 1, window: 5 })).toEqual(counted);
    expect(await findIds(database, filter, { small: 7, window: 1 })).toEqual(counted);
    expect(counted.length).toBeGreaterThan(0);
  });

  test.for(filters)('reads by index only, without a sort unless a prefix leads: %j', async (filter) => {
    plans.length = 0;
    const explained = {
      ...database,
      dialect: database.dialect,
      read: async (statements: readonly Sql[]) => {
        for (const statement of statements) {
          // The planner does not look at parameters; NULL stands for each.
          const rows = await database.query(`EXPLAIN QUERY PLAN ${render(statement, () => 'NULL')}`);
          plans.push(...rows.map(({ detail }) => String(detail)));
        }
        return database.read(statements);
      },
    } as unknown as SqliteDatabase;
    await findIds(explained, filter, { small: 1, window: 1000 });
    expect(plans.length).toBeGreaterThan(0);
    for (const step of plans) {
      expect(step).not.toMatch(/^SCAN (?!.*USING (?:COVERING )?INDEX)(?!counted|\(subquery|CONSTANT)/);
      expect(step).not.toMatch(/TEMP B-TREE FOR ORDER BY/);
    }
  });

  /** How a page is found: conditions whose images were counted, whether a window was made, and what led. */
  async function wayOf(filter: ImageFilter, small: number) {
    const asked: string[] = [];
    const watched = {
      dialect: database.dialect,
      read: async (statements: readonly Sql[]) => {
        asked.push(...statements.map((statement) => render(statement, () => '?')));
        return database.read(statements);
      },
    } as unknown as SqliteDatabase;
    await findPage(watched, filter, { small, window: 20 });
    const counted = asked.filter((statement) => statement.includes('COUNT(*) AS images')).length;
    const isWindowed = asked.some((statement) => statement.includes('OFFSET'));
    const [, lead = ''] = /FROM (?:\(SELECT )?(.*?)\)? d WHERE/s.exec(asked.at(-1) ?? '') ?? [];
    return [counted, isWindowed, lead.replace(/\s+/g, ' ')];
  }

  const ALL = 'id AS image_id, timestamp, batch_id, status FROM pipeline_output';
  const FACES = 'id AS image_id, timestamp, face_count FROM pipeline_output';
  test.for([
    [{}, 10, 0, false, ALL],
    [{ minFaces: 0 }, 10, 0, false, ALL],
    [{ batchId: 'b1' }, 10, 0, false, ALL],
    [{ tag: 'even' }, 10, 0, false, 'image_tag'],
    [{ category: 'c' }, 10, 0, false, 'image_category'],
    [{ warning: 'w' }, 10, 0, false, 'image_warning'],
    [{ text: 'rare7' }, 10, 0, false, 'image_word'],
    [{ purpose: 'p' }, 10, 0, false, 'id AS image_id, timestamp, purpose FROM pipeline_output'],
    [{ doNotMatch: false }, 10, 0, false, 'id AS image_id, timestamp, do_not_match FROM pipeline_output'],
    [
      { rejectedFor: 'X' },
      10,
      0,
      false,
      'id AS image_id, timestamp, status, reason_code FROM pipeline_output',
    ],
    [{ minFaces: 2, maxFaces: 2 }, 10, 0, false, FACES],
    [{ minFaces: 0, maxFaces: 0 }, 10, 0, true, FACES],
    // Not in the order of time: few are sorted, of many the newest images of all are asked.
    [{ minFaces: 1 }, 10, 1, false, FACES],
    [{ maxFaces: 5 }, 10, 1, true, ALL],
    [
      { text: 'rare7*' },
      10,
      1,
      false,
      'DISTINCT image_id, timestamp FROM image_word WHERE word >= ? AND word < ?',
    ],
    [{ text: 'com*' }, 10, 1, true, ALL],
    // In the order of time, so that it is not counted.
    [{ outcome: { step: 'ocr', state: 'failed' } }, 12, 0, false, 'image_step'],
    // Of several the rarest leads, and else the first that is in the order of time.
    [{ text: 'rare7', batchId: 'b1' }, 10, 2, false, 'image_word'],
    [{ text: 'common', batchId: 'b1' }, 16, 2, false, ALL],
    [{ text: 'common', batchId: 'b1' }, 15, 2, true, ALL],
    [{ text: 'com* common' }, 10, 2, true, 'image_word'],
    [{ tag: 'even', outcome: { step: 'ocr', state: 'failed' } }, 10, 2, true, 'image_step'],
    [{ text: 'common', spelling: 'other' }, 10, 0, true, 'image_word'],
  ] as const)(
    '%j with %i as few counts %i conditions; windowed: %s; led by %s',
    async ([filter, small, ...way]) => {
      expect(await wayOf(filter as ImageFilter, small)).toEqual(way);
    },
  );

  test('a page ends with its window, and says where to go on; the last one does not', async () => {
    const at = (second: number) => `2026-01-01T00:00:${second}.000Z`;
    const page = (filter: ImageFilter, small = 1, window = 5) =>
      findPage(database, filter, { small, window });
    // Images of that batch are all odd.
    expect(await page({ tag: 'even', batchId: 'b1' })).toEqual({
      ...{ ids: [], times: [] },
      next: { finishedAt: at(41), id: 'i041' },
    });
    expect(await page({ tag: 'even', batchId: 'b1', after: { finishedAt: at(17), id: 'i017' } })).toEqual({
      ...{ ids: [], times: [] },
    });
    expect(await page({ batchId: 'b1', limit: 2 })).toEqual({
      ...{ ids: ['i057', 'i053'], times: [at(57), at(53)] },
      next: { finishedAt: at(53), id: 'i053' },
    });
    expect(await page({ tag: 'odd', batchId: 'b1', limit: 2 })).toEqual({
      ...{ ids: ['i057', 'i053'], times: [at(57), at(53)] },
      next: { finishedAt: at(53), id: 'i053' },
    });
    expect((await page({ tag: 'odd', batchId: 'b1', limit: 9 })).ids).toHaveLength(5);
    // Few are looked at all at once.
    expect((await page({ tag: 'odd', batchId: 'b1', limit: 50 }, 1000)).ids).toHaveLength(15);
    expect(await page({ text: '!' })).toEqual({ ids: [], times: [] });
    expect(await page({ batchId: 'b1', limit: 50 })).not.toHaveProperty('next');
    expect(
      await findIds(database, { tag: 'odd', batchId: 'b1', limit: 12 }, { small: 1, window: 5 }),
    ).toHaveLength(12);
  });
});
