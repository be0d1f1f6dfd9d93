import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sql } from '../../../src/database/sql.ts';
import { seeded } from '../../../src/domain/seeded.ts';
import { type Answer, KnownAnswers, type SaidByTwo } from '../../../src/people/calibration/known.ts';
import { CalibrationLedger } from '../../../src/people/calibration/ledger.ts';
import { ReviewerMeasuring } from '../../../src/people/calibration/measuring.ts';
import { RESULT_TABLES } from '../../../src/results/tables.ts';
import { box } from '../../results/fixtures.ts';
import { EnquiryWorld } from '../enquiry/world.ts';

const faceOf = (face: string, imageId = face) => ({ face, imageId, rectangle: box(1) });
const words = (answer: Answer, ...pairs: [string, string][]): SaidByTwo[] =>
  pairs.map((nodes) => ({ nodes, answer }));

test('who is held together and parted at once is known in nothing; nobody is compared within a photograph', () => {
  const faces = ['a', 'b', 'c', 'd', 'e'].map((face) => faceOf(face));
  const known = new KnownAnswers(
    [...words('same', ['a', 'b'], ['b', 'c'], ['d', 'e']), ...words('different', ['a', 'c'], ['c', 'd'])],
    faces,
  );
  expect(known.answerTo('a', 'b')).toBeUndefined();
  expect(known.answerTo('a', 'd')).toBeUndefined();
  expect(known.answerTo('d', 'e')).toBe('same');
  expect(known.answerTo('d', 'unseen')).toBeUndefined();
  const inOne = new KnownAnswers(words('same', ['a', 'b'], ['a', 'x']), [faceOf('a', 'i'), faceOf('b', 'i')]);
  expect(inOne.answerTo('a', 'b')).toBeUndefined();
  expect(new KnownAnswers([], []).draw(10, seeded(1))).toEqual([]);
});

test('of many pairs as many are drawn as asked for, of each answer, and each is right', () => {
  const people = Array.from({ length: 40 }, (_, at) => [`p${at}a`, `p${at}b`, `p${at}c`] as const);
  const said = [
    ...people.flatMap(([a, b, c]) => words('same', [a, b], [b, c])),
    ...people.slice(1).flatMap(([a], at) => words('different', [a, people[at]?.[0] ?? ''])),
  ];
  const known = new KnownAnswers(
    said,
    people.flat().map((face) => faceOf(face)),
  );
  const drawn = known.draw(25, seeded(4));
  expect(Object.groupBy(drawn, ({ answer }) => answer)).toMatchObject({
    same: { length: 25 },
    different: { length: 25 },
  });
  for (const { faces, answer } of drawn) {
    expect(faces[0] < faces[1]).toBe(true);
    const [one, other] = faces.map((face) => face.slice(0, -1));
    expect(answer).toBe(one === other ? 'same' : 'different');
  }
});

const PEOPLE = ['ann', 'ben', 'cora', 'dan'];
const IDS = ['p0', 'p1', 'p2', 'p3', 'p4'];
const pair = fc.uniqueArray(fc.constantFrom(...IDS), { minLength: 2, maxLength: 2 });
const who = fc.constantFrom(...PEOPLE);
const verdict = fc.constantFrom('same' as const, 'different' as const, 'undecided' as const);
/** `word` is what somebody says in review of any pair, planted or not, as the API takes it. */
const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('decide' as const), pair, who, verdict }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('review' as const), who, verdict }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('word' as const), pair, who, verdict }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('agree' as const), who, agrees: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('found' as const), pair }) },
);

