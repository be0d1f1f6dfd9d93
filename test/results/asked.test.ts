import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Database, Row } from '../../src/database/database.ts';
import { raw, render, type Sql, sql } from '../../src/database/sql.ts';
import { SqliteDatabase, sqliteDialect } from '../../src/database/sqlite.ts';
import { OutageError, PermanentError } from '../../src/domain/errors.ts';
import type { KeepSuggestionsOfJob } from '../../src/domain/suggestion.ts';
import { lockCounted } from '../../src/results/count-changes.ts';
import { Counts } from '../../src/results/counts.ts';
import { erasedBeside } from '../../src/results/erased.ts';
import { readFacets } from '../../src/results/facets.ts';
import { loadImages } from '../../src/results/load.ts';
import { readNeighbours } from '../../src/results/neighbours.ts';
import { readReview } from '../../src/results/pair-view.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { keepFaceSuggestions } from '../../src/steps/face-suggestions.ts';
import { face, image, match, matching } from './fixtures.ts';
import { limitsOf, perTransaction, RecordingDatabase } from './recording.ts';

/**
 * What no answer shows: how much one question reads and one transaction holds, in which order rows are locked, and what
 * is not asked at all.
 */
const keepSuggestions: KeepSuggestionsOfJob = (outputs, keep) => {
  const facematch = keepFaceSuggestions(outputs.facematch, keep);
  return facematch === outputs.facematch ? outputs : { ...outputs, facematch };
};
const NOW = Date.parse('2026-11-30T08:00:00.000Z');

let folder: string;
let database: RecordingDatabase;
let store: SqlResultStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asked-'));
  database = new RecordingDatabase(await SqliteDatabase.open(join(folder, 'results.db')));
  store = new SqlResultStore(database, () => NOW);
  await store.migrate();
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const rows = async (statement: string): Promise<Row[]> => (await database.read([raw(statement)]))[0] ?? [];
const execute = (...statements: (string | Sql)[]) =>
  database.write((session) =>
    session.run(statements.map((one) => (typeof one === 'string' ? raw(one) : one))),
  );
/** Images that differ in their ids only, `<prefix>0` and so on, each a second later: through the store it would take longer. */
async function copies(prefix: string, count: number, batchId: string): Promise<void> {
  await store.save(image('template', { batchId }));
  const [row = {}] = await rows("SELECT * FROM pipeline_output WHERE id = 'template'");
  const columns = Object.keys(row)
    .filter((name) => !/^(id|timestamp)$/.test(name))
    .map((name) => `[${name}]`)
    .join(', ');
  await execute(
    `INSERT INTO pipeline_output (id, timestamp, ${columns})
      WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})
      SELECT '${prefix}' || i, strftime('%Y-%m-%dT%H:%M:%S.000Z', '2026-01-01', '+' || i || ' seconds'), ${columns}
      FROM n JOIN pipeline_output ON id = 'template'`,
    "DELETE FROM image_step WHERE image_id = 'template'",
    "DELETE FROM image_word WHERE image_id = 'template'",
    "DELETE FROM pipeline_output WHERE id = 'template'",
  );
}

/** A database that answers as it is told, and writes down how many values each statement had. */
function answering(answer: (text: string, reading: number) => Row[]) {
  const values: number[] = [];
  let readings = 0;
  const read = async (statements: readonly Sql[]) => {
    readings += 1;
    return statements.map((statement) => {
      values.push(statement.parameters.length);
      return answer(
        render(statement, () => '?'),
        readings,
      );
    });
  };
  const fake = { dialect: sqliteDialect, read } as unknown as Database;
  return { fake, values, readings: () => readings };
}

const keys = (count: number) => Array.from({ length: count }, (_, n) => `k${n}`);

