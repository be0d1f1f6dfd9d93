import { describe, expect, test } from 'vitest';
import { addToList } from '../../../src/vision/gallery/add-to-list.ts';
import { ListRegistry, type Tier } from '../../../src/vision/gallery/list-registry.ts';
import { never } from '../support/fixtures.ts';
import { bytes, enrolled, face, inParts, listOf, noFace, START, state, table, w } from './in-parts.ts';

inParts();

describe('the index', () => {
  test('keeps of a face whose it is, where it is and since when', async () => {
    const { index } = w.parts;
    expect(await index.face('job-1')).toBeUndefined();
    expect(
      await index.claimFresh(face('job-1'), { listId: 'l', persistedFaceId: 'a' }, START, undefined),
    ).toBe(true);
    const row = await index.face('job-1');
    expect(row).toEqual({
      ...face('job-1'),
      fresh: { listId: 'l', persistedFaceId: 'a', claimedAt: START },
      ...{ large: undefined, enrolledAt: START, etag: expect.any(String) },
    });
    const copy = { listId: 'm', persistedFaceId: 'c', epoch: 3, claimedAt: START + 5 };
    expect(row && (await index.claimCopy(row, copy))).toBe(true);
    const both = await index.face('job-1');
    expect(both).toMatchObject({ large: copy, fresh: { persistedFaceId: 'a' } });
    expect(both && (await index.disown(both, 'large'))).toBe(true);
    const one = await index.face('job-1');
    expect(one).toMatchObject({ large: undefined, fresh: { persistedFaceId: 'a' } });
    expect(one && (await index.disown(one, 'fresh'))).toBe(true);
    expect(await index.face('job-1')).toMatchObject({ fresh: undefined, large: undefined });
  });

  test('lists the faces of a job alone, every face, and every key', async () => {
    const { index } = w.parts;
    for (const key of ['job-1', 'job-2', 'job2-1', 'a-b-1']) await enrolled(key);
    const keys = async (rows: AsyncIterable<{ key: string }>) => {
      const found: string[] = [];
      for await (const { key } of rows) found.push(key);
      return found.sort();
    };
    expect((await index.faces('job')).map(({ key }) => key)).toEqual(['job-1', 'job-2']);
    expect((await index.faces('a-b')).map(({ key }) => key)).toEqual(['a-b-1']);
    expect(await keys(index.everyFace())).toEqual(['a-b-1', 'job-1', 'job-2', 'job2-1']);
    const rowsOf = async (key?: string) => {
      const { rows } = await index.rowsOf((faceKey) => key === undefined || faceKey === key, undefined);
      return rows;
    };
    const every = ['a-b-1', 'a-b-1', 'job-1', 'job-1', 'job-2', 'job-2', 'job2-1', 'job2-1'];
    expect((await rowsOf()).map(({ faceKey }) => faceKey).sort(), 'by face and by id').toEqual(every);
    for (const row of await rowsOf('job-1')) {
      expect(await index.hasRow(row)).toBe(true);
      await index.removeRow(row);
      expect(await index.hasRow(row)).toBe(false);
    }
    expect(await keys(index.everyFace())).toEqual(['a-b-1', 'job-2', 'job2-1']);
  });

  test('notes of an id whose it is, its copy, and why it stays', async () => {
    const { index } = w.parts;
    const { place } = await enrolled('job-1');
    const id = { ...face('job-1'), ...place, ownedAt: START, copy: undefined, stuck: undefined };
    expect(await index.owner(place)).toEqual(id);
    await index.note(place, { copy: { listId: 'm', epoch: 2 } });
    expect(await index.owner(place)).toEqual({ ...id, copy: { listId: 'm', epoch: 2 } });
    await index.note(place, { copy: undefined });
    expect(await index.owner(place)).toEqual(id);
    await index.note(place, { stuck: 'NoFace' });
    expect(await index.owner(place)).toEqual({ ...id, stuck: 'NoFace' });
    const found: unknown[] = [];
    for await (const one of index.ids(place.listId)) found.push(one);
    expect(found).toEqual([{ ...id, stuck: 'NoFace' }]);
    await index.removeId(place);
    await index.note(place, { stuck: 'NoFace' });
    expect(await index.owner(place), 'no row is made for it').toBeUndefined();
  });

  test('remembers since when an id is nobody’s, and not a later time', async () => {
    const { index } = w.parts;
    const place = { listId: 'l', persistedFaceId: 'a' };
    await index.noteOrphan(place, START);
    await index.noteOrphan(place, START + 9);
    await index.noteOrphan({ ...place, persistedFaceId: 'b' }, 0);
    await index.noteOrphan({ ...place, listId: 'm' }, 1);
    expect(await index.orphans('l')).toEqual(
      new Map([
        ['a', START],
        ['b', 0],
      ]),
    );
    await index.removeOrphan(place);
    expect(await index.orphans('l')).toEqual(new Map([['b', 0]]));
  });
});

