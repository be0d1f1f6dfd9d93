import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Row } from '../../src/database/database.ts';
import { raw } from '../../src/database/sql.ts';
import { ContradictionError } from '../../src/people/contradiction.ts';
import { ChangedMeanwhileError, UnknownDecisionError, UnknownNodeError } from '../../src/people/errors.ts';
import { type Node, personNode, personOf } from '../../src/people/node.ts';
import { People } from '../../src/people/people.ts';
import type { GroupChange } from '../../src/people/solve.ts';
import type { ResultMatch } from '../../src/results/rows.ts';
import type { ResultStore } from '../../src/results/store.ts';
import { face, image, imageUrl, match, matching } from '../results/fixtures.ts';
import type { Subject } from '../results/subject.ts';

const ANN = { by: 'ann' };
const signal = new AbortController().signal;

/** Decisions and groups, asked of every database. */
export function peopleConformance(name: string, prepare: () => Promise<Subject>): void {
  describe(`people on ${name}`, () => {
    let subject: Subject;
    let store: ResultStore;
    let people: People;
    let changes: GroupChange[];
    let now: number;

    beforeEach(async () => {
      subject = await prepare();
      store = await subject.open();
      await store.migrate();
      changes = [];
      now = Date.parse('2026-11-30T00:00:00.000Z');
      people = new People(store.database, {
        clock: () => now++,
        figures: 'engine',
        followers: [async (_, change) => void changes.push(change)],
      });
    });
    afterEach(async () => {
      await store.close();
      await subject.clear();
    });

    const rows = async (statement: string): Promise<Row[]> =>
      (await store.database.read([raw(statement)]))[0]?.map((row) => ({ ...row })) ?? [];
    const places = () =>
      rows('SELECT face_key, component_id, group_id, solid_id, contested FROM face_group ORDER BY face_key');
    const summaries = () =>
      rows(
        'SELECT group_id, batch_id, faces, decided, person_id, contested, lead_face FROM people_group ORDER BY group_id, batch_id',
      );
    const groupOf = async (...faces: string[]) => {
      const groups = await people.groups.idsOf(faces);
      return faces.map((one) => groups.get(one));
    };
    /** An image with faces at places of their own, and what it reports. */
    const save = async (id: string, faces: number, matches: ResultMatch[] = [], batchId = 'batch') => {
      const given = Array.from({ length: faces }, (_, n) => face(`${id}-${n}`, 100 * n));
      await store.save(image(id, { faces: given, matches, batchId }));
      await people.settle([id]);
    };

    test('an arriving photograph joins what it is like; one that is like nothing costs no mark', async () => {
      await save('a', 1);
      expect(await rows('SELECT * FROM people_dirty')).toEqual([]);
      expect(changes).toEqual([]);
      await save('b', 1, [match('b', 'a', 0.9)]);
      await save('c', 1, [match('c', 'b', 0.9)]);
      expect(await groupOf('a-0', 'b-0', 'c-0')).toEqual(['a-0', 'a-0', 'a-0']);
      expect(await summaries()).toMatchObject([
        { group_id: 'a-0', batch_id: '', faces: 3, decided: 0, contested: 0 },
        { group_id: 'a-0', batch_id: 'batch', faces: 3 },
      ]);
      expect(await rows('SELECT * FROM people_dirty')).toEqual([]);
      expect([...(changes.at(-1)?.places.before ?? [])].map(([face, { group }]) => [face, group])).toEqual([
        ['a-0', 'a-0'],
        ['b-0', 'a-0'],
      ]);
      expect(changes.at(-1)?.after.map(({ faces }) => faces)).toEqual([['a-0', 'b-0', 'c-0']]);
    });

    test('any two faces can be decided, also those that the machine never proposed; unknown ones are refused', async () => {
      await save('a', 1);
      await save('b', 1);
      const said = await people.decide('b-0', 'a-0', 'same', {
        ...ANN,
        reason: 'his mother knows him',
        score: 0.4,
      });
      expect(said).toMatchObject({ kind: 'same', faces: ['a-0', 'b-0'], images: ['a', 'b'], by: 'ann' });
      expect(await groupOf('a-0', 'b-0')).toEqual(['a-0', 'a-0']);
      expect(await people.decisions({ face: 'b-0', limit: 9 })).toEqual([said]);
      await expect(people.decide('a-0', 'nobody-1', 'same', ANN)).rejects.toThrow(UnknownNodeError);
      await expect(people.decide('a-0', personNode('nobody'), 'same', ANN)).rejects.toThrow(UnknownNodeError);
      await expect(people.decide('a-0', 'a-0', 'same', ANN)).rejects.toThrow(UnknownNodeError);
      await people.undo(said?.id ?? '', ANN);
      expect(await groupOf('a-0', 'b-0')).toEqual(['a-0', 'b-0']);
      expect(await places()).toEqual([]);
      await expect(people.undo(said?.id ?? '', ANN)).rejects.toThrow(UnknownDecisionError);
      expect((await store.audit.list({ limit: 9 })).map(({ action }) => action)).toEqual([
        'decision.undone',
        'match.decided',
      ]);
    });

    test('nobody decides over a word that they have not seen, nor takes it back; the same word twice is one', async () => {
      await save('a', 1);
      await save('b', 1, [match('b', 'a', 0.9)]);
      const ben = { by: 'ben' };
      const said = await people.decidePair('a-0', 'b-0', 'notSame', ANN, null);
      expect(await people.decidePair('b-0', 'a-0', 'notSame', ANN, null)).toEqual(said);
      await expect(people.decidePair('a-0', 'b-0', 'confirmed', ben, null)).rejects.toThrow(
        ChangedMeanwhileError,
      );
      const over = await people.decidePair('a-0', 'b-0', 'confirmed', ben, said.at);
      await expect(people.decidePair('a-0', 'b-0', 'undecided', ANN, said.at)).rejects.toThrow(
        ChangedMeanwhileError,
      );
      expect(await people.decisions({ face: 'a-0', limit: 9 })).toHaveLength(2);
      await people.decidePair('a-0', 'b-0', 'undecided', ben, over.at);
      // What is taken back already is as it should be.
      await people.decidePair('a-0', 'b-0', 'undecided', ANN, said.at);
      expect((await store.audit.list({ limit: 9 })).map(({ who }) => who)).toEqual(['ben', 'ben', 'ann']);
    });

    test('the last word counts; undone, the one before counts again; undecided takes back both', async () => {
      await save('a', 1);
      await save('b', 1, [match('b', 'a', 0.9)]);
      await people.decide('a-0', 'b-0', 'same', ANN);
      const other = await people.decide('a-0', 'b-0', 'different', { by: 'ben' });
      expect(await groupOf('a-0', 'b-0')).toEqual(['a-0', 'b-0']);
      expect((await store.decisions.ofFace('a-0'))[0]?.decision).toMatchObject({
        verdict: 'notSame',
        by: 'ben',
      });
      await people.undo(other?.id ?? '', ANN);
      expect((await store.decisions.ofFace('a-0'))[0]?.decision).toMatchObject({
        verdict: 'confirmed',
        by: 'ann',
      });
      await people.decide('a-0', 'b-0', 'different', ANN);
      await people.decide('a-0', 'b-0', 'undecided', { by: 'eva' });
      expect((await store.decisions.ofFace('a-0'))[0]?.decision).toMatchObject({
        verdict: 'undecided',
        by: 'eva',
      });
      expect(await groupOf('a-0', 'b-0')).toEqual(['a-0', 'a-0']);
      expect(await store.decisions.review({ minConfidence: 0, limit: 9 })).toHaveLength(1);
    });

    test('what would contradict earlier decisions is refused, with the way there', async () => {
      for (const id of ['a', 'b', 'c']) await save(id, 1);
      await people.decide('a-0', 'b-0', 'same', ANN);
      await people.decide('b-0', 'c-0', 'same', ANN);
      const refused = await people.decide('c-0', 'a-0', 'different', ANN).catch((error) => error);
      expect(refused).toBeInstanceOf(ContradictionError);
      expect(refused).toMatchObject({ path: ['c-0', 'b-0', 'a-0'], because: 'different' });
      expect(await people.decisions({ limit: 9 })).toHaveLength(2);
      await save('two', 2);
      await people.decide('two-0', 'a-0', 'same', ANN);
      await expect(people.decide('two-1', 'c-0', 'same', ANN)).rejects.toMatchObject({
        because: 'photograph',
      });
      await people.decide('two-0', 'two-1', 'same', ANN);
      expect(await groupOf('two-0', 'two-1', 'c-0')).toEqual(['a-0', 'a-0', 'a-0']);
    });

    test('a person: made of a face, named once for all that is decided the same; merged, and both undone', async () => {
      for (const id of ['a', 'b', 'c', 'd']) await save(id, 1);
      await save('e', 1, [match('e', 'a', 0.9)]);
      const id = randomUUID();
      const make = () => people.persons.make({ fullName: 'Amal', minor: true }, ANN, ['a-0'], id);
      const [amal, again] = await Promise.all([make(), make()]);
      expect(again).toEqual(amal);
      const taken = expect.objectContaining({ code: 'IdTaken' });
      await expect(people.persons.make({ fullName: 'Amala' }, ANN, [], id)).rejects.toEqual(taken);
      await expect(people.persons.make({ fullName: 'Amal' }, { by: 'ben' }, [], id)).rejects.toEqual(taken);
      // Nor is less, or another face, what was said: the one would be told of what others know by now, the other be lost.
      for (const [values, faces] of [
        [{}, ['a-0']],
        [{ fullName: 'Amal' }, ['a-0']],
        [{ fullName: 'Amal', minor: true }, []],
        [{ fullName: 'Amal', minor: true }, ['b-0']],
        [{ fullName: 'Amal', minor: true }, ['a-0', 'b-0']],
      ] as const)
        await expect(people.persons.make(values, ANN, faces, id)).rejects.toEqual(taken);
      await people.decide('a-0', 'b-0', 'same', ANN);
      const node = personNode(amal.id);
      expect(await groupOf('a-0', 'b-0', 'e-0')).toEqual([node, node, node]);
      const [group] = await people.groups.list({ limit: 5 });
      expect(group).toMatchObject({ faces: 3, decided: 2, person: { id: amal.id, fullName: 'Amal' } });
      expect(
        (await people.groups.faces(group as never, { limit: 9 })).map(({ face, decided }) => [face, decided]),
      ).toEqual([
        ['a-0', true],
        ['b-0', true],
        ['e-0', false],
      ]);
      expect(await make()).toEqual(amal);
      const other = await people.persons.make({ fullName: 'Àmal' }, ANN, ['c-0']);
      await expect(people.decide('c-0', 'b-0', 'same', ANN)).rejects.toMatchObject({ because: 'persons' });
      const merge = await people.persons.merge(other.id, amal.id, ANN);
      expect(await groupOf('c-0')).toEqual([node]);
      expect(await people.persons.kept(other.id)).toBe(amal.id);
      await people.undo(merge.id, ANN);
      expect(await groupOf('a-0', 'c-0')).toEqual([node, personNode(other.id)]);
      expect((await people.persons.list({ prefix: 'ama', limit: 9 })).map(({ id }) => id).sort()).toEqual(
        [amal.id, other.id].sort(),
      );
      expect(await people.persons.erase(amal.id, 'ann')).toBe(true);
      expect(await groupOf('a-0', 'b-0', 'e-0')).toEqual(['a-0', 'a-0', 'a-0']);
      for (const table of ['decision', 'person_link', 'person', 'people_group'])
        expect(JSON.stringify(await rows(`SELECT * FROM ${table}`))).not.toContain(amal.id);
    });

    test('a person whose time is over is erased, one without a date is not', async () => {
      await save('a', 1);
      const over = await people.persons.make({ expiryDate: '2026-01-01T00:00:00.0000000000000Z' }, ANN, [
        'a-0',
      ]);
      expect(over.expiryDate).toBe('2026-01-01T00:00:00.000Z');
      const stays = await people.persons.make({ fullName: 'Amal' }, ANN);
      const expired = await people.persons.expired(new Date(now).toISOString(), 9);
      expect(expired).toEqual([over.id]);
      expect(await people.persons.traces(expired)).toEqual({ person: 5, person_note: 0, pfif_record: 0 });
      await people.persons.erase(over.id, 'retention');
      expect(await people.persons.traces(expired)).toEqual({ person: 0, person_note: 0, pfif_record: 0 });
      expect(await people.persons.traces([])).toMatchObject({ person: 0 });
      expect(await people.persons.get(over.id)).toBeUndefined();
      expect(await people.persons.get(stays.id)).toMatchObject({ fullName: 'Amal' });
      expect(await groupOf('a-0')).toEqual(['a-0']);
    });

    test('correcting one face moves that one face: a bridge that leaves lets nobody fall, and nothing brings it back', async () => {
      for (const id of ['a', 'c', 'd']) await save(id, 1);
      await save('b', 1, [match('b', 'a', 0.9), match('b', 'c', 0.9)]);
      const amal = await people.persons.make({ fullName: 'Amal' }, ANN, ['a-0']);
      const other = await people.persons.make({ fullName: 'Zahra' }, ANN);
      // Only by way of b is c hers, and d by way of c.
      await people.decide('a-0', 'b-0', 'same', ANN);
      await people.decide('b-0', 'c-0', 'same', ANN);
      await people.decide('c-0', 'd-0', 'same', ANN);
      const node = personNode(amal.id);
      await people.split(['b-0'], other.id, ANN);
      expect(await groupOf('a-0', 'b-0', 'c-0', 'd-0')).toEqual([node, personNode(other.id), node, node]);
      const took = await people.split(['b-0'], undefined, ANN);
      expect(await groupOf('a-0', 'b-0', 'c-0', 'd-0')).toEqual([node, 'b-0', node, node]);
      await people.undoAll(took, ANN);
      expect(await groupOf('a-0', 'b-0', 'c-0', 'd-0')).toEqual([node, personNode(other.id), node, node]);
      await people.split(['b-0'], undefined, ANN);
      await people.split(['c-0', 'd-0'], other.id, ANN);
      expect(await groupOf('a-0', 'b-0', 'c-0', 'd-0')).toEqual([
        ...[node, 'b-0'],
        ...[personNode(other.id), personNode(other.id)],
      ]);
    });

    test('faces that only the machine has joined are taken out of their group, and stay out', async () => {
      await save('a', 1);
      await save('b', 1, [match('b', 'a', 0.9)]);
      await save('c', 1, [match('c', 'a', 0.9), match('c', 'b', 0.9)]);
      const took = await people.split(['c-0'], undefined, ANN);
      expect(await groupOf('a-0', 'b-0', 'c-0')).toEqual(['a-0', 'a-0', 'c-0']);
      await people.rebuild();
      expect(await groupOf('a-0', 'b-0', 'c-0')).toEqual(['a-0', 'a-0', 'c-0']);
      // All that it took is taken back at once, or nothing of it.
      await expect(people.undoAll([...took, 'no decision'], ANN)).rejects.toThrow('There is no decision');
      expect(await groupOf('c-0')).toEqual(['c-0']);
      await people.undoAll(took, ANN);
      expect(await groupOf('a-0', 'b-0', 'c-0')).toEqual(['a-0', 'a-0', 'a-0']);
    });

    test('a bridge that is erased splits its group, and nothing of it is left', async () => {
      await save('a', 1);
      await save('c', 1);
      await save('b', 1, [match('b', 'a', 0.9), match('b', 'c', 0.9)]);
      await save('m', 1);
      await people.decide('m-0', 'b-0', 'same', ANN);
      expect(await groupOf('a-0', 'c-0', 'm-0')).toEqual(['a-0', 'a-0', 'a-0']);
      await store.erasures.remove(['b'], signal);
      await people.settleAll();
      expect(await groupOf('a-0', 'c-0', 'm-0')).toEqual(['a-0', 'c-0', 'm-0']);
      expect(await places()).toEqual([]);
      expect(await summaries()).toEqual([]);
      expect(await people.decisions({ limit: 9 })).toEqual([]);
      expect(changes.at(-1)?.after.flatMap(({ faces }) => faces)).not.toContain('b-0');
    });

    test('a rerun that gives a face another key loses no decision: what was said goes with the place', async () => {
      await save('a', 1);
      await store.save(image('b', { faces: [face('b-1', 100), face('b-2', 300)] }));
      const amal = await people.persons.make({ fullName: 'Amal' }, ANN, ['a-0']);
      await people.decide('a-0', 'b-1', 'same', ANN);
      await people.decide('a-0', 'b-2', 'different', ANN);
      const at = (left: number) => ({ left, top: 2.5, width: 50, height: 40 });
      const moved = [
        { ...face('b-3'), rectangle: at(90) },
        { ...face('b-4'), rectangle: at(290) },
      ];
      await store.save(
        image('b', { run: 1, faces: moved, matches: [{ ...match('b', 'a', 0.9), face: 'b-4' }] }),
      );
      await people.settle(['b']);
      const node = personNode(amal.id);
      expect(await groupOf('a-0', 'b-3', 'b-4')).toEqual([node, node, 'b-4']);
      expect((await store.decisions.ofFace('b-4'))[0]?.decision).toMatchObject({
        verdict: 'notSame',
        by: 'ann',
      });
      expect(await store.decisions.rejectedAmong([['b-4', 'a-0']])).toEqual([['a-0', 'b-4']]);
      expect(await store.decisions.review({ minConfidence: 0, limit: 9 })).toEqual([]);
      // Gone from sight, it is still known that it was she; seen again, it is she.
      await store.save(image('b', { run: 2, faces: [] }));
      await people.settle(['b']);
      expect(await groupOf('b-1')).toEqual([node]);
      expect(await groupOf('b-3')).toEqual(['b-3']);
      await store.save(image('b', { run: 3, faces: [face('b-5', 100)] }));
      await people.settle(['b']);
      expect(await groupOf('b-5', 'b-1')).toEqual([node, 'b-1']);
      // A new word on that face is the last word on the old one, too.
      await people.decide('b-5', 'a-0', 'different', ANN);
      expect(await groupOf('b-5')).toEqual(['b-5']);
      expect(await people.decisions({ face: 'b-1', limit: 9 })).toHaveLength(2);
    });

    test('the machine joins nothing across batches where the archive is too large for it, and nothing with a batch apart', async () => {
      await save('a', 1, [], 'one');
      await save('b', 1, [match('b', 'a', 0.9)], 'two');
      expect(await groupOf('a-0', 'b-0')).toEqual(['a-0', 'a-0']);
      await subject.administer(
        "INSERT INTO batch_count (batch_id, status, images, faces, changes, latest) VALUES ('', 'many', 0, 900000, 0, '2026')",
      );
      await people.settleAll();
      expect(await groupOf('a-0', 'b-0')).toEqual(['a-0', 'b-0']);
      expect(await people.groups.threshold()).toMatchObject({ basis: 'none' });
      await subject.administer("DELETE FROM batch_count WHERE status = 'many'");
      await people.settleAll();
      expect(await groupOf('a-0', 'b-0')).toEqual(['a-0', 'a-0']);
    });

    test('the same events in any order, doubled, undone and erased: what was solved step by step is what is made anew', async () => {
      const IMAGES = ['a', 'b', 'c', 'd', 'e'];
      const FACES = IMAGES.flatMap((id) => [`${id}-0`, `${id}-1`]);
      const one = fc.constantFrom(...FACES);
      const event = fc.oneof(
        {
          weight: 4,
          arbitrary: fc.record({
            kind: fc.constant('save' as const),
            image: fc.constantFrom(...IMAGES),
            matches: fc.array(
              fc.record({ own: fc.nat(1), other: one, confidence: fc.integer({ min: 50, max: 99 }) }),
              { maxLength: 3 },
            ),
            faces: fc.constantFrom(2, 2, 2, 1, 0),
          }),
        },
        {
          weight: 3,
          arbitrary: fc.record({
            kind: fc.constantFrom('same' as const, 'different' as const, 'undecided' as const),
            a: fc.oneof(one, fc.constantFrom('p', 'q')),
            b: one,
          }),
        },
        { weight: 1, arbitrary: fc.record({ kind: fc.constant('undo' as const), n: fc.nat(20) }) },
        {
          weight: 1,
          arbitrary: fc.record({ kind: fc.constant('erase' as const), image: fc.constantFrom(...IMAGES) }),
        },
        {
          weight: 1,
          arbitrary: fc.record({
            kind: fc.constant('split' as const),
            faces: fc.uniqueArray(one, { minLength: 1, maxLength: 2 }),
            to: fc.constantFrom('p', 'q', undefined),
          }),
        },
        { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
      );
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(event, { minLength: 3, maxLength: 14, size: 'max' }), async (events) => {
          await store.clear();
          const persons = new Map<string, Node>();
          for (const id of ['p', 'q'])
            persons.set(id, personNode((await people.persons.make({ fullName: id }, ANN)).id));
          const node = (given: string) => persons.get(given) ?? given;
          for (const id of IMAGES)
            await store.save(image(id, { faces: [face(`${id}-0`), face(`${id}-1`, 100)] }));
          for (const one of events) {
            run += 1;
            if (one.kind === 'save') {
              const given = Array.from({ length: one.faces }, (_, n) => face(`${one.image}-${n}`, 100 * n));
              const matches = one.matches.flatMap(({ own, other, confidence }) => {
                const otherImage = other.slice(0, 1);
                return otherImage === one.image
                  ? []
                  : [
                      {
                        ...match(one.image, otherImage, confidence / 100),
                        face: `${one.image}-${own}`,
                        otherFace: other,
                        otherImageUrl: imageUrl(otherImage),
                      },
                    ];
              });
              await store.save(image(one.image, { run, faces: given, matches }));
              // Every other one is left to the timer, as after a crash.
              if (run % 2 === 0) await people.settle([one.image]);
            } else if (one.kind === 'erase') {
              await store.erasures.remove([one.image], signal);
            } else if (one.kind === 'settle') {
              await people.settleAll();
            } else if (one.kind === 'undo') {
              const log = await people.decisions({ limit: 50 });
              const target = log[one.n % Math.max(1, log.length)];
              if (target) await people.undo(target.id, ANN).catch(ignoreRefusal);
            } else if (one.kind === 'split') {
              const to = one.to && personOf(node(one.to));
              await people.split(one.faces, to, ANN).catch(ignoreRefusal);
            } else {
              await people.decide(node(one.a), node(one.b), one.kind, ANN).catch(ignoreRefusal);
            }
          }
          await people.settleAll();
          const stepByStep = [await places(), await summaries()];
          await people.rebuild();
          expect([await places(), await summaries()]).toEqual(stepByStep);
          const grouped = new Map((await places()).map((row) => [row.face_key, row.group_id]));
          for (const { face_a, face_b } of await rows(
            "SELECT face_a, face_b FROM match_decision WHERE verdict = 'notSame'",
          ))
            expect(grouped.get(face_a) === undefined || grouped.get(face_a) !== grouped.get(face_b)).toBe(
              true,
            );
        }),
        // Key by key a few say as much: what they meet are the same questions, each asked more often.
        { numRuns: name.includes('key by key') ? 3 : 12 },
      );
    });

    test('a transaction that runs again, its answer lost, writes the same once', async () => {
      await store.save(matching('a', []));
      await store.save(matching('b', []));
      const database = Object.create(store.database, {
        write: {
          value: async (work: never) => {
            await store.database.write(work);
            return store.database.write(work);
          },
        },
      });
      const twice = new People(database, { clock: () => now });
      await twice.persons.make({ fullName: 'Amal' }, ANN, ['a-0', 'b-0']);
      expect(await people.decisions({ limit: 9 })).toHaveLength(2);
      expect(await rows('SELECT person_id FROM person')).toHaveLength(1);
      expect(await store.audit.list({ limit: 9 })).toHaveLength(1);
    });
  });
}

/** What cannot be said is refused, and changes nothing. */
function ignoreRefusal(error: unknown): undefined {
  if (
    error instanceof ContradictionError ||
    error instanceof UnknownNodeError ||
    error instanceof UnknownDecisionError
  )
    return undefined;
  throw error;
}