describe('one question reads', () => {
  test('of the review as many pairs as are shown, of a batch or a group 3,000', async () => {
    const asked = async (query: { batchId?: string; groupId?: string }) =>
      limitsOf(await database.during(() => readReview(database, { minConfidence: 0, limit: 50, ...query })));
    expect(await asked({})).toEqual(['LIMIT 1 OFFSET 49', 'LIMIT 50', 'LIMIT 50']);
    const narrow = ['LIMIT 1 OFFSET 2999', 'LIMIT 3000', 'LIMIT 50'];
    expect(await asked({ batchId: 'x' })).toEqual(narrow);
    expect(await asked({ groupId: 'x' })).toEqual(narrow);
    expect(await asked({ batchId: 'x', groupId: 'x' })).toEqual(narrow);
  });

  test('of the review of a batch no more than its window, and says where to go on', async () => {
    const confidences = { b: 0.9, c: 0.8, d: 0.7 };
    const matches = Object.entries(confidences).map(([other, confidence]) => match('a', other, confidence));
    await store.save(image('a', { faces: [face('a-0')], matches }));
    await store.save(matching('d', [], { batchId: 'wanted' }));
    const query = { minConfidence: 0, batchId: 'wanted', limit: 5 };
    const first = await readReview(database, query, 2);
    expect(first).toEqual({ pairs: [], next: { confidence: 0.8, a: 'a-0', b: 'c-0' } });
    const second = await readReview(database, { ...query, after: first.next as never }, 2);
    expect(second.pairs.map(({ b }) => b.face)).toEqual(['d-0']);
    expect(second.next).toBeUndefined();
    const whole = await readReview(database, { minConfidence: 0, limit: 2 });
    expect(whole.next).toEqual({ confidence: 0.8, a: 'a-0', b: 'c-0' });
  });

  test('of a search 3,000 images of a condition, and as many where each is asked about others', async () => {
    const ofMany = async (filter: object, most: number) => {
      const { fake } = answering((statement) =>
        statement.includes('COUNT(*) AS images') ? [{ images: most }] : [{ image_id: 'x', timestamp: 'T' }],
      );
      const recording = new RecordingDatabase(fake);
      await readFacets(recording, filter, 7).catch(() => {});
      return limitsOf(recording.asked).slice(0, 4);
    };
    const two = { batchId: 'b', tag: 't' };
    expect(await ofMany(two, 3000)).toEqual([
      'LIMIT 3000',
      'LIMIT 3000',
      'LIMIT 1 OFFSET 2999',
      'LIMIT 1000',
    ]);
    expect((await ofMany(two, 2999)).slice(0, 3)).toEqual(['LIMIT 3000', 'LIMIT 3000', 'LIMIT 1000']);
    expect(limitsOf(await database.during(() => store.summaries({})))).toEqual(['LIMIT 100']);
  });

  test('twelve windows of images that fit are counted, and no more', async () => {
    const { fake, readings } = answering((statement) => {
      if (statement.includes('COUNT(*) AS images')) return [{ images: 3000 }];
      return statement.includes('OFFSET') ? [{ image_id: 'x', timestamp: '2026-01-01T00:00:00.000Z' }] : [];
    });
    const found = await readFacets(fake, { batchId: 'b', tag: 't' }, 7);
    expect(found).toEqual({ images: 0, more: true, sampled: 0, tags: [], categories: [] });
    // Of each window: which condition is the rarer, where the window ends, what is in it.
    expect(readings()).toBe(12 * 3);
  });

  test('10,000 images are counted, and the tags of the newest 1,000', async () => {
    await copies('i', 10_001, 'large');
    await execute(
      `INSERT INTO image_tag (image_id, name, confidence, timestamp)
        SELECT id, CASE WHEN CAST(SUBSTR(id, 2) AS INTEGER) > 9000 THEN 'new' ELSE 'old' END, 1, timestamp FROM pipeline_output`,
    );
    const facets = await readFacets(database, { batchId: 'large' }, 9);
    expect(facets).toMatchObject({ images: 10_000, more: true, sampled: 1000 });
    expect(facets.tags).toEqual([{ name: 'new', images: 1000 }]);
    await execute("DELETE FROM pipeline_output WHERE id = 'i0'");
    expect(await readFacets(database, { batchId: 'large' }, 9)).toMatchObject({
      images: 10_000,
      more: false,
    });
    expect((await store.ids({ batchId: 'large' }, 9_999)).more).toBe(true);
  });

  test.each([
    [1, [1]],
    [500, [500]],
    [501, [500, 1]],
    [1001, [500, 500, 1]],
  ])('of %i faces whom they may be, in lists of 500', async (count, lists) => {
    const faces = answering(() => []);
    expect(await readNeighbours(faces.fake, [...keys(count), 'k0'])).toEqual(new Map());
    expect(faces.values).toEqual(lists.flatMap((length) => [length, length]));
  });

  test.each([
    [1, [1]],
    [100, [100]],
    [101, [100, 1]],
    [201, [100, 100, 1]],
  ])(
    'of %i images everything, in lists of 100: nobody else has a turn within a read',
    async (count, lists) => {
      const images = answering(() => []);
      expect(await loadImages(images.fake, keys(count))).toEqual([]);
      expect(images.values).toEqual(lists.flatMap((length) => [length, length, length, length]));
    },
  );

  test('the figures once more where somebody folds meanwhile, and at the fifth time as they are', async () => {
    const counting = (steadyAt: number) =>
      answering((statement, reading) =>
        statement.includes('count_fold')
          ? // Read twice each time, before and after.
            [{ folds: reading >= steadyAt ? 0 : Math.random() }]
          : [{ faces: reading }],
      );
    for (const [steadyAt, readings] of [
      [1, 1],
      [2, 2],
      [5, 5],
      [99, 5],
    ] as const) {
      const { fake, readings: taken } = counting(steadyAt);
      expect(await new Counts(fake).faces()).toBe(readings);
      expect(taken()).toBe(readings);
    }
  });

  test('no more than 1,000 pairs to be reviewed', async () => {
    expect(limitsOf(await database.during(() => store.counts.totals()))).toEqual(['LIMIT 1000']);
    expect(await store.counts.totals()).toEqual({
      ...{ images: 0, byStatus: {}, faces: 0 },
      ...{ stamp: '0--0', toReview: 0 },
    });
  });

  test('tombstones, beside whatever else is asked, each answer to its question', async () => {
    await store.erasures.entomb(['a'], 'erasure');
    const ids = new Set([...keys(401), 'a']);
    const other = [raw("SELECT 'one' AS n"), raw("SELECT 'two' AS n")];
    const found = await erasedBeside(database, ids, other);
    expect(found).toEqual({ erased: new Set(['a']), rows: [[{ n: 'one' }], [{ n: 'two' }]] });
  });
});

