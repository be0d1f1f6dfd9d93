import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { blobService } from '../../../../src/local/storage/blob/service.ts';
import { openBlobStore } from '../../../../src/local/storage/blob/store.ts';
import { Messages } from '../../../../src/local/storage/queue/messages.ts';
import { queueService } from '../../../../src/local/storage/queue/service.ts';
import { openState } from '../../../../src/local/storage/state/open.ts';
import { openSweeper } from '../../../../src/local/storage/sweep.ts';
import { tableService } from '../../../../src/local/storage/table/service.ts';

/** What is under way: blocks without a list, and what is being swept. There are few of these, however much is stored. */
const FEW = /\b(?:uncommitted_block|discarded)\b/;

test('no statement of the service reads a whole table or sorts', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'imaginem-plans-'));
  const state = openState(folder, { clock: Date.now });
  onTestFinished(async () => {
    await state.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const statements: string[] = [];
  const prepare = state.db.prepare.bind(state.db);
  state.db.prepare = (sql: string) => {
    statements.push(sql);
    return prepare(sql);
  };
  const blobs = openBlobStore(state, () => ({}));
  const messages = new Messages(state);
  const sweeper = openSweeper(state, blobs, messages, Date.now);
  blobService(blobs);
  queueService(state, messages);
  tableService(state);
  await sweeper.stop();
  const dear = statements.flatMap((sql) =>
    prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...Array.from({ length: (sql.match(/\?(?!\d)/g) ?? []).length }, () => 0))
      .map(({ detail }) => String(detail))
      .filter((step) => /^SCAN (?!CONSTANT ROW)|TEMP B-TREE/.test(step) && !FEW.test(sql))
      .map((step) => `${step}: ${sql}`),
  );
  expect(statements.length).toBeGreaterThan(70);
  expect(dear).toEqual([]);
});
