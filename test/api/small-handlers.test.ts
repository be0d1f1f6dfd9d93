import { describe, expect, test } from 'vitest';
import { fromCursor, oneName, toCursor } from '../../src/api/cursor.ts';
import { changeBatch, toBatchConsent } from '../../src/api/handlers/batch-settings.ts';
import { getBatch, listBatches, listTags } from '../../src/api/handlers/lists.ts';
import { recoverHeld } from '../../src/api/handlers/recover.ts';
import { silentLog } from '../../src/domain/ports.ts';

/** Handlers by themselves: what they ask for, and what they make of the answer. */
const { signal } = new AbortController();
const NOW = Date.parse('2026-01-01T00:00:00.000Z');
const at = (ms: number) => new Date(NOW + ms).toISOString();
const setting = (more: object = {}) => ({
  ...{
    batchId: 'b',
    consent: { doNotMatch: false },
    keepFaceprints: false,
    by: 'ann',
    at: 'then',
    pending: true,
  },
  ...more,
});

describe('what the host holds back', () => {
  const recovered = async (body: object) => {
    const looked: string[] = [];
    const queues = {
      look: async (queue: string) => {
        looked.push(queue);
        return { messages: 3, visible: [{ dequeueCount: 99 }] };
      },
      renew: async () => 3,
    };
    const app = { registry: { names: ['ocr', 'facematch'] }, storage: { queues }, clock: () => NOW };
    return { looked, answer: await recoverHeld({ app, body, signal } as never) };
  };

  test('is sent anew in every queue, or in the one that is named and in no other', async () => {
    const all = await recovered({});
    expect(all.looked).toEqual(expect.arrayContaining(['ocr-poison', 'facematch-poison']));
    expect(all.answer).toEqual({
      recovered: 3 * all.looked.length,
      queues: Object.fromEntries(all.looked.map((queue) => [queue, 3])),
    });
    const one = await recovered({ queue: 'ocr' });
    expect(one).toEqual({ looked: ['ocr-poison'], answer: { recovered: 3, queues: { 'ocr-poison': 3 } } });
    await expect(recovered({ queue: 'nosuch' })).rejects.toMatchObject({ status: 422, code: 'UnknownQueue' });
  });
});

describe('the terms of a batch', () => {
  test('are shown with nulls for what is not said', () => {
    const none = { purpose: null, legalBasis: null, expires: null, doNotMatch: false };
    const by = { keepFaceprints: false, changedBy: 'ann', changedAt: 'then', pending: true };
    expect(toBatchConsent(setting() as never)).toEqual({ ...none, ...by });
    const consent = { purpose: 'p', legalBasis: 'l', expires: 'e', doNotMatch: true };
    expect(toBatchConsent(setting({ consent }) as never)).toEqual({ ...consent, ...by });
  });

  const change = (body: object, { role = 'administrator', batch = 'b', images = 2 } = {}) => {
    const did: unknown[] = [];
    const app = {
      clock: () => NOW,
      audit: { record: async ({ action }: { action: string }) => did.push(action) },
      ...{
        registry: { names: [] },
        settings: {},
        results: async () => ({ applyConsent: async () => did.push('rows') }),
      },
      batches: {
        get: async () => setting(),
        change: async (id: string, said: object, who: string) => {
          did.push([id, said, who]);
          return setting({ consent: { doNotMatch: false, ...said } });
        },
        applied: async () => did.push('applied'),
      },
      journal: {
        idsOf: async function* () {
          for (let n = 0; n < images; n += 1) yield `${n}`;
        },
        sources: async function* () {},
        jobs: async function* () {},
      },
    };
    const call = { app, person: { name: 'ben', role }, params: { batch }, body, log: silentLog, signal };
    return changeBatch(call as never).then((answer) => ({ answer, did }));
  };

  test('are changed by whoever may, and what there is is brought in line', async () => {
    const { answer, did } = await change({ purpose: 'p' }, { role: 'operator' });
    expect(answer).toMatchObject({ purpose: 'p', images: 2, pending: false });
    expect(did).toEqual(['batch.changed', ['b', { purpose: 'p' }, 'ben'], 'rows', 'applied']);
  });

  test('that end in an erasure need an administrator, and a word of its own where that is now', async () => {
    await expect(change({ expires: null }, { role: 'operator' })).rejects.toMatchObject({ status: 403 });
    await expect(change({ expires: at(0) })).rejects.toMatchObject({ status: 422, code: 'ExpiryPassed' });
    expect((await change({ expires: at(1) })).did[1]).toEqual(['b', { expires: at(1) }, 'ben']);
    const now = await change({ expires: at(0), eraseNow: true });
    expect(now.did[1], 'the word itself is not kept').toEqual(['b', { expires: at(0) }, 'ben']);
    await expect(change({}, { batch: '/' })).rejects.toMatchObject({ code: 'BadBatchName' });
  });

  test('are not those of an enquiry, which would look for nobody any more and say nothing of it', async () => {
    for (const batch of ['_enquiry', '_enquiry/00000000-0000-0000-0000-000000000000'])
      await expect(change({ doNotMatch: true }, { batch })).rejects.toMatchObject({ code: 'TermsOfEnquiry' });
  });
});

