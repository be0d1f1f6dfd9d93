import { afterEach, beforeEach, expect, test } from 'vitest';
import { raw } from '../../src/database/sql.ts';
import { SqlServerDatabase } from '../../src/database/sqlserver.ts';
import { People } from '../../src/people/people.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { face, image, match } from '../results/fixtures.ts';
import { TsqlOnSqlite } from '../results/tsql-on-sqlite.ts';

/** Deeds whose every request is in turn the last that the process makes. */
const BY = { by: 'ann' };
let server: TsqlOnSqlite;
let store: SqlResultStore;
let people: People;
let person: string;
let other: string;

beforeEach(async () => {
  server = new TsqlOnSqlite();
  store = new SqlResultStore(
    new SqlServerDatabase(server.driver(), { server: 'played' }, { attempts: 1, retryBaseMs: 1 }),
  );
  await store.migrate();
  people = new People(store.database, { clock: Date.now, figures: 'engine' });
  for (const id of ['a', 'c', 'd']) await store.save(image(id, { faces: [face(`${id}-0`)] }));
  await store.save(
    image('b', { faces: [face('b-0')], matches: [match('b', 'a', 0.9), match('b', 'c', 0.9)] }),
  );
  await people.settleAll();
  person = (await people.persons.make({ fullName: 'Amal' }, BY, ['a-0'])).id;
  await people.decide('d-0', 'a-0', 'same', BY);
  other = (await people.persons.make({ fullName: 'Amal B' }, BY)).id;
});
afterEach(() => store.close());

const TABLES = [
  'decision',
  'match_decision',
  'person_link',
  'person',
  'face_anchor',
  'face_group',
  'people_group',
];

/** All rows, without what a time or a new id stands in. */
async function state(): Promise<string> {
  const sets = await store.database.read(TABLES.map((table) => raw(`SELECT * FROM ${table}`)));
  return JSON.stringify(sets.map((rows) => rows.map((row) => JSON.stringify(row)).sort()));
}

const deeds: Record<string, () => Promise<unknown>> = {
  'a decision': () => people.decide('b-0', 'd-0', 'different', BY),
  'naming a face': () => people.persons.make({ fullName: 'Zahra' }, BY, ['c-0']),
  'taking a face out': () => people.split(['b-0'], undefined, BY),
  'an undo': async () => people.undo((await people.decisions({ face: 'd-0', limit: 1 }))[0]?.id ?? '', BY),
  'merging two persons': () => people.persons.merge(other, person, BY),
  'erasing a person': () => people.persons.erase(person, 'ann'),
};

test.for(Object.entries(deeds))(
  '%s: whichever request the process dies at, all of it is there or nothing',
  async ([, deed]) => {
    const before = await state();
    for (let last = 1; ; last += 1) {
      let request = 0;
      server.fail = (event) => {
        if (event !== 'request' && event !== 'commit') return undefined;
        request += 1;
        return request === last ? new Error('killed') : undefined;
      };
      const died = await deed().then(
        () => false,
        () => true,
      );
      server.fail = () => undefined;
      if (!died) break;
      expect(await state(), `request ${last}`).toBe(before);
      expect(last).toBeLessThan(500);
    }
    expect(await state()).not.toBe(before);
  },
);

test('solving: whichever request the process dies at, the mark stays and the next one finds the same groups', async () => {
  const groups = async () =>
    JSON.stringify(await store.database.read([raw('SELECT * FROM face_group ORDER BY face_key')]));
  const change = () =>
    store.save(image('e', { faces: [face('e-0')], matches: [match('e', 'c', 0.95), match('e', 'd', 0.8)] }));
  await change();
  await people.settleAll();
  const wanted = await groups();
  for (let last = 1; ; last += 1) {
    await store.erasures.remove(['e'], new AbortController().signal);
    await people.settleAll();
    await change();
    let request = 0;
    server.fail = (event) => {
      if (event !== 'request' && event !== 'commit') return undefined;
      request += 1;
      return request === last ? new Error('killed') : undefined;
    };
    const died = await people.settle(['e']).then(
      () => false,
      () => true,
    );
    server.fail = () => undefined;
    if (died) {
      const [marks] = await store.database.read([raw("SELECT mark FROM people_dirty WHERE image_id = 'e'")]);
      expect(marks, `request ${last}`).toHaveLength(1);
      await people.settleAll();
    }
    expect(await groups(), `request ${last}`).toBe(wanted);
    if (!died) break;
    expect(last).toBeLessThan(500);
  }
});
