import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { subject } from '../../src/audit/subject.ts';
import type { Row } from '../../src/database/database.ts';
import { raw } from '../../src/database/sql.ts';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { enquiryBatch } from '../../src/domain/enquiry-batch.ts';
import type { Decision } from '../../src/people/decision.ts';
import { ChangedMeanwhileError, UnknownNodeError } from '../../src/people/errors.ts';
import { personsOfFaces } from '../../src/people/group-reader.ts';
import { personNode } from '../../src/people/node.ts';
import { People } from '../../src/people/people.ts';
import { rescope, Scopes, setApart } from '../../src/people/scope.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { face, image, match, matching } from '../results/fixtures.ts';
import { limitsOf, perTransaction, RecordingDatabase } from '../results/recording.ts';

/** Decisions, persons and groups as they are told: whole, and where each of their limits lies. */
const ANN = { by: 'ann' };
const AT = '2026-11-30T00:00:00.000Z';

let folder: string;
let database: RecordingDatabase;
let store: SqlResultStore;
let people: People;
let now: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'people-'));
  database = new RecordingDatabase(await SqliteDatabase.open(join(folder, 'results.db')));
  store = new SqlResultStore(database, () => now);
  now = Date.parse(AT);
  people = new People(database, { clock: () => now, figures: 'engine' });
  await store.migrate();
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const rows = async (statement: string): Promise<Row[]> => (await database.read([raw(statement)]))[0] ?? [];
const execute = (...statements: string[]) =>
  database.write((session) => session.run(statements.map((one) => raw(one))));
const photographs = async (...ids: string[]) => {
  for (const id of ids) await store.save(matching(id, []));
};
const groupOf = async (one: string) => (await people.groups.idsOf([one])).get(one);
const audit = async () =>
  (await store.audit.list({ limit: 99 })).map(({ who, action, about, detail }) => ({
    ...{ who, action, about },
    ...(Object.keys(detail).length > 0 && { detail }),
  }));