/** Everything that is kept but what is kept of reviewers; ids of decisions are made anew each time. */
async function everything(world: EnquiryWorld) {
  const own = ['known_pair', 'known_answer', 'reviewer_measuring', 'reviewer_consent'];
  // Entries of the audit name each other by random ids: they are counted.
  own.push('schema_version', 'audit_entry', 'audit_head');
  const tables = RESULT_TABLES.filter(({ name }) => !own.includes(name));
  const { store } = world;
  const sets = await store.database.read(
    tables.map(({ name }) => sql`SELECT * FROM ${{ parts: [name], parameters: [] }}`),
  );
  const plain = sets.map((rows, at) => [
    tables[at]?.name,
    rows
      .map((row) =>
        JSON.stringify(row, (name, value) =>
          ['decision_id', 'supersedes', 'mark', 'change_id', 'hash', 'previous_hash'].includes(name)
            ? ''
            : value,
        ),
      )
      .sort(),
  ]);
  const ledger = new CalibrationLedger(store.database, () => world.now);
  return {
    tables: Object.fromEntries(plain),
    evidence: await ledger.evidence('recognition_04', 0.5),
    review: await store.decisions.review({ minConfidence: 0, limit: 100 }),
    undecided: await ledger.undecided({ limit: 100 }),
    totals: await store.counts.totals(),
    audit: await store.database.read([sql`SELECT action, COUNT(*) AS n FROM audit_entry GROUP BY action`]),
  };
}

test('a word about a planted pair changes no group, no count, no list and no calibration: nothing but what is kept of reviewers', async () => {
  let planted = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 12, maxLength: 30 }), fc.integer(), async (acts, seed) => {
      // The same happens in both; of what is said of planted pairs only the first hears.
      const [world, twin] = [await EnquiryWorld.open(), await EnquiryWorld.open()];
      try {
        const ports = { clock: () => world.now, random: seeded(seed) };
        const measuring = new ReviewerMeasuring(world.store.database, ports);
        const both = async (work: (one: EnquiryWorld) => Promise<unknown>) => {
          const results = [await work(world).catch(nameOf), await work(twin).catch(nameOf)];
          expect(typeof results[0]).toBe(typeof results[1]);
        };
        const say = async (
          names: readonly string[],
          by: string,
          word: typeof verdict extends fc.Arbitrary<infer V> ? V : never,
        ) =>
          both((one) => {
            one.now += 1000;
            return one.people.decide(`${names[0]}-0`, `${names[1]}-0`, word, { by });
          });
        for (const id of IDS) await both((one) => one.photograph('camp', id, []));
        for (const by of ['ann', 'ben']) {
          await say(['p0', 'p1'], by, 'same');
          await say(['p1', 'p2'], by, 'same');
          await say(['p0', 'p3'], by, 'different');
        }
        await measuring.set(4, 'root');
        for (const one of ['cora', 'dan']) await measuring.agree(one);
        for (const one of acts) {
          if (one.kind === 'decide') await say(one.pair, one.who, one.verdict);
          else if (one.kind === 'agree') await measuring[one.agrees ? 'agree' : 'withdraw'](one.who);
          else if (one.kind === 'found')
            await both((here) =>
              here.photograph('camp', one.pair[0] ?? '', [
                { photograph: one.pair[1] ?? '', confidence: 0.7 },
              ]),
            );
          else if (one.kind === 'review') {
            if ((await measuring.oneInFor(one.who)) === 0) continue;
            for (const { faces } of await measuring.pairs.plant(one.who, 2)) {
              expect(await measuring.pairs.answer(one.who, faces, one.verdict)).toBe(true);
              planted += 1;
            }
          } else {
            const faces = [`${one.pair[0]}-0`, `${one.pair[1]}-0`] as const;
            if (!(await measuring.pairs.answer(one.who, faces, one.verdict)))
              await say(one.pair, one.who, one.verdict);
          }
          await measuring.pairs.look();
        }
        twin.now = world.now;
        expect(await everything(world)).toEqual(await everything(twin));
      } finally {
        await world.close();
        await twin.close();
      }
    }),
    { numRuns: 8 },
  );
  expect(planted).toBeGreaterThan(0);
});

const nameOf = (error: Error): string => error.name;
