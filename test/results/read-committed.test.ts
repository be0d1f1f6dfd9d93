import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { type Sql, sql, text } from '../../src/database/sql.ts';
import { sqliteDialect } from '../../src/database/sqlite.ts';
import { Counts } from '../../src/results/counts.ts';
import { foldSome } from '../../src/results/fold-counts.ts';
import { recount } from '../../src/results/recount.ts';
import type { ImageResult } from '../../src/results/rows.ts';
import { removeFacesOf, removeImages, saveImage } from '../../src/results/save.ts';
import { image, matching } from './fixtures.ts';
import { type Explored, explore, type Isolation, type Work } from './read-committed/explore.ts';
import { saveOfBefore } from './read-committed/statements-of-before.ts';
import { type Rows, Versions } from './read-committed/versions.ts';

/**
 * What no test on SQLite can show, for there one writes at a time: every order of the statements of two connections that
 * READ COMMITTED allows, played by a model that runs the real statements.
 */
const versions = new Versions();
afterAll(() => versions.close());

const ISOLATIONS: Isolation[] = ['versions', 'locks'];
const NOTHING: Rows = new Map();

const tags = (...names: string[]) => names.map((name) => ({ name, confidence: 1 }));

/** What an image reports stands in its outputs too, so that the end can be held against it. */
const shows = (id: string, others: readonly string[], given: Partial<ImageResult> = {}) =>
  matching(id, others, {
    jobOutput: { facematch: { matches: others.map((other) => ({ id: other })) } },
    ...given,
  });

const save =
  (result: ImageResult): Work =>
  (session) =>
    saveImage(session, sqliteDialect, result);
const fold: Work = (session) => foldSome(session, sqliteDialect);
const remove =
  (id: string): Work =>
  (session) =>
    removeImages(session, sqliteDialect, [id], 0);
const strip =
  (id: string): Work =>
  (session) =>
    removeFacesOf(session, sqliteDialect, id, 0);
const recounted: Work = (session) =>
  recount({
    dialect: sqliteDialect,
    read: session.read,
    write: (work: Work) => work(session),
  } as unknown as Database);

/** What two images share; all else is of one image's rows alone. */
const SHARED = /face_match|match_decision|batch_count|tag_count|step_count|count_fold|FROM count_change/;
const isShared = (statement: Sql) => SHARED.test(statement.parts.join('?'));

const read = (rows: Rows, statement: Sql) => versions.run([rows], statement).rows;
const databaseOf = (rows: Rows) =>
  ({
    dialect: sqliteDialect,
    read: async (statements: readonly Sql[]) => statements.map((statement) => read(rows, statement)),
  }) as unknown as Database;

/** One after the other, nobody else there. */
async function stateAfter(rows: Rows, ...works: Work[]): Promise<Rows> {
  const { ends } = await explore(versions, rows, [works], 'versions', () => false);
  expect(ends).toHaveLength(1);
  return ends[0] ?? NOTHING;
}

/**
 * What the counts say that the images do not, and the sides of pairs that are not as the images report them.
 *
 * @param ended images that were taken out of all pairs at some time: what others had reported of them went with it
 */