describe('the registry', () => {
  test('has lists by tier and number, those of other environments left out, lowest first', async () => {
    const { registry } = w.parts;
    await registry.register('fresh', 10);
    await registry.register('fresh', 2);
    await registry.register('large', 1);
    await new ListRegistry(table, 'other', Date.now).register('fresh', 0);
    const lists = await registry.read();
    expect(lists.map(({ listId }) => listId)).toEqual(['test-large-01', 'test-fresh-02', 'test-fresh-10']);
    expect(lists[1]).toEqual({
      ...{ tier: 'fresh', number: 2, listId: 'test-fresh-02', full: false, epoch: 0, trainedEpoch: 0 },
      ...{ phase: 'idle', before: '', closingAt: 0, closed: false, etag: expect.any(String) },
    });
    const changed = {
      full: true,
      epoch: 4,
      trainedEpoch: 3,
      phase: 'training',
      before: 'm',
      closed: true,
    } as const;
    const [, list] = lists;
    expect(list && (await registry.update(list, { ...changed, closingAt: START }))).toBe(true);
    expect(await registry.get('test-fresh-02')).toMatchObject({ ...changed, closingAt: START, number: 2 });
    await registry.register('fresh', 2);
    expect((await registry.get('test-fresh-02'))?.epoch, 'registered already').toBe(4);
    const last = await listOf('test-fresh-02');
    await registry.update(last, { closingAt: 0, phase: 'preparing' });
    expect(await registry.get('test-fresh-02')).toMatchObject({ closingAt: 0, phase: 'preparing' });
    await registry.remove(last);
    expect(await registry.get('test-fresh-02')).toBeUndefined();
    expect([registry.numbers('fresh').length, registry.numbers('large').length]).toEqual([64, 100]);
    expect(registry.numbers('fresh')[0]).toBe(0);
  });
});

describe('which lists there are, for who adds a face', () => {
  /** Another process, with a memory of its own. */
  const elsewhere = () => new ListRegistry(table, 'test', () => w.now);
  const numbers = async () => (await w.parts.registry.recent()).map(({ number }) => number);

  test('is what was read within the last five seconds', async () => {
    const { registry } = w.parts;
    await registry.register('fresh', 0);
    expect(await numbers()).toEqual([0]);
    await elsewhere().register('fresh', 1);
    w.now += 4999;
    expect(await numbers()).toEqual([0]);
    w.now += 1;
    expect(await numbers()).toEqual([0, 1]);
    await elsewhere().register('fresh', 2);
    // Where the clock was set back nobody knows how old it is.
    w.now -= 1;
    expect(await numbers()).toEqual([0, 1, 2]);
  });

  test('is read anew where this process has changed them, or one is to be closed', async () => {
    const { registry } = w.parts;
    await registry.register('fresh', 0);
    expect(await numbers()).toEqual([0]);
    await registry.register('fresh', 1);
    expect(await numbers()).toEqual([0, 1]);
    await registry.remove(await listOf('test-fresh-01'));
    expect(await numbers()).toEqual([0]);
    await registry.update(await listOf('test-fresh-00'), { full: true });
    expect((await registry.recent()).map(({ full }) => full)).toEqual([true]);
    for (const change of [{ closingAt: START }, { closingAt: 0, closed: true }]) {
      await registry.update(await listOf('test-fresh-00'), change);
      await registry.read();
      const other = elsewhere();
      await other.update(await listOf('test-fresh-00'), { closingAt: 0, closed: false });
      expect((await registry.recent()).map(({ closingAt, closed }) => [closingAt, closed])).toEqual([
        [0, false],
      ]);
    }
  });
});

