import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CalibrationLedger } from '../../../src/people/calibration/ledger.ts';
import { ModelSwitch } from '../../../src/people/models/switch.ts';
import type { ResultStore } from '../../../src/results/store.ts';
import type { Subject } from '../../results/subject.ts';
import { EnquiryWorld, enquiryBatch } from './world.ts';

/** What enquiries ask of every database. */
export function enquiryConformance(name: string, prepare: () => Promise<Subject>): void {
  describe(`enquiries on ${name}`, () => {
    let subject: Subject;
    let store: ResultStore;
    let world: EnquiryWorld;

    beforeEach(async () => {
      subject = await prepare();
      store = await subject.open();
      await store.migrate();
      world = EnquiryWorld.over(store);
    });
    afterEach(async () => {
      await store.close();
      await subject.clear();
    });

    test('from a portrait to a find, an undo and an end: candidates, words, lists, the time line, what is told', async () => {
      await world.photograph('camp', 'a', []);
      await world.photograph('camp', 'b', [{ photograph: 'a', confidence: 0.8 }]);
      await world.photograph('other', 'c', []);
      const enquiry = await world.enquiry();
      await world.parts.enquiries.addPhotograph(enquiry, 'p', '1998', 'anna');
      await world.photograph(enquiryBatch(enquiry), 'p', [
        { photograph: 'a', confidence: 0.7 },
        { photograph: 'c', confidence: 0.6 },
      ]);
      const [first, second] = await world.candidates(enquiry);
      expect([first?.faces, second?.faces]).toEqual([['a-0', 'b-0'], ['c-0']]);
      expect(first?.margin).toBeCloseTo(0.1);
      await world.say(first?.id ?? '', 'same', 'anna');
      await world.say(second?.id ?? '', 'different', 'anna');

      // To Ben the first is one that he is to judge without its score: it comes last.
      const page = (after?: { blind: boolean; score: number; id: string }) =>
        world.parts.candidates.list({ enquiry, limit: 1, ...(after && { after }) }, 'ben');
      const [seen] = await page();
      expect(seen).toMatchObject({ id: second?.id, standing: 'different', score: 0.6 });
      const [blind] = await page({ blind: false, score: 0.6, id: second?.id ?? '' });
      expect(blind).toMatchObject({ id: first?.id, standing: 'secondLook', blind: true });
      expect(await page({ blind: true, score: 0, id: first?.id ?? '' })).toEqual([]);
      expect(await world.parts.candidates.counts(enquiry, 'ben')).toEqual({ candidates: 2, secondLook: 1 });

      await world.say(first?.id ?? '', 'same', 'ben');
      expect((await world.parts.enquiries.get(enquiry))?.state).toBe('verified');
      const detail = await world.parts.candidates.get(first?.id ?? '', 'carl');
      expect(detail).toMatchObject({ standing: 'found', unlike: ['b-0'], worth: { source: 'engine' } });
      await world.parts.review.undo(detail?.words[0]?.id ?? '', 'carl');
      expect((await world.parts.enquiries.get(enquiry))?.state).toBe('candidate');

      const kinds = async (after?: { at: string; id: string }) =>
        world.parts.enquiries.events(enquiry, { limit: 4, ...(after && { after }) });
      const newest = await kinds();
      const last = newest.at(-1);
      const older = await kinds({ at: last?.at ?? '', id: last?.id ?? '' });
      expect([...newest, ...older]).toHaveLength(8);
      const [event] = await store.outbox.due(9);
      const claimed = await store.outbox.claim(event ?? '', 1000);
      expect(claimed?.batches.length).toBeGreaterThan(0);
      expect(await store.outbox.claim(event ?? '', 1000)).toBeUndefined();
      expect((await store.outbox.counts()).waiting).toBe(3);
      const list = await world.parts.enquiries.list({ state: 'candidate', limit: 9 });
      expect(list.map(({ id }) => id)).toEqual([enquiry]);
      await world.parts.enquiries.end(enquiry, 'closed', 'x', 'anna');
      expect(await world.parts.enquiries.list({ state: 'candidate', limit: 9 })).toEqual([]);
    });

    test('opened, or noted, a second time under the id that was chosen for it: it is the one that there is', async () => {
      const { enquiries } = world.parts;
      const values = { purpose: 'p', legalBasis: 'l', minor: false };
      const [id, note] = [randomUUID(), randomUUID()];
      const twice = <T>(work: () => Promise<T>) => Promise.all([work(), work()]);
      const [one, other] = await twice(() => enquiries.open(values, 'anna', id));
      expect(one).toEqual(other);
      expect(await enquiries.list({ limit: 9 })).toEqual([one]);
      await twice(() => enquiries.note(id, 'seen at the gate', 'anna', note));
      const { length } = await enquiries.events(id, { limit: 9 });
      expect(length).toBe(2);

      // Other words, another enquiry, or somebody else's: it is not theirs to repeat.
      const taken = expect.objectContaining({ code: 'IdTaken' });
      await expect(enquiries.open({ ...values, relation: 'mother' }, 'anna', id)).rejects.toEqual(taken);
      await expect(enquiries.open(values, 'ben', id)).rejects.toEqual(taken);
      await expect(enquiries.note(id, 'seen at the well', 'anna', note)).rejects.toEqual(taken);
      const elsewhere = await enquiries.open(values, 'anna');
      await expect(enquiries.note(elsewhere.id, 'seen at the gate', 'anna', note)).rejects.toEqual(taken);
      expect(await enquiries.events(id, { limit: 9 })).toHaveLength(length);
      expect(await enquiries.get(id)).toEqual(one);
      // Nor is what happened a note, in the same words.
      await enquiries.end(id, 'closed', 'found', 'anna');
      const ended = (await enquiries.events(id, { limit: 9 })).find(({ kind }) => kind === 'state');
      await expect(enquiries.note(id, 'found', 'anna', ended?.id)).rejects.toEqual(taken);
    });

    test('a name that is longer than its columns is cut, wherever it stands', async () => {
      const by = `${'n'.repeat(255)}\u{1f600} and so on`;
      const { enquiries } = world.parts;
      const { id } = await enquiries.open({ purpose: 'p', legalBasis: 'l', minor: false, owner: by }, by);
      await enquiries.addPhotograph(id, 'p', undefined, by);
      const cut = `${'n'.repeat(255)}\ufffd`;
      expect(await enquiries.get(id)).toMatchObject({ owner: cut, openedBy: cut });
      expect((await enquiries.photographs(id)).map(({ addedBy }) => addedBy)).toEqual([cut]);
      expect(new Set((await enquiries.events(id, { limit: 9 })).map(({ who }) => who))).toEqual(
        new Set([cut]),
      );
      const models = new ModelSwitch(store.database, () => world.now);
      expect((await models.start('imaginem_02', by)).startedBy).toBe(cut);
      const ledger = new CalibrationLedger(store.database, () => world.now);
      const draw = { id: 'd', by, model: 'm', threshold: 0.5, faces: 1, searched: 1, seed: 1, strata: [] };
      await ledger.keepDraw(draw, []);
      expect((await ledger.latestDraw('m'))?.by).toBe(cut);
    });

    test('put forward by hand, taken back, put back, forbidden and allowed, judged by two: without a score', async () => {
      await world.photograph('camp', 'a', []);
      await world.photograph('camp', 'b', [{ photograph: 'a', confidence: 0.8 }]);
      const enquiry = await world.enquiry();
      await world.photograph(enquiryBatch(enquiry), 'p', []);
      const { review } = world.parts;
      const id = await review.propose(enquiry, { face: 'b-0', own: 'p-0', reason: 'the scar' }, 'anna');
      world.now += 1000;
      expect(await review.propose(enquiry, { face: 'a-0' }, 'ben')).toBe(id);
      const detail = await world.parts.candidates.get(id, 'carl');
      expect(detail).toMatchObject({ bestFace: 'b-0', ownFace: 'p-0', words: [] });
      expect(detail).not.toHaveProperty('score');
      expect(detail?.proposals.map(({ by, other }) => [by, other])).toEqual([
        ['anna', 'b-0'],
        ['ben', 'a-0'],
      ]);
      for (const { id: decision } of detail?.proposals ?? []) {
        expect(await world.candidates(enquiry)).toHaveLength(1);
        world.now += 1000;
        await world.people.undo(decision, { by: 'ben' });
      }
      expect(await world.candidates(enquiry)).toEqual([]);
      const [last] = await world.people.decisions({ enquiryId: enquiry, limit: 1 });
      await world.people.undo(last?.id ?? '', { by: 'ben' });
      expect(await world.candidates(enquiry)).toHaveLength(1);
      const forbid = (doNotMatch: boolean) =>
        store.applyConsent('camp', { doNotMatch }, { keepSuggestions: (outputs) => outputs });
      await forbid(true);
      await world.people.settleAll();
      expect(await world.candidates(enquiry)).toEqual([]);
      await forbid(false);
      await world.people.settleAll();
      const [candidate] = await world.candidates(enquiry);
      await world.say(candidate?.id ?? '', 'same', 'anna');
      const seen = await world.parts.enquiries.events(enquiry, { limit: 9, reader: 'ben' });
      expect(seen.map(({ kind }) => kind)).not.toContain('proposed');
      await world.say(candidate?.id ?? '', 'same', 'ben');
      expect((await world.parts.enquiries.get(enquiry))?.state).toBe('verified');
    });

    test('a photograph or an enquiry that is erased leaves nothing in what follows from it', async () => {
      await world.photograph('camp', 'a', []);
      const enquiry = await world.enquiry({ expires: new Date(world.now + 3_600_000).toISOString() });
      await world.photograph(enquiryBatch(enquiry), 'p', [{ photograph: 'a', confidence: 0.7 }]);
      const [candidate] = await world.candidates(enquiry);
      await world.say(candidate?.id ?? '', 'different', 'anna');
      await world.erase('a');
      expect(await world.candidates(enquiry)).toEqual([]);
      const { enquiries } = store.erasures;
      expect(await enquiries.count([], ['a'])).toMatchObject({ candidate: 0 });
      expect(await world.parts.enquiries.expired(new Date(world.now).toISOString(), 9)).toEqual([]);
      const later = new Date(world.now + 7_200_000).toISOString();
      expect((await world.parts.enquiries.expired(later, 9)).map(({ id }) => id)).toEqual([enquiry]);
      await enquiries.remove([enquiry]);
      for (const found of Object.values(await enquiries.count([enquiry], []))) expect(found).toBe(0);
      expect(await world.parts.enquiries.expired(later, 9)).toEqual([]);
    });
  });
}