async function faults(rows: Rows, ended: ReadonlySet<string>): Promise<string[]> {
  const found: string[] = [];
  const compare = (what: string, told: unknown, is: unknown) => {
    if (JSON.stringify(told) !== JSON.stringify(is))
      found.push(`${what}: ${JSON.stringify(told)} for ${JSON.stringify(is)}`);
  };
  const counts = new Counts(databaseOf(rows));
  const images = read(
    rows,
    sql`SELECT id, batch_id, status, face_count, job_output FROM pipeline_output ORDER BY id`,
  );
  const faces = (some: typeof images) => some.reduce((sum, { face_count }) => sum + Number(face_count), 0);
  const totals = await counts.totals();
  compare('all', [totals.images, totals.faces], [images.length, faces(images)]);
  const batches = [...Map.groupBy(images, ({ batch_id }) => String(batch_id))].sort(([one], [two]) =>
    one < two ? -1 : 1,
  );
  compare(
    'batches',
    (await counts.batches()).map((one) => [one.batchId, one.images, one.faces]),
    batches.map(([batch, own]) => [batch, own.length, faces(own)]),
  );
  compare(
    'tags',
    (await counts.names({ kind: 'tag', limit: 99 })).map(({ name, images }) => [name, images]).sort(),
    read(rows, sql`SELECT name, COUNT(*) AS n FROM image_tag GROUP BY name ORDER BY name`).map((row) => [
      row.name,
      row.n,
    ]),
  );
  const lines = (some: readonly (readonly unknown[])[]) => some.map((one) => one.join(' ')).sort();
  for (const batch of [undefined, ...batches.map(([name]) => name)]) {
    const of = batch === undefined ? sql`1 = 1` : sql`o.batch_id = ${text(batch)}`;
    compare(
      `steps of ${batch ?? 'all'}`,
      lines((await counts.outcomes(batch)).map((one) => [one.step, one.state, one.images, one.attempts])),
      lines([
        ...read(
          rows,
          sql`SELECT s.step, s.state, COUNT(*) AS n, SUM(s.attempts) AS tries FROM image_step s
            JOIN pipeline_output o ON o.id = s.image_id WHERE ${of} GROUP BY s.step, s.state`,
        ).map((row) => [row.step, row.state, row.n, row.tries]),
        ...read(
          rows,
          sql`SELECT status, COUNT(*) AS n FROM pipeline_output o WHERE ${of} GROUP BY status`,
        ).map((row) => ['', row.status, row.n, 0]),
      ]),
    );
  }
  const expected = images.flatMap(({ id, status, face_count, job_output }) => {
    const { facematch } = JSON.parse(String(job_output)) as { facematch?: { matches: { id: string }[] } };
    const others = status === 'done' && Number(face_count) > 0 ? (facematch?.matches ?? []) : [];
    return others.map((other) => `${id}>${other.id}`);
  });
  const sides = read(
    rows,
    sql`SELECT image_a, image_b, reported_by_a, reported_by_b FROM face_match`,
  ).flatMap((pair) => [
    ...(pair.reported_by_a === 1 ? [`${pair.image_a}>${pair.image_b}`] : []),
    ...(pair.reported_by_b === 1 ? [`${pair.image_b}>${pair.image_a}`] : []),
    ...(pair.reported_by_a === 0 && pair.reported_by_b === 0
      ? [`nobody: ${pair.image_a}, ${pair.image_b}`]
      : []),
  ]);
  const lasting = (side: string) => side.split('>').every((id) => !ended.has(id));
  compare('pairs', sides.filter(lasting).sort(), expected.filter(lasting).sort());
  return found;
}

async function allFaults({ ends }: Explored, ended: ReadonlySet<string> = new Set()): Promise<string[]> {
  expect(ends.length).toBeGreaterThan(0);
  const found = new Set<string>();
  for (const end of ends) {
    for (const fault of await faults(end, ended)) found.add(fault);
    // Folded in, they say the same.
    for (const fault of await faults(await stateAfter(end, fold), ended)) found.add(fault);
  }
  return [...found];
}

const before =
  (result: ImageResult): Work =>
  (session) =>
    saveOfBefore(session, result);

/** Two images that share a tag which is counted already, and one which is not. */
const tagged = ['a', 'b'].map((id) => image(id, { tags: tags('common', 'new') }));
const matched = [shows('a', ['b']), shows('b', ['a'])];
const start = (saving: (result: ImageResult) => Work) =>
  stateAfter(NOTHING, saving(image('x', { batchId: 'other', tags: tags('common') })));

