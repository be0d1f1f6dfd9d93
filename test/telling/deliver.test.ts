import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { float, int, sql, text } from '../../src/database/sql.ts';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { OutageError, PermanentError } from '../../src/domain/errors.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { tellingDelayMs } from '../../src/domain/retry-policy.ts';
import { tombstoneOf } from '../../src/domain/tombstone.ts';
import { migrate } from '../../src/results/migrate.ts';
import { eventIdOf, Outbox, type OutboxKind, putInOutbox } from '../../src/results/outbox.ts';
import type { CloudEvent } from '../../src/telling/cloud-event.ts';
import { deliver } from '../../src/telling/deliver.ts';

const START = Date.parse('2026-11-30T00:00:00Z');
const signal = new AbortController().signal;

let folder: string;
let database: SqliteDatabase;
let outbox: Outbox;
let now: number;
/** What the receiver has had, and how it answers next. */
let had: CloudEvent[];
let answer: () => Promise<void>;
let barred: string[];

beforeEach(async () => {
  now = START;
  had = [];
  barred = [];
  answer = async () => {};
  folder = await mkdtemp(join(tmpdir(), 'outbox-'));
  database = await SqliteDatabase.open(join(folder, 'results.db'));
  await migrate(database, () => now);
  outbox = new Outbox(database, () => now);
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

const run = (...statements: ReturnType<typeof sql>[]) => database.write((session) => session.run(statements));

const enquiry = (id: string) =>
  run(sql`INSERT INTO enquiry (enquiry_id, purpose, legal_basis, minor, state, opened_by, opened_at, changed_at, version)
    VALUES (${text(id)}, 'p', 'l', 0, 'candidate', 'anna', ${text(iso())}, ${text(iso())}, 1)`);
const candidate = (id: string, of: string, standing = 'open') =>
  run(
    sql`INSERT INTO candidate (candidate_id, enquiry_id, standing, second_look, score, model, best_face, best_image, faces, first_seen, changed_at, version)
      VALUES (${text(id)}, ${text(of)}, ${text(standing)}, 0, ${float(0.7)}, 'm', 'f', ${text(`image-${id}`)}, ${int(1)}, ${text(iso())}, ${text(iso())}, 1)`,
  );
const photograph = (candidateId: string, doNotMatch: 0 | 1) =>
  run(
    sql`INSERT INTO pipeline_output (id, batch_id, timestamp, status, run, face_count, image_url, errors, processing_pipeline, tagsJSON, job_output, do_not_match)
      VALUES (${text(`image-${candidateId}`)}, 'camp', ${text(iso())}, 'done', 0, 1, 'u', '{}', '[]', '[]', '{}', ${int(doNotMatch)})`,
  );
const put = (id: string, of: string, type: OutboxKind = 'proposed') =>
  run(putInOutbox({ type, enquiry: of, candidate: id, at: iso(), occasion: '' }));
const iso = () => new Date(now).toISOString();

const go = (stop = signal) =>
  deliver(
    {
      outbox,
      receiver: {
        kind: 'webhook',
        send: async (event) => {
          had.push(event);
          await answer();
        },
      },
      isBarred: async (batch) => barred.includes(batch),
      random: () => 0,
      log: silentLog,
    },
    stop,
  );

describe('an event', () => {
  beforeEach(async () => {
    await enquiry('e');
    await candidate('c', 'e');
    await put('c', 'e');
  });

  test('is sent once, under the id by which it was written, and written once however often', async () => {
    await put('c', 'e');
    expect(await go()).toEqual({ delivered: 1, failed: 0, dead: 0, withheld: 0 });
    expect(await go()).toEqual({ delivered: 0, failed: 0, dead: 0, withheld: 0 });
    expect(had).toEqual([
      {
        specversion: '1.0',
        id: eventIdOf('proposed', 'c', ''),
        source: '/imaginem',
        type: 'imaginem.candidate.proposed',
        subject: 'enquiries/e/candidates/c',
        time: iso(),
        datacontenttype: 'application/json',
        data: { enquiry: 'e', candidate: 'c' },
      },
    ]);
    expect(await outbox.counts()).toMatchObject({ delivered: 1, waiting: 0 });
  });

  test('is sent again until it is taken, ever more seldom, and then is a dead letter that can be sent again', async () => {
    answer = async () => {
      throw new OutageError('The receiver is away.', { code: 'WebhookUnavailable' });
    };
    const waits: number[] = [];
    for (let tries = 1; ; tries += 1) {
      await go();
      const [row] = await outbox.list({ limit: 9 });
      expect(row).toMatchObject({ sent: tries, reason: { code: 'WebhookUnavailable' } });
      if (row?.state === 'dead') break;
      waits.push((Date.parse(row?.nextAt ?? '') - now) / 1000);
      now = Date.parse(row?.nextAt ?? '');
    }
    expect(waits).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    expect(had).toHaveLength(10);
    expect(new Set(had.map(({ id }) => id)).size).toBe(1);
    answer = async () => {};
    await go();
    expect(had).toHaveLength(10);
    expect(await outbox.again(had[0]?.id ?? '')).toBe(true);
    expect(await go()).toMatchObject({ delivered: 1 });
    expect(await outbox.again(had[0]?.id ?? '')).toBe(false);
  });

  test('is a dead letter at once where the receiver is gone for good', async () => {
    answer = async () => {
      throw new PermanentError('WebhookGone', 'Gone.');
    };
    expect(await go()).toMatchObject({ dead: 1 });
  });

  test('is taken by one of two processes, and by another once the lease of one that died is over', async () => {
    const both = await Promise.all([go(), go()]);
    expect(both.map(({ delivered }) => delivered).sort()).toEqual([0, 1]);
    await candidate('d', 'e');
    await put('d', 'e');
    // The process dies after the receiver has it, before that is written down.
    const dying = new AbortController();
    answer = async () => {
      dying.abort();
      throw new Error('dead');
    };
    await go(dying.signal);
    answer = async () => {};
    expect(await go()).toMatchObject({ delivered: 0 });
    now += 61_000;
    expect(await go()).toMatchObject({ delivered: 1 });
    const twice = had.filter(({ data }) => data.candidate === 'd').map(({ id }) => id);
    expect(twice).toEqual([eventIdOf('proposed', 'd', ''), eventIdOf('proposed', 'd', '')]);
  });

  test('that is late in coming to its end has no say over one who claimed it since', async () => {
    const first = await outbox.claim(eventIdOf('proposed', 'c', ''), 1000);
    now += 2000;
    const second = await outbox.claim(eventIdOf('proposed', 'c', ''), 1000);
    await outbox.delivered(second?.event.id ?? '', second?.sent ?? 0);
    await outbox.failed(first?.event.id ?? '', first?.sent ?? 0, new Error('late'), 5000);
    expect(await outbox.counts()).toMatchObject({ delivered: 1, waiting: 0 });
  });

  test('that was put back by a clock far ahead is sent once the clock is right', async () => {
    const id = eventIdOf('proposed', 'c', '');
    now += 10 * 365 * 24 * 3_600_000;
    const claimed = await outbox.claim(id, 1000);
    await outbox.failed(id, claimed?.sent ?? 0, new Error('away'), 2 * 24 * 3_600_000);
    now = START;
    expect(await outbox.due(9)).toEqual([id]);
    expect(await outbox.claim(id, 1000)).toBeDefined();
    expect(await outbox.due(9)).toEqual([]);
    // As far ahead as a clock that is right, and another that is an hour slow, can have put it.
    await outbox.failed(id, 2, new Error('away'), 2 * 24 * 3_600_000 + 3_600_000);
    expect(await outbox.due(9)).toEqual([]);
  });
});

/** What may happen between the search and the alert. */
const ends = {
  CandidateGone: () => run(sql`DELETE FROM candidate`),
  CandidateDecided: () => run(sql`UPDATE candidate SET standing = 'different'`),
  EnquiryEnded: () => run(sql`UPDATE enquiry SET ended = 'withdrawn'`),
  EnquiryExpired: () => run(sql`UPDATE enquiry SET expires = ${text(iso())}`),
  MatchingForbidden: () => photograph('c', 1),
} as const;

test.each(Object.entries(ends))('nothing is told where it is over: %s', async (code, end) => {
  await enquiry('e');
  await candidate('c', 'e');
  await put('c', 'e');
  await end();
  expect(await go()).toMatchObject({ withheld: 1 });
  expect(had).toEqual([]);
  expect(await outbox.list({ state: 'withheld', limit: 9 })).toMatchObject([{ reason: { code } }]);
});

test('nothing is told of a photograph whose erasure has begun', async () => {
  await enquiry('e');
  await candidate('c', 'e');
  await photograph('c', 0);
  await put('c', 'e');
  await run(
    sql`INSERT INTO erased_image (image_hash, erasure, erased_at) VALUES (${text(tombstoneOf('image-c'))}, 'x', ${text(iso())})`,
  );
  expect(await go()).toMatchObject({ withheld: 1 });
  expect(await outbox.list({ limit: 9 })).toMatchObject([{ reason: { code: 'CandidateGone' } }]);
});

test('what is said of a batch counts before its rows know of it', async () => {
  await enquiry('e');
  await candidate('c', 'e');
  await photograph('c', 0);
  await put('c', 'e');
  barred = ['camp'];
  expect(await go()).toMatchObject({ withheld: 1 });
});

test('no alert after withdrawal, whatever happened before, in whatever order (property)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('put', 'go', 'fail', 'later', 'end', 'reopen'), { maxLength: 20 }),
      async (events) => {
        await run(sql`DELETE FROM enquiry`, sql`DELETE FROM candidate`, sql`DELETE FROM outbox`);
        await enquiry('e');
        await candidate('c', 'e');
        let ended = false;
        for (const event of events) {
          if (event === 'put') await put('c', 'e');
          if (event === 'later') now += 3_600_000;
          if (event === 'end' || event === 'reopen') {
            ended = event === 'end';
            await run(sql`UPDATE enquiry SET ended = ${text(ended ? 'closed' : null)}`);
          }
          if (event !== 'go' && event !== 'fail') continue;
          answer = async () => {
            if (event === 'fail') throw new Error('no');
          };
          const before = had.length;
          await go();
          if (ended) expect(had.length).toBe(before);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a receiver that asks to wait is asked no sooner, and never waits for more than a day', () => {
  const asked = (ms: number) => new OutageError('', { retryAfterMs: ms });
  expect(tellingDelayMs(asked(600_000), 1, () => 0)).toBe(600_000);
  expect(tellingDelayMs(asked(0), 2, () => 0)).toBe(300_000);
  expect(tellingDelayMs(asked(1e12), 1, () => 0)).toBe(86_400_000);
  expect(tellingDelayMs(new Error('x'), 10, () => 0)).toBeUndefined();
});
