import { describe, expect, test } from 'vitest';
import {
  isFinished,
  type Job,
  nextStep,
  outcomeFor,
  reported,
  type StepRecord,
} from '../../src/domain/job.ts';

const record = (given: Partial<StepRecord> = {}): StepRecord => ({
  ...{ state: 'done', run: 1, seq: 0, at: '2026-01-01T00:00:00.000Z', attempts: 1 },
  ...given,
});
const job = (steps: Record<string, StepRecord>, more: Partial<Job> = {}): Job => ({
  ...{ id: 'j', batchId: 'b', imageUrl: 'u', source: { container: 'c', name: 'n', etag: 'e' } },
  ...{ pipeline: ['ocr', 'pipelineoutput'], run: 1, seq: 0, sent: true, admittedAt: '', steps },
  ...more,
});

describe('the outcome that counts', () => {
  test('is of this very run, or kept by a rerun that does not name the step', () => {
    const older = job({ ocr: record({ run: 0 }) });
    const cases: [number, string[] | undefined, boolean][] = [
      [0, undefined, true],
      [0, ['ocr'], true],
      [1, undefined, false],
      [1, ['ocr'], false],
      [1, ['other'], true],
      [1, [], true],
    ];
    for (const [run, again, counts] of cases)
      expect(outcomeFor(older, 'ocr', run, again) !== undefined, `${run} ${again}`).toBe(counts);
  });

  test('is none of a step that waits, or has not been come to', () => {
    expect(outcomeFor(job({ ocr: record({ state: 'waiting' }) }), 'ocr', 1, undefined)).toBeUndefined();
    expect(outcomeFor(job({}), 'ocr', 1, undefined)).toBeUndefined();
    for (const state of ['failed', 'skipped', 'unavailable'] as const)
      expect(outcomeFor(job({ ocr: record({ state }) }), 'ocr', 1, undefined)?.state).toBe(state);
  });

  test('of the row is that of this run, as long as it reports what is recorded now', () => {
    const steps = { ocr: record() };
    const says = reported(job(steps));
    const row = (given: Partial<StepRecord>) => job({ ...steps, pipelineoutput: record(given) });
    const stands = (it: Job, run = 1) => outcomeFor(it, 'pipelineoutput', run, ['ocr']) !== undefined;
    expect(stands(row({ output: says }))).toBe(true);
    expect(stands(row({})), 'from before rows were told apart').toBe(true);
    expect(stands(row({ output: 'another' }))).toBe(false);
    expect(stands(row({ output: says, run: 0 })), 'of an older run, though nothing was done again').toBe(
      false,
    );
  });
});

describe('what a row reports', () => {
  test('is another where an outcome, its run, its time or the end is another, and the same for anything else', () => {
    const steps = { ocr: record(), faces: record({ state: 'failed' }) };
    const base = reported(job(steps));
    expect(reported(job({ faces: steps.faces, ocr: steps.ocr }, { seq: 7 }))).toBe(base);
    expect(reported(job({ ...steps, pipelineoutput: record() }))).toBe(base);
    expect(reported(job({ ...steps, other: record({ state: 'waiting' }) }))).toBe(base);
    const others = [
      job({ ...steps, ocr: record({ state: 'skipped' }) }),
      job({ ...steps, ocr: record({ run: 2 }) }),
      job({ ...steps, ocr: record({ at: '2026-01-02T00:00:00.000Z' }) }),
      job({ ...steps, other: record() }),
      job({ ocr: steps.ocr }),
      job(steps, { end: { kind: 'gone', reason: { code: 'X', message: 'x' } } }),
    ].map(reported);
    expect(new Set([base, ...others]).size).toBe(others.length + 1);
  });
});

describe('an unfinished job', () => {
  const twoSteps = { pipeline: ['ocr', 'faces', 'pipelineoutput'] };

  test('comes next to the first step without an outcome, whatever run that is of, and to its row at the end', () => {
    const cases: [Record<string, StepRecord>, string][] = [
      [{}, 'ocr'],
      [{ ocr: record() }, 'faces'],
      [{ faces: record() }, 'ocr'],
      [{ ocr: record({ state: 'waiting' }), faces: record() }, 'ocr'],
      [{ ocr: record({ run: 0 }), faces: record({ state: 'failed' }) }, 'pipelineoutput'],
    ];
    for (const [steps, next] of cases) expect(nextStep(job(steps, twoSteps))).toBe(next);
    expect(nextStep(job({ ocr: record() }, { pipeline: ['ocr'] })), 'of a pipeline without one').toBe(
      'pipelineoutput',
    );
    const end = { kind: 'gone', reason: { code: 'X', message: 'x' } } as const;
    expect(nextStep(job({}, { ...twoSteps, end }))).toBe('pipelineoutput');
  });

  test('is one whose row is not written, or of an older run, or without what was recorded since', () => {
    const steps = { ocr: record() };
    const row = (given: Partial<StepRecord>, more: Partial<Job> = {}) =>
      isFinished(job({ ...steps, pipelineoutput: record({ output: reported(job(steps)), ...given }) }, more));
    expect(row({})).toBe(true);
    expect(isFinished(job(steps))).toBe(false);
    for (const state of ['waiting', 'failed', 'unavailable'] as const) expect(row({ state })).toBe(false);
    expect(row({}, { run: 2 })).toBe(false);
    expect(row({ output: 'another' })).toBe(false);
  });
});
