import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database, Session } from '../../src/database/database.ts';
import { render, type Sql, sql, text } from '../../src/database/sql.ts';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { membersOf } from '../../src/people/enquiry/candidate-members.ts';
import { openEnquiries } from '../../src/people/enquiry/open.ts';
import { personsOfFaces } from '../../src/people/group-reader.ts';
import { People } from '../../src/people/people.ts';
import { PfifLedger } from '../../src/people/pfif/ledger.ts';
import { lookAtLinked, lookAtPair, lookAtPartners } from '../../src/results/faceprint-looks.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { decide, face, image, lookFor, match } from './fixtures.ts';

/** How SQLite, which keeps no figures of its tables here, finds what each question asks for. */
let folder: string;
let database: SqliteDatabase;
let store: SqlResultStore;
const plan: string[] = [];
const { signal } = new AbortController();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plans-'));
  database = await SqliteDatabase.open(join(folder, 'results.db'));
  store = new SqlResultStore(explaining(database));
  const filling = new SqlResultStore(database);
  await filling.migrate();
  const faces = (id: string) => ({ faces: [face(`${id}-0`)] });
  for (let n = 0; n < 3; n += 1) await filling.save(image(`${n}`, { ...faces(`${n}`), batchId: 'x' }));
  await lookFor(filling, '0');
  await filling.save(image('pair', { ...faces('pair'), matches: [match('pair', '0', 0.9)] }));
});
beforeEach(() => {
  plan.length = 0;
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** Notes the plan of every statement that is not about one row alone. */
function explaining(of: SqliteDatabase): Database {
  const note = async (statements: readonly Sql[]) => {
    for (const statement of statements) {
      const text = render(statement, () => '?');
      if (!/^\s*(SELECT|UPDATE|DELETE|INSERT)/.test(text)) continue;
      const rows = await of.query(`EXPLAIN QUERY PLAN ${text}`);
      plan.push(...rows.map(({ detail }) => `${detail}   of   ${text.replace(/\s+/g, ' ')}`));
    }
  };
  const noting = (session: Session): Session => ({
    read: (statements) => note(statements).then(() => session.read(statements)),
    run: (statements) => note(statements).then(() => session.run(statements)),
    runEach: (statements) => note(statements).then(() => session.runEach(statements)),
  });
  return new Proxy(of as Database, {
    get(target, name) {
      if (name === 'read')
        return (statements: readonly Sql[]) => note(statements).then(() => of.read(statements));
      if (name === 'write')
        return <T>(work: (session: Session) => Promise<T>) => of.write((session) => work(noting(session)));
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const since = '2026-01-01T00:00:00.000Z';
const some = (...more: string[]) => [...more, ...Array.from({ length: 60 }, (_, n) => `none-${n}`)];
const keepSuggestions = (outputs: Record<string, unknown>) => outputs;

const COUNTS: Record<string, () => Promise<unknown>> = {
  totals: () => store.counts.totals(),
  faces: () => store.counts.faces(),
  'a page of batches': () => store.counts.batches({ limit: 60 }),
  'a later page of batches': () => store.counts.batches({ after: 'x', prefix: 'x', limit: 60 }),
  'one batch': () => store.counts.batch('x'),
  'common tags': () => store.counts.names({ kind: 'tag', limit: 20 }),
  'how steps ended': () => store.counts.outcomes(),
  'how steps ended in a batch': () => store.counts.outcomes('x'),
  'what failed': () => store.counts.failures(),
  'how all batches ended': () => store.counts.ends(),
  'how a batch ended': () => store.counts.ends('x'),
  finished: () => store.counts.finished(since),
  'finished in a batch': () => store.counts.finished(since, 'x'),
};
/** Names have an order of their own, which is not that of the changes: as many as are asked for are sorted. */
const SORTED = ['common tags'];

test.each(Object.entries(COUNTS))('%s: no table is gone through or sorted', async (name, ask) => {
  await ask();
  expect(plan.length).toBeGreaterThan(0);
  for (const step of plan) {
    expect(step).not.toMatch(/^SCAN \w+_\w+ (?!.*USING)/);
    if (!SORTED.includes(name)) expect(step).not.toMatch(/TEMP B-TREE FOR (DISTINCT|ORDER BY)/);
  }
});

const OF_SOME: Record<string, () => Promise<unknown>> = {
  'a page of images': () => store.summaries({ limit: 60 }),
  'images of which a step failed': () => store.summaries({ outcome: { step: 'ocr', state: 'failed' } }),
  'images of which a step failed by one reason, with a tag': () =>
    store.summaries({ outcome: { step: 'ocr', state: 'skipped', code: 'x' }, tag: 'x' }),
  'images with everything': () => store.images(some('pair')),
  'one image': () => store.get('pair'),
  'images of faces': () => store.faces(some('pair-0')),
  'matches of an image': () => store.decisions.ofImage('pair'),
  'matches of a face': () => store.decisions.ofFace('pair-0'),
  'neighbours of faces': () => store.decisions.neighbours(some('pair-0')),
  'rejected pairs': () => store.decisions.rejectedAmong([['0-0', 'pair-0']]),
  'what loses a match': () =>
    store.database.write((session) =>
      session.run([
        ...lookAtPartners('pair', ['face_match', 'match_decision']),
        lookAtPair(sql`face_a = ${text('0-0')} AND face_b = ${text('pair-0')}`, [
          'face_match',
          'match_decision',
        ]),
        lookAtLinked(sql`person_id = ${text('p')}`),
        lookAtLinked(sql`person_id = ${text('p')} AND node = ${text('0-0')}`),
      ]),
    ),
  'a batch that is kept no longer': () => store.erasures.looks.noteBatch('x'),
  'what is noted of faceprints': async () => {
    const { claim } = await store.erasures.looks.claim(since);
    await store.erasures.looks.images(claim, { limit: 60 });
    await store.erasures.looks.done(claim);
    await store.erasures.looks.forget();
  },
  'what an erasure counts': () => store.erasures.count(some('pair')),
  'whom an erasure concerns': () => store.erasures.partnersOf(some('pair')),
  'faces that are matched': () => store.erasures.matchedAmong(some('pair-0')),
  'faces taken out': () => store.erasures.withdraw(some('pair-0')),
  'a save with a pair': () =>
    store.save(image('more', { faces: [face('more-0')], matches: [match('more', 'pair', 0.8)] })),
  'a word about a pair, and the group that follows': () =>
    decide(store, ['0-0', 'pair-0'], 'confirmed', 'ann'),
  'a word about two persons, and about one and a face': async () => {
    const people = new People(store.database, { clock: Date.now, figures: 'engine' });
    const [one, two] = [
      await people.persons.make({ fullName: 'One' }, { by: 'ann' }, ['0-0']),
      await people.persons.make({ fullName: 'Two' }, { by: 'ann' }, ['1-0']),
    ];
    await people.persons.merge(one.id, two.id, { by: 'ann' });
  },
  'do-not-match of a batch': () =>
    store.applyConsent('x', { purpose: 'x', doNotMatch: true }, { keepSuggestions }),
  'an erasure': () => store.erasures.remove(some('pair'), signal),
  'a fold': () => store.counts.fold(),
};
const POSITION = { at: since, id: 'x' };
/** Of people and enquiries: each costs what it asks for, however many others wait or are sought. */
const OF_PEOPLE: Record<string, () => Promise<unknown>> = {
  'candidates of all enquiries': () => enquiries().candidates.list({ limit: 50 }, 'ann'),
  'later candidates of all enquiries': () =>
    enquiries().candidates.list({ limit: 50, after: { blind: false, score: 0.5, id: 'x' } }, 'ann'),
  'candidates of one enquiry': () => enquiries().candidates.list({ enquiry: 'e', limit: 50 }, 'ann'),
  'how many of those wait': () => enquiries().candidates.counts('e', 'ann'),
  'enquiries after others': () =>
    enquiries().enquiries.list({ limit: 50, after: { openedAt: since, id: 'x' } }),
  'a time line': () => enquiries().enquiries.events('e', { limit: 20, after: POSITION, reader: 'ann' }),
  'an enquiry that is solved again': () => enquiries().enquiries.refresh('e'),
  'candidates of erased photographs': () => store.erasures.enquiries.about(some('x')),
  'what an erasure counts of enquiries': () => store.erasures.enquiries.count(some('e'), some('x')),
  'decisions after others': () =>
    new People(store.database, { clock: Date.now, figures: 'engine' }).decisions({
      ...{ limit: 50, after: POSITION, reader: 'ann' },
    }),
  'persons of faces': () => personsOfFaces(store.database, some('pair-0')),
  'members of candidates': () => membersOf(store.database, some('c')),
  'persons to be exported': () => new PfifLedger(store.database).exportable({ limit: 50 }),
  'persons who are sought': () => new PfifLedger(store.database).sought({ limit: 50 }),
  'what was told': () => store.outbox.list({ state: 'delivered', after: POSITION, limit: 50 }),
};
function enquiries() {
  const people = new People(store.database, { clock: Date.now, figures: 'engine' });
  return openEnquiries({
    ...{ needed: 2, database: store.database, people, clock: Date.now, random: Math.random },
    ...{ figuresOf: () => null, countFaces: () => store.counts.faces() },
  });
}

/** Columns with few values: whoever goes by one of them alone reads a large part of the table. */
const POOR =
  /(?:SEARCH|SCAN) (?!count_change)\S+ USING [^(]*\((?:enquiry|verdict|status|do_not_match|enrolled|state|live|second_look|standing)=\?\)/;

/** The column by whose index everything is read that has none: of most columns that may be empty, nearly all of the table. */
function byNull(step: string): string | undefined {
  const [by = '', statement = ''] = step.split('   of   ');
  return [...by.matchAll(/(\w+)=\?/g)]
    .map(([, column = '']) => column)
    .find((column) => new RegExp(`\\b${column} IS NULL`).test(statement));
}

test.each(Object.entries(OF_SOME))('%s: no index is gone by that knows few values', async (_, ask) => {
  await ask();
  expect(plan.length).toBeGreaterThan(0);
  for (const step of plan) {
    expect(step).not.toMatch(POOR);
    expect(`by what ${byNull(step) ?? ''} has none of   ${step}`).toMatch(/^by what {2}has/);
    expect(step).not.toMatch(
      /^SCAN (?:pipeline_output|face|face_match|image_\w+|match_decision|\w+_count|[fmo]) {3}of/,
    );
  }
});

test.each(Object.entries(OF_PEOPLE))(
  '%s: no table is gone through, and no list sorted',
  async (name, ask) => {
    await ask();
    expect(plan.length).toBeGreaterThan(0);
    for (const step of plan) {
      // Those that wait for a second word are listed by that.
      if (!/^candidates of all|^later candidates/.test(name)) expect(step).not.toMatch(POOR);
      expect(step).not.toMatch(
        /^SCAN (?:candidate|enquiry|decision|outbox|person_link|pfif_record|[a-z]) {3}of/,
      );
      expect(step).not.toMatch(/^SCAN (?:candidate|enquiry|outbox|decision) USING (?!.*ORDER BY)/);
      // Of one enquiry they are few.
      if (/LIMIT/.test(step) && name !== 'candidates of one enquiry')
        expect(step).not.toMatch(/^USE TEMP B-TREE FOR (DISTINCT|ORDER BY)/);
    }
  },
);
