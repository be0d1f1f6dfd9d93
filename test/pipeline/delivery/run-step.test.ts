import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { ContractError, OutageError } from '../../../src/domain/errors.ts';
import { type Job, reported, type StepRecord } from '../../../src/domain/job.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import type { AnyStep, StepContext } from '../../../src/domain/step.ts';
import { runStep } from '../../../src/pipeline/delivery/run-step.ts';
import { StepWork } from '../../../src/pipeline/delivery/step-work.ts';
import { parseMessage } from '../../../src/pipeline/message/message.ts';

/** A step over a job of whom everything is in memory: what it is given, and what becomes of what it gives. */
afterEach(() => void vi.restoreAllMocks());

const NOW = Date.parse('2026-01-01T00:00:00.000Z');
const lostContent = { code: 'LinkedContentMissing' } as const;
const record = (more: Partial<StepRecord> = {}): StepRecord => ({
  ...{ state: 'done', run: 1, seq: 0, at: '', attempts: 1 },
  ...more,
});
const job = (more: Partial<Job> = {}): Job => ({
  ...{ id: 'j', batchId: 'b', imageUrl: 'u', source: { container: 'c', name: 'n', etag: 'e' }, steps: {} },
  ...{ pipeline: ['one', 'two', 'pipelineoutput'], run: 1, seq: 0, sent: true, admittedAt: 'then' },
  ...more,
});
const message = (more: object = {}) =>
  parseMessage({ job_definition: { id: 'j', input: { image_url: 'u' } }, ...{ run: 1, seq: 7 }, ...more });

function world(more: { steps?: Record<string, Partial<AnyStep>>; lost?: unknown[]; fails?: Error } = {}) {
  const given: Record<string, StepContext> = {};
  const calls: string[] = [];
  const step = (name: string): AnyStep => ({
    ...{ name, needs: [], schema: z.looseObject({}), summary: 'For the test.' },
    run: async (context: StepContext) => {
      calls.push(`run ${name}`);
      given[name] = context;
      return { from: name };
    },
    retract: async ({ output }) => void calls.push(`retract ${name} ${JSON.stringify(output)}`),
    ...more.steps?.[name],
  });
  const all = new Map(['one', 'two', 'pipelineoutput'].map((name) => [name, step(name)]));
  const resolve = async (value: unknown) => {
    if (more.lost?.includes(value)) throw more.fails ?? new ContractError('lost', lostContent);
    return value;
  };
  const deps = {
    storage: { blobs: {} },
    claimCheck: {
      resolve,
      resolveOr: (value: unknown, or: unknown) => resolve(value).catch(() => or),
      inlineOrStore: async (_: string, slot: string, output: unknown) => ({ slot, output }),
    },
    registry: { get: (name: string) => all.get(name), names: [...all.keys()] },
    ...{ settings: readSettings({}), clock: () => NOW },
  };
  const stop = new AbortController();
  const delivery = { log: silentLog, signal: stop.signal };
  const run = (name: string, of: Job, said = message()) =>
    runStep({ step: all.get(name) as AnyStep, message: said, delivery }, of, deps as never);
  return { all, calls, given, run, deps, delivery, stop };
}

