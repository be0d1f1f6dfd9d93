import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compareModels } from '../../src/people/models/compare.ts';
import { ModelSwitch } from '../../src/people/models/switch.ts';
import { ModelWorkList } from '../../src/people/models/work-list.ts';
import { readRecognition } from '../../src/results/recognition-state.ts';
import type { ResultStore } from '../../src/results/store.ts';
import { decide, face, image, lookFor, match, matching } from './fixtures.ts';
import type { Subject } from './subject.ts';

const NOW = Date.parse('2026-11-30T00:00:00.000Z');

/** Acts of some length, a switch of models, and what is told of it all, on every database. */
export function actsConformance(name: string, prepare: () => Promise<Subject>): void {
  describe(`long acts on ${name}`, () => {
    let subject: Subject;
    let store: ResultStore;
    beforeEach(async () => {
      subject = await prepare();
      store = await subject.open();
      await store.migrate();
    });
    afterEach(async () => {
      await store.close();
      await subject.clear();
    });

    test('an act on many images is drafted, started once, held by one, kept, ended and forgotten', async () => {
      const { bulk } = store;
      const ids = Array.from({ length: 1200 }, (_, at) => `i${at}`);
      const { id } = await bulk.draft('rerun', ids, { step: 'ocr' }, 'ann');
      expect(await bulk.latest(9)).toEqual([]);
      expect([await bulk.start(id, { step: 'ocr' }), await bulk.start(id, {})]).toEqual([true, false]);
      const held = await bulk.take(id, 60_000);
      expect(held?.act).toMatchObject({ items: 1200, position: 0 });
      expect(await bulk.take(id, 60_000)).toBeUndefined();
      expect(await bulk.items(id, { from: 1198, limit: 5 })).toEqual([
        { position: 1198, item: 'i1198' },
        { position: 1199, item: 'i1199' },
      ]);
      if (held) expect(await bulk.keep({ ...held, act: { ...held.act, position: 7 } }, 60_000)).toBeDefined();
      expect((await bulk.running(9)).map(({ position }) => position)).toEqual([7]);
      await bulk.end(id, 'done');
      expect(await bulk.items(id, { from: 0, limit: 5 })).toEqual([]);
      expect(await bulk.forget({ drafts: '2000', ended: '9999' })).toBe(1);
      expect(await bulk.get(id)).toBeUndefined();
    });

    test('a model takes the place of another: the list, what cannot be done, both beside each other, the exchange', async () => {
      const { database } = store;
      for (const id of ['a', 'b', 'c']) await store.save(matching(id, []));
      await store.save(matching('d', ['a']));
      await decide(store, ['a-0', 'd-0'], 'confirmed', 'ann');
      const models = new ModelSwitch(database, () => NOW);
      const list = new ModelWorkList(database, () => NOW);
      expect(await models.start('imaginem_02', 'ann')).toMatchObject({ phase: 'enrolling', images: 4 });
      await models.pause(true);
      const tasks = await list.next(9);
      expect(tasks.map(({ imageId }) => imageId)).toEqual(['a', 'b', 'c', 'd']);
      const state = await readRecognition(database);
      const [a, b, c, d] = tasks;
      if (!a || !b || !c || !d) throw new Error('Tasks are missing.');
      const found = (id: string, others: string[]) => ({
        ...image(id, { faces: [face(`${id}-0`)], matches: others.map((other) => match(id, other, 0.7)) }),
        model: 'imaginem_02',
      });
      expect(await list.isGone(a)).toBe(false);
      expect(await list.keep(a, found('a', ['b', 'd']), state)).toBe('kept');
      expect(await list.keep(b, found('b', ['a']), state)).toBe('kept');
      await list.refuse(c, 'NotAnImage');
      await list.drop(d);
      expect(await list.progress()).toEqual({ left: 0, problems: [{ code: 'NotAnImage', images: 1 }] });
      expect(await compareModels(database, 0.5)).toMatchObject({
        same: { decided: 1, active: 1, next: 1 },
        offered: { active: 1, next: 2 },
      });
      expect(await models.finish()).toMatchObject({ active: 'imaginem_02', phase: 'retiring' });
      expect(await store.query('SELECT face_a, face_b, verdict FROM face_match ORDER BY face_b')).toEqual([
        { face_a: 'a-0', face_b: 'b-0', verdict: null },
        { face_a: 'a-0', face_b: 'd-0', verdict: 'confirmed' },
      ]);
      expect(await models.retired(state.active)).toMatchObject({ phase: 'steady' });
      await models.start('imaginem_03', 'ann');
      expect(await models.abandon()).toMatchObject({ active: 'imaginem_02', phase: 'retiring' });
    });

    test('what is told is claimed by one, fails, is sent again, and goes with its enquiry', async () => {
      await store.save(matching('a', []));
      await lookFor(store, 'a');
      const { outbox, erasures } = store;
      expect(await outbox.due(9)).toEqual(['o']);
      expect(await outbox.claim('o', 60_000)).toMatchObject({ sent: 1, batches: ['batch'] });
      expect(await outbox.claim('o', 60_000)).toBeUndefined();
      await outbox.failed('o', 1, new Error('x'), undefined);
      expect(await outbox.get('o')).toMatchObject({ state: 'dead', sent: 1 });
      expect(await outbox.again('o')).toBe(true);
      expect(await outbox.list({ state: 'waiting', enquiry: 'e', limit: 9 })).toHaveLength(1);
      expect(await outbox.list({ after: { at: '9999', id: 'z' }, limit: 9 })).toHaveLength(1);
      expect(await erasures.enquiries.about(['a'])).toEqual(['e']);
      expect(await erasures.enquiries.count(['e'], ['a'])).toMatchObject({ enquiry: 3, outbox: 1 });
      await erasures.enquiries.remove(['e']);
      expect(await outbox.counts()).toMatchObject({ waiting: 0 });
      expect(await erasures.enquiries.isThere('e')).toBe(false);
    });
  });
}
