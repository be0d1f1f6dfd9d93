import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchList } from '../../src/admin/batch-list.ts';
import { queueStandings } from '../../src/admin/queue-states.ts';
import { statsOf } from '../../src/admin/stats.ts';
import { findTroubles } from '../../src/admin/troubles.ts';
import type { Job, StepRecord } from '../../src/domain/job.ts';
import { bucketOf, middleOf } from '../../src/domain/latency-bucket.ts';
import { eraseExpiredPersons } from '../../src/erasure/expired.ts';
import { Registry } from '../../src/pipeline/definition/registry.ts';
import type { OutcomeCount } from '../../src/results/counts.ts';

/** Figures that are made of what the journal, the database and the queues say. */
const NOW = Date.parse('2026-01-01T02:00:00.000Z');
const at = (seconds: number) => new Date(NOW - 3_600_000 + seconds * 1000).toISOString();
const record = (more: Partial<StepRecord> = {}): StepRecord => ({
  ...{ state: 'done', run: 0, seq: 0, at: at(0), attempts: 1 },
  ...more,
});
const job = (id: string, steps: Record<string, StepRecord>, more: Partial<Job> = {}): Job => ({
  ...{ id, batchId: 'b', imageUrl: 'u', source: { container: 'c', name: 'n', etag: 'e' } },
  ...{ pipeline: ['ocr', 'pipelineoutput'], run: 0, seq: 0, sent: true, admittedAt: at(0), steps },
  ...more,
});
const step = (name: string, more = {}) => ({
  ...{ name, needs: [], schema: undefined as never, summary: 'For the test.', run: async () => ({}) },
  ...more,
});
const registry = new Registry([
  step('ocr', { service: 'vision', title: 'Text' }),
  step('facedetection', { service: 'face' }),
  step('facematch', { service: 'face' }),
  step('pipelineoutput'),
] as never);
const journalOf = (jobs: readonly Job[]) => {
  return {
    journal: {
      standings: async function* () {
        yield* jobs;
      },
    } as never,
  };
};

describe('statistics', () => {
  const count = (step: string, more: Partial<OutcomeCount> = {}): OutcomeCount => ({
    ...{ step, state: 'done', code: '', took: -1, images: 1, attempts: 1, retries: 0 },
    ...more,
  });
  const of = (
    outcomes: OutcomeCount[],
    { batch, ...finished }: { batch?: string; first?: string; last?: string; since?: number } = {},
  ) =>
    statsOf(
      {
        ...{ registry, clock: () => NOW },
        results: async () => ({
          counts: {
            outcomes: async (asked?: string) => (asked === batch ? outcomes : []),
            finished: async (since: string) => ({ since: since === at(0) ? 3 : -1, ...finished }),
          },
        }),
        storage: { queues: { standing: async (queue: string) => ({ messages: queue.length }) } } as never,
      },
      batch,
    );

  test('of nothing say so; of one batch they do not say what the queues hold of all', async () => {
    expect(await of([], { batch: 'camp', since: 0 })).toEqual({
      images: { finished: 0, under_way: null, announced: null },
      throughput: { per_minute: null, last_hour: 0, first: null, last: null },
      ...{ image_latency: null, steps: [], services: [] },
    });
    const underWay = registry.names.reduce((sum, { length }) => sum + length, 0);
    expect((await of([])).images).toEqual({
      ...{ finished: 0, under_way: underWay, announced: 'inputimages-events'.length },
    });
  });

  test('count images, and how fast they came', async () => {
    const image = (took: number, images = 1) => count('', { took, images, attempts: 0 });
    const stats = await of([image(bucketOf(60_000), 2), image(bucketOf(120_000)), image(-1)], {
      ...{ first: at(0), last: at(120) },
    });
    expect(stats.images.finished).toBe(4);
    expect(stats.throughput).toEqual({ per_minute: 1.5, last_hour: 3, first: at(0), last: at(120) });
    expect(stats.image_latency, 'without those whose time is not known').toEqual({
      ...{ count: 3, median: middleOf(bucketOf(60_000)) },
      ...{ p95: middleOf(bucketOf(120_000)), longest: middleOf(bucketOf(120_000)) },
    });
    const rate = async (last: number) =>
      (await of([image(-1, 2)], { first: at(0), last: at(last) })).throughput.per_minute;
    expect(await rate(0.999), 'over less than a second').toBeNull();
    expect(await rate(1)).toBeCloseTo(60);
  });

  test('of steps stand in their order, those that are no longer there last; services are summed', async () => {
    const stats = await of([
      count('gone'),
      count('ocr', { attempts: 3, retries: 2, took: bucketOf(10) }),
      count('ocr', { state: 'failed', code: 'TooSlow', attempts: 0, took: bucketOf(30) }),
      count('facematch', { attempts: 2, retries: 1 }),
      count('facedetection'),
    ]);
    expect(stats.steps.map(({ step: name }) => name)).toEqual(['ocr', 'facedetection', 'facematch', 'gone']);
    expect(stats.steps[0]).toEqual({
      ...{ step: 'ocr', service: 'vision', outcomes: { done: 1, failed: 1 }, calls: 3, retries: 2 },
      latency: {
        ...{ count: 2, median: middleOf(bucketOf(10)) },
        ...{ p95: middleOf(bucketOf(30)), longest: middleOf(bucketOf(30)) },
      },
    });
    expect(stats.steps[3]).toMatchObject({ step: 'gone', service: null, latency: null });
    expect(stats.services).toEqual([
      { service: 'vision', calls: 3, retries: 2 },
      { service: 'face', calls: 3, retries: 1 },
    ]);
  });

  test('give the nearest rank of a hundred, in whatever order they come', async () => {
    const stats = await of(Array.from({ length: 100 }, (_, n) => count('ocr', { took: 100 - n })));
    const latency = { count: 100, median: middleOf(50), p95: middleOf(95), longest: middleOf(100) };
    expect(stats.steps[0]?.latency).toEqual(latency);
  });

  test('a time is told to within 5 %, whatever it is', () => {
    expect([0, 0.4].map((ms) => middleOf(bucketOf(ms)))).toEqual([0, 0]);
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 10 ** 9 }), (ms) => {
        const told = middleOf(bucketOf(ms));
        // Whole milliseconds: half of one may be lost.
        expect(Math.abs(told - ms)).toBeLessThanOrEqual(ms * 0.05 + 0.5);
        expect(bucketOf(ms + 1)).toBeGreaterThanOrEqual(bucketOf(ms));
      }),
    );
  });
});

