import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { policiesOf } from '../../../../src/local/storage/auth/policies.ts';
import { blobService } from '../../../../src/local/storage/blob/service.ts';
import { openBlobStore } from '../../../../src/local/storage/blob/store.ts';
import { Messages } from '../../../../src/local/storage/queue/messages.ts';
import { queueService } from '../../../../src/local/storage/queue/service.ts';
import { openState } from '../../../../src/local/storage/state/open.ts';
import { openSweeper } from '../../../../src/local/storage/sweep.ts';
import { tableService } from '../../../../src/local/storage/table/service.ts';
import { canSeeCompiling, compiledAnew, noteStatements } from '../../compiled-anew.ts';

const folder = mkdtempSync(join(tmpdir(), 'imaginem-storage-'));
let statements: readonly string[];
let state: ReturnType<typeof openState>;
let prepare: ReturnType<typeof noteStatements>['prepare'];

beforeAll(async () => {
  state = openState(folder, { clock: Date.now });
  ({ statements, prepare } = noteStatements(state.db));
  const blobs = openBlobStore(state, () => ({}));
  const messages = new Messages(state);
  await openSweeper(state, blobs, messages, Date.now).stop();
  blobService(blobs);
  queueService(state, messages);
  tableService(state);
  policiesOf(state);
  await blobs.contents.sweepOrphans();
  expect(statements.length).toBeGreaterThan(60);
});

afterAll(async () => {
  await state.close();
  rmSync(folder, { recursive: true, force: true });
});

test('no statement of the service goes through a whole table of blobs, messages or entities', () => {
  const scans = statements.flatMap((sql) => {
    const steps = prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
    return steps
      .map(({ detail }) => `${detail} | ${sql}`)
      .filter((line) => /^(?:SCAN|.*TEMP B-TREE)/.test(line));
  });
  expect(scans.filter((line) => !SMALL.test(line))).toEqual([]);
});

/** What is as long as there are queues, containers and tables, what they have left behind, or blocks under way. */
const SMALL =
  /^SCAN (?:discarded|unlinked|uncommitted_block|CONSTANT ROW)\b|^USE TEMP B-TREE .*FROM uncommitted_block/s;

test.runIf(canSeeCompiling)(
  'no statement of the service is compiled anew when it runs with other values',
  () => {
    expect(compiledAnew(state.db, statements, prepare)).toEqual([]);
  },
);
