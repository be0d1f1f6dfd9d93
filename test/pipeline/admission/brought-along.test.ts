import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Job, StepRecord } from '../../../src/domain/job.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import type { AnyStep } from '../../../src/domain/step.ts';
import { BroughtAlong, passedBy } from '../../../src/pipeline/admission/brought-along.ts';
import { Registry } from '../../../src/pipeline/definition/registry.ts';
import type { JobChange } from '../../../src/pipeline/journal/journal-row.ts';
import { parseMessage } from '../../../src/pipeline/message/message.ts';

const NOW = Date.parse('2026-01-01T00:00:00.000Z');
const step = (name: string, more: object = {}): AnyStep => ({
  ...{ name, needs: [], schema: z.object({ n: z.number() }), summary: 'For the test.' },
  run: async () => ({}),
  ...more,
});
const registry = new Registry([
  ...[step('one'), step('two', { mentions: true }), step('three'), step('pipelineoutput')],
]);
const message = (job_output: object, more: object = {}, position = 2) =>
  parseMessage({
    job_definition: { id: 'j', input: { image_url: 'u' }, processing_step: position },
    ...{ job_output, run: 1, seq: 4 },
    ...more,
  });
const job = (more: Partial<Job> = {}): Job => ({
  ...{ id: 'j', batchId: 'b', imageUrl: 'u', source: { container: 'c', name: 'n', etag: 'e' }, steps: {} },
  ...{ pipeline: ['one', 'two', 'three', 'pipelineoutput'], run: 1, seq: 0, sent: true, admittedAt: '' },
  ...more,
});
const record = (output: unknown, more: Partial<StepRecord> = {}): StepRecord => ({
  ...{ state: 'done', run: 1, seq: 4, at: new Date(NOW).toISOString(), attempts: 0, output },
  ...more,
});

/** @param meanwhile what the row has become, each time a write of it is lost */
function world(meanwhile: (Job | undefined)[] = []) {
  const written: JobChange[] = [];
  const noted: unknown[] = [];
  const told: unknown[] = [];
  let losses = meanwhile.length;
  const journal = {
    links: {
      noteMentions: async (_: object, slot: string, output: unknown) => void noted.push([slot, output]),
    },
    update: async (entry: { job: Job }, change: JobChange) => {
      losses -= 1;
      if (losses >= 0) return undefined;
      written.push(change);
      const after = { ...entry.job, steps: { ...entry.job.steps, ...change.steps } };
      meanwhile.push(after);
      return { job: after, etag: 'n' };
    },
    read: async () => {
      const now = meanwhile.shift();
      return now && { job: now, etag: 'n' };
    },
  };
  const claimCheck = {
    inlineOrStore: async (_: string, slot: string, output: unknown) => ({ slot, output }),
  };
  const brought = new BroughtAlong({ journal, claimCheck, registry, clock: () => NOW } as never);
  const adopt = (of: Job, said: ReturnType<typeof message>) =>
    brought
      .adopt({ job: of, etag: 'e' }, said, { ...silentLog, info: (...given) => told.push(given) })
      .then((entry) => entry.job);
  return { brought, adopt, written, noted, told };
}

test('an output counts where its step would have given it that shape, or where it is kept apart', () => {
  const linked = { linked_content: 'j/one.json' };
  const { brought } = world();
  const outputs = {
    one: { n: 1 },
    two: { n: 'odd' },
    three: linked,
    pipelineoutput: { n: 1 },
    unknown: { n: 1 },
  };
  expect(brought.outputsOf(message(outputs))).toEqual({ one: record({ n: 1 }), three: record(linked) });
});

test('of what a message brings counts what lies behind it, or outside its pipeline', () => {
  const all = { one: record(1), two: record(2), three: record(3), other: record(4) };
  const passed = (position: number) =>
    Object.keys(passedBy(all, ['one', 'two', 'three', 'pipelineoutput'], message({}, {}, position)));
  expect(passed(0)).toEqual(['other']);
  expect(passed(2)).toEqual(['one', 'two', 'other']);
});

test('what is kept of it is small, and what mentions other images leads there', async () => {
  const { brought, noted } = world();
  const kept = await brought.kept(
    { id: 'j', batchId: 'b' },
    { one: record({ n: 1 }), two: record({ n: 2 }) },
  );
  expect(kept).toEqual({
    one: record({ slot: 'one', output: { n: 1 } }),
    two: record({ slot: 'two', output: { n: 2 } }),
  });
  expect(noted).toEqual([['two', { n: 2 }]]);
});

test('a job takes over what it has no record of, in whatever its row has become', async () => {
  const there = { one: record({ n: 9 }) };
  const { adopt, written, told } = world([job({ steps: there })]);
  const adopted = await adopt(job(), message({ one: { n: 1 }, two: { n: 2 } }));
  const two = record({ slot: 'two', output: { n: 2 } });
  expect(written).toEqual([{ steps: { two } }]);
  expect(told).toEqual([['job.outputs-adopted', { job: 'j', steps: ['two'] }]]);
  expect(adopted.steps).toEqual({ ...there, two });
});

test.each<[string, Partial<Job>, object, object]>([
  ['has ended', { end: { kind: 'gone', reason: { code: 'X', message: 'x' } } }, { one: { n: 1 } }, {}],
  ['is in another run', { run: 2 }, { one: { n: 1 } }, {}],
  ['has a record of it all', { steps: { one: record({ n: 1 }) } }, { one: { n: 2 } }, {}],
  ['is brought nothing', {}, {}, {}],
  ['is brought what counts for nothing', {}, { one: { n: 'odd' } }, {}],
])('a job that %s takes nothing over', async (_, more, outputs) => {
  const { adopt, written } = world();
  const before = job(more);
  expect(await adopt(before, message(outputs))).toBe(before);
  expect(written).toEqual([]);
});

test('a row that has gone, or changes for ever, is left as it was', async () => {
  const gone = world([undefined]);
  const before = job();
  expect(await gone.adopt(before, message({ one: { n: 1 } }))).toBe(before);
  const last = job({ seq: 30 });
  const busy = world([...Array(29).fill(job()), last, job({ seq: 31 })]);
  expect(await busy.adopt(before, message({ one: { n: 1 } }))).toBe(last);
  expect(busy.written).toEqual([]);
});
