import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { jobKey } from '../../src/domain/job-id.ts';
import { readSettings } from '../../src/domain/settings.ts';
import type { Eraser } from '../../src/erasure/eraser.ts';
import { eraseExpired, eraseExpiredEnquiries } from '../../src/erasure/expired.ts';
import { eraseOldFaceprints } from '../../src/erasure/faceprint-retention.ts';
import type { ErasureRequest } from '../../src/erasure/request.ts';
import { describeRetention, eraseTooOld } from '../../src/erasure/retention.ts';
import { People } from '../../src/people/people.ts';
import { BatchSettings } from '../../src/pipeline/admission/batch-settings.ts';
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
  const at = (day: number) => new Date(day * DAY_MS).toISOString();
  /** One night, of more faces than are all looked at every night. */
  const night = async (day: number, by: Pick<typeof eraser, 'recordFaceprints'> = eraser, most = 2) => {
    world.gallery.read = [];
    await eraseOldFaceprints({ ...world.parts, settings }, by, day * DAY_MS, signal, most);
    return world.gallery.read.length;
  };
  const enrolled = async (name: string, admitted: number, day = admitted) => {
    const job = await world.add(name, { admittedAt: at(admitted), row: false });
    const key = `${jobKey(job.id)}-0`;
    world.gallery.faces.set(key, day * DAY_MS);
    const results = await world.pipeline.results();
    const times = { finishedAt: at(day), latencyMs: (day - admitted) * DAY_MS };
    await results.save(image(job.id, { batchId: job.batchId, ...times, faces: [face(key)] }));
    return key;
  };
  const row = () => world.pipeline.storage.tables.table(tables.reconcile);
  const left = async () => (await row().get('faceprints', 'due'))?.columns;
  /** As of an archive in which everything was noted from its beginning, some nights ago. */
  const asNoted = (day: number) =>
    row().upsert('faceprints', 'due', {
      ...{ through: String((day - 10) * DAY_MS), at: String(day * DAY_MS), since: '0', from: '0' },
    });
  beforeEach(async () => {
    await world.pipeline.journal.links.markComplete();
    const { erasures } = await world.pipeline.results();
    await erasures.looks.forget();
  });

  test('a night reads what has come due, and a seventh of the others as long as some may not be noted', async () => {
    const { batches } = world.pipeline;
    await batches.change('keeping', { keepFaceprints: true }, 'ann');
    for (let n = 0; n < 12; n += 1) await enrolled(`keeping/${n}.jpg`, 100);
    expect(await night(120), 'the first time all are looked at').toBe(12);
    const week: number[] = [];
    for (let day = 121; day < 128; day += 1) week.push(await night(day, eraser, 0));
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

    // Long after its day was read, and before there were notes.
    const late = `${'7'.repeat(32)}-0`;
    world.gallery.faces.set(late, 119.9 * DAY_MS);
    for (let day = 133; day < 139; day += 1) await night(day, eraser, 0);
    expect(world.gallery.faces.has(late)).toBe(false);
    expect(world.gallery.faces.size).toBe(12);
    expect((await left())?.since).toBe(String(120 * DAY_MS));
    // Ten days to come due, seven nights, and two days by which an image may be late: from then on all is noted.
    world.gallery.faces.set(late, 0);
    for (let day = 139; day < 149; day += 1) expect(await night(day, eraser, 0)).toBe(0);
    for (let day = 149; world.gallery.faces.has(late); day += 1) {
      expect(day).toBeLessThan(157);
      expect(await night(day), 'two a night, about').toBeLessThan(8);
    }
  });

  test('nothing is read where nothing has come due, nor what was noted twice', async () => {
    for (let n = 0; n < 5; n += 1) await enrolled(`f/${n}.jpg`, 100 + n);
    await asNoted(100);
    expect(await night(105, eraser, 0)).toBe(0);
    // Its day, and two before, for a photograph may wait so long.
    expect(await night(110, eraser, 0)).toBe(1);
    expect(await night(111, eraser, 0)).toBe(1);
    expect(world.gallery.faces.size).toBe(3);
  });

  test('one that was enrolled late goes in time, and one whose batch is no longer kept the next night', async () => {
    const { batches } = world.pipeline;
    await batches.change('kept', { keepFaceprints: true }, 'ann');
    const kept = await enrolled('kept/a.jpg', 100);
    const late = await enrolled('f/late.jpg', 100, 125);
    await asNoted(111);
    for (const day of [112, 120, 135]) await night(day, eraser, 0);
    expect([...world.gallery.faces.keys()].sort()).toEqual([kept, late].sort());
    await night(135.1, eraser, 0);
    expect([...world.gallery.faces.keys()]).toEqual([kept]);
    // As the clock of the settings goes.
    await asNoted(world.pipeline.clock() / DAY_MS);
    const now = world.pipeline.clock() / DAY_MS;
    expect(await night(now, eraser, 0)).toBe(0);
    await batches.change('kept', { keepFaceprints: false }, 'ann');
    expect(await night(now, eraser, 0)).toBe(1);
    expect(world.gallery.faces.size).toBe(0);
    await batches.change('kept', { purpose: 'x' }, 'ann');
    expect((await batches.get('kept'))?.keptUntil).toBeDefined();
  });

  test('where more is noted than is always looked at, all faces are: one request for a thousand, and not for each image', async () => {
    for (let n = 0; n < 4; n += 1) await enrolled(`many/${n}.jpg`, 100);
    const { erasures } = await world.pipeline.results();
    await asNoted(150);
    await erasures.looks.noteBatch('many');
    await night(151, eraser, 3);
    expect(world.gallery.faces.size).toBe(0);
    expect((await left())?.from).toBe('0');
    expect((await erasures.looks.claim('9')).notes).toBe(0);
  });

  test('where nothing is too old by the settings nothing is kept noted, and what was is not relied on', async () => {
    await enrolled('f/late.jpg', 100, 125);
    await asNoted(130);
    const off = { ...world.parts, settings: readSettings({}) };
    expect(await eraseOldFaceprints(off, eraser, 131 * DAY_MS, signal)).toBeUndefined();
    const { erasures } = await world.pipeline.results();
    expect((await erasures.looks.claim('9')).notes).toBe(0);
    expect(await left()).toBeUndefined();
    await night(132);
    expect((await left())?.since).toBe(String(132 * DAY_MS));
  });

  test.each([
    ['of days to come', { through: String(10_000 * DAY_MS), at: '0', since: '0', from: '3' }],
    ['that nobody can read', { through: 'x', at: 'y', since: 'z', from: '' }],
    ['of an older version', { through: '0', part: '3' }],
    ['of a place that there is not', { through: '0', at: '0', since: '0', from: String(2 ** 32) }],
  ])('where the night before is one %s, nothing is passed over', async (_, columns) => {
    const keys: string[] = [];
    for (let n = 0; n < 4; n += 1) keys.push(await enrolled(`f/${n}.jpg`, 100));
    await row().upsert('faceprints', 'due', columns);
    expect(await night(120)).toBeGreaterThanOrEqual(4);
    expect(world.gallery.faces.size).toBe(0);
    expect(faces.flatMap(([gone]) => gone).sort()).toEqual(keys.sort());
    expect((await left())?.since).toBe(String(120 * DAY_MS));
  });

  /** What may happen to some photographs from one night to the next; each is of the world's own making. */
  type Deed =
    | { kind: 'add' | 'rerun' | 'redo'; of: number; matches: readonly number[]; batch: boolean }
    | { kind: 'same' | 'different' | 'undecided' | 'undo' | 'name'; of: number; other: number }
    | { kind: 'erase' | 'remove' | 'forget' | 'keep' | 'drop'; of: number };
  const number = fc.nat(5);
  const deed: fc.Arbitrary<Deed> = fc.oneof(
    fc.record({
      kind: fc.constantFrom('add' as const, 'rerun' as const, 'redo' as const),
      ...{ of: number, matches: fc.uniqueArray(number, { maxLength: 2 }), batch: fc.boolean() },
    }),
    fc.record({
      kind: fc.constantFrom('same', 'different', 'undecided', 'undo', 'name').map((one) => one as 'same'),
      // Half of the time of its own pair.
      ...{ of: number, other: fc.option(number, { nil: -1, freq: 1 }) },
    }),
    fc.record({
      kind: fc.constantFrom('erase', 'remove', 'forget', 'keep', 'drop').map((one) => one as 'erase'),
      of: number,
    }),
  );

  test('whatever happens in between, a night leaves none that is too old, alone and not kept, and takes no other', async () => {
    const results = await world.pipeline.results();
    const people = new People(results.database, { clock: Date.now });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.array(deed, { minLength: 1, maxLength: 2 }), fc.constantFrom(1, 6, 12)), {
          ...{ minLength: 2, maxLength: 6 },
        }),
        async (nights) => {
          run += 1;
          await results.clear();
          world.gallery.faces.clear();
          const own = { free: `free${run}`, kept: `kept${run}` };
          const jobs = new Map<number, { id: string; run: number; batchId: string }>();
          const keyOf = (n: number) => `${jobKey(jobs.get(n)?.id ?? `none${n}`)}-0`;
          const persons: string[] = [];
          const said: string[] = [];
          let day = 1000;
          const batches = new BatchSettings(world.pipeline.storage, () => day * DAY_MS);
          await asNoted(day);

          const save = async (n: number, matches: readonly number[], admitted: number) => {
            const job = jobs.get(n);
            if (!job) return;
            world.gallery.faces.set(keyOf(n), world.gallery.faces.get(keyOf(n)) ?? day * DAY_MS);
            const others = matches.filter((other) => other !== n && jobs.has(other));
            await results.save(
              image(job.id, {
                ...{ batchId: job.batchId, run: job.run, faces: [face(keyOf(n))], finishedAt: at(day) },
                ...(job.run === 0 && { latencyMs: (day - admitted) * DAY_MS }),
                matches: others.map((other) => ({
                  ...match('x', 'y', 0.9),
                  ...{ face: keyOf(n), otherFace: keyOf(other), otherImage: jobs.get(other)?.id ?? '' },
                })),
              }),
            );
          };
          const act = async (one: Deed) => {
            const job = jobs.get(one.of);
            const key = keyOf(one.of);
            if (one.kind === 'add') {
              if (job) return;
              const batchId = one.batch ? own.kept : own.free;
              // Some have waited for long.
              const admitted = day - (one.matches.length === 2 ? 5 : 0);
              const { id } = await world.add(`${batchId}/${one.of}-${run}-${day}.jpg`, {
                ...{ admittedAt: at(admitted), row: false },
              });
              world.gallery.faces.delete(`${jobKey(id)}-0`);
              jobs.set(one.of, { id, run: 0, batchId });
              await save(one.of, one.matches, admitted);
            } else if (!job) return;
            else if (one.kind === 'rerun' || one.kind === 'redo') {
              job.run += 1;
              // What was taken out is enrolled anew.
              if (one.kind === 'redo') world.gallery.faces.delete(key);
              await save(one.of, one.matches, day);
            } else if (one.kind === 'erase') {
              await results.erasures.remove([job.id], signal);
              world.gallery.faces.delete(key);
              jobs.delete(one.of);
            } else if (one.kind === 'remove') {
              await results.removeFaces(job.id);
              world.gallery.faces.delete(key);
            } else if (one.kind === 'forget') {
              const person = persons.pop();
              if (person) await people.persons.erase(person, 'ann');
            } else if (one.kind === 'keep' || one.kind === 'drop') {
              await batches.change(own.kept, { keepFaceprints: one.kind === 'keep' }, 'ann');
            } else if (one.kind === 'undo') {
              const decision = said.pop();
              if (decision) await people.undo(decision, { by: 'ann' });
            } else if (one.kind === 'name') {
              persons.push((await people.persons.make({ fullName: 'Amal' }, { by: 'ann' }, [key])).id);
            } else if ('other' in one) {
              const other = one.other < 0 ? one.of ^ 1 : one.other;
              if (other === one.of || !jobs.has(other)) return;
              const decision = await people.decide(key, keyOf(other), one.kind, { by: 'ann' });
              if (decision) said.push(decision.id);
            }
          };
          const refused = (error: unknown) => {
            if (!/UnknownNode|Contradiction|UnknownDecision|Refused/.test((error as Error).constructor.name))
              throw error;
          };

          // Three pairs, one of them of the batch that may be kept, and all of them too old but for their matches.
          const pairs = Array.from({ length: 6 }, (_, of) => ({
            ...{ kind: 'add' as const, of, matches: of % 2 ? [of - 1] : [], batch: of > 3 },
          }));
          const first: [Deed[], number] = [pairs, 12];
          const after: [Deed[], number][] = Array.from({ length: 3 }, () => [[], 5]);
          for (const [deeds, days] of [first, ...nights, ...after]) {
            for (const one of deeds) await act(one).catch(refused);
            if (deeds.length > 0) await people.settle([...jobs.values()].map(({ id }) => id));
            day += days;
            const before = new Map(world.gallery.faces);
            const keeps = (await batches.get(own.kept))?.keepFaceprints === true;
            const ofKept = new Set(
              [...jobs].flatMap(([n, { batchId }]) => (batchId === own.kept && keeps ? [keyOf(n)] : [])),
            );
            const matched = await results.erasures.matchedAmong([...before.keys()]);
            const due = [...before].filter(
              ([key, from]) => from <= (day - 10) * DAY_MS && !matched.has(key) && !ofKept.has(key),
            );
            await night(day, eraser, 0);
            const gone = [...before.keys()].filter((key) => !world.gallery.faces.has(key));
            // One that was enrolled late is looked at an hour later, which is the next night.
            const isLate = (from: number) => from > (day - 10) * DAY_MS - DAY_MS;
            const must = due.filter(([, from]) => !isLate(from)).map(([key]) => key);
            expect(gone).toEqual(expect.arrayContaining(must));
            expect(due.map(([key]) => key)).toEqual(expect.arrayContaining(gone));
          }
        },
      ),
      { numRuns: 25 },
    );
  }, 240_000);
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
        looks: {
          claim: async () => ({ claim: 'c', notes: 0 }),
          done: async () => {},
          forget: async () => {},
        },
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