describe.for(ISOLATIONS)('of two connections at once (%s)', (isolation) => {
  const both = async (from: Rows, works: Work[]) =>
    explore(
      versions,
      from,
      works.map((work) => [work]),
      isolation,
      isShared,
    );

  test('the statements of before lose a tag, a batch and a side of a pair, as was seen on a server', async () => {
    const ofTags = await allFaults(await both(await start(before), tagged.map(before)));
    expect(ofTags).toContain('tags: [["common",3],["new",1]] for [["common",3],["new",2]]');
    const untagged = tagged.map((one) => ({ ...one, tags: [] }));
    const ofBatches = await allFaults(await both(NOTHING, untagged.map(before)));
    expect(ofBatches).toContain('all: [1,0] for [2,0]');
    const ofPairs = await allFaults(await both(NOTHING, matched.map(before)));
    expect(ofPairs).toContain('pairs: ["a>b"] for ["a>b","b>a"]');
    expect(ofPairs).toContain('pairs: ["b>a"] for ["a>b","b>a"]');
  });

  test('no tag, no batch and no side is lost, and nobody waits for the counts', async () => {
    const ofTags = await both(await start(save), tagged.map(save));
    expect(await allFaults(ofTags)).toEqual([]);
    expect(ofTags).toMatchObject({ deadlocks: 0, duplicates: 0, refused: 0 });
    const ofPairs = await both(NOTHING, matched.map(save));
    expect(await allFaults(ofPairs)).toEqual([]);
    // The second one meets the first one's pair, and finds it when it runs again.
    expect(ofPairs).toMatchObject({ deadlocks: 0, refused: 0 });
    expect(ofPairs.duplicates).toBeGreaterThan(0);
  });

  test('two who fold, and one who folds while another saves, lose nothing and count nothing twice', async () => {
    const from = await stateAfter(NOTHING, ...tagged.map(save));
    const folding = await both(from, [fold, fold]);
    expect(folding.states).toBeGreaterThan(10);
    expect(await allFaults(folding)).toEqual([]);
    const rerun = save({ ...tagged[0], run: 1, tags: tags('common', 'third') } as ImageResult);
    expect(await allFaults(await both(from, [fold, rerun]))).toEqual([]);
  });

  test('what is wrong is corrected once, whoever saves, folds or recounts beside', async () => {
    const spoil: Work = (session) =>
      session.run([
        sql`UPDATE tag_count SET images = images + 2 WHERE name = 'common'`,
        sql`DELETE FROM batch_count WHERE batch_id = 'batch'`,
        sql`UPDATE step_count SET attempts = attempts + 1 WHERE batch_id = 'batch'`,
      ]);
    const from = await stateAfter(NOTHING, ...tagged.map(save), fold, spoil);
    expect(await faults(from, new Set())).not.toEqual([]);
    for (const beside of [recounted, fold, save(image('c', { tags: tags('common') }))])
      expect(await allFaults(await both(from, [recounted, beside]))).toEqual([]);
  });
});

type Act = { do: 'fold' | 'remove' | 'strip'; id: string } | { do: 'save'; id: string; result: ImageResult };

const toWork = (act: Act): Work =>
  act.do === 'save'
    ? save(act.result)
    : act.do === 'fold'
      ? fold
      : act.do === 'remove'
        ? remove(act.id)
        : strip(act.id);

/** What can be done to an image that may match another. */
const act = (id: string, other: string): fc.Arbitrary<Act> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .record({
          pair: fc.boolean(),
          names: fc.subarray(['one', 'two']),
          batchId: fc.constantFrom('x', 'y'),
        })
        .map(({ pair, names, batchId }) => ({
          do: 'save' as const,
          id,
          result: shows(id, pair ? [other] : [], { batchId, tags: tags(...names), run: 1 }),
        })),
    },
    { weight: 1, arbitrary: fc.constantFrom('fold', 'remove', 'strip').map((what) => ({ do: what, id })) },
  );

test('whatever two connections do at once, no count, no batch and no side of a pair is lost', async () => {
  const there = (id: string, other: string) =>
    fc.option(
      fc.boolean().map((pair) => shows(id, pair ? [other] : [], { batchId: 'x', tags: tags('one') })),
    );
  let states = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        isolation: fc.constantFrom(...ISOLATIONS),
        there: fc.tuple(there('a', 'b'), there('b', 'a')),
        folded: fc.boolean(),
        left: fc.array(act('a', 'b'), { minLength: 1, maxLength: 2 }),
        right: act('b', 'a'),
      }),
      async ({ isolation, there, folded, left, right }) => {
        const works = there.flatMap((result) => (result ? [save(result)] : []));
        const from = await stateAfter(NOTHING, ...works, ...(folded ? [fold] : []));
        const programs = [left.map(toWork), [toWork(right)]];
        const explored = await explore(versions, from, programs, isolation, isShared);
        states += explored.states;
        expect(explored.refused).toBe(0);
        const ended = [...left, right].filter((one) => one.do === 'remove' || one.do === 'strip');
        expect(await allFaults(explored, new Set(ended.map(({ id }) => id)))).toEqual([]);
      },
    ),
    { numRuns: 15 },
  );
  expect(states).toBeGreaterThan(300);
});
