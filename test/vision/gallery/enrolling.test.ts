import { describe, expect, test } from 'vitest';
import { copyFace } from '../../../src/vision/gallery/copy.ts';
import { enrol } from '../../../src/vision/gallery/enrol.ts';
import { type FindOptions, find, findEach } from '../../../src/vision/gallery/find.ts';
import { remove } from '../../../src/vision/gallery/remove.ts';
import { retire } from '../../../src/vision/gallery/retire.ts';
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
  rectangle,
  START,
  state,
  trained,
  w,
} from './in-parts.ts';

inParts();

describe('enrolling', () => {
  test('is done once; a claim whose id row was never written is completed for five minutes', async () => {
    const { place } = await enrolled('a-1');
    await enrolled('a-1');
    expect(held(w.fresh)).toEqual(['a-1']);
    await w.parts.index.removeId(place);
    w.now = START + 5 * MINUTE_MS - 1;
    await enrolled('a-1');
    expect(held(w.fresh)).toEqual(['a-1']);
    expect(await idOf(place)).toMatchObject({ ownedAt: START });
    await w.parts.index.removeId(place);
    w.now = START + 5 * MINUTE_MS;
    const again = await enrolled('a-1');
    expect(again.place.persistedFaceId).not.toBe(place.persistedFaceId);
    expect(await idOf(again.place)).toMatchObject({ key: 'a-1', ownedAt: w.now });
  });

  test.each([
    [2 * MINUTE_MS, undefined],
    [2 * MINUTE_MS + 1, 'EnrolmentLost'],
  ])('that took %i ms to add claims: %s', async (took, code) => {
    w.fresh.fails = (call) => {
      if (call === 'add') w.now += took;
    };
    const outcome = enrol(w.parts, face('a-1'), bytes, never);
    if (code === undefined) await outcome;
    else await expect(outcome).rejects.toMatchObject({ code });
    expect(held(w.fresh)).toEqual(code === undefined ? ['a-1'] : []);
  });

  test.each([
    [5 * MINUTE_MS, true],
    [5 * MINUTE_MS + 1, false],
  ])('that took %i ms to claim counts: %s', async (took, counts) => {
    const { claimFresh } = w.parts.index;
    w.parts.index.claimFresh = async (...given) => {
      const done = await claimFresh.apply(w.parts.index, given);
      w.now += took;
      return done;
    };
    const outcome = enrol(w.parts, face('a-1'), bytes, never);
    if (counts) await outcome;
    else await expect(outcome).rejects.toMatchObject({ code: 'EnrolmentTooSlow' });
    const row = await w.parts.index.face('a-1');
    expect(row?.fresh && (await w.parts.index.owner(row.fresh)) !== undefined).toBe(counts);
  });

  test('goes by the rows that were just read, and still loses to a claim that came since', async () => {
    const { place } = await enrolled('a-1');
    const { row } = await enrolled('a-2');
    let reads = 0;
    const { face: read } = w.parts.index;
    w.parts.index.face = (key) => {
      reads += 1;
      return read.call(w.parts.index, key);
    };
    expect(await enrol(w.parts, face('a-2'), bytes, never, [row])).toEqual([
      { listId: row.fresh?.listId, persistedFaceId: row.fresh?.persistedFaceId, claimedAt: START },
    ]);
    expect(await enrol(w.parts, face('a-3'), bytes, never, [row])).toHaveLength(1);
    expect(reads).toBe(0);
    // What was read before somebody enrolled the face.
    expect(await enrol(w.parts, face('a-1'), bytes, never, [])).toMatchObject([place]);
    expect(held(w.fresh)).toEqual(['a-1', 'a-2', 'a-3']);
  });

  test('completes no claim that was taken back since the rows were read: the face is enrolled anew', async () => {
    const { row, place } = await enrolled('a-1');
    await remove(w.parts, 'a', () => true, never);
    const [anew] = await enrol(w.parts, face('a-1'), bytes, never, [row]);
    expect(await w.parts.index.owner(place), 'of a face that is no more').toBeUndefined();
    expect(anew?.persistedFaceId).not.toBe(place.persistedFaceId);
    expect(held(w.fresh)).toEqual(['a-1']);
    expect((await w.parts.index.face('a-1'))?.fresh).toMatchObject({ ...anew });
  });

  test('that loses takes its face back, and is content where the winner is enrolled', async () => {
    w.fresh.fails = (call) => {
      if (call !== 'add' || w.now !== START) return;
      w.now += 1;
      void w.parts.index.claimFresh(face('a-1'), { listId: 'l', persistedFaceId: 'w' }, w.now, undefined);
    };
    w.parts.index.claimFresh = new Proxy(w.parts.index.claimFresh, {
      async apply(target, self, given) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return Reflect.apply(target, self, given);
      },
    });
    await enrol(w.parts, face('a-1'), bytes, never);
    expect(held(w.fresh)).toEqual([]);
    expect(await w.parts.index.face('a-1')).toMatchObject({ fresh: { persistedFaceId: 'w' } });
    expect(await w.parts.index.owner({ listId: 'l', persistedFaceId: 'w' }), 'completed').toBeDefined();
  });

  test('of a face that lives in a large list is needed only until that is trained', async () => {
    const { place, copy } = await copied('a-1');
    await trained(copy.listId);
    await w.parts.index.note(place, { copy });
    expect(await retire(w.parts, await idOf(place), never)).toBe(true);
    w.fresh.calls.length = 0;
    await enrol(w.parts, face('a-1'), bytes, never);
    expect(w.fresh.calls, 'it can be found there').toEqual([]);
    await w.parts.index.removeId(copy);
    await enrol(w.parts, face('a-1'), bytes, never);
    expect(held(w.fresh), 'nobody owns that any more').toEqual(['a-1']);
  });
});

