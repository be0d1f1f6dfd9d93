import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bucketOf } from '../../src/domain/latency-bucket.ts';
import type { ResultStore } from '../../src/results/store.ts';
import { image, matching } from './fixtures.ts';
import type { Subject } from './subject.ts';

/** What is appended by saves, folded in, and corrected. */
export function countsConformance(name: string, prepare: () => Promise<Subject>): void {
  describe(`counts on ${name}`, () => {
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

    const tags = (...names: string[]) => names.map((tag) => ({ name: tag, confidence: 1 }));
    const unfolded = async () => (await store.query('SELECT DISTINCT change_id FROM count_change')).length;
    const figures = async () => ({
      totals: await store.counts.totals(),
      batches: await store.counts.batches(),
      firstBatches: await store.counts.batches({ limit: 2 }),
      tags: await store.counts.names({ kind: 'tag', limit: 9 }),
      firstTag: await store.counts.names({ kind: 'tag', limit: 1 }),
    });

    test('folding changes no figure, leaves nothing to fold, and may be done by several at once', async () => {
      await store.save(matching('a', ['b'], { batchId: 'one', tags: tags('dog', 'tree') }));
      await store.save(image('b', { batchId: 'two', tags: tags('tree') }));
      await store.counts.fold();
      // One batch and one tag come to an end in what is not folded in, others begin.
      await store.save(image('a', { batchId: 'three', run: 1, tags: tags('cat', 'tree') }));
      await store.save(image('c', { batchId: 'four', tags: tags('cat') }));
      await store.save(image('d', { batchId: 'four', tags: tags('cat') }));
      const before = await figures();
      expect(before.totals).toMatchObject({ images: 4, faces: 0, byStatus: { done: 4 } });
      expect(before.batches.map(({ batchId, images }) => [batchId, images])).toEqual([
        ['four', 2],
        ['three', 1],
        ['two', 1],
      ]);
      expect(before.firstBatches.map(({ batchId }) => batchId)).toEqual(['four', 'three']);
      expect(before.tags).toEqual([
        { name: 'cat', images: 3 },
        { name: 'tree', images: 2 },
      ]);
      expect(before.firstTag).toEqual([{ name: 'cat', images: 3 }]);

      const other = await subject.open();
      await Promise.all([store.counts.fold(), other.counts.fold(), store.counts.fold()]);
      await other.close();
      expect(await unfolded()).toBe(0);
      expect(await figures()).toEqual(before);
      expect(await store.query("SELECT name FROM tag_count WHERE name = 'dog'")).toEqual([]);
      expect(await store.query("SELECT batch_id FROM batch_count WHERE batch_id = 'one'")).toEqual([]);
      expect(await store.counts.recount()).toEqual([]);
    });

    test('many saves leave few changes to fold', async () => {
      for (let n = 0; n < 120; n += 1) await store.save(image(`${n}`));
      expect(await unfolded()).toBeLessThan(60);
      expect(await store.counts.batch('batch')).toMatchObject({ images: 120 });
    });

    test('a recount corrects what the counts lost, says by how much, and finds nothing more', async () => {
      await store.save(matching('a', [], { batchId: 'one', tags: tags('dog', 'tree') }));
      await store.save(image('b', { batchId: 'two', tags: tags('tree') }));
      await store.counts.fold();
      await store.save(image('c', { batchId: 'two', tags: tags('cat', 'tree') }));
      const right = await figures();
      for (const statement of [
        "UPDATE tag_count SET images = images - 1 WHERE name = 'tree'",
        "DELETE FROM tag_count WHERE name = 'dog'",
        "INSERT INTO tag_count (kind, name, images) VALUES ('tag', 'ghost', 2)",
        "UPDATE batch_count SET faces = faces + 1 WHERE batch_id = 'one'",
        "DELETE FROM batch_count WHERE batch_id = 'two'",
        "UPDATE batch_count SET images = images + 5 WHERE batch_id = ''",
      ])
        await subject.administer(statement);
      const corrected = await store.counts.recount();
      const key = ({ kind, name, status }: { kind: string; name: string; status: string }) =>
        `${kind} ${name} ${status}`;
      expect(new Map(corrected.map((one) => [key(one), [one.images, one.faces]]))).toEqual(
        new Map([
          ['tag dog ', [1, 0]],
          ['tag ghost ', [-2, 0]],
          ['tag tree ', [1, 0]],
          ['batch one done', [0, -1]],
          ['batch two done', [1, 0]],
          // By 5 too many at first; the corrections of the batches count there too.
          ['batch  done', [-6, 1]],
        ]),
      );
      const { totals: now, ...figuresNow } = await figures();
      const { totals: then, ...figuresThen } = right;
      expect(figuresNow).toEqual(figuresThen);
      expect({ ...now, stamp: '' }).toEqual({ ...then, stamp: '' });
      expect(await store.counts.recount()).toEqual([]);
      await store.counts.fold();
      expect(await store.counts.recount()).toEqual([]);
      expect(await store.query("SELECT name FROM tag_count WHERE name = 'ghost'")).toEqual([]);
    });

    test('how steps ended and how long they took is counted, folded in or not, and follows every new row', async () => {
      const vision = (state: 'done' | 'failed', attempts: number, ms?: number, code?: string) => ({
        ocr: {
          ...{ state, attempts, ...(ms !== undefined && { ms }) },
          ...(code !== undefined && { error: { code, message: 'x' } }),
        },
      });
      const told = async (batch?: string) =>
        (await store.counts.outcomes(batch)).map(({ step, state, code, took, images, attempts, retries }) =>
          [step, state, code, took, images, attempts, retries].join(' '),
        );
      await store.save(image('a', { batchId: 'one', steps: vision('done', 1, 100), latencyMs: 1000 }));
      await store.save(image('b', { batchId: 'one', steps: vision('failed', 5, undefined, 'TooSlow') }));
      const slow = bucketOf(100);
      const both = [
        ` done  -1 1 0 0`,
        ` done  ${bucketOf(1000)} 1 0 0`,
        `ocr done  ${slow} 1 1 0`,
        'ocr failed TooSlow -1 1 5 4',
      ];
      expect(await told()).toEqual(both);
      await store.counts.fold();
      expect(await told()).toEqual(both);
      expect(await store.counts.failures()).toEqual([
        { step: 'ocr', state: 'failed', code: 'TooSlow', images: 1 },
      ]);

      const ends = async (batch?: string) => {
        const { statuses, reasons } = await store.counts.ends(batch);
        return [...statuses, ...reasons].map((one) => Object.values(one).join(' '));
      };
      expect(await ends()).toEqual(['one done 2', 'one ocr failed TooSlow 1']);

      // A rerun takes the place of what was counted, in another batch too; a rejected image says why.
      await store.save(image('b', { batchId: 'two', run: 1, steps: vision('done', 3, 100) }));
      await store.save(
        image('c', {
          batchId: 'two',
          status: 'rejected',
          reason: { code: 'NotAnImage', message: 'x' },
          steps: {},
        }),
      );
      expect(await told('one')).toEqual([` done  ${bucketOf(1000)} 1 0 0`, `ocr done  ${slow} 1 1 0`]);
      const two = [' done  -1 1 0 0', ' rejected NotAnImage -1 1 0 0', `ocr done  ${slow} 1 3 2`];
      expect(await told('two')).toEqual(two);
      const ofTwo = ['two done 1', 'two rejected 1', 'two  rejected NotAnImage 1'];
      expect(await ends('two')).toEqual(ofTwo);
      await store.counts.fold();
      expect(await told('two')).toEqual(two);
      expect(await ends()).toEqual(['one done 1', ...ofTwo]);
      expect(await store.counts.failures()).toEqual([]);
      expect(await store.counts.recount()).toEqual([]);
      expect(await store.counts.finished('2026-11-23T12:00:00.000Z', 'two')).toEqual({
        ...{ first: '2026-11-23T12:00:00.000Z', last: '2026-11-23T12:00:00.000Z', since: 0 },
      });
      expect((await store.counts.finished('2026-11-23T11:59:59.999Z')).since).toBe(3);

      for (const statement of [
        "UPDATE step_count SET retries = retries + 7 WHERE batch_id = 'two' AND step = 'ocr'",
        "DELETE FROM step_count WHERE batch_id = 'one'",
        "INSERT INTO step_count (batch_id, step, state, code, took, images, attempts, retries) VALUES ('ghost', 'ocr', 'done', '', 3, 2, 2, 0)",
      ])
        await subject.administer(statement);
      const corrected = await store.counts.recount();
      expect(
        corrected.filter(({ name }) => name !== '').map(({ kind, name, images }) => [kind, name, images]),
      ).toEqual(
        expect.arrayContaining([
          ['step', 'two', 0],
          ['step', 'one', 1],
          ['step', 'ghost', -2],
        ]),
      );
      await store.counts.fold();
      expect(await told('two')).toEqual(two);
      expect(await told('one')).toEqual([` done  ${bucketOf(1000)} 1 0 0`, `ocr done  ${slow} 1 1 0`]);
      expect(await told('ghost')).toEqual([]);
      expect(await store.counts.recount()).toEqual([]);

      await store.erasures.remove(['a', 'b', 'c'], new AbortController().signal);
      expect(await told()).toEqual([]);
      expect(await store.query('SELECT * FROM step_count')).toEqual([]);
    });

    test('an erasure leaves the name of its batch and its tags nowhere, folded in or not', async () => {
      await store.save(image('a', { batchId: 'secret', tags: tags('secret') }));
      await store.counts.fold();
      await store.save(image('b', { batchId: 'secret', tags: tags('secret', 'other') }));
      await store.erasures.entomb(['a', 'b'], 'erasure-1');
      await store.erasures.remove(['a', 'b'], new AbortController().signal);
      expect(await unfolded()).toBe(0);
      expect(await store.query('SELECT name FROM tag_count')).toEqual([]);
      expect(await store.query("SELECT batch_id FROM batch_count WHERE batch_id <> ''")).toEqual([]);
      expect(await store.save(image('a', { batchId: 'secret' }))).toBe('erased');
      expect(await unfolded()).toBe(0);
    });

    test('clearing empties the counts, and their stamp was never seen before', async () => {
      await store.save(image('a', { tags: tags('dog') }));
      await store.counts.fold();
      await store.save(image('b', { tags: tags('dog') }));
      const { stamp } = await store.counts.totals();
      await store.clear();
      expect(await store.counts.totals()).toMatchObject({ images: 0, faces: 0, byStatus: {} });
      expect((await store.counts.totals()).stamp).not.toBe(stamp);
      expect(await store.counts.batches()).toEqual([]);
      expect(await store.counts.names({ kind: 'tag', limit: 9 })).toEqual([]);
      expect(await unfolded()).toBe(0);
    });
  });
}
