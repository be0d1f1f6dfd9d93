import { expect, test } from 'vitest';
import {
  ImageChangedError,
  OutageError,
  PermanentError,
  RateLimitedError,
  UnavailableError,
} from '../../../src/domain/errors.ts';
import type { Job, JobEnd, StepRecord } from '../../../src/domain/job.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import { Outcomes } from '../../../src/pipeline/delivery/outcomes.ts';
import type { JobChange } from '../../../src/pipeline/journal/journal-row.ts';
import { parseMessage } from '../../../src/pipeline/message/message.ts';

/** How a visit ends: what is recorded, what is sent, and in which order. */
const NOW = Date.parse('2026-01-01T12:00:00.000Z');
const iso = (ms = 0) => new Date(NOW + ms).toISOString();
const record = (more: Partial<StepRecord> = {}): StepRecord => ({
  ...{ state: 'done', run: 1, seq: 0, at: iso(), attempts: 1 },
  ...more,
});
const job = (more: Partial<Job> = {}): Job => ({
  ...{ id: 'j', batchId: 'b', imageUrl: 'u', source: { container: 'c', name: 'n', etag: 'e' }, steps: {} },
  ...{ pipeline: ['one', 'two', 'pipelineoutput'], run: 1, seq: 0, sent: true, admittedAt: '' },
  ...more,
});

function world(
  of: Job,
  { name = 'one', patient = undefined as boolean | undefined, overtaken = false } = {},
) {
  const calls: unknown[][] = [];
  const told: unknown[][] = [];
  const log = {
    ...silentLog,
    error: (name: string) => void told.push(['error', name]),
    warn: (name: string) => void told.push(['warn', name]),
  };
  const counted: unknown[] = [];
  const deps = {
    storage: {
      queues: {
        send: async (queue: string, text: string, delayMs: number) => {
          const { job_definition: about, seq, row, run } = JSON.parse(text);
          calls.push([
            'send',
            queue,
            delayMs,
            { position: about.processing_step, seq, run, ...(row && { row }) },
          ]);
        },
      },
    },
    claimCheck: { encode: async (_: string, message: object) => JSON.stringify(message) },
    journal: {
      update: async ({ job: before }: { job: Job }, change: JobChange) => {
        calls.push(['record', change]);
        return { job: { ...before, ...change, steps: { ...before.steps, ...change.steps } }, etag: 'new' };
      },
    },
    erased: { discardWhere: async (_: object, step: string) => void calls.push(['discard', step]) },
    telemetry: { count: (metric: string, about: object) => counted.push([metric, about]) },
    ...{ settings: readSettings({}), clock: () => NOW, random: () => 0 },
  };
  const message = parseMessage({ job_definition: { id: 'j', input: { image_url: 'u' } }, run: 1, seq: 4 });
  const entry = { job: overtaken ? { ...of, run: 2 } : of, etag: 'old' };
  const visit = {
    step: { name, patient },
    ...{ message, entry, pipeline: of.pipeline },
    delivery: { log, signal: new AbortController().signal },
  } as never;
  const outcomes = new Outcomes(deps as never);
  const failed = (error: unknown, attempt = 1) => outcomes.failed(visit, error, attempt);
  return { calls, told, counted, visit, outcomes, failed, message };
}
const reason = (code: string, message: string) => ({ code, message });

test('an outcome is recorded, then the message for the next step is sent, with the version of the row', async () => {
  const { calls, counted, visit, outcomes } = world(job());
  const done = record({ output: 'x' });
  expect((await outcomes.settle(visit, done))?.steps.one).toEqual(done);
  expect(calls).toEqual([
    ['record', { steps: { one: done } }],
    ['send', 'two', 0, { position: 1, seq: 4, run: 1, row: 'new' }],
  ]);
  expect(counted).toEqual([['imaginem.step.outcomes', { step: 'one', state: 'done' }]]);
});

test('after the last step nothing is sent; that there is one more row is counted, with its end', async () => {
  for (const [end, counts] of [
    [undefined, 'done'],
    [{ kind: 'gone', reason: reason('X', 'x') } as JobEnd, 'gone'],
  ] as const) {
    const { calls, counted, visit, outcomes } = world(job(end ? { end } : {}), { name: 'pipelineoutput' });
    await outcomes.settle(visit, record());
    expect(calls.map(([what]) => what)).toEqual(['record']);
    expect(counted).toContainEqual(['imaginem.images', { end: counts }]);
  }
});