describe('copying', () => {
  test('stamps the copy with the epoch after it was added, claims it, and notes it', async () => {
    const { place } = await enrolled('a-1');
    await w.parts.registry.register('large', 0);
    const { index, registry } = w.parts;
    await registry.update(await listOf('test-large-00'), { epoch: 4 });
    const copy = await copyFace(w.parts, await idOf(place), bytes, never);
    expect(copy).toMatchObject({ listId: 'test-large-00', epoch: 4, claimedAt: START });
    expect((await index.face('a-1'))?.large).toEqual(copy);
    expect(await idOf(place)).toMatchObject({ copy: { listId: 'test-large-00', epoch: 4 } });
    expect(copy && (await index.owner(copy))?.key).toBe('a-1');
    w.large.calls.length = 0;
    await index.note(place, { copy: undefined });
    expect(await copyFace(w.parts, await idOf(place), bytes, never), 'made before').toEqual(copy);
    expect(w.large.calls).toEqual([]);
    expect((await idOf(place)).copy).toEqual({ listId: 'test-large-00', epoch: 4 });
  });

  test('completes a claim for five minutes, and then makes another', async () => {
    const { place, copy } = await copied('a-1');
    await w.parts.index.removeId(copy);
    w.now = START + 5 * MINUTE_MS - 1;
    expect(await copyFace(w.parts, await idOf(place), bytes, never)).toEqual(copy);
    expect(await idOf(copy)).toMatchObject({ ownedAt: START });
    await w.parts.index.removeId(copy);
    w.now += 1;
    expect(await copyFace(w.parts, await idOf(place), bytes, never)).toBeUndefined();
    expect((await w.parts.index.face('a-1'))?.large).toBeUndefined();
    expect(await copyFace(w.parts, await idOf(place), bytes, never)).toBeDefined();
  });

  test('of a face that is another by now is none', async () => {
    const { place } = await enrolled('a-1');
    const id = await idOf(place);
    await w.parts.index.claimFresh(
      face('a-1'),
      { ...place, persistedFaceId: 'x' },
      w.now,
      await w.parts.index.face('a-1'),
    );
    expect(await copyFace(w.parts, id, bytes, never)).toBeUndefined();
    expect(w.large.calls).toEqual([]);
  });

  test.each([
    [2 * MINUTE_MS, 1],
    [2 * MINUTE_MS + 1, 0],
  ])('that took %i ms to add leaves %i', async (took, left) => {
    const { place } = await enrolled('a-1');
    w.large.fails = (call) => {
      if (call === 'add') w.now += took;
    };
    expect((await copyFace(w.parts, await idOf(place), bytes, never)) !== undefined).toBe(left === 1);
    expect(held(w.large)).toHaveLength(left);
  });
});

