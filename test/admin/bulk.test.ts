import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type BulkItems, draftBulkAct } from '../../src/admin/bulk/draft.ts';
import { letterItem, letterKeyOf } from '../../src/admin/bulk/letter-item.ts';
import { proceedBulkAct, resumeBulkActs } from '../../src/admin/bulk/proceed.ts';
import { startBulkAct } from '../../src/admin/bulk/start.ts';
import { PermanentError } from '../../src/domain/errors.ts';
import { silentLog } from '../../src/domain/ports.ts';
import type { BulkAct, BulkDetail, BulkKind } from '../../src/results/bulk.ts';
import { image } from '../results/fixtures.ts';
import { scene } from '../support/scene.ts';
import { openAdmin } from './support.ts';

const folder = await mkdtemp(join(tmpdir(), 'imaginem-bulk-'));
const admin = await scene((emulator) => openAdmin(emulator, { SQLITE_PATH: join(folder, 'results.db') }));
afterAll(() => rm(folder, { recursive: true, force: true }));

const { signal } = new AbortController();
let told: { who: string; action: string; about?: string[]; detail?: object; sent: number }[];
beforeEach(async () => {
  await admin.reset();
  told = [];
});
const deps = (more: object = {}) => ({
  ...admin,
  audit: {
    record: async (entry: object) => {
      told.push({ ...entry, sent: await admin.depth('first') } as never);
      return undefined as never;
    },
  },
  eraser: () => expect.unreachable('nothing is erased'),
  ...more,
});
const draft = (kind: BulkKind, items: BulkItems, detail: BulkDetail = {}, more: object = {}) =>
  draftBulkAct(kind, items, detail, 'ann', { ...admin, ...more } as never);
async function run(act: BulkAct, more: object = {}, until = signal) {
  expect(await startBulkAct(act, act.items, 'ann', deps() as never)).toBeUndefined();
  return proceedBulkAct(act.id, deps(more) as never, silentLog, until);
}
const letter = (message: string, code = 'ContractError', queue = 'first') =>
  admin.deadLetters.record({ queue, error: { code, message: 'why' }, message });