describe('a decision', () => {
  const said = (one: Partial<Decision>): Decision => ({
    id: expect.any(String) as never,
    kind: 'same',
    faces: ['a-0', 'b-0'],
    images: ['a', 'b'],
    persons: [],
    by: 'ann',
    at: AT,
    blind: false,
    ...one,
  });
  const given = { reason: 'his mother knows him', score: 0.4, model: 'm', blind: true };
  const of = { candidateId: 'c', enquiryId: 'e' };

  test('holds all that was said with it, and nothing that was not; so does what takes it back', async () => {
    await photographs('a', 'b');
    const first = await people.decide('b-0', 'a-0', 'same', { ...ANN, ...given, ...of });
    expect(first).toStrictEqual(said({ ...given, ...of }));
    now += 1000;
    const second = await people.decide('a-0', 'b-0', 'different', { by: 'ben' });
    const later = new Date(now).toISOString();
    expect(second).toStrictEqual(
      said({ kind: 'different', by: 'ben', at: later, supersedes: first?.id as string }),
    );
    now += 1000;
    const undone = await people.undo(second?.id ?? '', { by: 'eva', reason: 'a slip' });
    const last = new Date(now).toISOString();
    expect(undone).toStrictEqual(
      said({ kind: 'undo', by: 'eva', at: last, reason: 'a slip', supersedes: second?.id as string }),
    );
    now += 1000;
    const all = await people.decide('a-0', 'b-0', 'undecided', { ...ANN, ...of, score: 0.9 });
    expect(all).toStrictEqual(
      said({ kind: 'undo', ...of, at: new Date(now).toISOString(), supersedes: first?.id as string }),
    );
    expect(await people.decide('a-0', 'b-0', 'undecided', ANN)).toBeUndefined();
    expect(await people.decisions({ limit: 9 })).toStrictEqual([all, undone, second, first]);
    const pair = [subject.face('a-0'), subject.face('b-0')].sort();
    const decided = (who: string, verdict: string) => ({
      ...{ who, action: 'match.decided', detail: { verdict } },
      about: ['a-0', 'b-0'].map(subject.face),
    });
    expect(await audit()).toEqual(
      [
        decided('ann', 'undecided'),
        decided('ann', 'undecided'),
        { who: 'eva', action: 'decision.undone', about: pair, detail: { decision: second?.id } },
        decided('ben', 'notSame'),
        decided('ann', 'confirmed'),
      ].map((entry) => ({ ...entry, about: expect.arrayContaining(pair) })),
    );
  });

  test('is kept up to so many characters of whoever says it, of why, and of the model', async () => {
    await photographs('a', 'b');
    const long = { by: 'b'.repeat(300), reason: 'r'.repeat(2001), model: 'm'.repeat(129) };
    await people.decide('a-0', 'b-0', 'same', long);
    const [kept] = await people.decisions({ limit: 1 });
    expect([kept?.by, kept?.reason, kept?.model]).toEqual([
      'b'.repeat(256),
      'r'.repeat(2000),
      'm'.repeat(128),
    ]);
  });

  test('is found by either face, image or person, by its candidate and enquiry, and page by page', async () => {
    await photographs('a', 'b', 'c');
    const amal = await people.persons.make({ fullName: 'Amal' }, ANN);
    const zahra = await people.persons.make({ fullName: 'Zahra' }, ANN);
    const ids: string[] = [];
    for (const [one, two, more] of [
      ['a-0', 'b-0', of],
      ['b-0', 'c-0', {}],
      ['a-0', personNode(amal.id), {}],
      [personNode(zahra.id), personNode(amal.id), {}],
    ] as const) {
      now += 1000;
      ids.push((await people.decide(one, two, 'same', { ...ANN, ...more }))?.id ?? '');
    }
    const [ab, bc, aAmal, merge] = ids as [string, string, string, string];
    const found = async (query: object) =>
      (await people.decisions({ limit: 9, ...query })).map(({ id }) => id);
    expect(await found({})).toEqual([merge, aAmal, bc, ab]);
    expect(await found({ face: 'b-0' })).toEqual([bc, ab]);
    expect(await found({ image: 'c' })).toEqual([bc]);
    expect(await found({ image: 'a' })).toEqual([aAmal, ab]);
    expect(await found({ person: amal.id })).toEqual([merge, aAmal]);
    expect(await found({ person: zahra.id })).toEqual([merge]);
    expect(await found({ candidateId: 'c' })).toEqual([ab]);
    expect(await found({ enquiryId: 'e' })).toEqual([ab]);
    expect(await found({ candidateId: 'x' })).toEqual([]);
    expect(await found({ archiveOnly: true })).toEqual([merge, aAmal, bc]);
    expect(await found({ archiveOnly: false })).toHaveLength(4);
    const [newest] = await people.decisions({ limit: 1 });
    expect(await found({ after: { at: newest?.at ?? '', id: newest?.id ?? '' } })).toEqual([aAmal, bc, ab]);
    await execute(`UPDATE pipeline_output SET batch_id = '${enquiryBatch('e')}' WHERE id = 'c'`);
    expect(await found({ archiveOnly: true })).toEqual([merge, aAmal]);
    const entries = await audit();
    expect(entries.filter(({ action }) => action === 'person.made').map(({ about }) => about)).toEqual([
      [subject.person(zahra.id)],
      [subject.person(amal.id)],
    ]);
  });

  test('that somebody took twice at the same moment is taken back whole by the next word', async () => {
    await photographs('a', 'b');
    const first = await people.decide('a-0', 'b-0', 'same', ANN);
    const columns = 'kind, face_a, face_b, image_a, image_b, person_a, person_b, decided_by, blind';
    await execute(
      `INSERT INTO decision (decision_id, decided_at, ${columns}) SELECT 'again', '2026-11-30T00:00:01.000Z', ${columns} FROM decision`,
    );
    now += 2000;
    const last = await people.decide('a-0', 'b-0', 'different', ANN);
    expect(last?.supersedes).toBe('again');
    const log = await people.decisions({ limit: 9 });
    expect(log.filter(({ kind }) => kind === 'undo').map(({ supersedes }) => supersedes)).toEqual([
      first?.id,
    ]);
    await people.decide('a-0', 'b-0', 'undecided', ANN);
    expect(await people.decide('a-0', 'b-0', 'undecided', ANN)).toBeUndefined();
  });

  test('reads the pairs of those it is about; all of a component where that was not one group, or an image of it waits', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e'])
      await store.save(matching(id, [], { matches: id === 'a' ? [] : [match(id, 'a', 0.9)] }));
    await people.settleAll();
    /** Whether all edges of the component were read. */
    const readsAll = async (work: () => Promise<unknown>) =>
      (await database.during(work)).some(({ text }) => /face_a AS a, face_b AS b/.test(text));
    const amal = await people.persons.make({ fullName: 'Amal' }, ANN);
    expect(await readsAll(() => people.decide('a-0', personNode(amal.id), 'same', ANN))).toBe(false);
    expect(await readsAll(() => people.split(['e-0'], undefined, ANN))).toBe(false);
    const apart = await people.decide('b-0', 'c-0', 'different', ANN);
    expect(await groupOf('b-0')).not.toBe(await groupOf('c-0'));
    // Two groups hang together now: which of them a face is in is a matter of all edges.
    expect(await readsAll(() => people.undo(apart?.id ?? '', ANN))).toBe(true);
    expect(await readsAll(() => people.split(['d-0'], undefined, ANN))).toBe(false);
    await store.save(matching('c', [], { run: 1, matches: [] }));
    expect(await readsAll(() => people.split(['b-0'], undefined, ANN))).toBe(true);
  });

  test('and whatever else groups follow from is written in turn: the row of all who decide is changed before anything is read', async () => {
    await photographs('a', 'b');
    let amal = '';
    const acts: (() => Promise<unknown>)[] = [
      () => people.decide('a-0', 'b-0', 'same', ANN),
      async () => {
        amal = (await people.persons.make({ fullName: 'Amal' }, ANN, ['a-0'])).id;
      },
      () => people.persons.change(amal, { minor: true }, 'ann'),
      () => people.setTaken('a-0', '2019', 'ann'),
      () => people.split(['b-0'], undefined, ANN),
      () => people.persons.erase(amal, 'ann'),
      () => people.settleAll(),
      () => people.rebuild(),
    ];
    for (const act of acts) {
      const first = new Map<number, string>();
      for (const { text, transaction } of await database.during(act))
        if (transaction > 0 && !first.has(transaction)) first.set(transaction, text);
      expect(first.size).toBeGreaterThan(0);
      for (const text of first.values()) expect(text).toMatch(/^UPDATE group_lock SET changes/);
    }
    // And the audit, in which everybody writes one after the other, comes last: nobody waits for it while groups are solved.
    await people.persons.make({ fullName: 'Zahra' }, ANN, ['a-0']);
    const asked = await database.during(() => people.decide('a-0', 'b-0', 'same', ANN));
    const writes = asked.map(({ text }) => text).filter((text) => /^(INSERT|UPDATE|DELETE)/.test(text));
    const told = writes.findIndex((text) => / audit/.test(text));
    expect(writes.findLastIndex((text) => /(face_group|people_group)/.test(text))).toBeGreaterThan(-1);
    expect(told).toBeGreaterThan(writes.findLastIndex((text) => /(face_group|people_group)/.test(text)));
  });

  test('on a group that is split, and when a face is taken, is told of whom it is about', async () => {
    await photographs('a', 'b');
    await people.decide('a-0', 'b-0', 'same', ANN);
    const amal = await people.persons.make({ fullName: 'Amal' }, ANN);
    await people.split(['b-0'], amal.id, ANN);
    await people.setTaken('a-0', '2019-07', 'ben');
    expect((await audit()).slice(0, 2)).toEqual([
      { who: 'ben', action: 'face.dated', about: [subject.face('a-0')] },
      { who: 'ann', action: 'group.split', about: [subject.face('b-0'), subject.person(amal.id)] },
    ]);
    await expect(people.setTaken('x-0', '2019', 'ben')).rejects.toThrow(UnknownNodeError);
    const many = Array.from({ length: 201 }, (_, n) => `f${n}`);
    await expect(people.split(many, undefined, ANN)).rejects.toMatchObject({ code: 'TooManyFaces' });
    await expect(people.split(many.slice(1), undefined, ANN)).rejects.toThrow(UnknownNodeError);
  });
});