describe('one transaction holds', () => {
  test('300 tombstones, or 20 images that are removed; 100 are looked up whose words are made again', async () => {
    const tombs = await database.during(() => store.erasures.entomb(keys(301), 'erasure'));
    expect(perTransaction(tombs, /INSERT INTO erased_image/)).toEqual([300, 1]);
    for (const id of keys(21)) await store.save(image(id));
    const { signal } = new AbortController();
    const removed = await database.during(() => store.erasures.remove(keys(21), signal));
    expect(perTransaction(removed, /DELETE FROM pipeline_output/)).toEqual([1, 1]);
    const inEach = removed.flatMap(
      ({ text: it }) => /^DELETE FROM pipeline_output WHERE id (.*)$/.exec(it)?.[1] ?? [],
    );
    expect(inEach.map((list) => list.split(', ').length)).toEqual([20, 1]);
    expect(limitsOf(await database.during(() => store.reindex(() => true)))).toEqual(['LIMIT 100']);
  });

  test('the changes of 100 saves, all of which are folded in, and nobody has to wait where there are none', async () => {
    await execute(
      `INSERT INTO count_change (change_id, part, kind, name, status, images, faces, changes, latest)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
        SELECT 'c' || i, 0, 'batch', 'b', 'done', 1, 2, 1, '2026-01-01T00:00:00.000Z' FROM n`,
    );
    const asked = await database.during(() => store.counts.fold());
    expect(limitsOf(asked).filter((limit) => limit !== 'LIMIT 1')).toEqual([
      'LIMIT 100',
      'LIMIT 100',
      'LIMIT 100',
    ]);
    expect(await rows('SELECT * FROM count_change')).toEqual([]);
    expect(await store.counts.batch('b')).toMatchObject({ images: 250, faces: 500 });
    const idle = await database.during(() => store.counts.fold());
    expect(idle.map(({ transaction }) => transaction)).toEqual([0]);
  });

  test('what the terms of a batch change, 25 images at a time, nothing of an empty one', async () => {
    await copies('i', 50, 'x');
    const options = { keepSuggestions };
    const asked = await database.during(() => store.applyConsent('x', { doNotMatch: false }, options));
    expect(perTransaction(asked, /UPDATE pipeline_output SET purpose/)).toEqual([1, 1]);
    expect(limitsOf(asked)).toEqual(['LIMIT 25', 'LIMIT 25', 'LIMIT 25']);
    expect(await store.applyConsent('x', { doNotMatch: true }, options)).toBe(50);
    expect(await rows('SELECT id FROM pipeline_output WHERE do_not_match = 0')).toEqual([]);
    const none = await database.during(() => store.applyConsent('empty', { doNotMatch: true }, options));
    expect(none.filter(({ transaction }) => transaction > 0)).toEqual([]);
  });

  test('the counts of 50 saves at most, in passing', async () => {
    const unfolded = async () => (await rows('SELECT DISTINCT change_id FROM count_change')).length;
    for (let round = 0; round < 2; round += 1) {
      for (let n = 1; n < 50; n += 1) await store.save(image(`${round}-${n}`));
      expect(await unfolded()).toBe(49);
      await store.save(image(`${round}-50`));
      expect(await unfolded()).toBe(0);
    }
  });

  test('a save is done whether or not its counts can be folded in, unless that is a fault of ours', async () => {
    let error: Error = new OutageError('Away.');
    database.meddle = (statement) => {
      if (statement.includes('UPDATE count_fold')) throw error;
    };
    for (let n = 1; n <= 50; n += 1) expect(await store.save(image(`i${n}`))).toBe('saved');
    error = new TypeError('a fault of ours');
    for (let n = 51; n < 100; n += 1) await store.save(image(`i${n}`));
    await expect(store.save(image('i100'))).rejects.toThrow(error);
  });

  test('a schema that is as it should be is not written to', async () => {
    const asked = await database.during(() => store.migrate());
    expect(asked.map(({ transaction }) => transaction)).toEqual([0]);
  });
});