describe('what an act is about', () => {
  test('is listed exactly, each once, and stays as it is listed', async () => {
    const act = await draft('rerun', { images: ['b', 'a', 'b'] }, { step: 'first' });
    expect(act).toMatchObject({
      kind: 'rerun',
      state: 'draft',
      askedBy: 'ann',
      items: 2,
      position: 0,
      acted: 0,
    });
    const { bulk } = await admin.results();
    const items = await bulk.items(act.id, { from: 0, limit: 9 });
    expect(items.map(({ item }) => item)).toEqual(['b', 'a']);
    expect(act.detail).toEqual({ step: 'first' });
  });

  test('of a filter are those that fit now, but for some', async () => {
    const results = await admin.results();
    for (const id of ['f1', 'f2', 'f3']) await results.save(image(id, { batchId: 'filtered' }));
    const act = await draft('export', { filter: { batchId: 'filtered' }, without: ['f2'] });
    expect(act.items).toBe(2);
  });

  test('of a queue are the dead letters that died of one thing', async () => {
    const [one, , three] = [await letter('1'), await letter('2', 'Other'), await letter('3')];
    await letter('4', 'ContractError', 'second');
    const act = await draft('drop', { queue: 'first', code: 'ContractError' });
    const { bulk } = await admin.results();
    const items = (await bulk.items(act.id, { from: 0, limit: 9 })).map(({ item }) => item);
    expect(items.sort()).toEqual([one, three].map((id) => letterItem({ queue: 'first', id })).sort());
    expect(items.map(letterKeyOf).every(({ queue }) => queue === 'first')).toBe(true);
  });

  test.each([
    ['rerun', { letters: [] }, 'WrongItems'],
    ['erase', { queue: 'first', code: 'X' }, 'WrongItems'],
    ['drop', { images: ['a'] }, 'WrongItems'],
    ['replay', { filter: {}, without: [] }, 'WrongItems'],
    ['rerun', { images: [] }, 'NothingFits'],
    ['drop', { letters: [] }, 'NothingFits'],
    ['drop', { queue: 'first', code: 'None' }, 'NothingFits'],
  ] as const)('is refused where it cannot be: %s %j is %s', async (kind, items, code) => {
    await expect(draft(kind, items as never)).rejects.toMatchObject({ code });
  });

  test('is 20,000 images at most, of which 5,000 can be erased together', async () => {
    const many = (count: number) => ({ images: Array.from({ length: count }, (_, n) => `${n}`) });
    const results = async () => ({ bulk: { draft: async (_: string, items: string[]) => items.length } });
    expect(await draft('export', many(20_000), {}, { results })).toBe(20_000);
    await expect(draft('export', many(20_001), {}, { results })).rejects.toMatchObject({ code: 'TooMany' });
    expect(await draft('erase', many(5000), {}, { results })).toBe(5000);
    await expect(draft('erase', many(5001), {}, { results })).rejects.toMatchObject({ code: 'TooMany' });
    const asked: unknown[] = [];
    const more = {
      results: async () => ({
        ids: async (...given: unknown[]) => {
          asked.push(given);
          return { ids: ['a'], more: asked.length > 1 };
        },
        bulk: { draft: async () => 'drafted' },
      }),
    };
    expect(await draft('erase', { filter: {}, without: ['x', 'y'] }, {}, more)).toBe('drafted');
    expect(asked).toEqual([[{}, 5002]]);
    await expect(draft('erase', { filter: {}, without: [] }, {}, more)).rejects.toMatchObject({
      code: 'TooMany',
    });
    const letters = (count: number) => ({
      results,
      deadLetters: {
        summaries: async function* () {
          for (let n = 0; n < count; n += 1) yield { queue: 'q', id: `${n}`, error: { code: 'X' } };
        },
      },
    });
    expect(await draft('drop', { queue: 'q', code: 'X' }, {}, letters(20_000))).toBe(20_000);
    await expect(draft('drop', { queue: 'q', code: 'X' }, {}, letters(20_001))).rejects.toMatchObject({
      code: 'TooMany',
    });
  });
});

describe('starting', () => {
  test('is for whoever listed it, about as many as were confirmed, once', async () => {
    const act = await draft('export', { images: ['a', 'b'] });
    const start = (confirmed: number, who: string, more: object = {}) =>
      startBulkAct({ ...act, ...more }, confirmed, who, deps() as never).then((refused) => refused?.code);
    expect(await start(2, 'ben')).toBe('NotYours');
    expect([await start(1, 'ann'), await start(3, 'ann')]).toEqual(['OtherNumber', 'OtherNumber']);
    expect(told, 'nothing was shown').toEqual([]);
    expect(await start(2, 'ann')).toBeUndefined();
    expect(told).toMatchObject([
      { who: 'ann', action: 'results.exported', detail: { rows: 2, format: 'csv', act: act.id } },
    ]);
    expect(await start(2, 'ann', { state: 'running' })).toBe('AlreadyStarted');
    expect(told).toHaveLength(1);
    const other = await draft('drop', { letters: [{ queue: 'first', id: 'x' }] });
    await startBulkAct(other, 1, 'ann', deps() as never);
    expect(told, 'that is written down when it is done').toHaveLength(1);
  });
});

