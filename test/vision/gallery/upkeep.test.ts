import { describe, expect, test } from 'vitest';
import { RateLimitedError } from '../../../src/domain/errors.ts';
import { closeEmptyLists } from '../../../src/vision/gallery/closing.ts';
import { maintain } from '../../../src/vision/gallery/maintain.ts';
import { remove } from '../../../src/vision/gallery/remove.ts';
import { sweep } from '../../../src/vision/gallery/sweep.ts';
import { eraseFaces, lookThrough, traces } from '../../../src/vision/gallery/trace.ts';
import { never } from '../support/fixtures.ts';
import {
  bytes,
  copied,
  enrolled,
  face,
  held,
  idOf,
  inParts,
  listOf,
  MINUTE_MS,
  noFace,
  START,
  state,
  w,
} from './in-parts.ts';

inParts();

describe('maintenance', () => {
  const run = (imageOf: () => Promise<Buffer | undefined> = async () => bytes) =>
    maintain(w.parts, imageOf, never);

  test('copies the oldest beyond half of the limit, has them trained, and takes them out once they are', async () => {
    for (const key of ['a-1', 'b-1']) {
      await enrolled(key);
      w.now += 1000;
    }
    expect(await run(), 'as many as may be').toEqual({ fresh: 2, copied: 0, retired: 0, training: false });
    await enrolled('c-1');
    expect(await run()).toEqual({ fresh: 3, copied: 2, retired: 0, training: true });
    expect(held(w.large)).toEqual(['a-1', 'b-1']);
    expect(w.large.calls).toContain('train test-large-00');
    w.large.state = { status: 'succeeded', mark: 'new' };
    expect(await run()).toEqual({ fresh: 1, copied: 0, retired: 2, training: false });
    expect(held(w.fresh)).toEqual(['c-1']);
    expect((await listOf('test-fresh-00')).full, 'there is room again').toBe(false);
  });

  test('takes out faces whose image has gone, and leaves those that cannot be copied', async () => {
    for (const key of ['a-1', 'b-1', 'c-1']) await enrolled(key);
    let asked: unknown[] = [];
    const left = await maintain(
      w.parts,
      async (job) => {
        asked.push(job);
        return undefined;
      },
      never,
    );
    expect(left).toEqual({ fresh: 1, copied: 0, retired: 0, training: false });
    expect(asked).toEqual([
      { jobId: 'a', batchId: 'b' },
      { jobId: 'b', batchId: 'b' },
    ]);
    expect(held(w.fresh)).toEqual(['c-1']);
    for (const key of ['d-1', 'e-1']) await enrolled(key);
    w.large.fails = (call) => (call === 'add' ? noFace : undefined);
    expect(await run()).toEqual({ fresh: 3, copied: 0, retired: 0, training: false });
    asked = [];
    w.large.calls.length = 0;
    expect(await run(), 'those that are left are few enough').toMatchObject({ copied: 0 });
    expect(w.large.calls.filter((call) => call.startsWith('add'))).toEqual([]);
  });

  test('goes on another time where the service asks for fewer calls, or trains; other faults are told', async () => {
    for (const key of ['a-1', 'b-1', 'c-1']) await enrolled(key);
    for (const error of [new RateLimitedError('Slow down.', 1), state('training')]) {
      w.large.fails = (call) => (call === 'add' ? error : undefined);
      expect(await run()).toMatchObject({ fresh: 3, copied: 0 });
    }
    w.large.fails = (call) => (call === 'add' ? state('missing') : undefined);
    await expect(run()).rejects.toMatchObject({ state: 'missing' });
  });
});

describe('empty lists', () => {
  test('take no more faces, and are deleted after a quarter of an hour; the first and those with faces stay', async () => {
    for (const key of ['a-1', 'b-1', 'c-1']) await enrolled(key);
    await w.parts.registry.register('large', 0);
    const close = () => closeEmptyLists(w.parts, never);
    await close();
    expect((await listOf('test-fresh-01')).closingAt, 'it has a face').toBe(0);
    await remove(w.parts, 'a', () => true, never);
    await remove(w.parts, 'b', () => true, never);
    await remove(w.parts, 'c', () => true, never);
    await close();
    expect(await listOf('test-fresh-01')).toMatchObject({ closingAt: START, closed: false });
    expect(await listOf('test-fresh-00')).toMatchObject({ closingAt: 0 });
    expect(await listOf('test-large-00')).toMatchObject({ closingAt: 0 });
    w.now = START + 15 * MINUTE_MS - 1;
    await close();
    expect(await listOf('test-fresh-01')).toMatchObject({ closed: false, closingAt: START });
    w.now += 1;
    w.fresh.fails = (call) => (call === 'drop' ? new Error('away') : undefined);
    await expect(close()).rejects.toThrow('away');
    expect(await listOf('test-fresh-01'), 'searched by nobody from then on').toMatchObject({ closed: true });
    w.fresh.fails = () => undefined;
    await close();
    expect(await w.parts.registry.get('test-fresh-01')).toBeUndefined();
    expect(w.fresh.faces.has('test-fresh-01')).toBe(false);
  });
});

