import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agreeToBeMeasured, setKnownPairRate } from '../../../src/admin/measure-reviewers.ts';
import type { AuditRequest } from '../../../src/audit/entry.ts';
import { raw } from '../../../src/database/sql.ts';
import { enquiryBatch } from '../../../src/domain/enquiry-batch.ts';
import { seeded } from '../../../src/domain/seeded.ts';
import { ReviewerMeasuring } from '../../../src/people/calibration/measuring.ts';
import { measuredAsSeenBy } from '../../../src/people/calibration/seen-by.ts';
import type { ResultStore } from '../../../src/results/store.ts';
import type { Subject } from '../../results/subject.ts';
import { EnquiryWorld } from '../enquiry/world.ts';

const DAY = 24 * 3_600_000;

/** Reviewers who are measured, over a database: who is, with which pairs, and what becomes of their words. */
export function measuringConformance(name: string, prepare: () => Promise<Subject>): void {
  describe(`measured reviewers on ${name}`, () => {
    let subject: Subject;
    let store: ResultStore;
    let world: EnquiryWorld;
    let measuring: ReviewerMeasuring;
    let told: AuditRequest[];

    beforeEach(async () => {
      subject = await prepare();
      store = await subject.open();
      await store.migrate();
      world = EnquiryWorld.over(store);
      measuring = new ReviewerMeasuring(store.database, { clock: () => world.now, random: seeded(3) });
      told = [];
    });
    afterEach(async () => {
      await store.close();
      await subject.clear();
    });

    const deps = () => ({
      measuring,
      audit: { record: async (request: AuditRequest) => void told.push(request) },
    });
    const rows = async (statement: string) =>
      ((await store.database.read([raw(statement)]))[0] ?? []).map((row) => ({ ...row }));
    const known = () =>
      rows('SELECT face_a, face_b, answer FROM known_pair ORDER BY face_a, face_b').then((all) =>
        all.map(({ face_a, face_b, answer }) => `${face_a} ${face_b} ${answer}`),
      );
    const say = (a: string, b: string, verdict: 'same' | 'different' | 'undecided', by: string) => {
      world.now += 1000;
      return world.people.decide(`${a}-0`, `${b}-0`, verdict, { by });
    };
    /** Photographs a1 a2 a3 of one person and b1 b2 of another, as two people have said; c is alone. */
    const archive = async () => {
      for (const id of ['a1', 'a2', 'a3', 'b1', 'b2', 'c']) await world.photograph('camp', id, []);
      for (const by of ['ann', 'ben']) {
        await say('a1', 'a2', 'same', by);
        await say('a2', 'a3', 'same', by);
        await say('b1', 'b2', 'same', by);
        await say('a1', 'b1', 'different', by);
      }
      // Of one alone nothing is known; nor of one who says it twice.
      await say('a1', 'c', 'different', 'ann');
      await say('b2', 'c', 'different', 'ann');
      await say('b2', 'c', 'different', ' ANN');
    };
    const agree = (...names: string[]) =>
      Promise.all(names.map((one) => agreeToBeMeasured(one, true, deps())));

    test('nobody is measured until a rate is set and they have agreed themselves; each may take it back', async () => {
      await archive();
      expect(await measuring.settings()).toEqual({ oneIn: 0 });
      expect(await known()).toEqual([]);
      await agree('cora');
      expect(await measuring.oneInFor('cora')).toBe(0);
      await setKnownPairRate('root', 20, deps());
      expect(await measuring.settings()).toMatchObject({ oneIn: 20, changedBy: 'root' });
      expect([await measuring.oneInFor('cora'), await measuring.oneInFor('dan')]).toEqual([20, 0]);
      // An account is no name: nobody agrees for another who bears the same.
      expect(await measuring.oneInFor({ name: 'cora', id: 'account' })).toBe(0);
      await agreeToBeMeasured('cora', false, deps());
      expect([await measuring.oneInFor('cora'), await measuring.agreedAt('cora')]).toEqual([0, undefined]);
      await setKnownPairRate('root', 0, deps());
      expect(await measuring.settings()).toMatchObject({ oneIn: 0 });
      expect(told.map(({ who, action }) => `${who} ${action}`)).toEqual([
        'cora reviewer.agreed',
        'root reviewers.rate.set',
        'cora reviewer.withdrew',
        'root reviewers.rate.set',
      ]);
    });

    test('known is what two people have said alike, and what follows from it, of photographs of the archive', async () => {
      await archive();
      await measuring.set(10, 'root');
      const a = ['a1', 'a2', 'a3'];
      const expected = [
        ...['a1-0 a2-0', 'a1-0 a3-0', 'a2-0 a3-0', 'b1-0 b2-0'].map((pair) => `${pair} same`),
        ...a.flatMap((one) => ['b1', 'b2'].map((other) => `${one}-0 ${other}-0 different`)),
      ].sort();
      expect(await known()).toEqual(expected);
      // Somebody takes a word back: what hung on it is known no longer.
      await say('a2', 'a3', 'undecided', 'ben');
      await measuring.pairs.look();
      expect(await known()).toEqual(expected.filter((pair) => !pair.includes('a3')));
      // Two have come to think otherwise of it.
      for (const by of ['ann', 'ben']) await say('a1', 'a2', 'different', by);
      await measuring.pairs.look();
      expect(await known()).toEqual([
        'a1-0 a2-0 different',
        'a1-0 b1-0 different',
        'a1-0 b2-0 different',
        'b1-0 b2-0 same',
      ]);
    });

    test('finds of enquiries make photographs of the archive known, and never show their own', async () => {
      const enquiry = await world.enquiry();
      await world.photograph('camp', 'x', []);
      await world.photograph('camp', 'y', []);
      const likes = ['x', 'y'].map((photograph) => ({ photograph, confidence: 0.6 }));
      await world.photograph(enquiryBatch(enquiry), 'own', likes);
      const candidates = await world.candidates(enquiry);
      expect(candidates).toHaveLength(2);
      for (const { id } of candidates) await world.say(id, 'same', 'ann');
      await measuring.set(10, 'root');
      expect(await known()).toEqual([]);
      for (const { id } of candidates) await world.say(id, 'same', 'ben');
      await measuring.pairs.look();
      expect(await known()).toEqual(['x-0 y-0 same']);
    });

    test('a candidate that two have rejected is known to be another', async () => {
      const enquiry = await world.enquiry();
      for (const id of ['x', 'y']) await world.photograph('camp', id, []);
      world.drawn = 0;
      await world.photograph(enquiryBatch(enquiry), 'own', [
        { photograph: 'x', confidence: 0.6 },
        { photograph: 'y', confidence: 0.7 },
      ]);
      const [y, x] = await world.candidates(enquiry);
      for (const by of ['ann', 'ben']) {
        await world.say(y?.id as string, 'same', by);
        await world.say(x?.id as string, 'different', by);
      }
      await measuring.set(10, 'root');
      expect(await known()).toEqual(['x-0 y-0 different']);
    });

    test('two persons whom two people know, in one photograph, are two; one who is in it twice is known in nothing', async () => {
      const { face, image } = await import('../../results/fixtures.ts');
      await store.save(image('both', { faces: [face('both-0'), face('both-1', 200)] }));
      for (const id of ['p', 'q']) await world.photograph('camp', id, []);
      for (const by of ['ann', 'ben']) {
        await say('both', 'p', 'same', by);
        await world.people.decide('both-1', 'q-0', 'same', { by });
      }
      await measuring.set(10, 'root');
      expect(await known()).toEqual([
        'both-0 p-0 same',
        'both-0 q-0 different',
        'both-1 p-0 different',
        'both-1 q-0 same',
        'p-0 q-0 different',
      ]);
    });

    test('who is asked answers, takes it back, answers again; the last word counts, and no decision is made of any', async () => {
      await archive();
      await measuring.set(10, 'root');
      await agree('cora');
      const decided = await rows('SELECT * FROM decision ORDER BY decision_id');
      const asked = await measuring.pairs.plant('cora', 3);
      expect(asked).toHaveLength(3);
      expect(await measuring.pairs.plant('cora', 3)).toEqual(asked);
      const [first] = asked;
      if (!first) throw new Error('nothing was planted');
      const answer = (word: 'same' | 'different' | 'undecided', who = 'cora') =>
        measuring.pairs.answer(who, [first.faces[1], first.faces[0]], word);
      // Nobody else was asked.
      expect(await answer('same', 'dan')).toBe(false);
      expect(await answer('same')).toBe(true);
      expect((await measuring.own('cora')).answers).toBe(1);
      expect(await measuring.pairs.plant('cora', 2)).toEqual(asked.slice(1));
      expect(await answer('undecided')).toBe(true);
      expect((await measuring.own('cora')).answers).toBe(0);
      expect(await measuring.pairs.plant('cora', 1)).toEqual([first]);
      expect(await answer('different')).toBe(true);
      expect(await rows('SELECT word FROM known_answer WHERE word IS NOT NULL')).toEqual([
        { word: 'different' },
      ]);
      // A page that was left open while the agreement was taken back: neither kept, nor a decision.
      await agreeToBeMeasured('cora', false, deps());
      expect(await answer('same')).toBe(true);
      expect(await rows('SELECT word FROM known_answer WHERE word IS NOT NULL')).toEqual([]);
      world.now += 8 * DAY;
      expect(await answer('same')).toBe(false);
      await measuring.pairs.look();
      expect(await rows('SELECT reviewer FROM known_answer')).toEqual([]);
      expect(await rows('SELECT * FROM decision ORDER BY decision_id')).toEqual(decided);
    });

    test('nobody meets what they decided themselves; and a pair that waits for a word is a real case', async () => {
      await archive();
      await measuring.set(10, 'root');
      await agree('ann', 'cora');
      const pairs = async (who: string) =>
        (await measuring.pairs.plant(who, 50)).map(({ faces }) => faces.join(' ')).sort();
      expect(await pairs('ann')).not.toContain('a1-0 a2-0');
      expect(await pairs('ann')).toContain('a1-0 a3-0');
      expect(await pairs('cora')).toHaveLength(10);
      // The machine finds them alike now: it is asked about in earnest.
      await world.photograph('camp', 'a3', [{ photograph: 'a1', confidence: 0.7 }]);
      expect(await pairs('cora')).not.toContain('a1-0 a3-0');
      expect(await measuring.pairs.answer('cora', ['a1-0', 'a3-0'], 'same')).toBe(false);
    });

    test('each sees their own figures; the group has none while one could be told from them', async () => {
      await archive();
      await measuring.set(10, 'root');
      await agree('cora', 'dan', 'eve');
      const answerAll = async (who: string) => {
        for (const { faces } of await measuring.pairs.plant(who, 50))
          await measuring.pairs.answer(who, faces, 'same');
      };
      await answerAll('cora');
      await answerAll('dan');
      const own = { answers: 10, falseSame: null, falseDifferent: null };
      expect(await measuredAsSeenBy(measuring, 'cora', false)).toMatchObject({ oneIn: 10, own, group: null });
      expect((await measuredAsSeenBy(measuring, 'frank', true)).own).toBeNull();
      const few = { answers: 0, falseSame: null, falseDifferent: null };
      expect(await measuring.group()).toEqual({ ...few, reviewers: 3, known: { same: 4, different: 6 } });
      await answerAll('eve');
      // 18 answers of two people: too few to tell; and 12 of one.
      expect(await measuring.group()).toMatchObject({ answers: 30, falseSame: null, falseDifferent: null });
      // What is known no longer counts for nobody.
      await say('b1', 'b2', 'undecided', 'ann');
      await say('a1', 'b1', 'undecided', 'ann');
      world.now += DAY;
      expect((await measuring.own('cora')).answers).toBe(3);
    });

    test('an erased photograph takes its pairs and the words about it along', async () => {
      await archive();
      await measuring.set(10, 'root');
      await agree('cora');
      for (const { faces } of await measuring.pairs.plant('cora', 50))
        await measuring.pairs.answer('cora', faces, 'same');
      await world.erase('a1');
      const about = `WHERE image_a = 'a1' OR image_b = 'a1'`;
      expect(await rows(`SELECT * FROM known_pair ${about}`)).toEqual([]);
      expect(await rows(`SELECT * FROM known_answer ${about}`)).toEqual([]);
      await store.clear();
      for (const table of ['known_pair', 'known_answer', 'reviewer_consent', 'reviewer_measuring'])
        expect(await rows(`SELECT * FROM ${table}`), table).toEqual([]);
    });
  });
}