describe('an act under way', () => {
  test('does again what can be done again, writes those down first, and says of the others why not', async () => {
    const [one, two] = [await admin.finished('bulk'), await admin.finished('bulk')];
    const busy = await admin.dropped('bulk');
    await admin.empty();
    const act = await draft('rerun', { images: [one.id, 'unknown', two.id, busy.id] }, { step: 'first' });
    const ended = await run(act);
    expect(ended).toMatchObject({ state: 'done', position: 4, acted: 2, items: 4 });
    const left = Object.entries(ended?.detail.left ?? {});
    expect(left.reduce((sum, [, { items }]) => sum + items, 0)).toBe(2);
    expect(ended?.detail.left?.NothingToDo).toMatchObject({ items: 1 });
    expect(told).toMatchObject([
      {
        ...{ who: 'ann', action: 'image.rerun', about: [`image:${one.id}`, `image:${two.id}`], sent: 0 },
        detail: { step: 'first', which: 'all', act: act.id },
      },
    ]);
    expect(told[0]?.detail).not.toHaveProperty('biometric');
    expect(await admin.depth('first')).toBe(2);
    const { bulk } = await admin.results();
    expect(await bulk.items(act.id, { from: 0, limit: 9 }), 'what it was about is forgotten').toEqual([]);
    expect(await proceedBulkAct(act.id, deps() as never, silentLog, signal)).toMatchObject({ state: 'done' });
    expect(told).toHaveLength(1);
  });

  test('does only what has failed where that was asked for, and nothing where nothing has', async () => {
    admin.behaviour.second = async () => {
      throw new PermanentError('BrokenImage', 'Broken.');
    };
    const failed = await admin.finished('failed');
    delete admin.behaviour.second;
    const fine = await admin.finished('failed');
    const act = await draft('rerun', { images: [failed.id, fine.id] }, { step: 'second', onlyFailed: true });
    const ended = await run(act);
    expect(ended).toMatchObject({ acted: 1, detail: { left: { NothingToDo: { items: 1 } } } });
    expect(told).toMatchObject([{ about: [`image:${failed.id}`], detail: { which: 'failed' } }]);
    const none = await run(await draft('rerun', { images: ['gone'] }));
    expect(none).toMatchObject({ state: 'done', acted: 0 });
    expect(told, 'nobody’s deed').toHaveLength(1);
  });

  test('makes no biometric data that a pipeline had not, unless that was confirmed', async () => {
    const one = await admin.finished('print');
    const act = await draft('rerun', { images: [one.id] }, { step: 'print' });
    const ended = await run(act);
    expect(ended?.acted).toBe(0);
    expect(Object.keys(ended?.detail.left ?? {})).toHaveLength(1);
    expect(told).toEqual([]);
    const confirmed = await run(
      await draft('rerun', { images: [one.id] }, { step: 'print', biometric: true }),
    );
    expect(confirmed?.acted).toBe(1);
    expect(told).toMatchObject([{ detail: { step: 'print', biometric: true } }]);
  });

  test('drops dead letters, and leaves those that are gone or were seen again', async () => {
    const ids = [await letter('1'), await letter('2'), await letter('3')];
    const act = await draft('drop', { letters: ids.map((id) => ({ queue: 'first', id })) });
    const gone = await admin.deadLetters.get({ queue: 'first', id: ids[1] ?? '' });
    if (gone) await admin.deadLetters.remove(gone);
    const { remove } = admin.deadLetters;
    const again = {
      deadLetters: {
        get: admin.deadLetters.get.bind(admin.deadLetters),
        remove: async (entry: { letter: { message: string } }) =>
          entry.letter.message === '3' ? false : remove.call(admin.deadLetters, entry as never),
      },
    };
    const ended = await run(act, again);
    expect(ended).toMatchObject({
      ...{ state: 'done', acted: 1 },
      detail: { left: { NotThere: { items: 1 }, SeenAgain: { items: 1 } } },
    });
    expect((await admin.letters()).map(({ message }) => message)).toEqual(['3']);
  });

  test('replays dead letters that can be, and says why not of the others', async () => {
    const event = JSON.stringify({ eventType: 'Microsoft.Storage.BlobDeleted', subject: '/x' });
    const letters = [
      { queue: 'inputimages-events', id: await letter(event, 'ContractError', 'inputimages-events') },
      { queue: 'first', id: await letter('{}') },
    ];
    const ended = await run(await draft('replay', { letters }));
    expect(ended).toMatchObject({ acted: 1, detail: { left: { ContractError: { items: 1 } } } });
    expect((await admin.letters()).map(({ message }) => message)).toEqual(['{}']);
  });

  test('is let go at the signal with what is done, and another goes on there', async () => {
    const letters: { queue: string; id: string }[] = [];
    for (let n = 0; n < 51; n += 1) letters.push({ queue: 'first', id: await letter(`${n}`) });
    const act = await draft('drop', { letters });
    const half = await run(act, {}, AbortSignal.abort());
    expect(half).toMatchObject({ state: 'running', position: 50, acted: 50 });
    expect(await admin.letters()).toHaveLength(1);
    await resumeBulkActs(deps() as never, silentLog, AbortSignal.abort());
    expect(await admin.letters()).toHaveLength(1);
    await resumeBulkActs(deps() as never, silentLog, signal);
    const { bulk } = await admin.results();
    expect(await bulk.get(act.id)).toMatchObject({ state: 'done', position: 51, acted: 51 });
    expect(await admin.letters()).toEqual([]);
  });

  test('that is stopped does nothing more; drafts go after a day, and what ended after thirty', async () => {
    const act = await draft('drop', { letters: [{ queue: 'first', id: await letter('1') }] });
    const { bulk } = await admin.results();
    await startBulkAct(act, 1, 'ann', deps() as never);
    await bulk.end(act.id, 'stopped');
    expect(await proceedBulkAct(act.id, deps() as never, silentLog, signal)).toMatchObject({
      state: 'stopped',
    });
    expect(await admin.letters()).toHaveLength(1);
    const forgotten: object[] = [];
    const results = async () => ({
      bulk: { running: async () => [], forget: async (before: object) => forgotten.push(before) },
    });
    await resumeBulkActs(deps({ results, clock: () => 40 * 86_400_000 }) as never, silentLog, signal);
    const at = (days: number) => new Date(days * 86_400_000).toISOString();
    expect(forgotten).toEqual([{ drafts: at(39), ended: at(10) }]);
  });
});