describe('rows are locked in one order', () => {
  const locked = (asked: readonly { text: string }[]) =>
    asked.flatMap(
      ({ text: it }) => /^UPDATE pipeline_output SET run = run WHERE id = (\S+)$/.exec(it)?.[1] ?? [],
    );

  test('of images that are taken out of matches, and of those they matched, before any is read', async () => {
    await store.save(matching('m', ['z', 'a', 'unsaved'], { batchId: 'x' }));
    await store.save(matching('c', ['q', 'm'], { batchId: 'x' }));
    for (const other of ['a', 'q', 'z']) await store.save(matching(other, ['m', 'c']));
    const asked = await database.during(() =>
      store.applyConsent('x', { doNotMatch: true }, { keepSuggestions }),
    );
    expect(locked(asked)).toEqual(['a', 'c', 'm', 'q', 'unsaved', 'z']);
    const last = asked.findLastIndex(({ text: it }) => it.startsWith('UPDATE pipeline_output SET run = run'));
    const first = asked.findIndex(({ text: it }) => it.startsWith('SELECT job_output'));
    expect(last).toBeLessThan(first);
    expect(
      asked.filter(({ text: it }) => it.includes('SET job_output')),
      'nothing to rewrite',
    ).toEqual([]);
    const { stamp } = await store.counts.totals();
    await store.applyConsent('x', { doNotMatch: true }, { keepSuggestions });
    expect((await store.counts.totals()).stamp, 'nobody is in a match any more').toBe(stamp);
  });

  test('of pairs by their keys, those that are no longer reported among them', async () => {
    await store.save(matching('m', ['k', 'b', 'x']));
    const asked = await database.during(() => store.save(matching('m', ['z', 'n', 'a'], { run: 1 })));
    const pairs = asked.flatMap(
      ({ text: it }) =>
        /^UPDATE face_match SET .* WHERE face_a = (\S+) AND face_b = (\S+)$/.exec(it)?.slice(1).join() ?? [],
    );
    expect(pairs).toEqual(['a-0,m-0', 'b-0,m-0', 'k-0,m-0', 'm-0,n-0', 'm-0,x-0', 'm-0,z-0']);
  });

  test('an image whose outputs are to forget another, before they are read; of a trial run none', async () => {
    const facematch = { matches: [{ id: 'gone' }], faces: [] };
    await store.save(image('a', { jobOutput: { facematch } }));
    await store.save(image('b'));
    const forget = (ids: string[], options?: { dryRun: boolean }) =>
      database.during(() => store.erasures.forgetIn(ids, new Set(['gone']), options));
    const dry = await forget(['a', 'b'], { dryRun: true });
    expect(dry.filter(({ text: it }) => !it.startsWith('SELECT'))).toEqual([]);
    expect(database.forgotten).toBe(0);
    expect((await forget(['b', 'unknown'])).filter(({ text: it }) => it.includes('SET job_output'))).toEqual(
      [],
    );
    expect(database.forgotten).toBe(0);
    const [lock, look, write] = (await forget(['a'])).map(({ text: it }) => it);
    expect(lock).toMatch(/^UPDATE pipeline_output SET run = run/);
    expect(look).toMatch(/^SELECT job_output/);
    expect(write).toMatch(/^UPDATE pipeline_output SET job_output/);
    expect(database.forgotten).toBe(1);
    await store.erasures.remove(['a'], new AbortController().signal);
    expect(database.forgotten).toBe(2);
    await store.erasures.enquiries.remove([]);
    expect(database.forgotten).toBe(2);
    await store.erasures.enquiries.remove(['e']);
    expect(database.forgotten).toBe(3);
  });

  test('whoever corrects a count has the turn before it looks, and of two the second corrects nothing', async () => {
    await store.save(image('a', { tags: [{ name: 'dog', confidence: 1 }] }));
    await store.counts.fold();
    await execute("UPDATE tag_count SET images = 7 WHERE name = 'dog'");
    const found: unknown[] = [];
    const asked = await database.during(async () => {
      for (const one of await Promise.all([store.counts.recount(), store.counts.recount()])) found.push(one);
    });
    const dog = [{ kind: 'tag', name: 'dog', status: '', images: -6, faces: 0 }];
    expect(found).toEqual(expect.arrayContaining([dog, []]));
    const writes = asked.filter(({ transaction }) => transaction > 0).map(({ text: it }) => it.slice(0, 24));
    expect(writes.slice(0, 2)).toEqual(['UPDATE count_fold SET fo', 'INSERT INTO count_change']);
    const survey = new RecordingDatabase(database);
    let surveyed = 0;
    Object.assign(survey, {
      survey: (statements: readonly Sql[]) => {
        surveyed += 1;
        return database.read(statements);
      },
    });
    await new Counts(survey).recount();
    expect([surveyed, survey.asked.length]).toEqual([6, 0]);
  });

  test('an image without a row is asked for nothing else', async () => {
    const asked = await database.during(() => database.write((session) => lockCounted(session, ['nobody'])));
    expect(asked).toHaveLength(1);
  });
});

