import { describe, expect, test } from 'vitest';
import { batchList } from '../../src/admin/batch-list.ts';
import { queueStandings } from '../../src/admin/queue-states.ts';
import { statsOf } from '../../src/admin/stats.ts';
import { findTroubles } from '../../src/admin/troubles.ts';
import type { Job, StepRecord } from '../../src/domain/job.ts';
import { eraseExpiredPersons } from '../../src/erasure/expired.ts';
import { Registry } from '../../src/pipeline/definition/registry.ts';

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
  const asked: unknown[] = [];
  return {
    asked,
    journal: {
      jobs: async function* (batch?: string) {
        asked.push(batch);
        yield* jobs;
      },
    } as never,
  };
};

describe('statistics', () => {
  const of = (jobs: readonly Job[], batch?: string) => {
    const { journal, asked } = journalOf(jobs);
    return statsOf({ journal, registry, clock: () => NOW }, batch).then((stats) => ({ stats, asked }));
  };

  test('of nothing say so', async () => {
    const { stats, asked } = await of([], 'camp');
    expect(asked).toEqual(['camp']);
    expect(stats).toEqual({
      images: { admitted: 0, finished: 0 },
      throughput: { per_minute: null, last_hour: 0, first: null, last: null },
      ...{ image_latency: null, steps: [], services: [] },
    });
  });

  test('count images, and how fast they came', async () => {
    const done = (second: number, more: Partial<StepRecord> = {}) => ({
      pipelineoutput: record({ at: at(second), ...more }),
    });
    const { stats } = await of([
      job('a', done(0)),
      job('c', done(120)),
      job('b', done(60)),
      // In the hour before, and not at its very beginning.
      job('d', done(1, { run: 1 })),
      job('e', { pipelineoutput: record({ state: 'waiting', at: at(500) }) }),
      job('f', {}),
    ]);
    expect(stats.images).toEqual({ admitted: 6, finished: 4 });
    expect(stats.throughput).toEqual({ per_minute: 1.5, last_hour: 3, first: at(0), last: at(120) });
    expect(stats.image_latency, 'without the rerun').toEqual({
      ...{ count: 3, median: 60_000, p95: 120_000, longest: 120_000 },
    });
    const { stats: short } = await of([job('a', done(0)), job('b', done(0.999))]);
    expect(short.throughput.per_minute, 'over less than a second').toBeNull();
    const { stats: second } = await of([job('a', done(0)), job('b', done(1))]);
    expect(second.throughput.per_minute).toBeCloseTo(60);
  });

  test('of steps stand in their order, those that are no longer there last; services are summed', async () => {
    const { stats } = await of([
      job('a', { gone: record(), ocr: record({ attempts: 3, ms: 10 }), facematch: record({ attempts: 2 }) }),
      job('b', {
        ocr: record({ state: 'failed', attempts: 0, ms: 30 }),
        facedetection: record({ attempts: 1 }),
      }),
    ]);
    expect(stats.steps.map(({ step: name }) => name)).toEqual(['ocr', 'facedetection', 'facematch', 'gone']);
    expect(stats.steps[0]).toEqual({
      ...{ step: 'ocr', service: 'vision', outcomes: { done: 1, failed: 1 }, calls: 3, retries: 2 },
      latency: { count: 2, median: 10, p95: 30, longest: 30 },
    });
    expect(stats.steps[3]).toMatchObject({ step: 'gone', service: null, latency: null });
    expect(stats.services).toEqual([
      { service: 'vision', calls: 3, retries: 2 },
      { service: 'face', calls: 3, retries: 1 },
    ]);
  });

  test('give the nearest rank of a hundred', async () => {
    const { stats } = await of(
      Array.from({ length: 100 }, (_, n) => job(`${n}`, { ocr: record({ ms: 100 - n }) })),
    );
    expect(stats.steps[0]?.latency).toEqual({ count: 100, median: 50, p95: 95, longest: 100 });
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
      storage: { queues: { standing } } as never,
    });
    expect(standings.map(({ queue }) => queue)).toEqual(['inputimages-events', ...registry.names]);
    expect(standings[1]).toEqual({
      ...{ queue: 'ocr', messages: 3, oldest_ready: new Date(NOW).toISOString(), delayed: 2 },
      ...{ next_try: at(5), poison: 2, paused: null },
    });
    expect(standings[3]).toEqual({
      ...{ queue: 'facematch', messages: 9, oldest_ready: null, delayed: 0, next_try: null, poison: 0 },
      paused: { by: 'ann', at: at(0), reason: 'why' },
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
