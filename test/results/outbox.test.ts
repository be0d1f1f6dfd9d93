import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { raw, sql, text } from '../../src/database/sql.ts';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { PermanentError } from '../../src/domain/errors.ts';
import { tombstoneOf } from '../../src/domain/tombstone.ts';
import { CLOCKS_DIFFER_MS } from '../../src/domain/wrong-clock.ts';
import { eventIdOf, Outbox, putInOutbox, tellAgain, withdrawFromOutbox } from '../../src/results/outbox.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { matching } from './fixtures.ts';

/** What is told to others, and what is withheld from them: every reason, and each side of every moment. */
const NOW = Date.parse('2026-11-30T12:00:00.000Z');
const iso = (ms: number) => new Date(NOW + ms).toISOString();
const DAY = 24 * 3_600_000;

let folder: string;
let store: SqlResultStore;
let outbox: Outbox;
let now = NOW;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outbox-'));
  store = new SqlResultStore(await SqliteDatabase.open(join(folder, 'results.db')), () => now);
  outbox = new Outbox(store.database, () => now);
  await store.migrate();
  for (const id of ['own', 'best']) await store.save(matching(id, [], { batchId: `batch of ${id}` }));
});
afterAll(async () => {
  await store?.close();
  await rm(folder, { recursive: true, force: true });
});

const execute = (...statements: string[]) =>
  store.database.write((session) => session.run(statements.map((one) => raw(one))));
const put = (candidate: string, type: 'proposed' | 'found' = 'proposed', at = iso(0), enquiry = 'e') =>
  store.database.write((session) =>
    session.run([putInOutbox({ type, enquiry, candidate, at, occasion: 'once' })]),
  );
const idOf = (candidate: string, type: 'proposed' | 'found' = 'proposed') =>
  eventIdOf(type, candidate, 'once');
const candidate = (id: string, standing = 'open') =>
  execute(
    `INSERT INTO candidate (candidate_id, enquiry_id, standing, second_look, score, model, best_face, best_image, own_face,
       own_image, faces, first_seen, changed_at, version)
     VALUES ('${id}', 'e', '${standing}', 0, 0.5, 'm', 'best-0', 'best', 'own-0', 'own', 1, '${iso(0)}', '${iso(0)}', 1)`,
  );

beforeEach(async () => {
  now = NOW;
  await execute(
    'DELETE FROM outbox',
    'DELETE FROM candidate',
    'DELETE FROM enquiry',
    'DELETE FROM erased_image',
    'UPDATE pipeline_output SET do_not_match = 0',
    `INSERT INTO enquiry (enquiry_id, purpose, legal_basis, minor, state, opened_by, opened_at, changed_at, version)
     VALUES ('e', 'p', 'l', 0, 'candidate', 'ann', '${iso(0)}', '${iso(0)}', 1)`,
  );
  await candidate('c');
});

test('an event has the same id in every release: by it receivers know what they have had', () => {
  expect(eventIdOf('found', 'c', 'once')).toBe('efe400f38881425525b7b52fdf5e22a4');
});