test.each([
  [5 * MINUTE_MS, true],
  [5 * MINUTE_MS + 1, false],
])(
  'a copy that took %i ms to claim counts: %s; the sweep may have taken a later one',
  async (took, counts) => {
    const { place } = await enrolled('a-1');
    const { claimCopy } = w.parts.index;
    w.parts.index.claimCopy = async (...given) => {
      const done = await claimCopy.apply(w.parts.index, given);
      w.now += took;
      return done;
    };
    expect((await copyFace(w.parts, await idOf(place), bytes, never)) !== undefined).toBe(counts);
    const row = await w.parts.index.face('a-1');
    expect(row?.large && (await w.parts.index.owner(row.large)) !== undefined).toBe(counts);
    expect((await idOf(place)).copy !== undefined).toBe(counts);
  },
);

describe('what leaves its fresh list', () => {
  test('is a face whose copy is claimed and owned; else the copy is forgotten', async () => {
    const { place, copy } = await copied('a-1');
    const id = await idOf(place);
    for (const other of [
      { listId: 'x', epoch: copy.epoch },
      { listId: copy.listId, epoch: copy.epoch + 1 },
    ]) {
      expect(await retire(w.parts, { ...id, copy: other }, never)).toBe(false);
      expect((await idOf(place)).copy).toBeUndefined();
    }
    await w.parts.index.removeId(copy);
    expect(await retire(w.parts, id, never), 'nobody would find it').toBe(false);
    await w.parts.index.writeId(face('a-1'), copy, w.now);
    expect(held(w.fresh)).toEqual(['a-1']);
    expect(await retire(w.parts, id, never)).toBe(true);
    expect(held(w.fresh)).toEqual([]);
    expect(await w.parts.index.owner(place)).toBeUndefined();
    expect(await w.parts.index.face('a-1')).toMatchObject({
      fresh: undefined,
      large: { listId: copy.listId },
    });
  });

  test('is also an id that its face does not claim', async () => {
    const { place } = await enrolled('a-1');
    const id = await idOf(place);
    await w.parts.index.claimFresh(
      face('a-1'),
      { ...place, persistedFaceId: 'x' },
      w.now,
      await w.parts.index.face('a-1'),
    );
    expect(await retire(w.parts, id, never)).toBe(true);
    expect((await w.parts.index.face('a-1'))?.fresh?.persistedFaceId, 'its claim stays').toBe('x');
  });
});

