import { describe, expect, test } from 'vitest';
import { sweptStoresOf } from '../../../src/erasure/map.ts';
import { targetOf } from '../../../src/erasure/subjects.ts';

const { signal } = new AbortController();
const subject = (id: string) => ({ id, batchId: 'b', imageUrl: `u/${id}` });

test('what leads others to an image is looked through first, each under the name that a sweep remembers', () => {
  const deps = { storage: { tables: { table: () => ({}) } }, journal: {} };
  const stores = sweptStoresOf(deps as never);
  expect(stores.map(({ name, leads, stores: names }) => [name, leads, ...names])).toEqual([
    ['imagehashes', true, 'table:imagehashes'],
    ['faceindex', true, 'table:faceindex'],
    ['faceindexr03', true, 'table:faceindexr03'],
    ['faceindexi02', true, 'table:faceindexi02'],
    ['face lists', false, 'vision:face lists'],
    ['face lists of faceindexr03', false, 'vision:face lists'],
    ['face lists of faceindexi02', false, 'vision:face lists'],
    ['outputs', false, 'table:pipelinelogs, of other images', 'sql:pipeline_output, of other images'],
    ['largemessages', false, 'blob:largemessages, of other images'],
    ['joblinks', false, 'table:joblinks'],
  ]);
});