describe('an event', () => {
  test('is written once, whoever writes it again, and goes with its candidate', async () => {
    await put('c');
    await put('c', 'proposed', iso(5));
    await put('c', 'found');
    await put('d');
    expect(await outbox.get(idOf('c'))).toStrictEqual({
      ...{ id: idOf('c'), type: 'proposed', enquiry: 'e', candidate: 'c', at: iso(0) },
      ...{ state: 'waiting', sent: 0, nextAt: iso(0) },
    });
    expect(await outbox.counts()).toEqual({ waiting: 3, delivered: 0, dead: 0, withheld: 0 });
    await store.database.write((session) => session.run([withdrawFromOutbox(sql`${text('c')}`)]));
    expect((await outbox.list({ limit: 9 })).map((one) => one.candidate)).toEqual(['d']);
    expect(await outbox.get(idOf('c'))).toBeUndefined();
  });

  test('is due from its moment on, the longest waiting first, and where a wrong clock put it years ahead', async () => {
    await put('c', 'proposed', iso(0));
    await put('early', 'proposed', iso(-9));
    await put('late', 'proposed', iso(1));
    expect(await outbox.due(9)).toEqual([idOf('early'), idOf('c')]);
    expect(await outbox.due(1)).toEqual([idOf('early')]);
    const most = 2 * DAY + CLOCKS_DIFFER_MS;
    await put('as far as one is put back', 'proposed', iso(most));
    await put('further', 'proposed', iso(most + 1));
    expect(await outbox.due(9)).toEqual([idOf('early'), idOf('c'), idOf('further')]);
    await outbox.claim(idOf('early'), 1000);
    await outbox.delivered(idOf('early'), 1);
    expect(await outbox.due(9)).toEqual([idOf('c'), idOf('further')]);
  });

  test('is had by one process at a time: the next gets it when the lease is over, and the first has no say any more', async () => {
    await put('c');
    const claimed = await outbox.claim(idOf('c'), 1000);
    expect(claimed).toMatchObject({ event: { id: idOf('c'), candidate: 'c' }, sent: 1 });
    expect(claimed).not.toHaveProperty('withhold');
    expect([...(claimed?.batches ?? [])].sort()).toEqual(['batch of best', 'batch of own']);
    now += 999;
    expect(await outbox.claim(idOf('c'), 1000)).toBeUndefined();
    now += 1;
    expect(await outbox.claim(idOf('c'), 1000)).toMatchObject({ sent: 2 });
    await outbox.delivered(idOf('c'), 1);
    await outbox.withheld(idOf('c'), 1, 'CandidateGone');
    await outbox.failed(idOf('c'), 1, new Error('late'), 5);
    expect(await outbox.get(idOf('c'))).toMatchObject({ state: 'waiting', sent: 2, nextAt: iso(2000) });
    expect(await outbox.get(idOf('c'))).not.toHaveProperty('reason');
    await outbox.delivered(idOf('c'), 2);
    expect(await outbox.get(idOf('c'))).toStrictEqual({
      ...{ id: idOf('c'), type: 'proposed', enquiry: 'e', candidate: 'c', at: iso(0) },
      ...{ state: 'delivered', sent: 2, nextAt: iso(2000), endedAt: iso(1000) },
    });
    // It has ended: nobody makes it wait, or die.
    await outbox.failed(idOf('c'), 2, new Error('late'), undefined);
    await outbox.failed(idOf('c'), 2, new Error('late'), 5);
    expect(await outbox.get(idOf('c'))).toMatchObject({ state: 'delivered', nextAt: iso(2000) });
    expect(await outbox.claim(idOf('nobody'), 1000)).toBeUndefined();
  });

  test('that failed waits, and says why; given up it is dead until somebody has it sent again', async () => {
    await put('c');
    await outbox.claim(idOf('c'), 1000);
    await outbox.failed(idOf('c'), 1, new PermanentError('x'.repeat(200) as never, 'Away.'), 5000);
    const reason = { code: 'x'.repeat(128), message: 'Away.' };
    const waiting = await outbox.get(idOf('c'));
    expect(waiting).toMatchObject({ state: 'waiting', nextAt: iso(5000), reason });
    expect(waiting).not.toHaveProperty('endedAt');
    now += 5000;
    await outbox.claim(idOf('c'), 1000);
    await outbox.failed(idOf('c'), 2, new PermanentError('y'.repeat(200) as never, 'Gone.'), undefined);
    expect(await outbox.get(idOf('c'))).toMatchObject({
      ...{ state: 'dead', endedAt: iso(5000), reason: { code: 'y'.repeat(128), message: 'Gone.' } },
    });
    expect(await outbox.due(9)).toEqual([]);
    expect(await outbox.counts()).toEqual({ waiting: 0, delivered: 0, dead: 1, withheld: 0 });
    now += 1;
    expect(await outbox.again(idOf('c'))).toBe(true);
    const again = await outbox.get(idOf('c'));
    expect(again).toMatchObject({ state: 'waiting', sent: 0, nextAt: iso(5001) });
    expect(again).not.toHaveProperty('endedAt');
    await outbox.claim(idOf('c'), 1000);
    await outbox.delivered(idOf('c'), 1);
    expect(await outbox.again(idOf('c'))).toBe(false);
    expect(await outbox.again(idOf('nobody'))).toBe(false);
  });

  test('that was withheld because its enquiry had ended waits again, and no other one', async () => {
    await put('c');
    await put('c', 'found');
    await put('other', 'proposed', iso(0), 'f');
    for (const [id, code] of [
      [idOf('c'), 'EnquiryEnded'],
      [idOf('c', 'found'), 'CandidateDecided'],
      [idOf('other'), 'EnquiryEnded'],
    ] as const) {
      await outbox.claim(id, 1000);
      await outbox.withheld(id, 1, code);
    }
    expect(await outbox.get(idOf('c'))).toMatchObject({
      state: 'withheld',
      endedAt: iso(0),
      reason: { code: 'EnquiryEnded', message: expect.stringContaining('closed or withdrawn') },
    });
    await store.database.write((session) => session.run([tellAgain('e', iso(7))]));
    const told = await outbox.get(idOf('c'));
    expect(told).toMatchObject({ state: 'waiting', nextAt: iso(7) });
    expect(told).not.toHaveProperty('reason');
    expect(told).not.toHaveProperty('endedAt');
    expect(await outbox.counts()).toEqual({ waiting: 1, delivered: 0, dead: 0, withheld: 2 });
    await outbox.claim(idOf('c'), 1000);
    await outbox.delivered(idOf('c'), 1);
    expect(await outbox.counts()).toEqual({ waiting: 0, delivered: 1, dead: 0, withheld: 2 });
  });

  test('is listed newest first, by state and enquiry, page by page', async () => {
    await put('c', 'proposed', iso(-1));
    await put('c', 'found', iso(-1));
    await put('d', 'proposed', iso(0), 'f');
    await put('e', 'proposed', iso(-2));
    await outbox.claim(idOf('e'), 1000);
    await outbox.delivered(idOf('e'), 1);
    const found = async (query: object) => (await outbox.list({ limit: 9, ...query })).map(({ id }) => id);
    const same = [idOf('c'), idOf('c', 'found')].sort().reverse() as [string, string];
    expect(await found({})).toEqual([idOf('d'), ...same, idOf('e')]);
    expect(await found({ limit: 2 })).toEqual([idOf('d'), same[0]]);
    expect(await found({ after: { at: iso(-1), id: same[0] } })).toEqual([same[1], idOf('e')]);
    expect(await found({ state: 'delivered' })).toEqual([idOf('e')]);
    expect(await found({ enquiry: 'f' })).toEqual([idOf('d')]);
    expect(await found({ enquiry: 'e', state: 'waiting' })).toEqual(same);
  });
});

