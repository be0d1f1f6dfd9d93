import { describe, expect, test } from 'vitest';
import type { Job, StepRecord } from '../../../src/domain/job.ts';
import { markSent } from '../../../src/pipeline/admission/first-message.ts';
import { Recorder } from '../../../src/pipeline/delivery/recorder.ts';
import type { Visit } from '../../../src/pipeline/delivery/visit.ts';
import { attemptsBefore, jobOf } from '../../../src/pipeline/delivery/visit.ts';
import type { JournalEntry } from '../../../src/pipeline/journal/journal.ts';
import type { JobChange } from '../../../src/pipeline/journal/journal-row.ts';

const record = (more: Partial<StepRecord> = {}): StepRecord => ({
  ...{ state: 'done', run: 1, seq: 0, at: '', attempts: 1 },
  ...more,
});
const job = (more: Partial<Job> = {}): Job => ({
  ...{ id: 'j', batchId: 'b', imageUrl: 'u', source: { container: 'c', name: 'n', etag: 'e' }, steps: {} },
  ...{ pipeline: ['one', 'pipelineoutput'], run: 1, seq: 0, sent: false, admittedAt: '' },
  ...more,
});

/** A row that others change: each of `meanwhile` is what it has become when the next write is lost. */
function rowOf(meanwhile: (Job | undefined)[]) {
  const written: JobChange[] = [];
  const journal = {
    update: async (entry: JournalEntry, change: JobChange) => {
      if (meanwhile.length > 0) return undefined;
      written.push(change);
      return { job: { ...entry.job, ...change } as Job, etag: 'new' };
    },
    read: async () => {
      const now = meanwhile.shift();
      return now && { job: now, etag: 'other' };
    },
  } as never;
  return { journal, written, recorder: new Recorder(journal) };
}
const visit = (of: Job, message: object = {}, step = 'one'): Visit =>
  ({
    step: { name: step },
    message: { run: 1, seq: 0, ...message },
    entry: { job: of, etag: 'old' },
    pipeline: ['other', 'pipelineoutput'],
  }) as never;
const jobIn = (result: JournalEntry | 'overtaken') => (result === 'overtaken' ? result : result.job);

describe('an outcome', () => {
  test('is recorded where there is none; whoever comes second adopts what is recorded', async () => {
    const { recorder, written } = rowOf([]);
    await recorder.outcome(visit(job()), record());
    expect(written).toEqual([{ steps: { one: record() } }]);
    const first = job({ steps: { one: record({ at: 'first' }) } });
    const second = rowOf([first]);
    expect(jobIn(await second.recorder.outcome(visit(job()), record({ at: 'second' })))).toEqual(first);
    expect(second.written).toEqual([]);
  });

  test('of another version of the row is written there, twenty times at most', async () => {
    const other = job({ steps: { two: record() } });
    const { recorder, written } = rowOf(Array(19).fill(other));
    expect(jobIn(await recorder.outcome(visit(job()), record()))).toMatchObject({ steps: { one: record() } });
    expect(written).toHaveLength(1);
    await expect(rowOf(Array(25).fill(other)).recorder.outcome(visit(job()), record())).rejects.toThrow(
      'kept changing',
    );
  });

  test.each([
    ['a newer run', job({ run: 2 })],
    ['one that is being erased', job({ erasedAt: 'x' })],
  ])('is none of %s', async (_, now) => {
    const { recorder, written } = rowOf([]);
    expect(await recorder.outcome(visit(now), record())).toBe('overtaken');
    expect(await rowOf([now]).recorder.outcome(visit(job()), record())).toBe('overtaken');
    expect(written).toEqual([]);
  });

  test('of a row that has gone is none; of a job that ended only its row is still to come', async () => {
    expect(await rowOf([undefined]).recorder.outcome(visit(job()), record())).toBe('overtaken');
    const end = { kind: 'gone', reason: { code: 'ImageGone', message: '' } } as const;
    const { recorder, written } = rowOf([]);
    expect(jobIn(await recorder.outcome(visit(job({ end })), record()))).toEqual(job({ end }));
    expect(written).toEqual([]);
    await recorder.outcome(visit(job({ end }), {}, 'pipelineoutput'), record());
    expect(written).toHaveLength(1);
  });

  test('of a newer run takes the row over, with its seq and pipeline; one of the same run leaves them', async () => {
    const { recorder, written } = rowOf([]);
    await recorder.outcome(visit(job(), { run: 2, seq: 3 }), record({ run: 2 }));
    await recorder.outcome(visit(job(), { run: 1, seq: 3 }), record());
    expect(written).toEqual([
      { run: 2, seq: 3, pipeline: ['other', 'pipelineoutput'], steps: { one: record({ run: 2 }) } },
      { steps: { one: record() } },
    ]);
  });
});

test('an end is recorded once', async () => {
  const end = { kind: 'gone', reason: { code: 'ImageGone', message: '' } } as const;
  const { recorder, written } = rowOf([]);
  await recorder.end(visit(job()), end);
  expect(written).toEqual([{ end }]);
  const before = job({ end: { ...end, kind: 'superseded' } });
  expect(jobIn(await recorder.end(visit(before), end))).toEqual(before);
  expect(written).toHaveLength(1);
});

describe('a message that was put back', () => {
  const waits = (seq: number) => record({ state: 'waiting', seq });

  test('is recorded with its number, unless a later one is, or the outcome', async () => {
    const { recorder, written } = rowOf([]);
    await recorder.waiting(visit(job()), waits(2));
    await recorder.waiting(visit(job({ steps: { one: waits(1) } })), waits(2));
    expect(written).toEqual(Array(2).fill({ seq: 2, steps: { one: waits(2) } }));
    for (const there of [waits(2), waits(3), record()]) {
      const now = job({ steps: { one: there } });
      expect(jobIn(await recorder.waiting(visit(now), waits(2)))).toEqual(now);
    }
    expect(written).toHaveLength(2);
    await recorder.waiting(visit(job({ steps: { one: { ...waits(9), run: 0 } } })), waits(2));
    expect(written, 'what an earlier run recorded says nothing').toHaveLength(3);
  });

  test('counts the attempts of this run alone', () => {
    const attempts = (more: Partial<StepRecord>) =>
      attemptsBefore(visit(job({ steps: { one: record({ attempts: 3, ...more }) } })));
    expect([attempts({ state: 'waiting' }), attempts({}), attempts({ state: 'waiting', run: 0 })]).toEqual([
      3, 0, 0,
    ]);
    expect(attemptsBefore(visit(job()))).toBe(0);
    expect(jobOf(visit(job())).pipeline).toEqual(['other', 'pipelineoutput']);
  });
});

test('that the first message was sent is marked in whatever the row has become, and once', async () => {
  const { journal, written } = rowOf([job({ run: 2 }), job({ run: 3 })]);
  await markSent({ job: job(), etag: 'old' }, journal);
  expect(written).toEqual([{ sent: true }]);
  const marked = rowOf([job({ sent: true })]);
  await markSent({ job: job(), etag: 'old' }, marked.journal);
  await markSent({ job: job({ sent: true }), etag: 'old' }, marked.journal);
  const gone = rowOf([undefined]);
  await markSent({ job: job(), etag: 'old' }, gone.journal);
  expect([marked.written, gone.written]).toEqual([[], []]);
  let tries = 0;
  const never = {
    update: async () => {
      tries += 1;
    },
    read: async () => ({ job: job(), etag: 'x' }),
  };
  await markSent({ job: job(), etag: 'old' }, never as never);
  expect(tries).toBe(30);
});