test('whoever is overtaken sends nothing, and looks whether the job is erased', async () => {
  const settled = world(job(), { overtaken: true });
  expect(await settled.outcomes.settle(settled.visit, record())).toBeUndefined();
  expect([settled.calls, settled.counted]).toEqual([[['discard', 'one']], []]);
  const ended = world(job(), { overtaken: true });
  await ended.failed(new ImageChangedError('gone'));
  expect(ended.calls).toEqual([['discard', 'one']]);
  const waits = world(job(), { overtaken: true });
  await waits.failed(new Error('unforeseen'));
  expect(waits.calls.map(([what]) => what)).toEqual(['send', 'discard']);
});

test('a message that is put back is sent, then recorded, under a number of its own', async () => {
  const { calls, counted, failed } = world(job());
  await failed(new OutageError('Away.', { code: 'VisionTimeout' }));
  const waiting = {
    run: 1,
    seq: 5,
    at: iso(),
    attempts: 0,
    state: 'waiting',
    nextAt: iso(5000),
    since: iso(),
  };
  const error = reason('VisionTimeout', 'Away.');
  expect(calls).toEqual([
    ['send', 'one', 5000, { position: 0, seq: 5, run: 1 }],
    ['record', { seq: 5, steps: { one: { ...waiting, error } } }],
  ]);
  expect(counted).toEqual([['imaginem.step.delays', { step: 'one', code: 'VisionTimeout' }]]);
});

test('an attempt is counted where it was one, and an outage since when it lasts in this run', async () => {
  const waits = async (error: unknown, attempt: number, before?: Partial<StepRecord>) => {
    const steps = before ? { one: record({ state: 'waiting', ...before }) } : {};
    const { calls, failed } = world(job({ steps }));
    await failed(error, attempt);
    const [, change] = calls.at(-1) as [string, JobChange];
    const { attempts, since, nextAt } = change.steps?.one ?? {};
    return { attempts, since, waits: Date.parse(nextAt ?? '') - NOW };
  };
  expect(await waits(new Error('x'), 3)).toEqual({ attempts: 3, since: undefined, waits: 0 });
  const outage = new OutageError('Away.');
  expect(await waits(outage, 3, { since: iso(-100_000) })).toEqual({
    attempts: 2,
    since: iso(-100_000),
    waits: 50_000,
  });
  expect(await waits(outage, 3, { since: iso(-100_000), run: 0 })).toEqual({
    attempts: 2,
    since: iso(),
    waits: 5000,
  });
  expect(await waits(new RateLimitedError('Slow.', 7000), 1)).toEqual({
    attempts: 0,
    since: iso(),
    waits: 7000,
  });
});

test.each<[string, unknown, number, Partial<StepRecord>]>([
  ['for good', new PermanentError('NoImage', 'None.'), 1, { state: 'failed', retryable: false, attempts: 1 }],
  ['too often', new Error('x'), 5, { state: 'failed', retryable: true, attempts: 5 }],
  [
    'by policy',
    new UnavailableError('LimitedAccessRequired', 'No.'),
    1,
    { state: 'unavailable', output: { unavailable: reason('LimitedAccessRequired', 'No.') } },
  ],
])('a step that failed %s has an outcome, and the job goes on', async (_, error, attempt, expected) => {
  const { calls, told, failed } = world(job());
  await failed(error, attempt);
  const level = expected.retryable ? 'error' : 'warn';
  expect(told).toEqual(expected.state === 'failed' ? [[level, 'step.failed']] : []);
  expect(calls[0]).toMatchObject(['record', { steps: { one: { run: 1, seq: 4, at: iso(), ...expected } } }]);
  const [, { steps }] = calls[0] as [string, { steps: { one: StepRecord } }];
  expect('retryable' in steps.one).toBe(expected.state === 'failed');
  expect(calls[1]?.[1]).toBe('two');
});

test('a step that is patient never fails', async () => {
  const { calls, failed } = world(job(), { patient: true });
  await failed(new PermanentError('NoImage', 'None.'), 99);
  expect(calls.map(([what]) => what)).toEqual(['send', 'record']);
});

test('an image that is no more what it was ends the job, whose row is next', async () => {
  const { calls, failed } = world(job());
  await failed(new ImageChangedError('superseded'));
  expect(calls).toMatchObject([
    ['record', { end: { kind: 'superseded', reason: { code: 'ImageSuperseded' } } }],
    ['send', 'pipelineoutput', 0, { position: 2, seq: 4 }],
  ]);
  expect(calls[1]?.[3]).not.toHaveProperty('row');
});

test('nothing is sent beyond the last step, or where the pipeline has none', async () => {
  const { calls, outcomes, message } = world(job());
  await outcomes.sendNext(job(), message, 3);
  await outcomes.sendNext(job({ pipeline: [] }), message, -1);
  expect(calls).toEqual([]);
  await outcomes.sendNext(job(), message, 2);
  expect(calls).toEqual([['send', 'pipelineoutput', 0, { position: 2, seq: 4, run: 1 }]]);
});