describe('a swept store', () => {
  const both = targetOf([subject('a'), subject('a b')]);
  const opened = (name: string, deps: object) => {
    const registry = {
      names: ['ocr', 'facematch'],
      get: (step: string) => ({ mentions: step === 'facematch' }),
    };
    const all = { registry, storage: { tables: { table: () => ({}) } }, journal: {}, ...deps };
    const store = sweptStoresOf(all as never).find((one) => one.name === name);
    if (!store) throw new Error(`There is no ${name}.`);
    return store.open(both);
  };

  test('of outputs kept apart reads those of mentioning steps and other images, a thousand names at a time', async () => {
    const key = [...both.keys].find((one) => one !== 'a') ?? '';
    const contents: Record<string, unknown> = {
      'other/facematch-1.json': { matches: [{ id: 'a' }, { id: 'a b' }] },
      'other/facematch-2.json': { matches: [{ id: 'c' }] },
      'other/ocr-1.json': { matches: [{ id: 'a' }] },
      'a/facematch-1.json': { matches: [{ id: 'a' }] },
      [`${key}/facematch-1.json`]: { matches: [{ id: 'a' }] },
    };
    const [asked, read, written]: [unknown[], string[], string[]] = [[], [], []];
    const look = opened('largemessages', {
      storage: {
        tables: { table: () => ({}) },
        blobs: {
          page: async (...given: unknown[]) => {
            asked.push(given);
            const blobs = Object.keys(contents).map((name) => ({ name }));
            return asked.length === 1 ? { blobs, next: 'more' } : { blobs: [] };
          },
          write: async (_: string, name: string, bytes: Buffer) => {
            written.push(name);
            contents[name] = JSON.parse(bytes.toString());
          },
        },
      },
      claimCheck: {
        resolveOr: async ({ linked_content: name }: { linked_content: string }) => {
          read.push(name);
          return contents[name];
        },
      },
    });
    const page = await look('here', signal);
    expect(read).toEqual(['other/facematch-1.json', 'other/facematch-2.json']);
    expect(page.next).toBe('more');
    expect(page.traces.map(({ store, ids }) => [store, ids])).toEqual([
      ['blob:largemessages, of other images', ['a', 'a b']],
    ]);
    const [trace] = page.traces;
    expect(await trace?.isLeft(signal)).toBe(true);
    await trace?.erase(signal);
    expect(await trace?.isLeft(signal)).toBe(false);
    expect(written).toEqual(['other/facematch-1.json']);
    expect(await look('more', signal)).toStrictEqual({ traces: [] });
    expect(asked).toEqual([
      ['largemessages', { from: 'here', size: 1000 }],
      ['largemessages', { from: 'more', size: 1000 }],
    ]);
  });

  test('of outputs kept apart reads eight at a time', async () => {
    let [reading, most] = [0, 0];
    const look = opened('largemessages', {
      storage: {
        tables: { table: () => ({}) },
        blobs: {
          page: async () => ({
            blobs: Array.from({ length: 30 }, (_, n) => ({ name: `o${n}/facematch-1.json` })),
          }),
        },
      },
      claimCheck: {
        resolveOr: async () => {
          reading += 1;
          most = Math.max(most, reading);
          await new Promise(setImmediate);
          reading -= 1;
          return {};
        },
      },
    });
    await look(undefined, signal);
    expect(most).toBe(8);
  });

  test('of recorded outputs finds what rows say and what is recorded itself; what is kept apart is found elsewhere', async () => {
    const mentioning = (id: string) => ({ matches: [{ id }] });
    const apart = { linked_content: 'other/facematch-1.json' };
    const outputs: Record<string, Record<string, unknown>> = {
      a: { facematch: mentioning('a') },
      inline: { other: mentioning('c'), facematch: { matches: [{ id: 'a' }, { id: 'a b' }] } },
      rowless: { facematch: mentioning('a') },
      apart: { facematch: apart },
      none: { facematch: mentioning('c') },
    };
    const rows = new Set(['inline', 'apart']);
    const changed: unknown[] = [];
    const journal = {
      outputs: {
        page: async (steps: string[], from: string | undefined) => ({
          jobs: Object.entries(outputs).map(([id, of]) => ({ id, outputs: of })),
          ...(from === undefined && { next: steps.join() }),
        }),
        of: async ({ id }: { id: string }) => outputs[id] ?? {},
        change: async ({ id }: { id: string }, steps: string[], change: (output: unknown) => unknown) => {
          changed.push([id, steps]);
          for (const step of steps) outputs[id] = { ...outputs[id], [step]: change(outputs[id]?.[step]) };
        },
      },
    };
    const look = opened('outputs', {
      journal,
      claimCheck: { resolveOr: async () => mentioning('a b') },
      results: async () => ({
        erasures: {
          forgetIn: async ([id]: string[], ids: Set<string>, { dryRun }: { dryRun: boolean }) => {
            expect(ids).toBe(both.ids);
            expect(id, 'nothing is asked about others').not.toMatch(/^(none|a)$/);
            const has = rows.has(id ?? '');
            if (!dryRun) rows.delete(id ?? '');
            return Number(has);
          },
        },
      }),
    });
    const page = await look(undefined, signal);
    expect(page.next).toBe('facematch');
    expect(page.traces.map(({ store, ids }) => [store, ids])).toEqual([
      ['sql:pipeline_output, of other images', ['a', 'a b']],
      ['table:pipelinelogs, of other images', ['a', 'a b']],
      ['table:pipelinelogs, of other images', ['a']],
      ['sql:pipeline_output, of other images', ['a b']],
    ]);
    for (const trace of page.traces) expect(await trace.isLeft(signal)).toBe(true);
    expect(rows.size, 'to look changes nothing').toBe(2);
    for (const trace of page.traces) {
      await trace.erase(signal);
      expect(await trace.isLeft(signal)).toBe(false);
    }
    expect(changed).toEqual([
      ['inline', ['facematch']],
      ['rowless', ['facematch']],
    ]);
    expect(outputs.inline).toEqual({ other: mentioning('c'), facematch: { matches: [] } });
    // What was put apart meanwhile is found where that is looked through.
    outputs.inline = { facematch: apart };
    expect(await page.traces[1]?.isLeft(signal)).toBe(false);
  });

  test('of faces finds them by their image, in rows and in lists, each in the index that it looks into', async () => {
    const calls: string[] = [];
    const gallery = () => ({
      look: (index: string) => ({
        rows: async (keys: Set<string>, from: string | undefined) => {
          calls.push(`rows ${index} ${[...keys].length} ${from}`);
          return { rows: [{ faceKey: 'a-0' }, { faceKey: 'a-12' }], next: 'more' };
        },
        removeRow: async ({ faceKey }: { faceKey: string }) => void calls.push(`remove ${faceKey}`),
        hasRow: async ({ faceKey }: { faceKey: string }) => faceKey === 'a-0',
        persisted: async (_: unknown, from: string | undefined) => {
          calls.push(`persisted ${index} ${from}`);
          return { faces: [{ jobKey: 'a', id: 'p' }] };
        },
        removePersisted: async ({ id }: { id: string }) => void calls.push(`remove ${id}`),
        isPersisted: async () => true,
      }),
    });
    const rows = await opened('faceindexr03', { gallery })('here', signal);
    expect(rows.traces.map(({ store, ids }) => [store, ids])).toEqual([
      ['table:faceindexr03', ['a']],
      ['table:faceindexr03', ['a']],
    ]);
    expect(rows.next).toBe('more');
    expect(await Promise.all(rows.traces.map((trace) => trace.isLeft(signal)))).toEqual([true, false]);
    for (const trace of rows.traces) await trace.erase(signal);
    const lists = await opened('face lists of faceindexi02', { gallery })(undefined, signal);
    expect(lists).not.toHaveProperty('next');
    expect(lists.traces.map(({ store, ids }) => [store, ids])).toEqual([['vision:face lists', ['a']]]);
    expect(await lists.traces[0]?.isLeft(signal)).toBe(true);
    await lists.traces[0]?.erase(signal);
    expect(calls).toEqual([
      ...['rows faceindexr03 2 here', 'remove a-0', 'remove a-12'],
      ...['persisted faceindexi02 undefined', 'remove p'],
    ]);
  });
});
