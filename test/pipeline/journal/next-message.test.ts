import { describe, expect, test } from 'vitest';
import type { Job, StepRecord } from '../../../src/domain/job.ts';
import { messageFor, nextPosition } from '../../../src/pipeline/journal/next-message.ts';
import { lackOf, standingOf } from '../../../src/pipeline/journal/standing.ts';
import { parseMessage } from '../../../src/pipeline/message/message.ts';

const pipeline = ['a', 'b', 'c', 'd', 'pipelineoutput'];
const error = { code: 'Bad', message: 'It is bad.' };
const record = (state: StepRecord['state'], more: Partial<StepRecord> = {}): StepRecord => ({
  ...{ state, run: 0, seq: 0, at: '2026-01-01T00:00:00.000Z', attempts: 2 },
  ...more,
});
const job = (steps: Record<string, StepRecord>, more: Partial<Job> = {}): Job => ({
  ...{ id: 'j', batchId: 'b', imageUrl: 'u', source: { container: 'c', name: 'n', etag: 'e' } },
  ...{ pipeline, run: 0, seq: 0, sent: true, admittedAt: '', steps },
  ...more,
});
const message = (more: object = {}) =>
  parseMessage({ job_definition: { id: 'j', input: { image_url: 'u' } }, ...more });
const gone = { end: { kind: 'gone', reason: error } } as const;

describe('the next position', () => {
  test('is the next step without an outcome in this run', () => {
    const two = job({ b: record('done'), c: record('failed') });
    expect([0, 1, 2, 3, 4, 9].map((from) => nextPosition(two, message(), from))).toEqual([0, 3, 3, 3, 4, 4]);
    expect(nextPosition(job({ a: record('waiting') }), message(), 0)).toBe(0);
    const all = job(Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, record('done')])));
    expect(nextPosition(all, message(), 0)).toBe(4);
    expect(nextPosition(all, message({ run: 1, rerun_steps: ['c'] }), 0)).toBe(2);
    expect(nextPosition(all, message({ run: 1 }), 0)).toBe(0);
  });

  test('of a job that ended early is that of its row', () => {
    expect(nextPosition(job({}, gone), message(), 0)).toBe(4);
  });
});

describe('the next message', () => {
  test('says of every step what is recorded, of others what it brought, and nothing else', () => {
    const steps = {
      a: record('done', { output: { n: 1 } }),
      b: record('failed', { error, retryable: true }),
      c: record('skipped', { error }),
      d: record('done', { output: { n: 4 } }),
      pipelineoutput: record('done', { output: 'a hash' }),
    };
    const carried = message({
      job_output: { a: { forged: true }, elsewhere: { brought: true } },
      deaths: 2,
      away_since: '2026-01-01T00:00:00.000Z',
      of_others: 'kept',
    });
    const next = messageFor(job(steps), carried, 3, 5);
    expect(next.job_output).toEqual({ a: { n: 1 }, d: { n: 4 }, elsewhere: { brought: true } });
    expect(next.job_errors).toEqual({
      b: { ...error, attempts: 2, retryable: true },
      c: { ...error, attempts: 2, retryable: false },
    });
    expect(next).toMatchObject({ run: 0, seq: 5, deaths: 0, away_since: undefined, of_others: 'kept' });
    expect(next.job_definition).toMatchObject({
      ...{ id: 'j', batch_id: 'b', processing_pipeline: pipeline, processing_step: 3 },
    });
    expect(messageFor(job({}), carried, 0, 0).job_errors).toBeUndefined();
  });

  test('carries the terms of the job, where there are any', () => {
    const consent = { purpose: 'p', doNotMatch: true };
    const next = messageFor(job({}, { consent }), message(), 0, 0);
    expect(next.job_definition.consent).toEqual({ purpose: 'p', do_not_match: true });
    expect(messageFor(job({}), message(), 0, 0).job_definition).not.toHaveProperty('consent');
  });
});

describe('how a step stands', () => {
  test('is its outcome; without one it is skipped, for the reason of the end or because it was passed by', () => {
    const steps = { a: record('failed', { error }), b: record('waiting', { error }) };
    expect(standingOf(job(steps), 'a', message())).toEqual({ state: 'failed', error, attempts: 2 });
    expect(standingOf(job({ a: record('done') }), 'a', message())).toEqual({ state: 'done', attempts: 2 });
    expect(standingOf(job(steps), 'b', message())).toMatchObject({
      ...{ state: 'skipped', error: { code: 'NotReached' }, attempts: 0 },
    });
    expect(standingOf(job(steps, gone), 'c', message())).toEqual({ state: 'skipped', error, attempts: 0 });
  });
});

describe('what a step lacks', () => {
  test.each([
    ['nothing', { a: record('done'), b: record('done') }, undefined],
    ['one that failed', { a: record('done'), b: record('failed', { error }) }, 'skipped'],
    ['one that was skipped', { a: record('skipped', { error }), b: record('done') }, 'skipped'],
    ['one that never came', { a: record('done') }, 'skipped'],
    ['one that may not be', { a: record('done'), b: record('unavailable', { error }) }, 'unavailable'],
  ] as const)('%s', (_, steps, state) => {
    const lack = lackOf(job(steps), ['a', 'b'], message());
    expect(lack?.state).toBe(state);
    if (state === 'unavailable') expect(lack).toMatchObject({ error, output: { unavailable: error } });
    if (state === 'skipped') expect(lack?.error?.code).toBe('NeedMissing');
  });

  test('what a message brought for a step outside the pipeline is no lack, in whatever run', () => {
    const steps = { elsewhere: record('done') };
    expect(lackOf(job(steps), ['elsewhere'], message({ run: 3 }))).toBeUndefined();
    expect(lackOf(job({ a: record('done') }), ['a'], message({ run: 3 }))?.state).toBe('skipped');
  });
});
