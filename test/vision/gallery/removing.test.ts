import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../support/emulator.ts';
import { never } from '../support/fixtures.ts';
import { Harness, type HarnessOptions, identityOf, photo } from './harness.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.stop());

const open = (options?: HarnessOptions) => Harness.open(emulator.connectionString, options);
const faceOf = (name: string) => ({
  key: `${name}-1`,
  ...identityOf(photo(name)),
  rectangle: { left: 20, top: 40, width: 200, height: 200 },
});

describe('removing', () => {
  test('what is not kept is gone from index and lists, in both tiers, and can be enrolled again', async () => {
    const h = await open({ settings: { FACE_FRESH_LIMIT: '1' } });
    await h.enrol(photo('group', 1, 2, 3));
    await h.settle([photo('group', 1, 2, 3)]);
    await h.gallery.keepOnly('group', ['group-2'], never);
    const held = await h.persisted();
    expect([...held.fresh, ...held.large]).toEqual(['group-2']);
    expect(await h.lookFor(2)).toEqual(['group-2']);
    await h.gallery.keepOnly('group', [], never);
    expect(await h.persisted()).toEqual({ fresh: [], large: [] });
    expect(await h.callsOf(() => h.gallery.keepOnly('group', [], never))).toEqual([]);
    await h.enrol(photo('group', 1, 2, 3));
    expect(await h.lookFor(1)).toEqual(['group-1']);
  });

  test('what a training keeps from being deleted is not found either, and the next sweep takes it', async () => {
    const h = await open({ settings: { FACE_FRESH_LIMIT: '0' }, trainingMs: 60_000 });
    await h.enrol(photo('a', 1));
    await h.maintain([photo('a', 1)]);
    await h.gallery.keepOnly('a', [], never);
    expect(await h.lookFor(1)).toEqual([]);
    expect(await h.persisted()).toEqual({ fresh: [], large: ['a-1'] });
    h.advance(60_000);
    expect(await h.gallery.sweep(never)).toEqual({ suspected: 0, deleted: 1, dropped: 0 });
    expect(await h.persisted()).toEqual({ fresh: [], large: [] });
  });
});

describe('the sweep', () => {
  test('an answer that was lost leaves an orphan: never matched, and deleted by the second sweep', async () => {
    const h = await open();
    await h.enrol(photo('lost', 1));
    h.proxy.after = (call, answer) => (call.endsWith('/persistedfaces') ? { cut: 'at once' } : answer);
    await expect(h.gallery.enrol(faceOf('other'), photo('other', 1).bytes, never)).rejects.toThrow();
    h.proxy.after = (_, answer) => answer;
    await h.gallery.enrol(faceOf('other'), photo('other', 1).bytes, never);

    expect((await h.persisted()).fresh).toEqual(['lost-1', 'other-1', 'other-1']);
    expect(await h.lookFor(1)).toEqual(['lost-1', 'other-1']);
    expect(await h.gallery.sweep(never)).toEqual({ suspected: 1, deleted: 0, dropped: 0 });
    h.advance(60_000);
    expect(await h.gallery.sweep(never)).toEqual({ suspected: 1, deleted: 0, dropped: 0 });
    h.advance(16 * 60_000);
    expect(await h.gallery.sweep(never)).toEqual({ suspected: 0, deleted: 1, dropped: 0 });
    expect((await h.persisted()).fresh).toEqual(['lost-1', 'other-1']);
    expect(await h.lookFor(1)).toEqual(['lost-1', 'other-1']);
  });

  test('a persisted face that the service lost is disowned, so that it can be enrolled again', async () => {
    const h = await open();
    await h.enrol(photo('a', 1));
    const { value: list } = await h.faceIndex.list({ partitionKey: 'lists' }).next();
    await fetch(`${h.proxy.url}/face/v1.0/facelists/${list?.rowKey}`, { method: 'DELETE' });
    expect(await h.gallery.sweep(never)).toEqual({ suspected: 0, deleted: 0, dropped: 0 });
    expect(await h.sweep()).toEqual({ suspected: 0, deleted: 0, dropped: 1 });
    await h.gallery.enrol(faceOf('a'), photo('a', 1).bytes, never);
    expect(await h.lookFor(1)).toEqual(['a-1']);
  });

  test('large lists are walked side by side with their rows', async () => {
    const h = await open({ settings: { FACE_FRESH_LIMIT: '0' } });
    const photos = Array.from({ length: 12 }, (_, index) => photo(`s${index}`, index));
    for (const image of photos) await h.enrol(image);
    await h.settle(photos);
    const orphan = photos[3]?.name ?? '';
    // A row is lost, as if by hand: its face has no owner any more.
    for await (const row of h.faceIndex.list()) {
      if (row.partitionKey.includes('-large-') && row.columns.jobId === orphan) {
        await h.faceIndex.delete(row.partitionKey, row.rowKey);
      }
    }
    expect(await h.sweep()).toEqual({ suspected: 0, deleted: 1, dropped: 0 });
    expect((await h.persisted()).large.length).toBe(11);
  });
});
