import { expect, test } from 'vitest';
import { z } from 'zod';
import { PermanentError, UnavailableError } from '../../../src/domain/errors.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import { readSettings, SettingsError } from '../../../src/domain/settings.ts';
import { Registry } from '../../../src/pipeline/definition/registry.ts';
import { JobDays, ofAdmission } from '../../../src/pipeline/journal/job-days.ts';
import { JobLinks } from '../../../src/pipeline/journal/job-links.ts';
import { RecordedOutputs } from '../../../src/pipeline/journal/recorded-outputs.ts';
import { retractAll } from '../../../src/pipeline/journal/retract.ts';
import { linkJobs } from '../../../src/pipeline/rescue/link-jobs.ts';
import { walkInMemory, walkInTable } from '../../../src/pipeline/rescue/walk.ts';
import { MemoryTable } from '../../support/memory-table.ts';

const { signal } = new AbortController();
const job = { id: 'j', batchId: 'b', run: 0, pipeline: [], parameters: undefined };

test('each step takes back what it left, the last first; what may stay holds up nobody, and is told of', async () => {
  const taken: unknown[] = [];
  const told: unknown[] = [];
  const step = (name: string, fails?: unknown, retracts = true) => ({
    ...{ name, needs: [], schema: z.unknown(), summary: 'For the test.', run: async () => ({}) },
    ...(retracts && {
      retract: async ({ output, settings }: { output: unknown; settings: object }) => {
        taken.push([name, output, 'MAX_ATTEMPTS' in settings]);
        if (fails) throw fails;
      },
    }),
  });
  const log = { ...silentLog, error: (...given: unknown[]) => told.push(given) };
  const run = (steps: object[], mayStay?: (error: unknown) => boolean) =>
    retractAll(
      job,
      async (name) => `of ${name}`,
      { registry: new Registry(steps as never), settings: readSettings({}) },
      { log, signal, ...(mayStay && { mayStay }) },
    );
  const refused = new UnavailableError('LimitedAccessRequired', 'x');
  await run([
    step('one'),
    step('two', refused),
    step('three', undefined, false),
    step('four', new SettingsError('x')),
  ]);
  expect(taken.splice(0)).toEqual([
    ['four', 'of four', true],
    ['two', 'of two', true],
    ['one', 'of one', true],
  ]);
  expect(told.splice(0)).toEqual([
    ['step.not-retracted', { job: 'j', step: 'four', error: 'SettingsError' }],
    ['step.not-retracted', { job: 'j', step: 'two', error: 'UnavailableError' }],
  ]);
  await expect(run([step('one'), step('two', new PermanentError('NoImage', 'x'))])).rejects.toThrow('x');
  expect(taken.splice(0)).toHaveLength(1);
  await run([step('one'), step('two', 'text')], () => true);
  expect(told).toEqual([['step.not-retracted', { job: 'j', step: 'two', error: 'unknown' }]]);
  expect(taken).toHaveLength(2);
});

test('outputs are read in pages of 250 jobs, until there is no other', async () => {
  const asked: unknown[] = [];
  const row = (n: number, columns: object) => ({ partitionKey: 'b', rowKey: `${n}`, etag: 'e', columns });
  const pages = [
    {
      rows: [row(1, { jobId: 'a', batchId: 'b', ocr_output: '{"n":1}' }), row(2, { ocr_output: '{"n":2}' })],
      next: 'p2',
    },
    { rows: [row(3, { jobId: 'c', batchId: 'b', ocr_output: '' })], next: 'p3' },
    { rows: [row(4, { jobId: 'd', batchId: 'b', ocr_output: '{"n":4}' })] },
  ];
  const table = {
    page: async (options: object) => {
      asked.push(options);
      return pages.shift();
    },
  };
  const found = [];
  for await (const one of new RecordedOutputs(table as never).all(['ocr'])) found.push(one);
  expect(found).toEqual([
    { id: 'a', batchId: 'b', outputs: { ocr: { n: 1 } } },
    { id: 'd', batchId: 'b', outputs: { ocr: { n: 4 } } },
  ]);
  const select = ['jobId', 'batchId', 'ocr_output'];
  expect(asked).toEqual([undefined, 'p2', 'p3'].map((from) => ({ from, select, size: 250 })));
});

test('jobs of an older version are linked on from where the last run stopped, which is kept after each hundred', async () => {
  const world = (standing: { dated?: boolean; complete?: boolean }, jobs = 250) => {
    const calls: string[] = [];
    const links = {
      isDated: async () => standing.dated ?? false,
      isComplete: async () => standing.complete ?? false,
      progress: async () => ({ partitionKey: 'b', rowKey: 'before' }),
      keepProgress: async ({ rowKey }: { rowKey: string }) => void calls.push(`keep ${rowKey}`),
      noteJob: async ({ id }: { id: string }) => void calls.push(`job ${id}`),
      noteMentions: async ({ id }: { id: string }, slot: string, output: unknown) =>
        void calls.push(`mentions ${id} ${slot} ${output}`),
      markComplete: async () => void calls.push('complete'),
    };
    const steps = {
      two: { run: 3, output: 'now' },
      one: { run: 3, output: 'not asked for' },
      gone: { run: 1, output: 'unknown' },
      four: { run: 2, kept: 'before' },
    };
    const journal = {
      links,
      async *jobsAfter(after?: { rowKey: string }) {
        calls.push(`after ${after?.rowKey}`);
        for (let n = 1; n <= jobs; n += 1)
          yield { job: { id: `${n}`, steps }, place: { partitionKey: 'b', rowKey: `${n}` } };
      },
    };
    const mentioning = new Set(['two', 'four']);
    const registry = {
      get: (name: string) => (name === 'gone' ? undefined : { mentions: mentioning.has(name) }),
    };
    const claimCheck = { resolveOr: async (value: unknown) => value };
    const run = (until = () => true) => linkJobs({ journal, registry, claimCheck } as never, until);
    return { calls, run };
  };
  const whole = world({});
  expect(await whole.run()).toBe(250);
  expect(whole.calls.slice(0, 4)).toEqual([
    'after before',
    'job 1',
    'mentions 1 two-3 now',
    'mentions 1 four-2 before',
  ]);
  expect(whole.calls.filter((call) => /^(keep|complete)/.test(call))).toEqual([
    'keep 100',
    'keep 200',
    'complete',
  ]);
  const undated = world({ complete: true }, 1);
  await undated.run();
  expect(undated.calls).toEqual(['after before', 'job 1', 'complete']);
  const done = world({ dated: true });
  expect(await done.run()).toBe(0);
  expect(done.calls).toEqual([]);
  let left = 2;
  const short = world({});
  expect(await short.run(() => left-- > 0)).toBe(2);
  expect(short.calls).not.toContain('complete');
  expect(short.calls).not.toContain('job 3');
});

