import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { render, type Sql } from '../../src/database/sql.ts';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import type { ImageFilter } from '../../src/results/rows.ts';
import { findIds } from '../../src/results/search.ts';
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
});
