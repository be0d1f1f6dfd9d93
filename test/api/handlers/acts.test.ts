import { describe, expect, test } from 'vitest';
import { toCursor } from '../../../src/api/cursor.ts';
import { bulkRows, draftBulkAct, startBulkAct, stopBulkAct } from '../../../src/api/handlers/bulk.ts';
import { listDeadLetters, toLetterSummary } from '../../../src/api/handlers/dead-letters.ts';
import { erase } from '../../../src/api/handlers/erasures.ts';
import { exportPfif } from '../../../src/api/handlers/pfif.ts';
import { ANN, call, cursorOf, letter, noted, T } from './support.ts';

describe('dead letters', () => {
  test('are listed page by page, those of enquiries only for who may see them', async () => {
    const letters = [
      letter,
      { ...letter, id: 'h', batchId: '_enquiry/e' },
      { ...letter, id: 'm', jobId: 'i', batchId: 'b' },
    ];
    const list = (query: object, role = 'operator') =>
      call(
        listDeadLetters,
        (did) => ({
          deadLetters: {
            summaries: async function* (how: object) {
              did.push(how);
              yield* letters;
            },
          },
        }),
        { query, person: { ...ANN, role } },
      );
    const ids = (answer: Record<string, never>) =>
      (answer.deadLetters as unknown as { id: string }[]).map(({ id }) => id);
    const first = await list({ limit: 2 });
    expect([ids(first.answer), cursorOf(first.answer.next), first.did]).toEqual([
      ['l', 'h'],
      ['ocr', 'h'],
      [{}],
    ]);
    const whole = await list({ limit: 3, queue: 'ocr', after: toCursor(['ocr', 'k']) });
    expect([ids(whole.answer), whole.answer.next, whole.did]).toEqual([
      ['l', 'h', 'm'],
      null,
      [{ queue: 'ocr', after: { queue: 'ocr', id: 'k' } }],
    ]);
    const viewed = await list({ limit: 2 }, 'viewer');
    expect([ids(viewed.answer), viewed.answer.next]).toEqual([['l', 'm'], null]);
    expect(toLetterSummary(letter as never)).toEqual({ ...letter, imageId: null, batchId: null });
  });
});

describe('acts on many', () => {
  const act = {
    id: 'a',
    kind: 'erase',
    state: 'running',
    askedBy: 'ann',
    createdAt: T,
    items: 2,
    position: 0,
    acted: 0,
    detail: {},
  };
  const appOf = (given: object) => (did: unknown[]) => ({
    registry: { names: ['ocr'], get: (name: string) => (name === 'ocr' ? {} : undefined) },
    results: async () => ({
      bulk: {
        get: async (id: string) => (id === 'a' ? { ...act, ...given } : undefined),
        end: async (...end: unknown[]) => did.push(end),
        items: async (_: string, { from, limit }: { from: number; limit: number }) => {
          did.push([from, limit]);
          return from < 3
            ? [
                { position: from, item: `i${from}` },
                { position: from + 1, item: `i${from + 1}` },
              ]
            : [];
        },
      },
      images: async (ids: string[]) => noted(did, ids, []),
    }),
  });
  const stop = (given: object, role = 'administrator') =>
    call(stopBulkAct, appOf(given), { params: { act: 'a' }, person: { ...ANN, role } });

  test('are stopped by whoever may do them, but for an erasure that has begun', async () => {
    expect((await stop({})).did).toEqual([['a', 'stopped']]);
    await expect(stop({ detail: { receipt: 'r' } })).rejects.toMatchObject({
      status: 409,
      code: 'CannotStop',
    });
    expect((await stop({ kind: 'export', detail: { receipt: 'r' } })).did).toHaveLength(1);
    for (const kind of ['erase', 'drop'])
      await expect(stop({ kind }, 'operator')).rejects.toMatchObject({ status: 403, code: 'RoleRequired' });
    for (const kind of ['rerun', 'export', 'replay'])
      expect((await stop({ kind }, 'operator')).did).toHaveLength(1);
    await expect(call(stopBulkAct, appOf({}), { params: { act: 'x' } })).rejects.toMatchObject({
      status: 404,
    });
    await expect(
      call(startBulkAct, appOf({}), { params: { act: 'a' }, body: { items: 2 } }),
    ).rejects.toMatchObject({
      code: 'RoleRequired',
    });
    const unknown = { kind: 'rerun', step: 'x', images: ['i'] };
    await expect(call(draftBulkAct, appOf({}), { body: unknown })).rejects.toMatchObject({
      code: 'UnknownStep',
    });
  });

  test('that are exports give all their rows, two hundred at a time, to whoever asked, once', async () => {
    const rows = (given: object) =>
      call(bulkRows, appOf({ kind: 'export', ...given }), { params: { act: 'a' } });
    const { answer, did } = await rows({});
    expect(did).toEqual([
      [0, 200],
      ['i0', 'i1'],
      [2, 200],
      ['i2', 'i3'],
      [4, 200],
      ['a', 'done'],
    ]);
    expect(answer).toMatchObject({
      ...{ contentType: 'text/csv; charset=utf-8', etag: 'a', cacheControl: 'no-store' },
      saveAs: 'imaginem-2026-01-01T0000.csv',
    });
    expect(String(answer.bytes)).toMatch(/^\ufeff.*\r\n$/);
    for (const given of [{ kind: 'rerun' }, { state: 'done' }, { askedBy: 'ben' }])
      await expect(rows(given)).rejects.toMatchObject({ status: 404 });
  });
});