describe('an erasure of many', () => {
  const eraser = (
    receipts: ({ id: string; state: string; images: number } | undefined)[],
    calls: unknown[],
    fails?: Error,
  ) => ({
    eraser: () => ({
      begin: async (...given: unknown[]) => {
        calls.push(given.slice(0, 2));
        return receipts[0];
      },
      proceed: async (id: string) => {
        calls.push(`proceed ${id}`);
        if (fails) throw fails;
        return receipts.at(-1);
      },
      receipt: async () => receipts.at(-1),
    }),
  });

  test('is begun as one, and done once everything has been deleted and counted', async () => {
    const act = await draft('erase', { images: ['a', 'b'] });
    const calls: unknown[] = [];
    const running = { id: 'r', state: 'running', images: 2 };
    const half = await run(act, eraser([running, running], calls));
    expect(calls).toEqual([[{ kind: 'selection', selection: act.id }, 'ann'], 'proceed r']);
    expect(half).toMatchObject({ state: 'running', position: 0, acted: 2, detail: { receipt: 'r' } });
    calls.length = 0;
    const over = eraser([running, { ...running, state: 'provisional' }], calls);
    expect(await proceedBulkAct(act.id, deps(over) as never, silentLog, signal)).toMatchObject({
      state: 'done',
      position: 2,
    });
    expect(calls, 'with the same receipt').toEqual(['proceed r']);
  });

  test('of which there is nothing any more is over at once', async () => {
    const ended = await run(await draft('erase', { images: ['a'] }), eraser([undefined], []));
    expect(ended).toMatchObject({ state: 'done', detail: { left: { NotThere: { items: 1 } } } });
  });

  test('that fails is told, unless it was let go', async () => {
    const running = { id: 'r', state: 'running', images: 1 };
    const act = await draft('erase', { images: ['a'] });
    await expect(run(act, eraser([running], [], new Error('away')))).rejects.toThrow('away');
    const other = await run(
      await draft('erase', { images: ['b'] }),
      eraser([running], [], new Error('x')),
      AbortSignal.abort(),
    );
    expect(other).toMatchObject({ state: 'running', acted: 1 });
  });
});
