import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { personNode } from '../../src/people/node.ts';
import { People } from '../../src/people/people.ts';
import type { ResultStore } from '../../src/results/store.ts';
import { beginSwitch, decide, drawPair, image, lookFor, matching, nameFace } from './fixtures.ts';
import type { Subject } from './subject.ts';

const mention = (id: string) => ({ id, batch_id: 'batch', image_url: `u/${id}` });

/** What an erasure asks of every database. */
export function erasureConformance(name: string, prepare: () => Promise<Subject>): void {
  describe(`erasure on ${name}`, () => {
    let subject: Subject;
    let store: ResultStore;
    const signal = new AbortController().signal;

    beforeEach(async () => {
      subject = await prepare();
      store = await subject.open();
      await store.migrate();
    });
    afterEach(async () => {
      await store.close();
      await subject.clear();
    });

    const outputs = (...others: string[]) => ({
      ocr: { OCR_fullText: '' },
      facematch: { matches: others.map(mention), faces: [] },
      duplicates: { hash: '0', duplicates: others.map(mention) },
    });
    const full = (id: string, others: string[], given = {}) =>
      matching(id, others, {
        caption: 'a dog',
        tags: [{ name: 'dog', confidence: 0.9 }],
        categories: [{ name: 'animal', score: 0.5 }],
        warnings: [{ code: 'ImageDamaged', message: 'It ends early.' }],
        jobOutput: outputs(...others),
        ...given,
      });

    test('whoever is stopped removes nothing more', async () => {
      await store.save(full('a', []));
      await expect(store.erasures.remove(['a'], AbortSignal.abort(new Error('stop')))).rejects.toThrow(
        'stop',
      );
      expect(await store.get('a')).toBeDefined();
    });

    test('nothing is left of an image: rows, pairs, decisions, counts, and what others say of it', async () => {
      await store.save(full('a', ['b']));
      await store.save(full('b', ['a', 'c'], { batchId: 'other', tags: [], categories: [] }));
      await store.save(full('c', [], { batchId: 'other', tags: [], categories: [] }));
      await decide(store, ['a-0', 'b-0'], 'confirmed', 'somebody');
      await nameFace(store, 'a-0');
      await lookFor(store, 'a');
      await drawPair(store, 'a', 'b');
      await beginSwitch(store, 'a', 'b');
      await store.bulk.draft('rerun', ['a', 'b'], {}, 'somebody');
      const before = await store.erasures.count(['a']);
      for (const [table, found] of Object.entries(before)) expect(found, table).toBeGreaterThan(0);
      expect([...(await store.erasures.partnersOf(['a']))]).toEqual(['b']);
      expect(await store.erasures.forgetIn(['b', 'c'], new Set(['a']), { dryRun: true })).toBe(1);

      for (let repeated = 0; repeated < 2; repeated += 1) {
        await store.erasures.entomb(['a'], 'erasure-1');
        await store.erasures.forgetIn(['b', 'c'], new Set(['a']));
        await store.erasures.remove(['a'], signal);
      }

      const after = await store.erasures.count(['a']);
      for (const [table, found] of Object.entries(after)) expect(`${table} ${found}`).toBe(`${table} 0`);
      expect((await store.get('b'))?.jobOutput).toEqual(outputs('c'));
      expect((await store.get('b'))?.matches.map(({ otherImage }) => otherImage)).toEqual(['c']);
      expect(await store.counts.totals()).toMatchObject({ images: 2, faces: 2 });
      expect(await store.batches()).toEqual([{ batchId: 'other', images: 2, byStatus: { done: 2 } }]);
      const names = await store.query(
        'SELECT batch_id AS name FROM batch_count UNION SELECT name FROM tag_count',
      );
      expect(names.map((row) => row.name).sort()).toEqual(['', 'other']);
      const [tomb] = await store.query('SELECT * FROM erased_image');
      expect(Object.keys(tomb ?? {}).sort()).toEqual(['erased_at', 'erasure', 'image_hash']);
      expect(tomb?.image_hash).toMatch(/^[0-9a-f]{64}$/);
    });

    test('what is erased is not written again, on either side of a match', async () => {
      await store.erasures.entomb(['a'], 'erasure-1');
      expect(await store.save(full('a', ['b']))).toBe('erased');
      expect(await store.save(full('b', ['a', 'c']))).toBe('saved');
      expect((await store.get('b'))?.matches.map(({ otherImage }) => otherImage)).toEqual(['c']);
      expect((await store.get('b'))?.jobOutput).toEqual(outputs('c'));
      for (const found of Object.values(await store.erasures.count(['a']))) expect(found).toBe(0);
    });

    test('images are found by batch and by age, page by page', async () => {
      for (const id of ['a', 'b', 'c']) await store.save(image(id));
      await store.save(image('d', { batchId: 'new', finishedAt: '2026-11-24T12:00:00.000Z' }));
      const { erasures } = store;
      const ids = (found: { id: string }[]) => found.map(({ id }) => id);
      expect(ids(await erasures.find({ batchId: 'batch' }, { limit: 2 }))).toEqual(['a', 'b']);
      const after = { id: 'b', finishedAt: '2026-11-23T12:00:00.000Z' };
      expect(ids(await erasures.find({ batchId: 'batch' }, { limit: 2, after }))).toEqual(['c']);
      expect(ids(await erasures.find({ before: '2026-11-25T00:00:00.000Z' }, { limit: 9, after }))).toEqual([
        'c',
        'd',
      ]);
      expect(ids(await erasures.find({ before: '2026-11-24T00:00:00.000Z' }, { limit: 9 }))).toEqual([
        'a',
        'b',
        'c',
      ]);
    });

    test('faces without a match that stands are known as such', async () => {
      await store.save(matching('a', ['b']));
      await store.save(matching('c', ['d']));
      await decide(store, ['c-0', 'd-0'], 'notSame', 'somebody');
      expect([...(await store.erasures.matchedAmong(['a-0', 'b-0', 'c-0', 'x-0']))].sort()).toEqual([
        'a-0',
        'b-0',
      ]);
      await store.erasures.withdraw(['a-0']);
      expect((await store.get('a'))?.faces[0]?.enrolled).toBe(false);
    });

    describe('faces that may have to leave the face lists', () => {
      /** What one night finds noted, which is then done. */
      const noted = async (before = '') => {
        const { looks } = store.erasures;
        const { claim } = await looks.claim(before);
        const ids = await looks.images(claim, { limit: 99 });
        await looks.done(claim);
        return ids;
      };
      /** Reported by `a` alone; with a latency as on the day of its admission. */
      const pair = async (a: string, b: string) => {
        const onTime = { latencyMs: 1000 };
        await store.save(matching(b, [], onTime));
        await store.save(matching(a, [b], onTime));
      };

      test('are noted with whatever takes a match from them, and with nothing else', async () => {
        await pair('a', 'b');
        await pair('c', 'd');
        expect(await noted()).toEqual([]);
        await decide(store, ['a-0', 'b-0'], 'confirmed', 'ann');
        expect(await noted(), 'confirmed').toEqual([]);
        await decide(store, ['a-0', 'b-0'], 'notSame', 'ann');
        expect(await noted(), 'rejected').toEqual(['a', 'b']);
        await decide(store, ['a-0', 'b-0'], 'notSame', 'ben');
        expect(await noted(), 'rejected again').toEqual([]);
        await decide(store, ['a-0', 'b-0'], 'confirmed', 'ann');
        await store.save(matching('a', [], { run: 1 }));
        expect(await noted(), 'no longer reported').toEqual(['a', 'b']);
        await decide(store, ['a-0', 'b-0'], 'undecided', 'ann');
        expect(await noted(), 'held by nothing but what was said').toEqual(['a', 'b']);
        await decide(store, ['c-0', 'd-0'], 'undecided', 'ann');
        expect(await noted(), 'still reported').toEqual([]);
      });

      test.each<[string, () => Promise<unknown>]>([
        ['whose faces go', () => store.removeFaces('a')],
        ['that is gone', () => store.save(matching('a', [], { run: 1, status: 'gone', faces: [] }))],
        ['that is erased', () => store.erasures.remove(['a'], signal)],
        [
          'that may not be matched',
          () =>
            store.applyConsent(
              'alone',
              { doNotMatch: true },
              { keepSuggestions: (outputs: Record<string, unknown>) => outputs },
            ),
        ],
      ])('are noted of those that match an image %s, whichever reports it', async (_, act) => {
        const alone = { batchId: 'alone', latencyMs: 1000 };
        await store.save(matching('b', [], { latencyMs: 1000 }));
        await store.save(matching('a', ['b'], alone));
        await store.save(matching('c', ['a'], { latencyMs: 1000 }));
        await act();
        expect(await noted()).toEqual(['b', 'c']);
      });

      test('are noted of those who were held to one by nothing but what was said', async () => {
        await pair('a', 'b');
        await decide(store, ['a-0', 'b-0'], 'confirmed', 'ann');
        await store.save(matching('a', [], { run: 1 }));
        await noted();
        await store.erasures.remove(['a'], signal);
        expect(await noted()).toEqual(['b']);
      });

      test('are noted where a person goes, or is said to be somebody else', async () => {
        const people = new People(store.database, { clock: Date.now });
        for (const id of ['a', 'b']) await store.save(matching(id, [], { latencyMs: 1000 }));
        const { id } = await people.persons.make({ fullName: 'Amal' }, { by: 'ann' }, ['a-0', 'b-0']);
        expect(await noted()).toEqual([]);
        await people.decide('a-0', personNode(id), 'different', { by: 'ann' });
        expect(await noted()).toEqual(['a']);
        await people.persons.erase(id, 'ann');
        expect(await noted()).toEqual(['b']);
      });

      test('are noted for the day they may be too old, where they were enrolled late: again, or after a wait', async () => {
        const day = 24 * 3_600_000;
        const at = (n: number) => `2026-11-2${n}T00:00:00.000Z`;
        for (let delivered = 0; delivered < 2; delivered += 1)
          await store.save(matching('a', [], { latencyMs: day, finishedAt: at(1) }));
        await store.save(image('b', { latencyMs: 9 * day, finishedAt: at(1) }));
        await store.save(matching('c', [], { latencyMs: day + 1, finishedAt: at(2) }));
        await store.save(matching('a', [], { run: 1, finishedAt: at(3) }));
        await store.save(image('a', { run: 2, finishedAt: at(4) }));
        expect(await noted()).toEqual([]);
        expect(await noted('2026-11-21T23:59:59.999Z')).toEqual([]);
        expect(await noted(at(2))).toEqual(['c']);
        expect(await noted(at(3))).toEqual(['a']);
        expect(await noted(at(4)), 'it had a face before').toEqual(['a']);
      });

      test('stay noted until a night has done what it took, and what is noted meanwhile is for the next', async () => {
        const { looks } = store.erasures;
        for (const id of ['a', 'b', 'c'])
          await store.save(matching(id, [], { batchId: id === 'c' ? 'z' : 'y' }));
        await store.save(image('none', { batchId: 'y' }));
        await looks.noteBatch('y');
        const killed = await looks.claim('');
        expect(killed.notes).toBe(2);
        const night = await looks.claim('');
        await looks.noteBatch('z');
        expect(await looks.images(night.claim, { limit: 1 })).toEqual(['a']);
        expect(await looks.images(night.claim, { after: 'a', limit: 9 })).toEqual(['b']);
        await looks.done(killed.claim);
        expect(await looks.images(night.claim, { limit: 9 }), 'another night has them').toEqual(['a', 'b']);
        await looks.done(night.claim);
        expect(await noted()).toEqual(['c']);
        await looks.noteBatch('y');
        await looks.forget();
        expect(await noted('9')).toEqual([]);
      });
    });
  });
}