describe('a decided face goes by its place', () => {
  const at = (key: string, left: number) => ({
    ...face(key),
    rectangle: { left, top: 2, width: 30, height: 40 },
  });
  /** Decides about faces of an image, and looks who they are after it was looked at again. */
  async function moved(before: readonly [string, number][], after: readonly [string, number][]) {
    await photographs('z');
    await store.save(image('b', { faces: before.map(([key, left]) => at(key, left)) }));
    const persons = new Map<string, string>();
    for (const [key] of before) {
      const { id } = await people.persons.make({ fullName: key }, ANN, [key]);
      persons.set(personNode(id), key);
    }
    await store.save(image('b', { run: 1, faces: after.map(([key, left]) => at(key, left)) }));
    await people.settle(['b']);
    return Promise.all(after.map(async ([key]) => persons.get((await groupOf(key)) ?? '')));
  }

  test('as far as it covers the one of before by more than three tenths', async () => {
    expect(await moved([['b-1', 100]], [['b-2', 113]])).toEqual(['b-1']);
  });
  test('and no further', async () => {
    expect(await moved([['b-1', 100]], [['b-2', 118]])).toEqual([undefined]);
  });
  test('the best place first, whatever the keys', async () => {
    expect(
      await moved(
        [['b-1', 100]],
        [
          ['b-2', 110],
          ['b-3', 102],
        ],
      ),
    ).toEqual([undefined, 'b-1']);
  });
  test('its own key before any place', async () => {
    expect(
      await moved(
        [['b-1', 100]],
        [
          ['b-1', 500],
          ['b-2', 100],
        ],
      ),
    ).toEqual(['b-1', undefined]);
  });
  test('and no face is two who stood beside each other', async () => {
    expect(
      await moved(
        [
          ['b-1', 100],
          ['b-2', 112],
        ],
        [['b-3', 104]],
      ),
    ).toEqual(['b-1']);
  });
});