describe('adding to a list', () => {
  const add = (tier: Tier, key: string) => addToList(w.parts, tier, face(key), bytes, never);

  test('takes the lowest that has room; a full one is noted, and not asked again', async () => {
    for (const key of ['a-1', 'b-1', 'c-1']) await add('fresh', key);
    expect(w.fresh.calls).toEqual([
      'create test-fresh-00',
      'add test-fresh-00 a-1',
      'add test-fresh-00 b-1',
      'add test-fresh-00 c-1',
      'create test-fresh-01',
      'add test-fresh-01 c-1',
    ]);
    expect((await listOf('test-fresh-00')).full).toBe(true);
    expect((await listOf('test-fresh-01')).full).toBe(false);
    w.fresh.calls.length = 0;
    expect(await add('fresh', 'd-1')).toMatchObject({ listId: 'test-fresh-01' });
    expect(w.fresh.calls).toEqual(['add test-fresh-01 d-1']);
    await add('large', 'e-1');
    expect(w.large.calls, 'a tier of its own').toEqual(['create test-large-00', 'add test-large-00 e-1']);
  });

  test('makes one again that the service has lost, and takes one that another made', async () => {
    await w.parts.registry.register('fresh', 0);
    expect(await add('fresh', 'a-1')).toMatchObject({ listId: 'test-fresh-00' });
    expect(w.fresh.calls).toEqual(['add test-fresh-00 a-1', 'create test-fresh-00', 'add test-fresh-00 a-1']);
    w.large.faces.set('test-large-00', new Map());
    expect(await add('large', 'a-1')).toMatchObject({ listId: 'test-large-00' });
    expect((await w.parts.registry.read()).map(({ listId }) => listId)).toContain('test-large-00');
  });

  test('opens one again that was to be closed, and never one that is closed', async () => {
    await add('fresh', 'a-1');
    await w.parts.registry.update(await listOf('test-fresh-00'), { closingAt: START });
    expect(await add('fresh', 'b-1')).toMatchObject({ listId: 'test-fresh-00' });
    expect((await listOf('test-fresh-00')).closingAt).toBe(0);
    await w.parts.registry.update(await listOf('test-fresh-00'), { closed: true });
    expect(await add('fresh', 'c-1')).toMatchObject({ listId: 'test-fresh-01' });
  });

  test('waits where none has room, or the list is being changed; what else the service says is said', async () => {
    w.fresh.fails = (call, listId) =>
      call === 'create' && listId !== 'test-fresh-00' ? state('full') : undefined;
    await add('fresh', 'a-1');
    await add('fresh', 'b-1');
    await expect(add('fresh', 'c-1')).rejects.toMatchObject({ code: 'FaceListsFull', retryAfterMs: 60_000 });
    await w.parts.registry.update(await listOf('test-fresh-00'), { full: false });
    w.fresh.fails = () => state('busy');
    await expect(add('fresh', 'c-1')).rejects.toMatchObject({ code: 'FaceListBusy', retryAfterMs: 1000 });
    w.fresh.fails = () => noFace;
    await expect(add('fresh', 'c-1')).rejects.toBe(noFace);
    w.fresh.fails = () => state('training');
    await expect(add('fresh', 'c-1')).rejects.toMatchObject({ state: 'training' });
    await expect(add('large', 'c-1')).resolves.toBeDefined();
  });
});
