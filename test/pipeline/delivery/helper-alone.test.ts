import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { ContractError, OutageError } from '../../../src/domain/errors.ts';
import type { Job, StepRecord } from '../../../src/domain/job.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import type { AnyStep } from '../../../src/domain/step.ts';
import { HostAwayError } from '../../../src/pipeline/admission/host-away.ts';
import { Registry } from '../../../src/pipeline/definition/registry.ts';
import { PipelineHelper } from '../../../src/pipeline/delivery/helper.ts';
import type { JobChange } from '../../../src/pipeline/journal/journal-row.ts';
import { parseMessage } from '../../../src/pipeline/message/message.ts';

/** The door of the pipeline, with all that stands behind it in memory. */
const NOW = Date.parse('2026-01-01T00:00:00.000Z');
const step = (name: string): AnyStep => ({
  ...{ name, needs: [], schema: z.unknown(), summary: 'For the test.', run: async () => ({ from: name }) },
});
const settings = readSettings({ PIPELINE_DEFINITION: 'one,two,pipelineoutput' });
const registry = new Registry(['one', 'two', 'pipelineoutput'].map(step));
const record = (more: Partial<StepRecord> = {}): StepRecord => ({
  ...{ state: 'done', run: 1, seq: 0, at: '', attempts: 1 },
  ...more,
});
const job = (more: Partial<Job> = {}): Job => ({
  ...{ id: 'j', batchId: 'b', imageUrl: 'u', source: { container: 'c', name: 'n', etag: 'e' }, steps: {} },
  ...{ pipeline: ['one', 'two', 'pipelineoutput'], run: 1, seq: 0, sent: true, admittedAt: '' },
  ...more,
});
const posted = (more: object = {}, definition: object = {}) => ({
  job_definition: { id: 'j', batch_id: 'b', input: { image_url: 'u' }, ...definition },
  ...{ run: 1, seq: 4 },
  ...more,
});

function world(
  of: Job | undefined,
  { fails, erased = false, paused }: { fails?: unknown; erased?: boolean; paused?: number } = {},
) {
  const calls: unknown[][] = [];
  const told: unknown[][] = [];
  const entry = of && { job: of, etag: 'e' };
  const journal = {
    readAt: async (_: string, __: string, etag: unknown) => {
      calls.push(['read', etag]);
      if (fails) throw fails;
      return entry;
    },
    read: async () => entry,
    update: async ({ job: before }: { job: Job }, change: JobChange) => {
      calls.push(['record', change]);
      return { job: { ...before, ...change, steps: { ...before.steps, ...change.steps } }, etag: 'n' };
    },
    tombstones: { has: async () => erased },
    links: { remove: async () => {}, noteMentions: async () => {} },
    remove: async () => void calls.push(['removed']),
  };
  const admission = {
    admitMessage: async () => {
      calls.push(['admit']);
      return { job: job({ erasedAt: of ? undefined : 'then' } as never), etag: 'e' };
    },
    reexamine: async (one: object) => {
      calls.push(['reexamine']);
      return one;
    },
    adopt: async (one: object) => one,
  };
  const helper = new PipelineHelper({
    storage: {
      queues: {
        send: async (queue: string, text: string, delayMs?: number) =>
          void calls.push(['send', queue, text, delayMs]),
      },
      blobs: { nameIn: () => undefined, async *list() {} },
    },
    claimCheck: {
      encode: async (_: string, message: object) => JSON.stringify(message),
      inlineOrStore: async (_: string, __: string, value: unknown) => value,
      resolve: async (value: unknown) => value,
      resolveOr: async (value: unknown) => value,
    },
    deadLetters: { record: async (letter: object) => void calls.push(['dead', letter]) },
    ...{ journal, admission, registry, settings, clock: () => NOW, random: () => 0 },
    ...(paused !== undefined && { pauses: { delayOf: async () => paused } }),
  } as never);
  const log = { ...silentLog, info: (...given: unknown[]) => told.push(given) };
  const delivery = { dequeueCount: 1, log, signal: new AbortController().signal };
  const process = (raw: unknown, name = 'one') => helper.process(name, raw, delivery);
  const blame = (message: object, name = 'one') =>
    helper.blame(name, parseMessage(message), { code: 'ProcessDied', message: 'It died.' }, delivery);
  const did = () => calls.map(([what, first]) => (what === 'send' ? `send ${first}` : what));
  return { helper, calls, did, told, process, blame };
}