describe('a person', () => {
  const whole = {
    fullName: 'Amal',
    alternateNames: ['Amál', 'Amel'],
    sex: 'female',
    dateOfBirth: '2015-03',
    description: 'a scar',
    sourceName: 'Red Cross',
    sourceDate: '2026-01-01T00:00:00.000Z',
    sourceUrl: 'https://example.org/1',
    expiryDate: '2027-01-01T00:00:00.000Z',
    purpose: 'tracing',
    legalBasis: 'public interest',
    minor: true,
    hidden: true,
  } as const;
  const nothing = Object.fromEntries(Object.keys(whole).map((name) => [name, null]));

  test('is kept whole, changed value by value, and told of', async () => {
    const made = await people.persons.make(whole, { by: 'a'.repeat(300) });
    expect(made).toEqual({
      ...whole,
      ...{ id: made.id, entryDate: AT, createdBy: 'a'.repeat(256), changedAt: AT, version: 1 },
    });
    now += 1000;
    const changed = await people.persons.change(made.id, { minor: false, hidden: false }, 'ben', 1);
    const changedAt = new Date(now).toISOString();
    expect(changed).toEqual({ ...made, minor: false, hidden: false, changedAt, version: 2 });
    const taken = { ...nothing, alternateNames: [], hidden: false };
    const bare = await people.persons.change(made.id, taken, 'ben');
    expect(bare).toEqual({ ...made, ...taken, changedAt, version: 3 });
    await expect(people.persons.change(made.id, whole, 'ben', 2)).rejects.toThrow(ChangedMeanwhileError);
    await expect(people.persons.change('nobody', whole, 'ben')).rejects.toThrow(UnknownNodeError);
    expect(await people.persons.get(made.id)).toEqual(bare);
    const about = [subject.person(made.id)];
    expect((await audit()).slice(0, 2)).toEqual([
      { who: 'ben', action: 'person.changed', about, detail: { changed: Object.keys(taken) } },
      { who: 'ben', action: 'person.changed', about, detail: { changed: ['minor', 'hidden'] } },
    ]);
    const fresh = await people.persons.make({}, ANN);
    expect(fresh).toEqual({
      ...nothing,
      ...{ id: fresh.id, alternateNames: [], hidden: false },
      ...{ entryDate: changedAt, createdBy: 'ann', changedAt, version: 1 },
    });
  });

  test('is listed by name, whatever its accents, page by page; a hidden one only among the hidden', async () => {
    const ids = new Map<string, string>();
    for (const name of ['Zahra', 'Àmal', ' amir ', 'AMAL', 'x'.repeat(300), 'Hidden'])
      ids.set(name, (await people.persons.make({ fullName: name, hidden: name === 'Hidden' }, ANN)).id);
    const nameless = (await people.persons.make({}, ANN)).id;
    const found = async (query: object) =>
      (await people.persons.list({ limit: 9, ...query })).map(({ fullName }) => fullName);
    const all = await people.persons.list({ limit: 9 });
    expect(all.map(({ nameKey }) => nameKey)).toEqual(['', 'amal', 'amal', 'amir', 'x'.repeat(200), 'zahra']);
    expect(all[0]?.id).toBe(nameless);
    const amals = all.slice(1, 3).map(({ id }) => id);
    expect(amals).toEqual([...amals].sort());
    expect(await found({ hidden: true })).toEqual(['Hidden']);
    expect((await found({ prefix: 'AMÁ' })).sort()).toEqual(['AMAL', 'Àmal']);
    expect(await found({ prefix: 'ami' })).toEqual([' amir ']);
    expect(await found({ prefix: 'x'.repeat(250) })).toEqual(['x'.repeat(300)]);
    const second = all[1] as (typeof all)[number];
    const rest = await people.persons.list({ limit: 2, after: { nameKey: 'amal', id: second.id } });
    expect(rest.map(({ id }) => id)).toEqual(all.slice(2, 4).map(({ id }) => id));
  });

  test('goes by the last of those it was merged into, and by itself where there is none', async () => {
    const [a, b, c] = (
      await Promise.all(['a', 'b', 'c'].map((fullName) => people.persons.make({ fullName }, ANN)))
    ).map(({ id }) => id) as [string, string, string];
    await people.persons.merge(a, b, ANN);
    await people.persons.merge(b, c, ANN);
    expect(await Promise.all([a, b, c].map((id) => people.persons.kept(id)))).toEqual([c, c, c]);
    expect((await audit())[0]).toEqual({
      who: 'ann',
      action: 'person.merged',
      about: [subject.person(b), subject.person(c)],
    });
    // Should somebody have written a circle, it ends.
    await execute(
      `INSERT INTO person_link (person_id, node, kind, decision_id) VALUES ('${c}', 'person:${a}', 'same', 'x')`,
    );
    expect([a, b, c]).toContain(await people.persons.kept(a));
  });

  test('expires at its date, and is erased once, with what was decided of it', async () => {
    await photographs('a');
    const { id } = await people.persons.make({ expiryDate: AT }, ANN, ['a-0']);
    await people.persons.make({ expiryDate: '2027-01-01T00:00:00.000Z' }, ANN);
    await people.persons.make({}, ANN);
    const before = new Date(Date.parse(AT) - 1).toISOString();
    expect(await people.persons.expired(before, 9)).toEqual([]);
    expect(await people.persons.expired(AT, 9)).toEqual([id]);
    expect(await people.persons.expired('2028-01-01T00:00:00.000Z', 1)).toHaveLength(1);
    const { forgotten } = database;
    expect(await people.persons.erase(id, 'ben')).toBe(true);
    expect(database.forgotten).toBe(forgotten + 1);
    expect(await people.persons.erase(id, 'ben')).toBe(false);
    expect((await audit()).filter(({ action }) => action === 'person.erased')).toEqual([
      { who: 'ben', action: 'person.erased', about: [subject.person(id)] },
    ]);
    expect(await groupOf('a-0')).toBe('a-0');
  });
});