describe('batches', () => {
  const rows = (count: number) =>
    Array.from({ length: count }, (_, n) => ({
      batchId: `b${n}`,
      images: 1,
      faces: 0,
      latest: n === 0 ? undefined : 't',
    }));
  const parts = (found: object[], more: object = {}) => {
    const asked: unknown[] = [];
    const counts = {
      batches: async (how: object) => {
        asked.push(how);
        return found;
      },
      batch: async () => ({ batchId: 'b', images: 3, faces: 1 }),
      names: async (how: object) => {
        asked.push(how);
        return ['x'];
      },
      ...more,
    };
    const app = {
      results: async () => ({ counts }),
      batches: { get: async (id: string) => (id === 'b1' || id === 'said' ? setting() : undefined) },
      storage: {
        blobs: {
          page: async (_: string, { prefix }: { prefix: string }) => ({
            blobs: prefix === 'coming/' ? [1] : [],
          }),
        },
      },
    };
    return { app, asked };
  };

  test('are listed from behind one on, a page at a time, with what is said of each', async () => {
    const { app, asked } = parts(rows(2));
    const list = (query: object, role = 'operator') =>
      listBatches({ app, person: { role }, query } as never) as never as Promise<{
        batches: object[];
        next: string | null;
      }>;
    const full = await list({ limit: 2 });
    expect(full.batches).toMatchObject([
      { batchId: 'b0', latest: null, settings: null },
      { batchId: 'b1', latest: 't', settings: { changedBy: 'ann' } },
    ]);
    expect(fromCursor(full.next ?? '', oneName)).toEqual(['b1']);
    expect((await list({ limit: 3, prefix: 'b', after: toCursor(['a']) })).next).toBeNull();
    expect(asked).toEqual([{ limit: 2 }, { limit: 3, prefix: 'b', after: 'a' }]);
    const hidden = parts([{ batchId: '_enquiry/e', images: 1, faces: 0 }, ...rows(1)]);
    const seen = async (role: string) =>
      (
        (await listBatches({ app: hidden.app, person: { role }, query: { limit: 9 } } as never)) as {
          batches: object[];
        }
      ).batches.length;
    expect([await seen('viewer'), await seen('operator')]).toEqual([1, 2]);
  });

  test('are shown with how many were accepted and how many are under way; one that nobody knows is not there', async () => {
    const show = (images: number, done = 3, batch = 'b') => {
      const { app } = parts([], { batch: async () => ({ batchId: batch, images: done, faces: 0 }) });
      const accepted = { of: async () => ({ images, more: images > 9 }) };
      return getBatch({ app, parts: { accepted }, params: { batch } } as never) as never as Promise<object>;
    };
    expect(await show(5)).toMatchObject({
      accepted: 5,
      acceptedIsMinimum: false,
      underWay: 2,
      settings: null,
      latest: null,
    });
    expect(await show(10)).toMatchObject({ accepted: 10, acceptedIsMinimum: true });
    expect(await show(0), 'old results have no journal').toMatchObject({ accepted: 3, underWay: 0 });
    await expect(show(0, 0)).rejects.toMatchObject({ status: 404 });
    expect(await show(1, 0)).toMatchObject({ accepted: 1, underWay: 1 });
    expect(await show(0, 0, 'said')).toMatchObject({ accepted: 0, settings: { changedBy: 'ann' } });
    expect(await show(0, 0, 'coming'), 'its first file is there').toMatchObject({ accepted: 0 });
  });

  test('tags are asked for in small letters', async () => {
    const { app, asked } = parts([]);
    const tags = (query: object) => listTags({ app, query } as never);
    expect(await tags({ kind: 'tag', limit: 5, prefix: 'DoG' })).toEqual({ tags: ['x'] });
    await tags({ kind: 'tag', limit: 5 });
    expect(asked).toEqual([
      { kind: 'tag', limit: 5, prefix: 'dog' },
      { kind: 'tag', limit: 5 },
    ]);
  });
});
