import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { policiesOf } from '../../../../src/local/storage/auth/policies.ts';
import { blobService } from '../../../../src/local/storage/blob/service.ts';
import { openBlobStore } from '../../../../src/local/storage/blob/store.ts';
import { Messages } from '../../../../src/local/storage/queue/messages.ts';
import { queueService } from '../../../../src/local/storage/queue/service.ts';
import { openState } from '../../../../src/local/storage/state/open.ts';
import { openSweeper } from '../../../../src/local/storage/sweep.ts';
import { tableService } from '../../../../src/local/storage/table/service.ts';

const folder = mkdtempSync(join(tmpdir(), 'imaginem-storage-'));
const statements: string[] = [];
let state: ReturnType<typeof openState>;
let prepare: DatabaseSync['prepare'];

beforeAll(async () => {
  state = openState(folder, { clock: Date.now });
  const { db } = state;
  prepare = db.prepare.bind(db);
  db.prepare = (sql) => {
    statements.push(sql);
    return prepare(sql);
  };
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

// Node 22 has no way to see it.
const canSee = 'setAuthorizer' in DatabaseSync.prototype;

test.runIf(canSee)('no statement of the service is compiled anew when it runs with other values', () => {
  const { db } = state;
  let compiled = 0;
  db.setAuthorizer(() => {
    compiled += 1;
    return constants.SQLITE_OK;
  });
  const anew = statements.filter((sql) => {
    const statement = prepare(sql);
    const run = (value: number) => {
      db.exec('SAVEPOINT seen');
      compiled = 0;
      try {
        statement.all(...valuesFor(sql, value));
      } catch {
        // A value of a kind that the column does not take: it was compiled before that.
      }
      const seen = compiled;
      db.exec('ROLLBACK TO seen; RELEASE seen');
      return seen;
    };
    run(1);
    return run(2) > 0;
  });
  expect(anew).toEqual([]);
});

/** As many values as a statement takes. */
function valuesFor(sql: string, value: SQLInputValue): SQLInputValue[] {
  const numbered = [...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number));
  const count = numbered.length > 0 ? Math.max(...numbered) : sql.split('?').length - 1;
  return Array.from({ length: count }, () => value);
}
