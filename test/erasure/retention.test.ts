import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { jobKey } from '../../src/domain/job-id.ts';
import { readSettings } from '../../src/domain/settings.ts';
import type { Eraser } from '../../src/erasure/eraser.ts';
import { eraseExpired, eraseExpiredEnquiries } from '../../src/erasure/expired.ts';
import { eraseOldFaceprints } from '../../src/erasure/faceprint-retention.ts';
import type { ErasureRequest } from '../../src/erasure/request.ts';
import { describeRetention, eraseTooOld } from '../../src/erasure/retention.ts';
import { tables } from '../../src/storage/names.ts';
import { decide, face, image, match } from '../results/fixtures.ts';
import { openParts, type Parts } from './parts.ts';

const DAY_MS = 24 * 3_600_000;
const { signal } = new AbortController();

let world: Parts;
beforeAll(async () => {
  world = await openParts();
});
afterAll(() => world?.close());

/** What was asked of the eraser, which has tests of its own. */
let asked: [ErasureRequest, string][];
let answers: (string | undefined)[];
let faces: [readonly string[], number, string][];
const eraser = {
  erase: async (request: ErasureRequest, by: string) => {
    asked.push([request, by]);
    const id = answers.length > 0 ? answers.shift() : `r${asked.length}`;
    return id === undefined ? undefined : { id };
  },
  recordFaceprints: async (...given: (typeof faces)[number]) => {
    faces.push(given);
    return { id: 'faces' };
  },
} as unknown as Eraser;
beforeEach(async () => {
  asked = [];
  answers = [];
  faces = [];
  world.gallery.faces.clear();
  await world.pipeline.storage.tables.table(tables.reconcile).delete('faceprints', 'due');
});

describe('what is too old', () => {
  const now = Date.parse('2026-06-01T00:00:00.000Z');
  const run = (env: Record<string, string>) =>
    eraseTooOld({ settings: readSettings(env) }, eraser, now, signal).then((all) => all.map(({ id }) => id));

  test('is erased only where a setting says so, by its rules', async () => {
    expect(await run({})).toEqual([]);
    expect(asked).toEqual([]);
    answers = ['a', undefined];
    expect(await run({ RETENTION_DAYS: '30' })).toEqual(['a']);
    const request = { kind: 'retention', now: '2026-06-01T00:00:00.000Z', rules: { days: 30, byBatch: [] } };
    expect(asked).toEqual([
      [request, 'retention'],
      [request, 'retention'],
    ]);
    asked = [];
    answers = [undefined];
    await run({ RETENTION_DAYS_BY_BATCH: 'camp=7' });
    expect(asked[0]?.[0]).toMatchObject({ rules: { byBatch: [{ prefix: 'camp', days: 7 }] } });
    expect(asked[0]?.[0]).not.toHaveProperty('rules.days');
  });

  test('is asked for until nothing is left, or the same waits again, twenty times at most', async () => {
    answers = ['a', 'b', 'a'];
    expect(await run({ RETENTION_DAYS: '30' })).toEqual(['a', 'b']);
    expect(asked).toHaveLength(3);
    expect(await run({ RETENTION_DAYS: '30' })).toHaveLength(20);
  });

  test('is described in figures', () => {
    const of = (env: Record<string, string>) => describeRetention(readSettings(env));
    expect(of({})).toEqual({
      ...{ images: 'kept until erased', batchRules: 0, faceprints: 'as long as their images' },
    });
    expect(of({ RETENTION_DAYS: '30' })).toMatchObject({ images: 30, batchRules: 0 });
    expect(of({ RETENTION_DAYS_BY_BATCH: 'a=1,b=2' })).toMatchObject({
      ...{ images: 'kept until erased, but for some batches', batchRules: 2 },
    });
    expect(of({ FACEPRINT_RETENTION_DAYS: '9' }).faceprints).toMatch(/^9 days where they match nobody/);
  });
});