test('a walk is remembered as it was left, in a row as in memory', async () => {
  const rows = new MemoryTable();
  for (const memory of [walkInMemory(), walkInTable({ tables: { table: () => rows.table } } as never)]) {
    expect(await memory.read()).toBeUndefined();
    const walk = { startedAt: 1_700_000_000_001, since: 0, after: 5 };
    for (const one of [{ ...walk, from: '' }, { ...walk, from: 'place' }, walk]) {
      await memory.write(one);
      expect(await memory.read()).toEqual(one);
    }
  }
});

test('a day of its end leads to a job where there is such a day', async () => {
  const rows = new MemoryTable();
  const days = new JobDays(rows.table);
  await days.noteEnd({ id: 'j', batchId: 'b' }, '2031-05-01T00:00:00.000Z');
  expect(rows.calls, 'what leads to the link is written first').toEqual([
    'upsert by:j day-to:2031-05-01',
    'upsert to:2031-05-01 j',
  ]);
  await days.noteEnd({ id: 'j', batchId: 'b' }, '+010000-01-01T00:00:00.000Z');
  expect(rows.calls).toHaveLength(2);
});

test('whom an output mentions stands in rows of a hundred, written before the links, eight of those at once', async () => {
  const rows = new MemoryTable();
  const links = new JobLinks({ tables: { table: () => rows.table } } as never);
  const { upsert } = rows;
  let underWay = 0;
  let most = 0;
  rows.upsert = async (...given) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await upsert(...given);
    await new Promise(setImmediate);
    underWay -= 1;
  };
  const ids = Array.from({ length: 201 }, (_, n) => `o-${n}`);
  await links.noteMentions({ id: 'j', batchId: 'b' }, 'slot', { matches: ids.map((id) => ({ id })) });
  expect(rows.calls.slice(0, 4)).toEqual([
    ...['upsert by:j slot-0', 'upsert by:j slot-100', 'upsert by:j slot-200'],
    'upsert in:o-0 j',
  ]);
  const named = ['slot-0', 'slot-100', 'slot-200'].map(
    (slot) => rows.rows.get(`by:j|${slot}`)?.columns.mentioned,
  );
  expect(named.map((text) => JSON.parse(String(text)).length)).toEqual([100, 100, 1]);
  expect(most).toBe(8);
  const { writes } = rows;
  await links.noteMentions({ id: 'j', batchId: 'b' }, 'slot', { matches: [{ id: 'j' }] });
  expect(rows.writes, 'itself alone').toBe(writes);
});

test('what steps have put out is changed in the row as it then is, all of it at once, and only where it differs', async () => {
  const rows = new MemoryTable();
  const outputs = new RecordedOutputs(rows.table);
  const at = { batchId: 'b', id: 'j' };
  await rows.upsert('b', 'j', { ocr_output: '{"n":1}', facecrop_output: '{"n":2}', other_output: '{"n":3}' });
  const change = (output: unknown) => ({ n: (output as { n: number }).n + 10 });
  let isFirst = true;
  rows.meddle = (call) => {
    const row = rows.rows.get('b|j');
    if (call !== 'merge' || !isFirst || !row) return;
    isFirst = false;
    rows.rows.set('b|j', { ...row, etag: 'other', columns: { ...row.columns, ocr_output: '{"n":5}' } });
  };
  await outputs.change(at, ['ocr', 'facecrop', 'none'], change);
  const now = { ocr: { n: 15 }, facecrop: { n: 12 }, other: { n: 3 } };
  expect(await outputs.of(at, ['ocr', 'facecrop', 'other'])).toEqual(now);
  const { writes } = rows;
  await outputs.change(at, ['ocr', 'facecrop'], (output) => output);
  await outputs.change({ ...at, id: 'none' }, 'ocr', change);
  expect(rows.writes).toBe(writes);
  expect(await outputs.of({ ...at, id: 'none' }, ['ocr'])).toEqual({});
  await outputs.change(at, 'other', change);
  expect(await outputs.of(at, ['other'])).toEqual({ other: { n: 13 } });
});

test('jobs of a day stand in sixteen partitions', () => {
  const at = '2026-01-01T23:59:59.999Z';
  const partitions = Array.from({ length: 400 }, (_, n) => ofAdmission(at, `${n}`));
  expect(new Set(partitions).size).toBe(16);
  expect(ofAdmission(at, 'a')).toBe('on:2026-01-01:c');
});