describe('queues', () => {
  test('stand in order, with who paused them, what waits there and when it is tried next', async () => {
    const waits = (nextAt: string | undefined, more: Partial<StepRecord> = {}) =>
      record({ state: 'waiting', ...(nextAt !== undefined && { nextAt }), ...more });
    const { journal } = journalOf([
      job('a', { ocr: waits(at(9)) }),
      job('b', { ocr: waits(at(5)), facematch: waits(at(7), { run: 1 }) }),
      job('c', { ocr: waits(undefined), facematch: record({ nextAt: at(1) }) }),
    ]);
    const standing = async (queue: string) => ({
      messages: queue.length,
      poison: queue === 'ocr' ? 2 : 0,
      oldestReady: queue === 'ocr' ? new Date(NOW) : undefined,
    });
    const pause = { step: 'facematch', by: 'ann', at: at(0), reason: 'why' };
    const standings = await queueStandings({
      ...{ journal, registry, pauses: { list: async () => [pause] } },
      storage: { queues: { standing }, tables: { table: () => ({ get: async () => undefined }) } } as never,
    });
    expect(standings.map(({ queue }) => queue)).toEqual(['inputimages-events', ...registry.names]);
    expect(standings[1]).toEqual({
      ...{ queue: 'ocr', messages: 3, oldest_ready: new Date(NOW).toISOString(), delayed: 2 },
      ...{ next_try: at(5), delayed_counted_at: null, poison: 2, paused: null },
    });
    expect(standings[3]).toEqual({
      ...{ queue: 'facematch', messages: 9, oldest_ready: null, delayed: 0, next_try: null, poison: 0 },
      ...{ delayed_counted_at: null, paused: { by: 'ann', at: at(0), reason: 'why' } },
    });
  });
});

test('batches are those with rows and those of which something is said, by name', async () => {
  const setting = (batchId: string) => ({ batchId, by: 'ann' }) as never;
  const counts = [
    { batchId: 'z', images: 2, faces: 3 },
    { batchId: 'b', images: 1, faces: 0 },
  ];
  const list = await batchList({
    results: async () => ({ counts: { batches: async () => counts } }) as never,
    batches: {
      list: async function* () {
        yield setting('z');
        yield setting('a');
      },
    } as never,
  });
  expect(list).toEqual([
    { batch: 'a', images: 0, faces: 0, setting: setting('a') },
    { batch: 'b', images: 1, faces: 0 },
    { batch: 'z', images: 2, faces: 3, setting: setting('z') },
  ]);
});

test('persons whose date has passed are erased, two hundred a run, with one receipt', async () => {
  const asked: unknown[] = [];
  const over = ['p', 'q'];
  const persons = {
    expired: async (...given: unknown[]) => {
      asked.push(given);
      return over;
    },
  };
  const eraser = { erase: async (...[request, by]: unknown[]) => void asked.push(request, by) };
  const { signal } = new AbortController();
  const run = () =>
    eraseExpiredPersons({ people: async () => ({ persons }) } as never, eraser as never, NOW, signal);
  await run();
  expect(asked).toEqual([
    [new Date(NOW).toISOString(), 200],
    { kind: 'person', persons: ['p', 'q'] },
    'retention',
  ]);
  over.length = 0;
  await run();
  expect(asked).toHaveLength(4);
});