describe('groups', () => {
  /** Amal on a, b and by the machine c; d and e alike by the machine alone; f and g told apart by way of h; i alone. */
  async function archive() {
    const at = { crop: 'a-0.jpg', quality: 'high' };
    await store.save(image('a', { width: 640, height: 480, faces: [{ ...face('a-0'), ...at }] }));
    await photographs('b', 'd', 'f', 'g', 'h', 'i');
    await store.save(matching('c', [], { matches: [match('c', 'b', 0.9)] }));
    await store.save(matching('e', [], { batchId: 'other', matches: [match('e', 'd', 0.9)] }));
    await people.settleAll();
    const amal = await people.persons.make({ fullName: 'Amal' }, ANN, ['a-0']);
    await people.decide('a-0', 'b-0', 'same', ANN);
    await people.decide('f-0', 'g-0', 'same', ANN);
    await people.decide('g-0', 'h-0', 'same', ANN);
    await execute("UPDATE face_group SET contested = 1 WHERE group_id = 'f-0'");
    await execute("UPDATE people_group SET contested = 1 WHERE group_id = 'f-0'");
    return amal.id;
  }

  test('are listed with the most faces first, by whether they have a name or a contradiction, page by page', async () => {
    const amal = await archive();
    const node = personNode(amal);
    const found = async (query: object) =>
      (await people.groups.list({ limit: 9, ...query })).map(({ id }) => id);
    expect(await people.groups.list({ limit: 9 })).toEqual([
      {
        id: node,
        faces: 3,
        decided: 2,
        person: { id: amal, fullName: 'Amal' },
        contested: false,
        lead: 'a-0',
      },
      { id: 'f-0', faces: 3, decided: 3, contested: true, lead: 'f-0' },
      { id: 'd-0', faces: 2, decided: 0, contested: false, lead: 'd-0' },
    ]);
    expect(await found({ named: true })).toEqual([node]);
    expect(await found({ named: false })).toEqual(['f-0', 'd-0']);
    expect(await found({ contested: true })).toEqual(['f-0']);
    expect(await found({ contested: false })).toEqual([node, 'd-0']);
    expect(await found({ batchId: 'other' })).toEqual(['d-0']);
    expect(await found({ limit: 1, after: { faces: 3, id: node } })).toEqual(['f-0']);
    expect(await found({ after: { faces: 3, id: 'f-0' } })).toEqual(['d-0']);
    await people.persons.change(amal, { fullName: null }, 'ann');
    expect((await people.groups.get(node))?.person).toEqual({ id: amal });
    await people.persons.change(amal, { hidden: true }, 'ann');
    expect(await found({})).toEqual(['f-0', 'd-0']);
    expect((await people.groups.get(node))?.id).toBe(node);
  });

  test('tell their faces, and of each whether it is decided; a face that is alone is a group of its own', async () => {
    const amal = await archive();
    const node = personNode(amal);
    const group = await people.groups.get(node);
    if (!group) throw new Error('There is no such group.');
    await people.setTaken('a-0', '2019-07', 'ann');
    const faces = await people.groups.faces(group, { limit: 9 });
    expect(faces[0]).toEqual({
      ...{ face: 'a-0', imageId: 'a', imageUrl: image('a').imageUrl, batchId: 'batch' },
      ...{ rectangle: face('a-0').rectangle, crop: 'a-0.jpg', imageWidth: 640, imageHeight: 480 },
      ...{ quality: 'high', decided: true, taken: '2019-07' },
    });
    expect(faces.map((one) => [one.face, one.decided])).toEqual([
      ['a-0', true],
      ['b-0', true],
      ['c-0', false],
    ]);
    expect(faces[1]).not.toHaveProperty('quality');
    expect(faces[1]).not.toHaveProperty('taken');
    const keys = (some: readonly { face: string }[]) => some.map((one) => one.face);
    expect(keys(await people.groups.faces(group, { after: 'a-0', limit: 1 }))).toEqual(['b-0']);
    const machine = await people.groups.get('d-0');
    const some = await people.groups.someFaces([{ ...group, lead: 'b-0' }, machine as never], 2);
    expect(keys(some.get(node) ?? [])).toEqual(['b-0', 'a-0']);
    expect(some.get('d-0')?.map((one) => [one.face, one.decided])).toEqual([
      ['d-0', false],
      ['e-0', false],
    ]);
    const alone = await people.groups.get('i-0');
    expect(alone).toEqual({ id: 'i-0', faces: 1, decided: 0, contested: false, lead: 'i-0' });
    expect(keys(await people.groups.faces(alone as never, { limit: 9 }))).toEqual(['i-0']);
    expect(await people.groups.faces(alone as never, { after: 'i-0', limit: 9 })).toEqual([]);
    for (const none of ['nobody-0', 'b-0', personNode('nobody')])
      expect(await people.groups.get(none)).toBeUndefined();
    expect(await people.groups.decidedSame('a-0')).toEqual(['b-0']);
    expect(await people.groups.decidedSame('f-0')).toEqual([]);
    expect([...(await personsOfFaces(database, ['a-0', 'b-0', 'c-0', 'd-0', 'f-0', 'i-0']))]).toEqual([
      ['a-0', amal],
      ['b-0', amal],
    ]);
  });

  test('are solved fifty images at a time, and what was marked is looked at once', async () => {
    for (let n = 0; n < 51; n += 1)
      await execute(`INSERT INTO people_dirty (mark, image_id, marked_at) VALUES ('m', 'i${n}', '${AT}')`);
    const asked = await database.during(async () => expect(await people.settleAll()).toBe(51));
    expect(limitsOf(asked)).toEqual(['LIMIT 50', 'LIMIT 50', 'LIMIT 50']);
    expect(await rows('SELECT * FROM people_dirty')).toEqual([]);
    let looked = 0;
    await execute(`INSERT INTO people_dirty (mark, image_id, marked_at) VALUES ('m', 'i', '${AT}')`);
    expect(await people.settleAll(() => ++looked > 0)).toBe(0);
    const many = Array.from({ length: 51 }, (_, n) => `j${n}`);
    const quiet = await database.during(() => people.settle(many));
    expect(perTransaction(quiet, /./)).toEqual([]);
    await execute(`INSERT INTO people_dirty (mark, image_id, marked_at) VALUES ('m', 'j50', '${AT}')`);
    const settled = await database.during(() => people.settle(many));
    expect(new Set(settled.map(({ transaction }) => transaction)).size).toBe(2);
  });
});