describe('a step is given', () => {
  const needs = { two: { needs: ['one'] } };

  test('what it needs: of this run, or what its first message brought for a step outside the pipeline', async () => {
    const w = world({ steps: needs });
    await w.run('two', job({ steps: { one: record({ output: { n: 1 } }) } }));
    expect(w.given.two?.output).toEqual({ one: { n: 1 } });
    const outside = job({
      pipeline: ['two', 'pipelineoutput'],
      steps: { one: record({ run: 0, output: { n: 0 } }) },
    });
    await w.run('two', outside);
    expect(w.given.two?.output).toEqual({ one: { n: 0 } });
  });

  test('what it needs made again where that was lost; any other trouble is its own', async () => {
    const one = { n: 1 };
    const of = job({ steps: { one: record({ output: one }) } });
    const lost = world({ steps: needs, lost: [one] });
    await lost.run('two', of);
    expect(lost.calls).toEqual(['run one', 'run two']);
    expect(lost.given.two?.output).toEqual({ one: { from: 'one' } });
    const away = world({ steps: needs, lost: [one], fails: new OutageError('Away.') });
    await expect(away.run('two', of)).rejects.toThrow('Away.');
    const odd = world({ steps: needs, lost: [one], fails: new ContractError('odd', { code: 'NotJson' }) });
    await expect(odd.run('two', of)).rejects.toThrow('odd');
    expect([...away.calls, ...odd.calls]).toEqual([]);
    const unknown = world({ steps: { two: { needs: ['gone'] } }, lost: [one] });
    await expect(unknown.run('two', job({ steps: { gone: record({ output: one }) } }))).rejects.toThrow(
      'lost',
    );
  });

  test('what it put out in an earlier run, and nothing of this one', async () => {
    const previous = async (one: StepRecord | undefined, name = 'one') => {
      const w = world();
      await w.run(name, job({ steps: one ? { [name]: one } : {} }), message({ run: 2 }));
      return w.given[name]?.previous;
    };
    expect(await previous(record({ output: 'before' }))).toBe('before');
    expect(await previous(record({ run: 2, output: 'now' }))).toBeUndefined();
    expect(await previous(record({ run: 2, state: 'waiting', kept: 'before' }))).toBe('before');
    expect(await previous(record({ state: 'unavailable', output: 'none' }))).toBeUndefined();
    expect(await previous(undefined)).toBeUndefined();
    expect(await previous(record({ output: 'a hash' }), 'pipelineoutput')).toBeUndefined();
    const lost = world({ lost: ['before'] });
    await lost.run('one', job({ steps: { one: record({ run: 0, output: 'before' }) } }));
    expect(lost.given.one?.previous).toBeUndefined();
  });

  test('its job and what is recorded of it: outputs of this run, and what came along', async () => {
    const parameters = { camp: 4 };
    const steps = {
      one: record({ output: { n: 1 } }),
      two: record({ state: 'failed', error: { code: 'X', message: 'x' }, attempts: 5 }),
      pipelineoutput: record({ output: 'a hash' }),
    };
    const w = world();
    const of = job({ steps, parameters, consent: { doNotMatch: true } });
    // What the row was written from is no output of a step.
    steps.pipelineoutput.output = reported(of);
    await w.run('pipelineoutput', of, message({ job_output: { elsewhere: { e: 1 }, one: 'forged' } }));
    const { job: about, record: recorded } = w.given.pipelineoutput ?? {};
    expect(about).toEqual({
      id: 'j',
      batchId: 'b',
      run: 1,
      pipeline: of.pipeline,
      consent: { doNotMatch: true },
      parameters,
    });
    expect(recorded).toMatchObject({ imageUrl: 'u', admittedAt: 'then', end: undefined });
    expect(recorded?.steps).toEqual({
      one: { state: 'done', attempts: 1 },
      two: { state: 'failed', attempts: 5, error: { code: 'X', message: 'x' } },
    });
    expect(await recorded?.outputs()).toEqual({ one: { n: 1 }, elsewhere: { e: 1 } });
    const lost = world({ lost: [parameters, steps.one.output] });
    await lost.run('pipelineoutput', job({ steps, parameters }));
    expect(lost.given.pipelineoutput?.job.parameters).toMatchObject({ unavailable: lostContent });
    expect(lost.given.pipelineoutput?.job).not.toHaveProperty('consent');
    expect(await lost.given.pipelineoutput?.record.outputs()).toMatchObject({
      one: { unavailable: lostContent },
    });
  });

  test('four minutes, and less where the host stops; whoever does not listen is left', async () => {
    const limits = vi.spyOn(AbortSignal, 'timeout');
    const w = world({ steps: { one: { run: () => new Promise(() => {}) } } });
    const running = w.run('one', job());
    await vi.waitFor(() => expect(limits.mock.calls).toEqual([[240_000]]));
    await new Promise(setImmediate);
    w.stop.abort(new Error('stopping'));
    await expect(running).rejects.toThrow('stopping');
    const fine = world();
    await fine.run('one', job());
    const signal = fine.given.one?.signal as AbortSignal;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('and gives what its schema says', async () => {
    const strict = world({ steps: { one: { schema: z.object({ n: z.number() }) } } });
    await expect(strict.run('one', job())).rejects.toThrow(/number/);
    expect(await world().run('one', job())).toEqual({ from: 'one' });
  });
});

test.each([
  ['pipelineoutput', 'gone', true],
  ['pipelineoutput', 'superseded', true],
  ['pipelineoutput', 'rejected', false],
  ['pipelineoutput', undefined, false],
  ['one', 'gone', false],
] as const)(
  'before the row of %s of a job that is %s, what its steps left goes: %s',
  async (name, kind, expected) => {
    const w = world();
    const end = kind && { end: { kind, reason: { code: 'X', message: 'x' } } };
    await w.run(
      name,
      job({ ...end, steps: { one: record({ output: 1 }), two: record({ state: 'waiting', kept: 2 }) } }),
    );
    const retracted = ['retract pipelineoutput undefined', 'retract two 2', 'retract one 1'];
    expect(w.calls).toEqual([...(expected ? retracted : []), `run ${name}`]);
  },
);

describe('a visit', () => {
  /** @param settled what the job has become once its outcome is recorded */
  function work(
    name: string,
    of: Job,
    {
      settled,
      step = {},
      judge,
    }: { settled?: Job; step?: Partial<AnyStep>; judge?: (error: unknown) => unknown } = {},
  ) {
    const w = world({ steps: { [name]: step } });
    const done: unknown[][] = [];
    const outcomes = {
      sendNext: async (_: Job, __: object, from: number) => void done.push(['next', from]),
      settle: async (_: object, outcome: StepRecord) => {
        done.push(['settle', outcome]);
        return settled;
      },
      failed: async (_: object, error: unknown, attempt: number) =>
        void done.push(['failed', error, attempt]),
    };
    const noteMentions = async (_: object, slot: string, output: unknown) =>
      void done.push(['mentions', slot, output]);
    const deps = { ...w.deps, journal: { links: { noteMentions } }, ...(judge && { breaker: { judge } }) };
    const visit = {
      step: w.all.get(name),
      message: message(),
      entry: { job: of },
      pipeline: of.pipeline,
      delivery: w.delivery,
    };
    const run = (attempt = 2) => new StepWork(deps as never, outcomes as never).run(visit as never, attempt);
    return { ...w, done, run };
  }
  const about = { run: 1, seq: 7, at: new Date(NOW).toISOString() };

  test('runs the step, notes whom it mentions, and then hands on what is to be recorded', async () => {
    const { done, run } = work('two', job(), { step: { mentions: true } });
    await run();
    const output = { slot: 'two-1', output: { from: 'two' } };
    expect(done).toEqual([
      ['mentions', 'two-1', { from: 'two' }],
      ['settle', { state: 'done', ...about, attempts: 2, ms: 0, output }],
    ]);
    const plain = work('two', job());
    await plain.run();
    expect(plain.done.map(([what]) => what)).toEqual(['settle']);
  });

  test('only sends the next message where the outcome is known, or the job has ended', async () => {
    const known = work('one', job({ steps: { one: record({ state: 'failed' }) } }));
    await known.run();
    const end = { kind: 'gone', reason: { code: 'X', message: 'x' } } as const;
    const ended = work('two', job({ end }));
    await ended.run();
    expect([known.done, ended.done]).toEqual([[['next', 1]], [['next', 2]]]);
    expect([...known.calls, ...ended.calls]).toEqual([]);
    const last = work('pipelineoutput', job({ end: { ...end, kind: 'rejected' } }));
    await last.run();
    expect(last.calls).toEqual(['run pipelineoutput']);
  });

  test('does not run a step that lacks something', async () => {
    const { done, run, calls } = work('two', job(), { step: { needs: ['one'] } });
    await run();
    expect(done).toMatchObject([['settle', { state: 'skipped', ...about, attempts: 0 }]]);
    expect(calls).toEqual([]);
  });

  test('hands on a failure as the breaker judges it, and as it is where there is none', async () => {
    const error = new Error('unforeseen');
    const step = { run: () => Promise.reject(error) };
    const plain = work('one', job(), { step });
    await plain.run(3);
    expect(plain.done).toEqual([['failed', error, 3]]);
    const judged = work('one', job(), { step, judge: (one) => ['judged', one] });
    await judged.run(3);
    expect(judged.done).toEqual([['failed', ['judged', error], 3]]);
    const stopped = work('one', job(), { step });
    stopped.stop.abort();
    await stopped.run();
    expect(stopped.done[0]?.[1]).toMatchObject({ code: 'HostStopping' });
  });

  test('writes the row again where more is recorded by now than the row says', async () => {
    const of = job({ steps: { one: record() } });
    const newer = job({ steps: { one: record(), two: record() } });
    const output = (said: Job) => ({
      ...newer,
      steps: { ...newer.steps, pipelineoutput: record({ output: reported(said) }) },
    });
    for (const [settled, runs] of [
      [undefined, 1],
      [output(of), 1],
      [output(newer), 2],
    ] as const) {
      const { calls, done, run } = work('pipelineoutput', of, { ...(settled && { settled }) });
      await run();
      expect(calls).toHaveLength(runs);
      expect(done[0]?.[1]).toMatchObject({ output: reported(of) });
    }
    const other = work('one', job(), { settled: newer });
    await other.run();
    expect(other.calls).toHaveLength(1);
  });
});