describe('a message', () => {
  test('is worked on: the row is read by its version, but for the last step, and recorded, and the next one sent', async () => {
    const { process, did, calls } = world(job());
    await process(posted({ row: 'e' }));
    expect(did()).toEqual(['read', 'record', 'send two']);
    expect(calls[0]).toEqual(['read', 'e']);
    const last = world(job());
    await last.process(posted({ row: 'e' }, { processing_step: 2 }), 'pipelineoutput');
    expect(last.calls[0]).toEqual(['read', undefined]);
  });

  test('over which a process has died waits for its neighbours, which are worked on one at a time; no other does', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { process, did } = world(job());
    await process(posted());
    expect(did().splice(0)).toEqual(['read', 'record', 'send two']);
    const suspect = world(job());
    const both = [suspect.process(posted({ deaths: 1 })), suspect.process(posted({ deaths: 2 }))];
    await vi.advanceTimersByTimeAsync(249);
    expect(suspect.did()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all(both);
    expect(suspect.did()).toEqual(Array(2).fill(['read', 'record', 'send two']).flat());
    expect(JSON.parse(String(suspect.calls.at(-1)?.[2]))).toMatchObject({ deaths: 0 });
  });

  test('of a step that there is none of is a fault of the app', async () => {
    const { process, calls } = world(job());
    await expect(process(posted(), 'none')).rejects.toThrow('No step "none"');
    expect(calls).toEqual([]);
  });

  test('that meets an outage is put back as it is; what nobody foresaw is the host’s', async () => {
    for (const fails of [Object.assign(new Error('x'), { statusCode: 503 }), new OutageError('Away.')]) {
      const { process, calls } = world(job(), { fails });
      await process(posted());
      expect(calls.slice(1)).toEqual([['send', 'one', JSON.stringify(posted()), 20_000]]);
    }
    const bug = world(job(), { fails: new Error('a bug') });
    await expect(bug.process(posted())).rejects.toThrow('a bug');
    expect(bug.did()).toEqual(['read']);
  });

  test('whose image is at a host that is away is put back with a note of it', async () => {
    const { process, calls } = world(job(), { fails: new HostAwayError(new OutageError('Away.')) });
    await process(posted());
    const [, queue, text] = calls[1] ?? [];
    expect(queue).toBe('one');
    expect(JSON.parse(String(text))).toMatchObject({ away_since: new Date(NOW).toISOString() });
  });

  test('that is wrong is a dead letter, about its job where it says which', async () => {
    const { process, calls } = world(job(), { fails: new ContractError('wrong', { code: 'OtherImage' }) });
    await process(posted());
    expect(calls.slice(1)).toEqual([
      [
        'dead',
        {
          queue: 'one',
          error: { code: 'OtherImage', message: 'wrong' },
          message: JSON.stringify(posted()),
          jobId: 'j',
          batchId: 'b',
        },
      ],
    ]);
    const none = world(job());
    await none.process('none');
    expect(none.calls).toMatchObject([['dead', { queue: 'one', message: 'none' }]]);
    expect(none.calls[0]?.[1]).not.toHaveProperty('jobId');
  });

  test('of a step that is paused is put back before anybody looks at it, after at least as long as that says', async () => {
    const { process, calls } = world(job(), { paused: 5000 });
    await process('anything');
    expect(calls).toEqual([['send', 'one', 'anything', 5000]]);
  });

  test('that is out of date is dropped', async () => {
    const { process, did, told } = world(job({ run: 2 }));
    await process(posted());
    expect(did()).toEqual(['read']);
    expect(told).toEqual([['message.stale', { job: 'j', step: 'one', run: 1, seq: 4 }]]);
  });

  test('of no job is admitted; of one that is erased, known or not, all that there is goes', async () => {
    const unknown = world(undefined, { erased: true });
    await unknown.process(posted());
    expect(unknown.did()).toEqual(['read', 'removed']);
    const meanwhile = world(undefined);
    await meanwhile.process(posted());
    expect(meanwhile.did()).toEqual(['read', 'admit', 'removed']);
    const known = world(job({ erasedAt: 'then' }));
    await known.process(posted());
    expect(known.did()).toEqual(['read', 'removed']);
    const wrong = world(undefined);
    await wrong.process(posted({}, { processing_pipeline: ['two'] }));
    expect(wrong.did(), 'it cannot be run').toEqual(['read', 'dead']);
  });

  test.each<[string, Partial<Job>, object, string, boolean]>([
    ['a newer run of a rejected job', {}, { run: 2 }, 'one', true],
    ['the same run', {}, { run: 1 }, 'one', false],
    [
      'a newer run of one that is gone',
      { end: { kind: 'gone', reason: { code: 'X', message: 'x' } } },
      { run: 2 },
      'one',
      false,
    ],
    ['a newer run of one that is fine', { end: undefined } as never, { run: 2 }, 'one', false],
    ['the last step', {}, { run: 2 }, 'pipelineoutput', false],
  ])('has the image looked at again: %s', async (_, more, said, name, expected) => {
    const end = { kind: 'rejected', reason: { code: 'X', message: 'x' } } as const;
    const { process, did } = world(job({ end, ...more }));
    await process(posted(said, { processing_step: name === 'one' ? 0 : 2 }), name);
    expect(did().includes('reexamine')).toBe(expected);
  });
});

describe('a message that nobody got through with', () => {
  test('is an outcome of its step, with one attempt more than there were, and the job goes on', async () => {
    const { blame, calls, did } = world(
      job({ steps: { one: record({ state: 'waiting', seq: 4, attempts: 3 }) } }),
    );
    expect(await blame(posted())).toBe(true);
    expect(did()).toEqual(['record', 'send two']);
    expect(calls[0]?.[1]).toEqual({
      steps: {
        one: {
          ...{
            state: 'failed',
            run: 1,
            seq: 4,
            at: new Date(NOW).toISOString(),
            attempts: 4,
            retryable: true,
          },
          error: { code: 'ProcessDied', message: 'It died.' },
        },
      },
    });
  });

  test('has nothing to blame where there is no row, or no such step; one that is out of date is over', async () => {
    expect(await world(undefined).blame(posted())).toBe(false);
    expect(await world(job()).blame(posted(), 'none')).toBe(false);
    const stale = world(job({ run: 2 }));
    expect(await stale.blame(posted())).toBe(true);
    expect(stale.calls).toEqual([]);
  });

  test('is settled where its outcome is recorded, or it is out of date', async () => {
    const settled = (of: Job | undefined) => world(of).helper.isSettled('one', parseMessage(posted()));
    expect(await settled(undefined)).toBe(false);
    expect(await settled(job())).toBe(false);
    expect(await settled(job({ steps: { one: record() } }))).toBe(true);
    expect(await settled(job({ run: 2 }))).toBe(true);
  });
});