describe('how sure the machine must be', () => {
  const scopes = new Scopes(
    new Map([
      ['', { threshold: 0.8, apart: false }],
      ['one', { threshold: 0.5, apart: false }],
      ['two', { threshold: 0.6, apart: false }],
      ['apart', { threshold: 0.5, apart: true }],
    ]),
  );
  test.each([
    ['one', 'one', 0.5, true],
    ['one', 'one', 0.49, false],
    ['one', 'two', 0.79, false],
    ['one', 'two', 0.8, true],
    ['apart', 'apart', 0.5, true],
    ['apart', 'one', 0.99, false],
    ['two', 'apart', 0.99, false],
    ['unknown', 'unknown', 0.79, false],
    ['unknown', 'unknown', 0.8, true],
  ])('of a face in %s and one in %s: %f counts: %s', (one, two, confidence, counts) => {
    expect(scopes.counts({ confidence }, one, two)).toBe(counts);
  });

  test('is made again where a batch has outgrown it, and marks whose pairs count no longer', async () => {
    await store.save(matching('a', []));
    await store.save(matching('b', [], { matches: [match('b', 'a', 0.45)] }));
    await people.settleAll();
    const { figures } = { figures: 'engine' as const };
    const scope = () => rows("SELECT faces, threshold, apart FROM group_scope WHERE batch_id = 'batch'");
    const again = (batches: string[]) => database.write((session) => rescope(session, batches, figures, AT));
    const marks = async () =>
      (await rows('SELECT DISTINCT image_id FROM people_dirty')).map((row) => row.image_id);
    expect(await scope()).toEqual([{ faces: 50, threshold: 0.43, apart: 0 }]);
    expect(await again(['batch', 'unheard of'])).toBe(false);
    await execute("UPDATE group_scope SET faces = 7 WHERE batch_id = 'batch'");
    expect(await again(['batch']), 'another size, the same threshold').toBe(false);
    expect(await scope()).toEqual([{ faces: 50, threshold: 0.43, apart: 0 }]);
    expect(await marks()).toEqual([]);
    await store.counts.fold();
    await execute("UPDATE batch_count SET faces = 150 WHERE batch_id = 'batch'");
    expect(await again(['batch'])).toBe(true);
    expect(await scope()).toEqual([{ faces: 200, threshold: 0.5, apart: 0 }]);
    expect(await marks()).toEqual(['a']);
    await database.write((session) => setApart(session, 'batch', figures));
    expect(await scope()).toEqual([{ faces: 200, threshold: 0.5, apart: 1 }]);
    await database.write((session) => setApart(session, 'new', figures));
    expect(await rows("SELECT faces, threshold, apart FROM group_scope WHERE batch_id = 'new'")).toEqual([
      { faces: 50, threshold: 0.43, apart: 1 },
    ]);
  });

  test('of the archive and of a batch is told by how many faces there are', async () => {
    await photographs('a', 'b');
    await store.counts.fold();
    expect(await people.groups.threshold('batch')).toMatchObject({ faces: 50, confidence: 0.43 });
    await execute("UPDATE batch_count SET faces = 150 WHERE batch_id = ''");
    expect(await people.groups.threshold()).toMatchObject({ faces: 200, confidence: 0.5 });
    expect(await people.groups.threshold('batch')).toMatchObject({ faces: 50 });
  });

  test('a batch is looked at where it is larger than its threshold is for, or has shrunk to half of that', async () => {
    await store.save(matching('a', []));
    await store.save(matching('b', [], { matches: [match('b', 'a', 0.45)] }));
    await people.settleAll();
    await store.counts.fold();
    const settledAt = async (faces: number, now: number) => {
      await execute(
        `UPDATE group_scope SET faces = ${faces}, threshold = 0.9 WHERE batch_id = 'batch'`,
        `UPDATE batch_count SET faces = ${now} WHERE batch_id = 'batch'`,
      );
      await people.settleAll();
      return (await rows("SELECT threshold FROM group_scope WHERE batch_id = 'batch'"))[0]?.threshold !== 0.9;
    };
    expect(await settledAt(200, 200)).toBe(false);
    expect(await settledAt(200, 201)).toBe(true);
    expect(await settledAt(200, 101)).toBe(false);
    expect(await settledAt(200, 100)).toBe(true);
  });
});