describe('the sweep', () => {
  const run = () => sweep(w.parts, never);
  const OLD = 15 * MINUTE_MS;

  test('notes a face that nobody owns, and deletes it where it still is nobody’s a quarter of an hour later', async () => {
    const { place } = await enrolled('a-1');
    w.fresh.faces.get(place.listId)?.set('stray', 'x-1');
    expect(await run()).toEqual({ suspected: 1, deleted: 0, dropped: 0 });
    w.now += OLD - 1;
    expect(await run()).toEqual({ suspected: 1, deleted: 0, dropped: 0 });
    w.now += 1;
    w.fresh.fails = (call) => (call === 'remove' ? state('busy') : undefined);
    expect(await run(), 'the list is being changed').toEqual({ suspected: 1, deleted: 0, dropped: 0 });
    w.fresh.fails = (call) => (call === 'remove' ? new Error('away') : undefined);
    await expect(run()).rejects.toThrow('away');
    w.fresh.fails = () => undefined;
    expect(await run()).toEqual({ suspected: 0, deleted: 1, dropped: 0 });
    expect(held(w.fresh)).toEqual(['a-1']);
    expect(await w.parts.index.orphans(place.listId)).toEqual(new Map());
  });

  test('forgets one that has been claimed meanwhile, and deletes at once what is known to be nobody’s', async () => {
    const { place } = await enrolled('a-1');
    w.fresh.faces.get(place.listId)?.set('late', 'x-1');
    await run();
    await w.parts.index.writeId(face('x-1'), { ...place, persistedFaceId: 'late' }, w.now);
    expect(await run()).toEqual({ suspected: 0, deleted: 0, dropped: 0 });
    expect(await w.parts.index.orphans(place.listId)).toEqual(new Map());
    w.fresh.faces.get(place.listId)?.set('known', 'y-1');
    await w.parts.index.noteOrphan({ ...place, persistedFaceId: 'known' }, 0);
    expect(await run()).toEqual({ suspected: 0, deleted: 1, dropped: 0 });
  });

  test('drops an id whose face has gone from the list, and the claim on it; a young one is left', async () => {
    const { place } = await enrolled('a-1');
    w.fresh.faces.get(place.listId)?.delete(place.persistedFaceId);
    w.now += OLD - 1;
    expect(await run()).toEqual({ suspected: 0, deleted: 0, dropped: 0 });
    w.now += 1;
    expect(await run()).toEqual({ suspected: 0, deleted: 0, dropped: 1 });
    expect(await w.parts.index.owner(place)).toBeUndefined();
    expect((await w.parts.index.face('a-1'))?.fresh).toBeUndefined();
  });

  test('drops an id whose face owns another, and not the claim on that', async () => {
    const { place } = await enrolled('a-1');
    const other = { ...place, persistedFaceId: 'z' };
    w.fresh.faces.get(place.listId)?.set('z', 'a-1');
    await w.parts.index.claimFresh(face('a-1'), other, w.now, await w.parts.index.face('a-1'));
    await w.parts.index.writeId(face('a-1'), other, w.now);
    expect(await run()).toMatchObject({ dropped: 0 });
    w.now += OLD;
    expect(await run()).toMatchObject({ dropped: 1 });
    expect(await w.parts.index.owner(place)).toBeUndefined();
    expect((await w.parts.index.face('a-1'))?.fresh?.persistedFaceId).toBe('z');
    // Of those that are gone the same.
    w.fresh.faces.get(place.listId)?.delete(place.persistedFaceId);
    await w.parts.index.writeId(face('a-1'), place, START);
    expect(await run()).toMatchObject({ dropped: 1 });
    expect((await w.parts.index.face('a-1'))?.fresh?.persistedFaceId).toBe('z');
  });

  test('notes a copy that was made and never noted, and takes back the claim on one that nobody owns', async () => {
    const { place, copy } = await copied('a-1');
    await w.parts.index.note(place, { copy: undefined });
    await run();
    expect((await idOf(place)).copy, 'it may be in flight').toBeUndefined();
    w.now += OLD;
    await run();
    expect((await idOf(place)).copy).toEqual({ listId: copy.listId, epoch: copy.epoch });
    await w.parts.index.note(place, { copy: undefined });
    await w.parts.index.removeId(copy);
    await run();
    expect(await w.parts.index.face('a-1')).toMatchObject({
      large: undefined,
      fresh: { listId: place.listId },
    });
  });

  test('begins again another time where the service asks for fewer calls', async () => {
    const { place } = await enrolled('a-1');
    await w.parts.index.noteOrphan({ ...place, persistedFaceId: 'p' }, 0);
    w.fresh.faces.get(place.listId)?.set('p', 'y-1');
    w.fresh.fails = (call) => (call === 'remove' ? new RateLimitedError('Slow down.', 1) : undefined);
    expect(await run()).toEqual({ suspected: 0, deleted: 0, dropped: 0 });
    expect(held(w.fresh)).toHaveLength(2);
  });
});

