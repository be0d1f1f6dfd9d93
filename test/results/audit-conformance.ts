import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { subject } from '../../src/audit/subject.ts';
import type { ResultStore } from '../../src/results/store.ts';
import { decide, matching } from './fixtures.ts';
import type { Subject } from './subject.ts';

/** The audit trail of every database: a chain that only grows, and whose every break is found. */
export function auditConformance(name: string, prepare: () => Promise<Subject>): void {
  describe(`audit trail on ${name}`, () => {
    let database: Subject;
    let store: ResultStore;
    const opened: ResultStore[] = [];

    const open = async (): Promise<ResultStore> => {
      const another = await database.open();
      opened.push(another);
      return another;
    };
    beforeEach(async () => {
      database = await prepare();
      store = await open();
      await store.migrate();
    });
    afterEach(async () => {
      for (const another of opened.splice(0)) await another.close();
      await database.clear();
    });

    const record = (who: string, about: string[] = []) =>
      store.audit.record({ who, action: 'results.exported', about, detail: { rows: 3, csv: true } });
    const five = async () => {
      for (const who of ['ada', 'ben', 'cleo', 'dan', 'eve']) await record(who);
    };
    /** What somebody can do who may change the schema itself. */
    const tamper = async (...statements: string[]) => {
      for (const trigger of ['entry_no_update', 'entry_no_delete', 'entry_no_replace', 'head_no_return'])
        await database.administer(`DROP TRIGGER IF EXISTS audit_${trigger}`);
      for (const statement of statements) await database.administer(statement);
    };
    const found = async () =>
      (await store.audit.verify()).problems.map(({ sequence, kind }) => `${sequence} ${kind}`);

    test('an empty trail is whole, and entries come back as they were recorded, newest first', async () => {
      expect(await store.audit.verify()).toMatchObject({ entries: 0, problems: [] });
      await record("O'Neill \u{1f600}", [subject.image('a'), subject.face('f'.repeat(32))]);
      await record('ben', [subject.batch('family \u00c9')]);
      const [second, first] = await store.audit.list();
      expect(first).toMatchObject({
        sequence: 1,
        who: "O'Neill \u{1f600}",
        action: 'results.exported',
        about: [expect.stringMatching(/^image:h[0-9a-f]{32}$/), `face:${'f'.repeat(32)}`],
        detail: { rows: 3, csv: true },
        previous: '0'.repeat(64),
      });
      expect(second).toMatchObject({ sequence: 2, previous: first?.hash });
      expect(await store.audit.verify()).toEqual({
        entries: 2,
        head: { sequence: 2, hash: second?.hash },
        problems: [],
      });
    });

    test('is searched by action and by what it is about, and read page by page', async () => {
      await five();
      await record('fay', [subject.image('a')]);
      await store.audit.record({ who: 'gus', action: 'image.rerun', about: [subject.image('a')] });
      const who = async (filter: Parameters<typeof store.audit.list>[0]) =>
        (await store.audit.list(filter)).map((entry) => entry.who);
      expect(await who({ about: subject.image('a') })).toEqual(['gus', 'fay']);
      expect(await who({ about: subject.image('a'), action: 'image.rerun' })).toEqual(['gus']);
      expect(await who({ about: '%' })).toEqual([]);
      expect(await who({ limit: 2 })).toEqual(['gus', 'fay']);
      expect(await who({ limit: 2, before: 6 })).toEqual(['eve', 'dan']);
    });

    test('what names somebody is refused: a subject is an opaque id', async () => {
      await expect(record('ada', ['image:Maria Lopez'])).rejects.toThrow(TypeError);
      await expect(record('ada', ['batch:lopez family'])).rejects.toThrow(TypeError);
      expect(await store.audit.list()).toEqual([]);
    });

    test('instances that record at once cannot fork it', async () => {
      const other = await open();
      const who = Array.from({ length: 30 }, (_, n) => `person ${n}`);
      await Promise.all(
        who.map((one, n) => (n % 2 === 0 ? store : other).audit.record({ who: one, action: 'image.rerun' })),
      );
      const entries = await store.audit.list();
      expect(entries.map(({ sequence }) => sequence).reverse()).toEqual(who.map((_, n) => n + 1));
      expect(new Set(entries.map((entry) => entry.who))).toEqual(new Set(who));
      expect((await store.audit.verify()).problems).toEqual([]);
    });

    test('the database refuses a second successor, a change and a removal', async () => {
      await five();
      const columns = 'sequence, entry_id, recorded_at, who, action, about, detail, previous_hash, hash';
      await expect(
        database.administer(
          `INSERT INTO audit_entry (${columns}) SELECT 99, 'fork', recorded_at, who, action, about, detail, previous_hash, 'x' FROM audit_entry WHERE sequence = 3`,
        ),
      ).rejects.toThrow(/unique|duplicate|2601|2627|append-only/i);
      await expect(
        database.administer("UPDATE audit_entry SET who = 'x' WHERE sequence = 3"),
      ).rejects.toThrow(/append-only/);
      await expect(database.administer('DELETE FROM audit_entry WHERE sequence = 3')).rejects.toThrow(
        /append-only/,
      );
      expect(await found()).toEqual([]);
    });

    test('the head only moves on, and an entry is taken only behind it', async () => {
      await five();
      const noted = await store.audit.verify();
      const columns = 'sequence, entry_id, recorded_at, who, action, about, detail, previous_hash, hash';
      const [other, blank] = ['f'.repeat(64), `${noted.head.hash.slice(0, 63)} `];
      const entry = (sequence: number, previous: string) =>
        `INSERT INTO audit_entry (${columns}) SELECT ${sequence}, 'new', recorded_at, 'nobody', action, about, detail, ${previous}, '${other}' FROM audit_entry WHERE sequence = 5`;
      for (const statement of [
        'UPDATE audit_head SET sequence = 4, hash = (SELECT hash FROM audit_entry WHERE sequence = 4)',
        `UPDATE audit_head SET hash = '${other}'`,
        `UPDATE audit_head SET hash = '${blank}'`,
        'UPDATE audit_head SET sequence = NULL',
        'UPDATE audit_head SET id = 2',
        `INSERT INTO audit_head (id, sequence, hash) VALUES (2, 5, '${noted.head.hash}')`,
        'DELETE FROM audit_head',
        entry(6, `'${other}'`),
        entry(9, 'hash'),
      ]) {
        await expect(database.administer(statement), statement).rejects.toThrow(/append-only|only moves on/);
      }
      // Blanks for which a column has no room are dropped by SQL Server, so that nothing changes.
      await database.administer(`UPDATE audit_head SET hash = '${noted.head.hash} '`).catch(() => {});
      expect(await store.audit.verify()).toEqual(noted);
      await record('dan');
      expect(await store.audit.verify([noted.head])).toMatchObject({ entries: 6, problems: [] });
    });

    test('outlives what it tells of', async () => {
      await record('ada');
      await store.clear();
      expect(await store.audit.list()).toHaveLength(1);
    });

    test('an entry that was changed is named', async () => {
      await five();
      await tamper("UPDATE audit_entry SET who = 'nobody' WHERE sequence = 2");
      expect(await found()).toEqual(['2 altered']);
    });

    test('a change of any column is seen', async () => {
      for (const column of ['entry_id', 'recorded_at', 'who', 'action', 'about', 'detail']) {
        await record(column);
      }
      await tamper(
        "UPDATE audit_entry SET entry_id = 'x' WHERE sequence = 1",
        "UPDATE audit_entry SET recorded_at = '2020-01-01T00:00:00.000Z' WHERE sequence = 2",
        "UPDATE audit_entry SET who = 'x' WHERE sequence = 3",
        "UPDATE audit_entry SET action = 'x' WHERE sequence = 4",
        "UPDATE audit_entry SET about = '[]  ' WHERE sequence = 5",
        "UPDATE audit_entry SET detail = '{not json' WHERE sequence = 6",
      );
      expect(await found()).toEqual([1, 2, 3, 4, 5, 6].map((n) => `${n} altered`));
      expect(await store.audit.list()).toHaveLength(6);
    });

    test('an entry that was changed and given a hash that fits is named all the same', async () => {
      await five();
      const [, , , second] = await store.audit.list();
      const { hashOf } = await import('../../src/audit/entry.ts');
      const about = '[]';
      const detail = JSON.stringify(second?.detail);
      const forged = {
        id: second?.id ?? '',
        at: second?.at ?? '',
        who: 'nobody',
        action: second?.action ?? '',
      };
      const hash = hashOf({ ...forged, about, detail }, second?.previous ?? '');
      await tamper(`UPDATE audit_entry SET who = 'nobody', hash = '${hash}' WHERE sequence = 2`);
      expect(await found()).toEqual(['2 altered']);
    });

    test('entries that were removed are named', async () => {
      await five();
      await tamper('DELETE FROM audit_entry WHERE sequence IN (1, 3, 4)');
      const { problems } = await store.audit.verify();
      expect(problems.map(({ message }) => message)).toEqual([
        'Entry 1 is missing.',
        'Entries 3 to 4 are missing.',
      ]);
    });

    test('removed and the others moved up is seen where the gap was', async () => {
      await five();
      await tamper(
        'DELETE FROM audit_entry WHERE sequence = 2',
        'UPDATE audit_entry SET sequence = 2 WHERE sequence = 3',
        'UPDATE audit_entry SET sequence = 3 WHERE sequence = 4',
      );
      expect((await found())[0]).toBe('1 altered');
    });

    test('entries in another order are named', async () => {
      await five();
      await tamper(
        'UPDATE audit_entry SET sequence = 90 WHERE sequence = 2',
        'UPDATE audit_entry SET sequence = 2 WHERE sequence = 3',
        'UPDATE audit_entry SET sequence = 3 WHERE sequence = 90',
      );
      expect(await found()).toEqual(['2 moved', '3 moved', '4 moved']);
    });

    test('the last entry cannot be cut off alone, and cut off with the head it is missed by whoever noted it', async () => {
      await five();
      const { head } = await store.audit.verify();
      const [, fourth] = await store.audit.list();
      await tamper();
      await expect(database.administer('DELETE FROM audit_entry WHERE sequence = 5')).rejects.toThrow(
        /FOREIGN KEY|REFERENCE/i,
      );
      await database.administer(`UPDATE audit_head SET sequence = 4, hash = '${fourth?.hash}'`);
      await database.administer('DELETE FROM audit_entry WHERE sequence = 5');
      expect(await found()).toEqual([]);
      expect((await store.audit.verify([head])).problems.map(({ message }) => message)).toEqual([
        'Entry 5 is missing.',
      ]);
      await record('somebody else');
      expect((await store.audit.verify([head])).problems).toMatchObject([{ sequence: 5, kind: 'altered' }]);
    });

    test('a decision and its entry stand or fall together', async () => {
      await store.save(matching('a', ['b']));
      await store.save(matching('b', []));
      await decide(store, ['b-0', 'a-0'], 'confirmed', 'ada');
      expect(await store.audit.list()).toMatchObject([
        {
          who: 'ada',
          action: 'match.decided',
          about: [subject.face('a-0'), subject.face('b-0')],
          detail: { verdict: 'confirmed' },
        },
      ]);
      await decide(store, ['a-0', 'x-0'], 'confirmed', 'ada');
      expect(await store.audit.list()).toHaveLength(1);
      await database.administer('DROP TRIGGER IF EXISTS audit_head_no_delete');
      await database.administer('DELETE FROM audit_head');
      await expect(decide(store, ['b-0', 'a-0'], 'notSame', 'ben')).rejects.toThrow(/audit/);
      expect((await store.decisions.ofFace('a-0'))[0]?.decision).toMatchObject({ verdict: 'confirmed' });
      expect(await found()).toEqual(['2 missing']);
    });
  });
}