describe('nobody is told', () => {
  /** Why an event is withheld at this moment. */
  async function why(type: 'proposed' | 'found', ...changes: string[]): Promise<string | undefined> {
    await execute(...changes);
    await put('c', type);
    return (await outbox.claim(idOf('c', type), 1000))?.withhold;
  }
  const stands = (standing: string) => `UPDATE candidate SET standing = '${standing}'`;
  const ended = (how: string) => `UPDATE enquiry SET ended = '${how}'`;
  const forbidden = (image: string) => `UPDATE pipeline_output SET do_not_match = 1 WHERE id = '${image}'`;
  const erased = (image: string) =>
    `INSERT INTO erased_image (image_hash, erasure, erased_at) VALUES ('${tombstoneOf(image)}', 'x', '${iso(0)}')`;

  const byHand = 'UPDATE candidate SET own_face = NULL, own_image = NULL';

  test.each<[string, 'proposed' | 'found', string[], string | undefined]>([
    ['of a candidate that is open: they are', 'proposed', [], undefined],
    ['of a find: they are', 'found', [stands('found')], undefined],
    ['of a find that ended the enquiry: they are', 'found', [stands('found'), ended('reunited')], undefined],
    ['of one to look at where it is decided', 'proposed', [stands('found')], 'CandidateDecided'],
    ['of a find that was taken back', 'found', [], 'CandidateDecided'],
    ['of a candidate that is none any more', 'proposed', ['DELETE FROM candidate'], 'CandidateGone'],
    ['of an enquiry that is none any more', 'proposed', ['DELETE FROM enquiry'], 'CandidateGone'],
    ['of one to look at where the enquiry is closed', 'proposed', [ended('closed')], 'EnquiryEnded'],
    ['of one to look at where they are reunited', 'proposed', [ended('reunited')], 'EnquiryEnded'],
    ['of a find where it was withdrawn', 'found', [stands('found'), ended('withdrawn')], 'EnquiryEnded'],
    [
      'once it expires, to the moment',
      'proposed',
      [`UPDATE enquiry SET expires = '${iso(0)}'`],
      'EnquiryExpired',
    ],
    ['before that they are', 'proposed', [`UPDATE enquiry SET expires = '${iso(1)}'`], undefined],
    ['where the photograph forbids it', 'proposed', [forbidden('best')], 'MatchingForbidden'],
    ['where the enquiry’s own photograph forbids it', 'proposed', [forbidden('own')], 'MatchingForbidden'],
    ['where the photograph is being erased', 'proposed', [erased('best')], 'CandidateGone'],
    [
      'where the own photograph is being erased',
      'proposed',
      [erased('own'), forbidden('best')],
      'CandidateGone',
    ],
    ['of others that are erased: they are', 'proposed', [erased('another')], undefined],
    [
      'of one that was put forward, whose photograph is being erased',
      'proposed',
      [byHand, erased('best')],
      'CandidateGone',
    ],
    ['of one that was put forward: they are', 'proposed', [byHand], undefined],
  ])('%s', async (_, type, changes, expected) => {
    expect(await why(type, ...changes)).toBe(expected);
  });
});