describe('troubles', () => {
  type Look = Parameters<typeof findTroubles>[1];
  interface Given {
    failures?: object[];
    rejections?: object[];
    letters?: { queue: string; code: string; seen: string }[];
    queues?: Look['queues'];
    pauses?: [string, object][];
  }
  const find = ({ failures = [], rejections = [], letters = [], queues = [], pauses = [] }: Given) =>
    findTroubles(
      {
        deadLetters: {
          summaries: async function* () {
            for (const { queue, code, seen } of letters)
              yield { queue, error: { code, message: '' }, lastSeen: seen };
          },
        } as never,
        registry,
        results: async () =>
          ({ counts: { failures: async () => failures }, rejections: async () => rejections }) as never,
      },
      { queues, pauses: new Map(pauses) as Look['pauses'], now: NOW },
    );
  const ready = (ms: number) => ({ name: 'ocr', messages: 4, oldestReady: new Date(NOW - ms).toISOString() });

  test('are none where nothing is wrong', async () => {
    expect(await find({ queues: [{ name: 'ocr', messages: 4 }] })).toEqual([]);
  });

  test('of a queue: a message that could be taken for a minute; who has paused it, and why', async () => {
    expect(await find({ queues: [ready(59_999)] })).toEqual([]);
    expect(await find({ queues: [ready(60_000)] })).toMatchObject([
      { kind: 'waiting', step: 'ocr', title: 'Text', code: 'Stalled', count: 4, latest: at(3540), act: null },
    ]);
    const paused = (reason: string) =>
      find({ queues: [ready(60_000)], pauses: [['ocr', { by: 'ann', at: at(1), reason }]] });
    expect(await paused('repairs')).toEqual([
      {
        ...{ kind: 'waiting', step: 'ocr', title: 'Text', code: 'Paused', count: 4, countIsMinimum: false },
        meaning: 'ann has paused this step: repairs. Its messages wait.',
        ...{ advice: null, latest: at(1), act: 'resume' },
      },
    ]);
    expect((await paused(''))[0]?.meaning).toBe('ann has paused this step. Its messages wait.');
  });

  test('of dead letters are by queue and code, with the newest of each; what the contract refused is not replayed', async () => {
    const letter = (queue: string, code: string, seen: string) => ({ queue, code, seen });
    const found = await find({
      letters: [
        letter('ocr', 'ContractError', at(1)),
        letter('ocr', 'ContractError', at(3)),
        letter('ocr', 'ContractError', at(2)),
        letter('ocr', 'ProcessDied', at(1)),
        letter('gone', 'ContractError', at(1)),
      ],
    });
    expect(found.map(({ step: name, code, count, latest, act }) => [name, code, count, latest, act])).toEqual(
      [
        ['ocr', 'ContractError', 3, at(3), null],
        ['ocr', 'ProcessDied', 1, at(1), 'replay'],
        ['gone', 'ContractError', 1, at(1), null],
      ],
    );
    expect(found.map(({ title }) => title)).toEqual(['Text', 'Text', 'gone']);
    expect(found.every(({ kind, countIsMinimum }) => kind === 'dead' && !countIsMinimum)).toBe(true);
    expect(found.every(({ advice }) => advice !== null && !/imaginem |<\w+>/.test(advice))).toBe(true);
  });

  test('of two thousand dead letters are counted to the end, of more it is said that there are', async () => {
    const many = (count: number) =>
      find({
        letters: Array.from({ length: count }, () => ({ queue: 'ocr', code: 'ProcessDied', seen: at(0) })),
      });
    expect(await many(1999)).toMatchObject([{ count: 1999, countIsMinimum: false }]);
    expect(await many(2001)).toMatchObject([{ count: 2000, countIsMinimum: true }]);
  });

  test('of failures are those that are a step’s own, with a button only where it may end otherwise', async () => {
    const failure = (state: string, code: string | undefined) => ({
      ...{ step: 'ocr', state, images: 2, ...(code !== undefined && { code }) },
    });
    const found = await find({
      failures: [
        failure('failed', 'UnexpectedError'),
        failure('failed', undefined),
        failure('skipped', 'NeedMissing'),
        // What was left out of an image that was not taken is that trouble once more.
        failure('skipped', 'NotAnImage'),
        failure('skipped', 'ImageGone'),
        failure('failed', 'NotAnImage'),
        failure('skipped', undefined),
      ],
    });
    expect(found.map(({ kind, code, act }) => [kind, code, act])).toEqual([
      ['failed', 'UnexpectedError', 'rerun'],
      ['failed', null, 'rerun'],
      ['skipped', 'NeedMissing', null],
      ['failed', 'NotAnImage', null],
      ['skipped', null, null],
    ]);
    expect(found[1]).toMatchObject({
      meaning: 'The step failed, and no reason was recorded.',
      advice: 'Do it again. Where it fails once more, open an image to see what the step said.',
    });
    expect(found[4]?.advice).toBe('Look at what the step needs: it goes on by itself once that is done.');
  });

  test('of rejections have a button unless the file itself was the cause', async () => {
    const found = await find({
      rejections: [
        { code: 'NotAnImage', images: 1, latest: at(1) },
        { code: 'ImageTooManyBytes', images: 2, latest: at(2) },
      ],
    });
    expect(found).toMatchObject([
      { kind: 'rejected', step: null, title: null, code: 'NotAnImage', count: 1, latest: at(1), act: null },
      { kind: 'rejected', code: 'ImageTooManyBytes', count: 2, act: 'rerun' },
    ]);
  });
});