describe('removing', () => {
  test('takes id rows, then lists, then the face row, of those that are meant', async () => {
    const { place, copy } = await copied('a-1');
    await enrolled('a-2');
    await remove(w.parts, 'a', (key) => key === 'a-1', never);
    expect([held(w.fresh), held(w.large)]).toEqual([['a-2'], []]);
    expect([await w.parts.index.owner(place), await w.parts.index.owner(copy)]).toEqual([
      undefined,
      undefined,
    ]);
    expect((await w.parts.index.faces('a')).map(({ key }) => key)).toEqual(['a-2']);
  });

  test('from a list that cannot be changed now is left to the next sweep, at once', async () => {
    const { copy, place } = await copied('a-1');
    w.large.fails = (call) => (call === 'remove' ? state('training') : undefined);
    await remove(w.parts, 'a', () => true, never);
    expect(held(w.fresh)).toEqual([]);
    expect(await w.parts.index.orphans(copy.listId)).toEqual(new Map([[copy.persistedFaceId, 0]]));
    expect(await w.parts.index.faces('a')).toEqual([]);
    expect(await w.parts.index.owner(place)).toBeUndefined();
    w.large.fails = () => undefined;
    expect(await sweep(w.parts, never)).toMatchObject({ deleted: 1 });
    expect(held(w.large)).toEqual([]);
    await enrolled('b-1');
    w.fresh.fails = (call) => (call === 'remove' ? new Error('away') : undefined);
    await expect(remove(w.parts, 'b', () => true, never)).rejects.toThrow('away');
    expect(await w.parts.index.faces('b'), 'so that the next call goes on').toHaveLength(1);
  });

  test('takes also what was claimed while it worked', async () => {
    const { place } = await enrolled('a-1');
    w.fresh.fails = (call) => {
      if (call !== 'remove') return;
      w.fresh.fails = () => undefined;
      void 0;
    };
    const { removeFace } = w.parts.index;
    let rounds = 0;
    w.parts.index.removeFace = async (row) => {
      rounds += 1;
      if (rounds === 1)
        await w.parts.index.claimCopy(row, {
          listId: 'test-large-00',
          persistedFaceId: 'c',
          epoch: 0,
          claimedAt: w.now,
        });
      return removeFace.call(w.parts.index, row);
    };
    w.large.faces.set('test-large-00', new Map([['c', 'a-1']]));
    await remove(w.parts, 'a', () => true, never);
    expect(rounds).toBe(2);
    expect([held(w.fresh), held(w.large), await w.parts.index.faces('a')]).toEqual([[], [], []]);
    expect(await w.parts.index.owner(place)).toBeUndefined();
  });
});