describe('faceprints that match nobody', () => {
  const env = { FACEPRINT_RETENTION_DAYS: '10' };
  const run = (given: Record<string, string>, now: number) =>
    eraseOldFaceprints({ ...world.parts, settings: readSettings(given) }, eraser, now, signal);

  test('are taken out once they are too old; those with a match that nobody rejected, or a batch that keeps them, stay', async () => {
    const results = await world.pipeline.results();
    for (const [id, batchId] of [
      ['alone', 'f'],
      ['pair1', 'f'],
      ['pair2', 'f'],
      ['said', 'f'],
      ['kept', 'keeping'],
      ['young', 'f'],
      ['other', 'f'],
    ] as const)
      await results.save(
        image(id, {
          batchId,
          faces: [face(`${id}-0`)],
          matches:
            id === 'pair2'
              ? [match('pair2', 'pair1', 0.9)]
              : id === 'other'
                ? [match('other', 'said', 0.9)]
                : [],
        }),
      );
    await decide(results, ['other-0', 'said-0'], 'notSame', 'ann');
    await world.pipeline.batches.change('keeping', { keepFaceprints: true }, 'ann');
    await world.pipeline.batches.change('f', { purpose: 'x' }, 'ann');
    const enrol = () => {
      for (const id of ['alone', 'pair1', 'pair2', 'said', 'kept']) world.gallery.faces.set(`${id}-0`, 0);
      world.gallery.faces.set('young-0', 1);
    };
    enrol();
    expect(await run({}, 10 * DAY_MS)).toBeUndefined();
    expect(await run(env, 10 * DAY_MS - 1)).toBeUndefined();
    expect(faces).toEqual([]);
    expect(await run(env, 10 * DAY_MS)).toEqual({ id: 'faces' });
    expect(faces).toEqual([[['alone-0', 'said-0'], 0, 'retention']]);
    expect([...world.gallery.faces.keys()]).toEqual(['pair1-0', 'pair2-0', 'kept-0', 'young-0']);
    expect((await results.get('alone'))?.faces[0]?.enrolled).toBe(false);
    expect((await results.get('pair1'))?.faces[0]?.enrolled).toBe(true);
  });

  test('that could not be taken out are counted as remaining', async () => {
    world.gallery.faces.set('stays-0', 0);
    world.gallery.faces.set('goes-0', 0);
    const gallery = world.parts.gallery();
    const removeFaces = async (key: string, keys: readonly string[]) => {
      if (key !== 'stays') await gallery.removeFaces(key, keys, signal);
    };
    const app = {
      ...world.parts,
      settings: readSettings(env),
      gallery: () => ({ ...gallery, removeFaces }) as unknown as typeof gallery,
    };
    await eraseOldFaceprints(app, eraser, 10 * DAY_MS, signal);
    expect(faces).toEqual([[['goes-0', 'stays-0'], 1, 'retention']]);
    await expect(eraseOldFaceprints(app, eraser, 10 * DAY_MS, AbortSignal.abort())).rejects.toThrow();
  });
});