describe('what others do meanwhile', () => {
  test('whoever is saved into a batch that may not be matched while that is carried out leaves its matches as well', async () => {
    await store.save(matching('a', ['b'], { batchId: 'x' }));
    database.meanwhile = async (transaction) => {
      if (transaction !== first + 2) return;
      // Saved by a process that has not heard of it: passed already by whoever goes through the batch.
      await execute(sql`UPDATE face SET enrolled = 1 WHERE image_id = 'a'`);
    };
    const first = Math.max(0, ...database.asked.map(({ transaction }) => transaction));
    await store.applyConsent('x', { doNotMatch: true }, { keepSuggestions });
    expect(await rows('SELECT face_key FROM face WHERE enrolled = 1')).toEqual([]);
  });

  test('a pair that is written while its image comes to its end goes with it, and nothing is written where there is none', async () => {
    await store.save(matching('b', []));
    const barred = image('a', { faces: [face('a-0')], consent: { doNotMatch: true } });
    const alone = await database.during(() => store.save(barred));
    expect(new Set(alone.map(({ transaction }) => transaction)).size).toBe(2);
    let done = false;
    database.meanwhile = async () => {
      if (done) return;
      done = true;
      await store.save(matching('b', [], { run: 1 }));
      await execute(
        `INSERT INTO face_match (face_a, face_b, image_a, image_b, image_url_a, image_url_b, rect_a_left, rect_a_top, rect_a_width,
          rect_a_height, rect_b_left, rect_b_top, rect_b_width, rect_b_height, confidence, reported_by_a, reported_by_b, first_seen, enquiry, model)
          VALUES ('a-0', 'b-0', 'a', 'b', 'u', 'u', 1, 1, 1, 1, 1, 1, 1, 1, 0.5, 0, 1, '', 0, 'm')`,
      );
    };
    await store.save({ ...barred, run: 1 });
    expect(await rows('SELECT face_a FROM face_match')).toEqual([]);
    expect(await rows("SELECT image_id FROM people_dirty WHERE image_id = 'a'")).not.toEqual([]);
  });

  test('what is saved beside a clearing is counted', async () => {
    await store.save(image('a'));
    let done = false;
    database.meanwhile = async () => {
      if (done) return;
      done = true;
      // What a save of before has lost, or left behind.
      await execute(
        "INSERT INTO count_change (change_id, part, kind, name, status, images, faces, changes, latest) VALUES ('late', 0, 'tag', 'ghost', '', 3, 0, 0, '')",
      );
    };
    expect(await store.clear()).toBe(1);
    expect(await store.counts.names({ kind: 'tag', limit: 9 })).toEqual([]);
    expect(await rows('SELECT * FROM count_change')).toEqual([]);
  });
});