describe('the traces of jobs', () => {
  const keys = new Set(['a']);

  /** What going through everything finds, a page at a time, as another process would go on. */
  async function seen() {
    const look = lookThrough(w.parts);
    const found = { rows: [] as string[], faces: [] as string[] };
    for (let from: string | undefined, first = true; first || from !== undefined; first = false) {
      const { rows, next } = await look.rows(keys, from);
      found.rows.push(...rows.map(({ faceKey }) => faceKey));
      from = next;
    }
    for (let from: string | undefined, first = true; first || from !== undefined; first = false) {
      const { faces, next } = await look.persisted(keys, from, never);
      found.faces.push(...faces.map(({ listId, persistedFaceId }) => `${listId} ${persistedFaceId}`));
      for (const face of faces) expect(await look.isPersisted(face, never)).toBe(true);
      from = next;
    }
    return found;
  }

  test('are counted by their own rows, or by looking through everything', async () => {
    await copied('a-1');
    await enrolled('a-2');
    await enrolled('b-1');
    expect(await traces(w.parts, keys, never)).toEqual({ rows: 2, persisted: 3 });
    expect((await seen()).rows, 'id rows, too').toHaveLength(5);
    expect((await seen()).faces).toHaveLength(3);
    w.fresh.faces.get('test-fresh-00')?.set('stray', 'a-9');
    expect(await traces(w.parts, keys, never)).toEqual({ rows: 2, persisted: 3 });
    expect((await seen()).faces).toHaveLength(4);
    await expect(traces(w.parts, keys, AbortSignal.abort())).rejects.toThrow();
  });

  test('are erased, what no row leads to by looking through everything; large lists that had some are trained', async () => {
    await copied('a-1');
    await enrolled('b-1');
    w.fresh.faces.get('test-fresh-00')?.set('stray', 'a-9');
    w.large.faces.get('test-large-00')?.set('other', 'b-9');
    w.large.calls.length = 0;
    await eraseFaces(w.parts, keys, never);
    expect([held(w.fresh), held(w.large)]).toEqual([
      ['a-9', 'b-1'].filter((key) => held(w.fresh).includes(key)),
      ['b-9'],
    ]);
    expect(await w.parts.index.faces('a')).toEqual([]);
    expect(w.large.calls).toContain('train test-large-00');
    const look = lookThrough(w.parts);
    const removeAll = async () => {
      for (let from: string | undefined, first = true; first || from !== undefined; first = false) {
        const { faces, next } = await look.persisted(keys, from, never);
        for (const face of faces) {
          await look.removePersisted(face, never);
          expect(await look.isPersisted(face, never)).toBe(false);
        }
        from = next;
      }
    };
    await removeAll();
    expect(held(w.fresh)).toEqual(['b-1']);
    expect(await seen()).toEqual({ rows: [], faces: [] });
    expect(await traces(w.parts, new Set(['b']), never)).toEqual({ rows: 1, persisted: 1 });
    w.large.calls.length = 0;
    await removeAll();
    expect(w.large.calls, 'nothing of theirs was there').toEqual([]);
    w.large.faces.get('test-large-00')?.set('late', 'a-8');
    await removeAll();
    expect(held(w.large)).toEqual(['b-9']);
    expect(w.large.calls.some((call) => call.startsWith('train'))).toBe(true);
    await expect(eraseFaces(w.parts, keys, AbortSignal.abort())).rejects.toThrow();
  });

  test('stay where a list is being trained, and the look goes on behind a list that has gone', async () => {
    await copied('a-1');
    const look = lookThrough(w.parts);
    const first = await look.persisted(keys, undefined, never);
    expect(first.faces.map(({ listId }) => listId)).toEqual(['test-fresh-00']);
    const place = { tier: 'large' as const, listId: 'test-large-00', jobKey: 'a' };
    const [persistedFaceId = ''] = w.large.faces.get('test-large-00')?.keys() ?? [];
    w.large.fails = (call) => (call === 'remove' ? state('training') : undefined);
    await look.removePersisted({ ...place, persistedFaceId }, never);
    expect(await look.isPersisted({ ...place, persistedFaceId }, never)).toBe(true);
    w.large.fails = () => undefined;
    const behind = await look.persisted(keys, JSON.stringify(['test-fresh-99', 'x']), never);
    expect([behind.faces, behind.next]).toEqual([[], JSON.stringify(['test-fresh-99'])]);
    const last = await look.persisted(keys, behind.next, never);
    expect(last.faces.map(({ listId }) => listId)).toEqual(['test-large-00']);
    expect((await look.persisted(keys, JSON.stringify(['zzz', 'x']), never)).next).toBeUndefined();
  });
});