describe('of very many faceprints', () => {
  const settings = readSettings({ FACEPRINT_RETENTION_DAYS: '10' });
  /** One night, of more faces than are all looked at every night. */
  const night = async (day: number, by: Pick<typeof eraser, 'recordFaceprints'> = eraser) => {
    world.gallery.read = [];
    await eraseOldFaceprints({ ...world.parts, settings }, by, day * DAY_MS, signal, 2);
    return world.gallery.read.length;
  };
  const enrolled = async (name: string, admitted: number, at = admitted) => {
    const job = await world.add(name, { admittedAt: new Date(admitted * DAY_MS).toISOString() });
    const key = `${jobKey(job.id)}-0`;
    world.gallery.faces.set(key, at * DAY_MS);
    const results = await world.pipeline.results();
    await results.save(image(job.id, { batchId: job.batchId, run: 1, faces: [face(key)] }));
    return key;
  };

  test('a night reads what has come due, and a seventh of the others: one that nobody matches any more goes within a week', async () => {
    const { batches, journal } = world.pipeline;
    await journal.links.markComplete();
    await batches.change('keeping', { keepFaceprints: true }, 'ann');
    for (let n = 0; n < 12; n += 1) await enrolled(`keeping/${n}.jpg`, 100);
    expect(await night(120), 'the first time all are looked at').toBe(12);
    const week: number[] = [];
    for (let day = 121; day < 128; day += 1) week.push(await night(day));
    expect(Math.max(...week)).toBeLessThan(12);
    expect(
      week.reduce((sum, read) => sum + read, 0),
      'each once',
    ).toBe(12);
    expect(faces).toEqual([]);

    const due = await enrolled('f/due.jpg', 121);
    const young = await enrolled('f/young.jpg', 121, 121.5);
    const away = { recordFaceprints: () => Promise.reject(new Error('away')) };
    await expect(night(131, away)).rejects.toThrow('away');
    world.gallery.faces.set(due, 121 * DAY_MS);
    expect(await night(131), 'a night that was killed is done again').toBeLessThan(14);
    expect(faces.map(([keys]) => keys)).toEqual([[due]]);
    await night(132);
    expect(faces.map(([keys]) => keys).slice(1)).toEqual([[young]]);

    // As a rerun does: enrolled long after its day was read.
    const late = await enrolled('f/late.jpg', 100, 125);
    for (let day = 136; day < 143; day += 1) await night(day);
    expect(world.gallery.faces.has(late)).toBe(false);
    expect(world.gallery.faces.size).toBe(12);
  });

  test.each([
    ['of days to come', { through: String(10_000 * DAY_MS), part: '3' }],
    ['that nobody can read', { through: 'x', part: 'y' }],
    ['of an older version', { through: '0', seen: '0', all: '3', place: '' }],
    ['of another count of nights', { through: '0', part: '7' }],
  ])('where the night before is one %s, nothing is passed over', async (_, row) => {
    await world.pipeline.journal.links.markComplete();
    const keys: string[] = [];
    for (let n = 0; n < 4; n += 1) keys.push(await enrolled(`f/${n}.jpg`, 100));
    await world.pipeline.storage.tables.table(tables.reconcile).upsert('faceprints', 'due', row);
    expect(await night(120)).toBeGreaterThanOrEqual(4);
    expect(world.gallery.faces.size).toBe(0);
    expect(faces.flatMap(([gone]) => gone).sort()).toEqual(keys.sort());
  });
});

describe('what has expired', () => {
  const now = Date.parse('2026-06-01T00:00:00.000Z');
  const at = (ms: number) => new Date(now + ms).toISOString();

  test('is a batch whose time has come, unless it is empty; and an image of its own whose batch says nothing', async () => {
    const { batches } = world.pipeline;
    for (const [batch, expires] of [
      ['due', at(0)],
      ['later', at(1)],
      ['empty', at(0)],
    ] as const)
      await batches.change(batch, { expires }, 'ann');
    await batches.change('unsaid', { purpose: 'x' }, 'ann');
    for (const name of ['due/a.jpg', 'later/a.jpg', 'unsaid/a.jpg', 'free/a.jpg']) await world.add(name);
    const own = (expires: string) => ({ consent: { doNotMatch: false, expires } });
    const due = await world.add('free/due.jpg', own(at(0)));
    await world.add('free/later.jpg', own(at(1)));
    await world.add('later/due.jpg', own(at(-1)));
    const receipts = await eraseExpired(world.parts, eraser, now, signal);
    expect(receipts).toHaveLength(2);
    expect(asked).toEqual([
      [{ kind: 'batch', batch: 'due' }, 'retention, expiry set by ann'],
      [{ kind: 'image', image: due.id }, 'retention'],
    ]);
    asked = [];
    answers = [undefined, undefined];
    expect(await eraseExpired(world.parts, eraser, now, signal), 'nothing there any more').toEqual([]);
    asked = [];
    expect(await eraseExpired(world.parts, eraser, now, AbortSignal.abort())).toEqual([]);
    expect(asked).toEqual([]);
  });

  test('enquiries are looked at fifty at a time, for as long as some go', async () => {
    const looks: [string, number][] = [];
    const pages = (...counts: number[]) => {
      looks.length = 0;
      let next = 0;
      return {
        enquiries: async () => ({
          expired: async (before: string, most: number) => {
            looks.push([before, most]);
            const count = counts[looks.length - 1] ?? 0;
            return Array.from({ length: count }, () => ({ id: `e${next++}` })) as never;
          },
        }),
      };
    };
    const run = (app: ReturnType<typeof pages>, until = signal) =>
      eraseExpiredEnquiries(app, eraser, now, until).then((all) => all.length);
    expect(await run(pages(2))).toBe(2);
    expect(asked[0]).toEqual([{ kind: 'enquiry', enquiry: 'e0' }, 'retention']);
    expect(looks).toEqual([[at(0), 50]]);
    expect(await run(pages(50, 3))).toBe(53);
    expect(looks).toHaveLength(2);
    answers = Array.from({ length: 50 }, () => undefined);
    expect(await run(pages(50, 3)), 'none of them goes').toBe(0);
    expect(looks).toHaveLength(1);
    answers = ['same', 'same'];
    expect(await run(pages(2))).toBe(1);
    expect(await run(pages(2), AbortSignal.abort())).toBe(0);
  });
});