test('a save says of the counts what changed, and no more', async () => {
  const tags = (...names: string[]) => names.map((name) => ({ name, confidence: 1 }));
  const categories = (...names: string[]) => names.map((name) => ({ name, score: 1 }));
  await store.save(
    image('a', { batchId: 'x', tags: tags('dog', 'cat'), categories: categories('c'), faces: [face('a-0')] }),
  );
  await store.counts.fold();
  const changes = async () => {
    const found = await rows(
      "SELECT kind, name, status, images, faces, changes, latest FROM count_change WHERE kind <> 'step' ORDER BY part",
    );
    await store.counts.fold();
    return found.map((row) => Object.values(row).join(' '));
  };
  const T = '2026-11-23T12:00:00.000Z';
  await store.save(
    image('a', {
      run: 1,
      batchId: 'y',
      status: 'partial',
      tags: tags('cat', 'cow'),
      categories: categories('d'),
    }),
  );
  expect(await changes()).toEqual([
    `batch x done -1 -1 1 ${T}`,
    `batch y partial 1 0 1 ${T}`,
    `tag cow  1 0 0 ${T}`,
    `tag dog  -1 0 0 ${T}`,
    `category d  1 0 0 ${T}`,
    `category c  -1 0 0 ${T}`,
  ]);
  await store.save(
    image('a', { run: 2, batchId: 'y', status: 'partial', faces: [face('a-0'), face('a-1')] }),
  );
  expect((await changes()).slice(0, 1)).toEqual([`batch y partial 0 2 1 ${T}`]);
  await store.removeFaces('a');
  expect(await changes()).toEqual([`batch y partial 0 -2 1 ${new Date(NOW).toISOString()}`]);
});

test.each([
  ['id', 200, (id: string) => image(id)],
  ['batch', 512, (batchId: string) => image('a', { batchId })],
  ['face', 220, (key: string) => image('a', { faces: [face(key)] })],
  [
    'other face',
    220,
    (otherFace: string) =>
      image('a', { faces: [face('a-0')], matches: [{ ...match('a', 'b', 0.5), otherFace }] }),
  ],
  [
    'other image',
    200,
    (otherImage: string) =>
      image('a', { faces: [face('a-0')], matches: [{ ...match('a', 'b', 0.5), otherImage }] }),
  ],
] as const)('the %s of %i characters is kept, one character more is refused', async (_, longest, of) => {
  expect(await store.save(of('x'.repeat(longest)))).toBe('saved');
  const refused = await store.save(of('x'.repeat(longest + 1))).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(PermanentError);
  expect(refused).toMatchObject({ code: 'ResultRefused' });
});

test('a batch is found by the beginning of its name, whatever character that ends with', async () => {
  const characters = [
    'a',
    '\ud7fe',
    '\ud7ff',
    '\ue000',
    '\ufffb',
    '\ufffc',
    '\ufffd',
    '\uffff',
    '\u{10000}',
    '\u{10ffff}',
  ];
  for (const [n, character] of characters.entries()) {
    await store.save(image(`i${n}`, { batchId: character }));
    await store.save(image(`j${n}`, { batchId: `${character}x` }));
  }
  for (const folded of [false, true]) {
    if (folded) await store.counts.fold();
    for (const prefix of characters) {
      const found = (await store.counts.batches({ prefix })).map(({ batchId }) => batchId);
      expect(found, prefix.codePointAt(0)?.toString(16)).toEqual([prefix, `${prefix}x`]);
    }
  }
});

test('the latest result of a batch is the latest of any of its states', async () => {
  const at = (day: number) => ({ finishedAt: `2026-01-0${day}T00:00:00.000Z` });
  await store.save(image('a', { status: 'done', ...at(3) }));
  await store.save(image('b', { status: 'partial', ...at(2) }));
  await store.save(image('c', { status: 'rejected', ...at(1) }));
  expect(await store.counts.batch('batch')).toEqual({
    ...{ batchId: 'batch', images: 3, faces: 0 },
    byStatus: { done: 1, partial: 1, rejected: 1 },
    latest: '2026-01-03T00:00:00.000Z',
  });
});
