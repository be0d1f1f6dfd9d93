import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Job, StepRecord } from '../../../src/domain/job.ts';
import {
  fromColumns,
  jobColumns,
  outputsIn,
  stepColumns,
} from '../../../src/pipeline/journal/journal-row.ts';

const error = fc.record({ code: fc.string(), message: fc.string() });
const times = fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
const records = fc
  .record(
    {
      state: fc.constantFrom('waiting', 'done', 'failed', 'skipped', 'unavailable'),
      run: fc.nat(),
      seq: fc.nat(),
      at: times,
      attempts: fc.nat(),
      ms: fc.nat(),
      error,
      retryable: fc.boolean(),
      nextAt: times,
      since: times,
      // As JSON gives it back: it has no -0.
      output: fc
        .jsonValue()
        .map((value): unknown => JSON.parse(JSON.stringify(value)))
        .filter((value) => value !== null),
    },
    { requiredKeys: ['state', 'run', 'seq', 'at', 'attempts'] },
  )
  .map(({ output, ...rest }) => {
    if (output === undefined) return rest as StepRecord;
    const settled = rest.state === 'done' || rest.state === 'unavailable';
    return { ...rest, ...(settled ? { output } : {}) } as StepRecord;
  });
const names = fc.constantFrom('ocr', 'facecrop', 'pipelineoutput', 'x1');
const jobs = fc
  .record(
    {
      id: fc.string(),
      batchId: fc.string(),
      imageUrl: fc.string(),
      source: fc.record({ container: fc.string(), name: fc.string(), etag: fc.string() }),
      image: fc.record({ contentType: fc.string(), width: fc.nat(), height: fc.nat(), bytes: fc.nat() }),
      parameters: fc.dictionary(fc.string(), fc.string()).filter((one) => !('__proto__' in one)),
      consent: fc.record({ doNotMatch: fc.boolean() }),
      pipeline: fc.uniqueArray(names, { minLength: 1 }),
      run: fc.nat(),
      seq: fc.nat(),
      end: fc.record({ kind: fc.constantFrom('rejected', 'superseded', 'gone'), reason: error }),
      sent: fc.boolean(),
      admittedAt: times,
      steps: fc.dictionary(names, records),
    },
    {
      requiredKeys: [
        ...([
          'id',
          'batchId',
          'imageUrl',
          'source',
          'pipeline',
          'run',
          'seq',
          'sent',
          'admittedAt',
          'steps',
        ] as const),
      ],
    },
  )
  .map((job) => ({ ...job, steps: { ...job.steps } }) as Job);

test('a job is the same after its row has kept it', () => {
  fc.assert(
    fc.property(jobs, (job) => {
      expect(fromColumns(jobColumns(job))).toEqual(job);
    }),
  );
});

test('a newer record of a step leaves nothing of the older one but what it last put out', () => {
  fc.assert(
    fc.property(jobs, records, records, (job, older, newer) => {
      const before = { ...jobColumns({ ...job, steps: { ocr: older } }) };
      // A merge leaves what is null or absent as it was.
      for (const [name, value] of Object.entries(stepColumns('ocr', newer, older)))
        if (value !== null && value !== undefined) before[name] = value;
      const { kept, ...now } = fromColumns(before as Record<string, unknown>).steps.ocr ?? {};
      expect(now).toEqual(newer);
      if (newer.state === 'done' || newer.state === 'unavailable') expect(kept).toBeUndefined();
      else expect(kept).toEqual(older.output);
    }),
  );
});

test('a row that does not say how often, of which run or after how many delays was there from the beginning', () => {
  const job = fromColumns({ jobId: 'j', batchId: 'b', jobPipeline: 'ocr', ocr: 'done', ocr_at: 'then' });
  expect(job.steps).toEqual({ ocr: { state: 'done', run: 0, seq: 0, at: 'then', attempts: 0 } });
  expect(job).toMatchObject({ run: 0, seq: 0, sent: false, admittedAt: '' });
  for (const absent of ['end', 'image', 'consent', 'parameters', 'erasedAt'])
    expect(job).not.toHaveProperty(absent);
  const full = { ocr: 'done', ocr_run: 2, ocr_seq: 3, ocr_attempts: 4, jobRun: 5, jobSeq: 6, jobSent: true };
  expect(fromColumns({ ...full, jobPipeline: 'ocr' })).toMatchObject({
    ...{ run: 5, seq: 6, sent: true, steps: { ocr: { run: 2, seq: 3, attempts: 4 } } },
  });
});

test('what steps put out is read where there is any: not where it was taken away, nor what is no text', () => {
  const columns = { ocr_output: '{"a":1}', facecrop_output: '', x1_output: 7, other_output: '{}' };
  expect(outputsIn(columns, ['ocr', 'facecrop', 'x1', 'nothing'])).toEqual({ ocr: { a: 1 } });
});