test('faceprints that are too old are asked about 400 at a time, taken out by image, and counted once for all models', async () => {
  const gone: string[] = [];
  const asked: number[] = [];
  const enrolled = Array.from({ length: 401 }, (_, n) => ({ key: `i${n % 2}-${n}`, at: 0 }));
  const withdrawn: string[][] = [];
  const app = {
    settings: { FACEPRINT_RETENTION_DAYS: 1 },
    storage: { tables: { table: () => ({ get: async () => undefined, upsert: async () => {} }) } },
    journal: { links: { isDated: async () => false } },
    gallery: () => ({
      enrolled: async function* () {
        for (const one of [...enrolled, ...enrolled]) if (!gone.includes(one.key)) yield one;
      },
      enrolledOf: async (image: string) =>
        enrolled.filter(({ key }) => key.startsWith(`${image}-`) && !gone.includes(key)),
      removeFaces: async (image: string, keys: string[]) => {
        expect(keys.every((key) => key.startsWith(`${image}-`))).toBe(true);
        gone.push(...keys);
      },
    }),
    results: async () => ({
      counts: { faces: async () => 401 },
      erasures: {
        matchedAmong: async (keys: string[]) => {
          asked.push(keys.length);
          return new Set(['i0-400']);
        },
        withdraw: async (keys: string[]) => void withdrawn.push(keys),
      },
    }),
    batches: { list: async function* () {} },
  };
  const recorded: unknown[] = [];
  const eraser = { recordFaceprints: async (...given: unknown[]) => void recorded.push(given) };
  const run = () => eraseOldFaceprints(app as never, eraser as never, DAY_MS, signal);
  await run();
  expect(asked).toEqual([400, 1]);
  expect([gone.length, new Set(gone).size, gone.includes('i0-400')]).toEqual([400, 400, false]);
  expect(withdrawn.map((keys) => keys.length)).toEqual([400]);
  expect(recorded).toEqual([[expect.any(Array), 0, 'retention']]);
  expect(await run(), 'nothing is left to do').toBeUndefined();
  expect(recorded).toHaveLength(1);
});

test('an image’s own end is found by its day where the links know it, and by going through all jobs where not', async () => {
  const now = Date.UTC(2026, 5, 1);
  const job = (id: string, ms: number) => ({
    ...{ id, batchId: 'b', imageUrl: 'u' },
    consent: { doNotMatch: false, expires: new Date(now + ms).toISOString() },
  });
  const jobs = [job('due', 0), job('later', 1), { id: 'free', batchId: 'b', imageUrl: 'u' }];
  const run = async (isDated: boolean) => {
    const calls: string[] = [];
    const journal = {
      sources: async function* () {
        calls.push('all');
        yield* jobs;
      },
      links: {
        isDated: async () => isDated,
        days: {
          endingBefore: async function* (at: string) {
            calls.push(`before ${at}`);
            for (const id of ['due', 'gone', 'later']) yield { id, batchId: 'b' };
          },
        },
      },
      read: async (_: string, id: string) => {
        const found = jobs.find((one) => one.id === id);
        return found && { job: found };
      },
    };
    const erased: unknown[] = [];
    const eraser = {
      erase: async (request: unknown) => {
        erased.push(request);
        return { id: 'r' };
      },
    };
    const batches = { list: async function* () {}, get: async () => undefined };
    const receipts = await eraseExpired({ journal, batches } as never, eraser as never, now, signal);
    expect(receipts).toHaveLength(1);
    expect(erased).toEqual([{ kind: 'image', image: 'due' }]);
    return calls;
  };
  expect(await run(true)).toEqual([`before ${new Date(now).toISOString()}`]);
  expect(await run(false)).toEqual(['all']);
});