describe('who may export', () => {
  const give = (query: object, person: object) =>
    call(
      exportPfif,
      (did) => ({
        pfif: async () => ({
          exportable: async (asked: object) => noted(did, asked, []),
          notesOf: async () => new Map(),
        }),
        settings: {},
      }),
      {
        query: {
          limit: 5,
          domain: 'd',
          photographs: false,
          minors: false,
          closed: false,
          deaths: false,
          ...query,
        },
        person: { ...ANN, ...person },
      },
    );
  test.each([
    [{}, {}, undefined],
    [{ minors: true }, {}, 'RoleRequired'],
    [{ photographs: true }, {}, 'RoleRequired'],
    [{ closed: true }, {}, 'RoleRequired'],
    [{ closed: true }, { role: 'administrator' }, undefined],
    [{ deaths: true }, { role: 'administrator' }, 'DeathsRoleRequired'],
    [{ deaths: true }, { mayTellDeaths: true }, undefined],
    [{ deaths: true }, { local: true }, undefined],
  ])('%j, as %j: %s', async (query, as, code) => {
    if (code) await expect(give(query, as)).rejects.toMatchObject({ status: 403, code });
    else expect((await give(query, as)).answer).toMatchObject({ persons: 0, next: null });
  });
});

test('an erasure is asked for by what it names, and is not waited for longer than the caller waits', async () => {
  const asked: object[] = [];
  const receipt = { id: 'r', beyond: new Set(['x']) };
  const eraser = {
    plan: async (request: object) => noted(asked, request, { subjects: [{ id: 'i' }], found: { a: 1 } }),
    begin: async (request: object) => noted(asked, request, receipt),
    proceed: async () => undefined,
  };
  const ask = (body: object) => call(erase, () => ({ eraser: async () => eraser }), { body });
  expect((await ask({ image: 'i', dryRun: true })).answer).toEqual({
    images: ['i'],
    found: { a: 1 },
    confirmed: null,
    receipt: null,
  });
  expect((await ask({ batch: 'b' })).answer).toEqual({
    images: null,
    found: null,
    confirmed: null,
    receipt: { id: 'r', beyond: ['x'] },
  });
  await ask({ enquiry: 'e' });
  await ask({ face: 'f', with: ['g'] });
  await ask({ face: 'f' });
  expect(asked).toEqual([
    { kind: 'image', image: 'i' },
    { kind: 'batch', batch: 'b' },
    { kind: 'enquiry', enquiry: 'e' },
    { kind: 'face', face: 'f', with: ['g'] },
    { kind: 'face', face: 'f', with: [] },
  ]);
});
