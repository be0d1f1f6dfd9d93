import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BulkActs } from '../../src/results/bulk.ts';
import type { ResultStore } from '../../src/results/store.ts';
import { image, matching } from './fixtures.ts';
import type { Subject } from './subject.ts';

/** What a page needs to find and to act on many images, from every database. */
export function manyConformance(name: string, prepare: () => Promise<Subject>): void {
  describe(`many images on ${name}`, () => {
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
    const at = (minute: number) => ({ finishedAt: `2026-11-23T12:0${minute}:00.000Z` });
    const url = (batch: string, file: string) =>
      `http://127.0.0.1:10000/store/inputimages/${batch}/${encodeURIComponent(file)}`;

    test('a search finds file names and batches as well as texts, whole or by their beginning', async () => {
      await store.save(
        image('a', {
          batchId: 'Camp-4/north',
          imageUrl: url('Camp-4/north', 'Familie Müller 0815.jpg'),
          ...at(1),
        }),
      );
      await store.save(
        image('b', { batchId: 'reunion', imageUrl: url('reunion', 'b.jpg'), text: 'camp', ...at(2) }),
      );
      const found = async (text: string) => (await store.summaries({ text })).images.map(({ id }) => id);
      expect(await found('muller')).toEqual(['a']);
      expect(await found('fam* 08*')).toEqual(['a']);
      expect(await found('camp')).toEqual(['b', 'a']);
      expect(await found('camp 4')).toEqual(['a']);
      expect(await found('reu*')).toEqual(['b']);
      await subject.administer('DELETE FROM image_word');
      await subject.administer('UPDATE pipeline_output SET words_version = 1');
      expect(await store.reindex(() => true)).toBe(2);
      expect(await found('mull* north')).toEqual(['a']);
    });

    test('a crop is centred on the faces, within the picture', async () => {
      const at = (left: number, top: number) => ({ left, top, width: 100, height: 50 });
      const faces = [at(0, 0), at(300, 400)].map((rectangle, index) => ({
        key: `a-${index}`,
        rectangle,
        enrolled: true,
      }));
      await store.save(image('a', { faces, width: 1000, height: 900 }));
      await store.save(image('b', { faces: faces.slice(0, 1).map((face) => ({ ...face, key: 'b-0' })) }));
      const { images } = await store.summaries();
      const focus = new Map(images.map((one) => [one.id, one.focus]));
      expect(focus.get('a')).toEqual({ x: 0.2, y: 0.25 });
      expect(focus.get('b')).toBeUndefined();
    });

    test('counts follow the filters', async () => {
      const tags = (...names: string[]) => names.map((one) => ({ name: one, confidence: 1 }));
      await store.save(image('a', { batchId: 'one', tags: tags('dog', 'tree'), ...at(1) }));
      await store.save(image('b', { batchId: 'one', tags: tags('dog'), ...at(2) }));
      await store.save(
        image('c', {
          batchId: 'two',
          tags: tags('dog', 'car'),
          categories: [{ name: 'people_group', score: 0.5 }],
          ...at(3),
        }),
      );
      const whole = { more: false, categories: [] };
      expect(await store.facets({ batchId: 'one' }, 10)).toEqual({
        ...{ ...whole, images: 2, sampled: 2 },
        tags: [
          { name: 'dog', images: 2 },
          { name: 'tree', images: 1 },
        ],
      });
      expect(await store.facets({ tag: 'car' }, 1)).toMatchObject({
        images: 1,
        tags: [{ name: 'car', images: 1 }],
        categories: [{ name: 'people_group', images: 1 }],
      });
      expect(await store.facets({ batchId: 'none' }, 10)).toEqual({
        ...whole,
        images: 0,
        sampled: 0,
        tags: [],
      });
      expect(await store.ids({}, 2)).toEqual({ ids: ['c', 'b'], more: true });
      expect(await store.ids({ batchId: 'one' }, 2)).toEqual({ ids: ['b', 'a'], more: false });
    });

    test('rejected images are counted and found by their reason', async () => {
      const rejected = (id: string, code: string, minute: number) =>
        image(id, { status: 'rejected', reason: { code, message: 'No.' }, ...at(minute) });
      await store.save(rejected('a', 'NotAnImage', 1));
      await store.save(rejected('b', 'NotAnImage', 2));
      await store.save(rejected('c', 'BrokenImage', 3));
      await store.save(image('d', { status: 'gone', reason: { code: 'NotAnImage', message: '' }, ...at(4) }));
      expect(await store.rejections()).toEqual([
        { code: 'NotAnImage', images: 2, latest: at(2).finishedAt },
        { code: 'BrokenImage', images: 1, latest: at(3).finishedAt },
      ]);
      expect((await store.ids({ rejectedFor: 'NotAnImage' }, 10)).ids).toEqual(['b', 'a']);
      expect((await store.ids({ rejectedFor: 'NotAnImage', batchId: 'other' }, 10)).ids).toEqual([]);
    });

    test('the review of a batch has the pairs of that batch, page by page, the surest first', async () => {
      await store.save(matching('b1', [], { batchId: 'one' }));
      await store.save(matching('b2', ['b1'], { batchId: 'two' }));
      await store.save(matching('b3', ['b1', 'b2'], { batchId: 'two' }));
      await store.save(matching('b4', ['b2', 'b3'], { batchId: 'two' }));
      const walk = async (batchId: string | undefined, limit: number) => {
        const found: string[] = [];
        let after: { confidence: number; a: string; b: string } | undefined;
        for (let pages = 0; pages < 20; pages += 1) {
          const { pairs, next } = await store.decisions.reviewPage({
            ...{ minConfidence: 0, limit },
            ...(batchId !== undefined && { batchId }),
            ...(after && { after }),
          });
          found.push(...pairs.map(({ a, b }) => `${a.face} ${b.face}`));
          if (next === undefined) return found;
          after = next;
        }
        throw new Error('The pages do not end.');
      };
      for (const limit of [1, 2, 50]) {
        expect(await walk('one', limit)).toEqual(['b1-0 b3-0', 'b1-0 b2-0']);
        expect(await walk(undefined, limit)).toHaveLength(5);
      }
    });

    test('an act on many has exactly its items, is worked on by one process at a time, and forgets them at its end', async () => {
      for (const id of ['a', 'b', 'c']) await store.save(image(id));
      const { bulk } = store;
      const items = async (id: string) =>
        (await bulk.items(id, { from: 0, limit: 10 })).map(({ item }) => item);
      const draft = await bulk.draft('rerun', ['c', 'a', 'b'], { step: 'ocr' }, 'Ada');
      expect(await bulk.get(draft.id)).toEqual(draft);
      expect(await items(draft.id)).toEqual(['c', 'a', 'b']);
      expect(await bulk.take(draft.id, 60_000)).toBeUndefined();
      expect([await bulk.start(draft.id, draft.detail), await bulk.start(draft.id, draft.detail)]).toEqual([
        true,
        false,
      ]);
      const held = await bulk.take(draft.id, 60_000);
      expect(await bulk.take(draft.id, 60_000)).toBeUndefined();
      if (!held) throw new Error('It was not taken.');
      // By a process whose clock runs years fast: one whose clock is right does not wait for it to be over.
      const fast = new BulkActs(store.database, () => Date.now() + 10 * 365 * 24 * 3_600_000);
      expect(await fast.take(draft.id, 60_000)).toBeDefined();
      expect(await bulk.keep(held, 60_000)).toBeUndefined();
      Object.assign(held, await bulk.take(draft.id, 60_000));
      Object.assign(held.act, { position: 2, acted: 1 });
      const again = await bulk.keep(held, 60_000);
      expect(await bulk.get(draft.id)).toMatchObject({ state: 'running', position: 2, acted: 1 });
      // Whoever lost it writes nothing any more.
      if (again?.lease !== held.lease) expect(await bulk.keep(held)).toBeUndefined();
      await store.erasures.remove(['a'], new AbortController().signal);
      expect(await items(draft.id)).toEqual(['c', 'b']);
      await bulk.end(draft.id, 'done');
      expect(await items(draft.id)).toEqual([]);
      expect((await bulk.latest(5)).map(({ id, state }) => [id, state])).toEqual([[draft.id, 'done']]);
      const other = await bulk.draft('erase', ['b'], {}, 'Ada');
      expect(await bulk.latest(5)).toHaveLength(1);
      expect(await bulk.forget({ drafts: '9999', ended: '' })).toBe(1);
      expect([await bulk.get(other.id), await items(other.id)]).toEqual([undefined, []]);
    });
  });
}
