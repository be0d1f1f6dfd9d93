import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appendEntry } from '../../src/audit/append.ts';
import { GENESIS, hashOf, prepareEntry, toEntry } from '../../src/audit/entry.ts';
import { isSigned, noteOf, notesIn } from '../../src/audit/noted-head.ts';
import { aboutDeadLetter, isSubject, subject } from '../../src/audit/subject.ts';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';

let folder: string;
let file: string;
let store: SqlResultStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'));
  file = join(folder, 'results.db');
  store = new SqlResultStore(await SqliteDatabase.open(file));
  await store.migrate();
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** As somebody does who may write to the whole database. */
function tampered(work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(file);
  try {
    const triggers = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%'")
      .all();
    for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`);
    database.exec('PRAGMA foreign_keys = OFF');
    work(database);
  } finally {
    database.close();
  }
}

/** A sound chain of so many entries, written as a whole. @returns their hashes */
function chained(count: number): string[] {
  const hashes: string[] = [];
  tampered((database) => {
    const insert = database.prepare(
      'INSERT INTO audit_entry (sequence, entry_id, recorded_at, who, action, about, detail, previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    database.exec('BEGIN');
    for (let n = 1; n <= count; n += 1) {
      const entry = { id: `id-${n}`, at: '2026-01-01T00:00:00.000Z', who: 'ann', action: 'results.exported' };
      const whole = { ...entry, about: '[]', detail: '{}' };
      const previous = hashes.at(-1) ?? GENESIS;
      const hash = hashOf(whole, previous);
      insert.run(n, whole.id, whole.at, whole.who, whole.action, whole.about, whole.detail, previous, hash);
      hashes.push(hash);
    }
    database.prepare('UPDATE audit_head SET sequence = ?, hash = ?').run(count, hashes.at(-1) ?? GENESIS);
    database.exec('COMMIT');
  });
  return hashes;
}
const problems = async (expected: { sequence: number; hash: string }[] = []) =>
  (await store.audit.verify(expected)).problems.map(({ sequence, kind }) => `${sequence} ${kind}`);

describe('the chain', () => {
  test('of nothing, and one that is sound, have no problems', async () => {
    expect(await store.audit.verify()).toEqual({
      entries: 0,
      head: { sequence: 0, hash: GENESIS },
      problems: [],
    });
    expect(await problems([{ sequence: 0, hash: 'x' }]), 'nothing had been recorded yet').toEqual([]);
    const hashes = chained(3);
    expect(await store.audit.verify()).toEqual({
      entries: 3,
      head: { sequence: 3, hash: hashes[2] },
      problems: [],
    });
    const noted = hashes.map((hash, n) => ({ sequence: n + 1, hash }));
    expect(await problems(noted)).toEqual([]);
  });

  test('is gone along to its end, whatever its length', async () => {
    const hashes = chained(1001);
    expect((await store.audit.verify()).entries).toBe(1001);
    tampered((database) => database.exec("UPDATE audit_entry SET who = 'x' WHERE sequence = 1001"));
    expect(await problems()).toEqual(['1001 altered']);
    expect(hashes).toHaveLength(1001);
  });

  test.each([
    ['an entry in its middle was removed', 'DELETE FROM audit_entry WHERE sequence = 3', ['3 missing']],
    ['several were', 'DELETE FROM audit_entry WHERE sequence IN (2, 3)', ['2 missing']],
    ['its end was removed', 'DELETE FROM audit_entry WHERE sequence > 3', ['4 missing']],
    ['its first entry was', 'DELETE FROM audit_entry WHERE sequence = 1', ['1 missing']],
    ['all of it was', 'DELETE FROM audit_entry', ['1 missing']],
    ['its head was', 'DELETE FROM audit_head', ['6 missing']],
    ['the head names another', "UPDATE audit_head SET hash = 'x'", ['5 altered']],
    ['an entry was changed', "UPDATE audit_entry SET detail = '[]' WHERE sequence = 2", ['2 altered']],
    [
      'a hash was changed',
      "UPDATE audit_entry SET hash = 'x' WHERE sequence = 2",
      ['2 altered', '2 altered'],
    ],
    [
      'two changed places',
      'UPDATE audit_entry SET sequence = CASE sequence WHEN 2 THEN -3 ELSE -2 END WHERE sequence IN (2, 3); UPDATE audit_entry SET sequence = -sequence WHERE sequence < 0',
      ['2 moved', '3 moved', '4 moved'],
    ],
    [
      'its beginning was removed and the rest moved up',
      'DELETE FROM audit_entry WHERE sequence = 1; UPDATE audit_entry SET sequence = sequence - 1; UPDATE audit_head SET sequence = 4',
      ['1 missing'],
    ],
  ])('of which %s says so', async (_, statement, expected) => {
    chained(5);
    tampered((database) => database.exec(statement));
    expect(await problems()).toEqual(expected);
  });

  test('of which end and head were removed is compared with what was noted elsewhere', async () => {
    const hashes = chained(5);
    tampered((database) =>
      database.exec('DELETE FROM audit_head; DELETE FROM audit_entry WHERE sequence > 2'),
    );
    const { head, problems: found } = await store.audit.verify([{ sequence: 5, hash: hashes[4] ?? '' }]);
    expect(head).toEqual({ sequence: 0, hash: GENESIS });
    expect(found.map(({ message }) => message)).toEqual([
      'The head of the chain was removed.',
      'Entries 3 to 5 are missing.',
    ]);
  });

  test('that was written anew from some entry on is found by what was noted elsewhere', async () => {
    const hashes = chained(3);
    expect(await problems([{ sequence: 2, hash: 'other' }])).toEqual(['2 altered']);
    expect(
      await problems([
        { sequence: 2, hash: hashes[1] ?? '' },
        { sequence: 2, hash: 'other' },
      ]),
    ).toEqual(['2 altered']);
    expect(await problems([{ sequence: 3, hash: hashes[2] ?? '' }])).toEqual([]);
    expect(await problems([{ sequence: 4, hash: 'x' }]), 'it has been cut off').toEqual(['4 missing']);
    expect(
      await problems([
        { sequence: 9, hash: 'x' },
        { sequence: 7, hash: 'x' },
      ]),
    ).toEqual(['4 missing']);
    const { problems: found } = await store.audit.verify([{ sequence: 9, hash: 'x' }]);
    expect(found[0]?.message).toBe('Entries 4 to 9 are missing.');
    const { problems: one } = await store.audit.verify([{ sequence: 4, hash: 'x' }]);
    expect(one[0]?.message).toBe('Entry 4 is missing.');
  });

  test('names a hundred problems at most', async () => {
    chained(150);
    tampered((database) => database.exec("UPDATE audit_entry SET who = 'x'"));
    expect(await problems()).toHaveLength(100);
  });
});

describe('an entry that is added', () => {
  test('follows on the head, once, however often its transaction runs', async () => {
    const entry = prepareEntry({ who: 'ann', action: 'image.rerun' }, 0);
    const again = prepareEntry({ who: 'ben', action: 'image.rerun' }, 1);
    const add = (one: typeof entry) => store.database.write((session) => appendEntry(session, one));
    for (const one of [entry, entry, again, entry]) await add(one);
    const [second, first] = await store.audit.list();
    expect([first?.sequence, first?.previous, first?.who]).toEqual([1, GENESIS, 'ann']);
    expect([second?.sequence, second?.previous, second?.who]).toEqual([2, first?.hash, 'ben']);
    expect(first?.hash).toBe(hashOf(entry, GENESIS));
    expect(await store.audit.verify()).toMatchObject({ entries: 2, problems: [] });
    tampered((database) => database.exec('DELETE FROM audit_head'));
    await expect(add(prepareEntry({ who: 'cid', action: 'image.rerun' }, 2))).rejects.toThrow(
      /lost its head/,
    );
    expect(await store.audit.list()).toHaveLength(2);
  });

  test('is looked at by whoever verifies up to the head, page by page, and each wrong one is said in words', async () => {
    chained(1000);
    expect((await store.audit.verify()).entries).toBe(1000);
    tampered((database) =>
      database.exec(
        "UPDATE audit_entry SET previous_hash = 'x' WHERE sequence = 501; UPDATE audit_head SET hash = 'y'; DELETE FROM audit_entry WHERE sequence IN (2, 3, 7)",
      ),
    );
    const { entries, problems } = await store.audit.verify([{ sequence: 5, hash: 'z' }]);
    expect(entries).toBe(997);
    expect(problems.map(({ message }) => message)).toEqual([
      'Entries 2 to 3 are missing.',
      'Entry 5 has another hash than the one you noted: it was replaced.',
      'Entry 7 is missing.',
      'Entry 500 is not the one on which entry 501 follows: it was replaced, its hash too.',
      'Entry 501 is not what its hash was made of: it was changed.',
      'Entry 1000 is not the one the head of the chain names: it was replaced.',
    ]);
  });
});

describe('the trail', () => {
  test('lists the newest first, by action, subject and place, a thousand at most', async () => {
    const about = subject.image('a'.repeat(32));
    await store.audit.record({ who: 'ann', action: 'results.exported' });
    await store.audit.record({ who: 'ben', action: 'image.rerun', about: [about], detail: { step: 'ocr' } });
    await store.audit.record({ who: 'cid', action: 'image.rerun' });
    const who = async (filter = {}) => (await store.audit.list(filter)).map((entry) => entry.who);
    expect(await who()).toEqual(['cid', 'ben', 'ann']);
    expect(await who({ action: 'image.rerun' })).toEqual(['cid', 'ben']);
    expect(await who({ about })).toEqual(['ben']);
    expect(await who({ about: 'image:%' }), 'no subject').toEqual([]);
    expect(await who({ before: 3 })).toEqual(['ben', 'ann']);
    expect(await who({ before: 3, action: 'image.rerun' })).toEqual(['ben']);
    expect(await who({ limit: 1 })).toEqual(['cid']);
    expect(await who({ limit: 0 })).toEqual(['cid']);
    const [, entry] = await store.audit.list();
    expect(entry).toMatchObject({ sequence: 2, who: 'ben', about: [about], detail: { step: 'ocr' } });
    expect(await store.audit.head()).toEqual({ sequence: 3, hash: (await store.audit.list())[0]?.hash });
  });

  test('gives a hundred where nothing is said, and a thousand where more are asked for', async () => {
    chained(1002);
    expect(await store.audit.list()).toHaveLength(100);
    expect(await store.audit.list({ limit: 5000 })).toHaveLength(1000);
  });
});

describe('an entry', () => {
  test('is about opaque ids, of which it keeps a hundred and says how many there were', () => {
    const prepared = (more: object) => prepareEntry({ who: 'ann', action: 'image.rerun', ...more }, 0);
    expect(() => prepared({ action: 'no.such' })).toThrow(TypeError);
    expect(() => prepared({ about: ['image:Zoë'] })).toThrow(TypeError);
    const many = (count: number) => Array.from({ length: count }, (_, n) => `image:${n}`);
    expect(JSON.parse(prepared({ about: many(100) }).detail)).toEqual({});
    const more = prepared({ about: many(101), detail: { a: 1 } });
    expect(JSON.parse(more.detail)).toEqual({ a: 1, subjects: 101 });
    expect(JSON.parse(more.about)).toHaveLength(100);
    expect(prepared({ who: 'x'.repeat(300) }).who).toHaveLength(256);
    expect(prepared({})).toMatchObject({ at: '1970-01-01T00:00:00.000Z', about: '[]', detail: '{}' });
  });

  test('that somebody has broken is read as nothing', () => {
    const read = (about: string, detail: string) => toEntry({ about, detail } as never);
    expect(read('["a:1",2]', '{"a":1}')).toEqual({ about: ['a:1'], detail: { a: 1 } });
    for (const bad of ['x', '1', 'null', '"x"']) expect(read(bad, bad)).toEqual({ about: [], detail: {} });
    expect(read('{}', '[]')).toEqual({ about: [], detail: {} });
  });

  test('says of whom it is about only what tells nothing', () => {
    const hash = 'a'.repeat(32);
    const uuid = '00000000-0000-0000-0000-000000000000';
    expect([hash, `x${hash}`, `${hash}-12`, uuid, `${uuid}-1`].map(subject.face)).toEqual(
      [hash, `x${hash}`, `${hash}-12`, uuid, `${uuid}-1`].map((id) => `face:${id}`),
    );
    for (const id of ['camp 4', `${hash}0`, `${hash}-x`, `y${hash}`, `${uuid}0`]) {
      expect(subject.image(id)).toMatch(/^image:h[0-9a-f]{32}$/);
      expect(subject.image(id)).toBe(subject.image(id));
    }
    expect(subject.batch(hash), 'always a hash').toMatch(/^batch:h/);
    expect(subject.batch('a')).not.toBe(subject.batch('b'));
    expect(aboutDeadLetter({ id: hash })).toEqual([`deadletter:${hash}`]);
    expect(aboutDeadLetter({ id: hash, jobId: hash, batchId: 'b' })).toEqual([
      ...[`deadletter:${hash}`, `image:${hash}`, subject.batch('b')],
    ]);
    expect(['image:a1', 'image:ha-1', 'image:', 'Image:a', 'image:z', 'a'].map(isSubject)).toEqual([
      ...[true, true, false, false, false, false],
    ]);
  });

  test('that is noted elsewhere is found again in any text, signed or not', () => {
    const head = { sequence: 12, hash: 'a'.repeat(64) };
    const at = '2026-01-01T00:00:00.000Z';
    const [signed, plain] = [noteOf(head, at, 'key'), noteOf({ ...head, sequence: 7 }, at, undefined)];
    const notes = notesIn(`log: ${signed} and ${plain}; 1:x:2`);
    expect(notes).toEqual([
      { ...head, at, signature: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { ...head, sequence: 7, at },
    ]);
    const [one, two] = notes;
    if (!one || !two) throw new Error('The notes were not found.');
    expect([isSigned(one, 'key'), isSigned(one, 'other'), isSigned(two, 'key')]).toEqual([
      true,
      false,
      false,
    ]);
    expect(isSigned({ ...one, sequence: 13 }, 'key')).toBe(false);
    expect(isSigned({ ...one, at: '2026-01-01T00:00:00.001Z' }, 'key')).toBe(false);
  });
});