describe('finding', () => {
  const options: FindOptions = { jobKey: 'probe', imageUrl: 'http://x/probe.jpg', max: 2 };
  const asked: { list: object; max: number }[] = [];
  /** What the service finds, by persisted id, in each list that is asked. */
  const service = (answers: Record<string, [string, number][] | unknown>) => {
    asked.length = 0;
    w.similar = (_, list, max) => {
      asked.push({ list, max });
      const answer = answers[list.faceListId ?? list.largeFaceListId ?? ''] ?? [];
      if (answer instanceof Error) throw answer;
      return (answer as [string, number][]).map(([persistedFaceId, confidence]) => ({
        persistedFaceId,
        confidence,
      }));
    };
  };
  const run = (more: Partial<FindOptions> = {}) =>
    find(w.parts, 'id', { ...options, ...more }, never).then((matches) =>
      matches.map(({ faceKey, confidence, margin }) => [
        faceKey,
        confidence,
        ...(margin === undefined ? [] : [Number(margin.toFixed(3))]),
      ]),
    );

  test('gives the best first with the margin to the next, above the threshold, no more than asked for', async () => {
    const ids: Record<string, string> = {};
    for (const key of ['a-1', 'b-1', 'c-1', 'd-1']) ids[key] = (await enrolled(key)).place.persistedFaceId;
    service({
      'test-fresh-00': [
        [ids['a-1'] ?? '', 0.5],
        [ids['b-1'] ?? '', 0.9],
      ],
      'test-fresh-01': [[ids['c-1'] ?? '', 0.7]],
    });
    expect(await run()).toEqual([
      ['b-1', 0.9, 0.2],
      ['c-1', 0.7, 0.2],
    ]);
    expect(await run({ max: 3 })).toEqual([
      ['b-1', 0.9, 0.2],
      ['c-1', 0.7, 0.2],
      ['a-1', 0.5],
    ]);
    expect(await run({ max: 3, atLeast: 0.71 })).toEqual([['b-1', 0.9, 0.2]]);
    w.parts.threshold = 0.51;
    expect(await run({ max: 3 })).toHaveLength(2);
    expect(asked.at(-1)?.max).toBe(3 + 128);
    const [match] = await find(w.parts, 'id', options, never);
    expect(match).toMatchObject({ jobId: 'b', batchId: 'b', imageUrl: 'http://x/b.jpg', rectangle });
  });

  test('of equals gives the lower key first, and whose score is just enough; asks of no more whose they are than it must', async () => {
    const ids: Record<string, string> = {};
    for (const key of ['a-1', 'b-1', 'c-1', 'd-1']) ids[key] = (await enrolled(key)).place.persistedFaceId;
    const of = (...scores: [string, number][]) =>
      scores.map(([key, score]): [string, number] => [ids[key] ?? '', score]);
    service({
      'test-fresh-00': of(['b-1', 0.7], ['a-1', 0.7]),
      'test-fresh-01': of(['d-1', 0.4], ['c-1', 0.5]),
    });
    expect(await run({ max: 3 })).toEqual([
      ['a-1', 0.7, 0],
      ['b-1', 0.7, 0.2],
      ['c-1', 0.5, 0.1],
    ]);
    const { owner } = w.parts.index;
    let asks = 0;
    w.parts.index.owner = (place) => {
      asks += 1;
      return owner.call(w.parts.index, place);
    };
    expect(await run({ max: 1 })).toEqual([['a-1', 0.7, 0]]);
    expect(asks, 'the one, and the next best').toBe(2);
    asks = 0;
    expect(await run({ max: 4, atLeast: 0.71 })).toEqual([]);
    expect(asks).toBe(1);
  });

  test('of several faces at once reads which lists there are once a tier, and asks once whose a face is, of its own never', async () => {
    const ids: Record<string, string> = {};
    for (const key of ['a-1', 'b-1', 'own-1', 'own-2'])
      ids[key] = (await enrolled(key)).place.persistedFaceId;
    const of = (...scores: [string, number][]) =>
      scores.map(([key, score]): [string, number] => [ids[key] ?? key, score]);
    service({
      'test-fresh-00': of(['a-1', 0.9], ['b-1', 0.4]),
      'test-fresh-01': of(['own-1', 1], ['nobody', 0.8]),
    });
    const seen: string[] = [];
    const { owner } = w.parts.index;
    w.parts.index.owner = (place) => {
      seen.push(place.persistedFaceId);
      return owner.call(w.parts.index, place);
    };
    const { read } = w.parts.registry;
    let reads = 0;
    w.parts.registry.read = () => {
      reads += 1;
      return read.call(w.parts.registry);
    };
    const own = [{ listId: 'test-fresh-01', persistedFaceId: ids['own-1'] ?? '' }];
    const prints: Record<string, string> = { 'own-1': 'one', 'own-2': 'two' };
    const told: string[] = [];
    const found = await findEach(
      w.parts,
      ['own-1', 'own-2'],
      (key, search) => {
        told.push(key);
        return search(prints[key] ?? '');
      },
      { ...options, own },
      never,
    );
    expect([...found].map(([key, matches]) => [key, matches.map(({ faceKey }) => faceKey)])).toEqual([
      ['own-1', ['a-1']],
      ['own-2', ['a-1']],
    ]);
    expect(reads).toBe(2);
    expect(told).toEqual(['own-1', 'own-1', 'own-2', 'own-2']);
    // Nobody's face may have been claimed since it was asked about.
    expect(seen).toEqual([ids['a-1'], 'nobody', ids['b-1'], 'nobody']);
    reads = 0;
    expect(await findEach(w.parts, [], (_, search) => search('x'), options, never)).toEqual(new Map());
    expect(reads).toBe(0);
  });

  test('takes of a face in two lists the better score, whichever list has that', async () => {
    const { place, copy } = await copied('a-1');
    await trained(copy.listId);
    service({
      [place.listId]: [[place.persistedFaceId, 0.9]],
      [copy.listId]: [[copy.persistedFaceId, 0.8]],
    });
    expect(await run({ max: 2 })).toEqual([['a-1', 0.9]]);
  });

  test('leaves out its own job and image, barred batches, ids that nobody owns, and says a face once', async () => {
    const own = await enrolled('probe-1');
    const same = await enrolled('again-1', { imageUrl: options.imageUrl });
    const barred = await enrolled('z-1', { batchId: 'closed' });
    const { place, copy } = await copied('a-1');
    await trained(copy.listId);
    const all = [own.place, same.place, barred.place, place, { persistedFaceId: 'nobody' }];
    const answers = (listId: string) =>
      all
        .filter((one) => !('listId' in one) || one.listId === listId)
        .map(({ persistedFaceId: id }) => [id, 0.8]);
    service({
      'test-fresh-00': answers('test-fresh-00'),
      'test-fresh-01': answers('test-fresh-01'),
      [copy.listId]: [[copy.persistedFaceId, 0.85]],
    });
    const isBarred = async (batch: string) => batch === 'closed';
    expect(await run({ isBarred, max: 5 })).toEqual([['a-1', 0.85]]);
    expect(await run({ max: 5 }), 'none is barred').toEqual([
      ['a-1', 0.85, 0.05],
      ['z-1', 0.8],
    ]);
  });

  test('asks fresh lists that are open, then large ones that were trained, never for more than the service gives', async () => {
    await copied('a-1');
    await enrolled('b-1');
    await enrolled('c-1');
    service({});
    await run();
    expect(asked.map(({ list }) => list)).toEqual([
      { faceListId: 'test-fresh-00' },
      { faceListId: 'test-fresh-01' },
    ]);
    await trained('test-large-00');
    await w.parts.registry.update(await listOf('test-fresh-01'), { closed: true });
    service({});
    await run({ max: 5000 });
    expect(asked).toEqual([
      { list: { faceListId: 'test-fresh-00' }, max: 1000 },
      { list: { largeFaceListId: 'test-large-00' }, max: 1000 },
    ]);
  });

  test('takes a list that has nothing for empty, waits for one that is changing, and tells what else is wrong', async () => {
    await enrolled('a-1');
    for (const name of ['empty', 'untrained', 'missing'] as const) {
      service({ 'test-fresh-00': state(name) });
      expect(await run()).toEqual([]);
    }
    for (const name of ['training', 'busy'] as const) {
      service({ 'test-fresh-00': state(name) });
      await expect(run()).rejects.toMatchObject({ code: 'FaceListBusy', retryAfterMs: 2000 });
    }
    for (const error of [state('full'), noFace]) {
      service({ 'test-fresh-00': error });
      await expect(run()).rejects.toBe(error);
    }
  });
});
