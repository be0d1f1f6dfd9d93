import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { jobIdOf } from '../../../src/domain/job-id.ts';
import type { AnyStep, StepContext } from '../../../src/domain/step.ts';
import { containers, EVENTS_QUEUE } from '../../../src/storage/names.ts';
import { Table } from '../../../src/storage/tables.ts';
import { type Emulator, startEmulator } from '../../support/emulator.ts';
import { jpeg } from '../../support/images.ts';
import { openPipeline, type TestPipeline } from '../../support/pipeline.ts';

let emulator: Emulator;
/** Two instances of the app over one account. */
let here: TestPipeline;
let there: TestPipeline;
let ran: string[];
let during: (name: string) => Promise<void>;

const step = (name: string, needs: string[] = []): AnyStep => ({
  name,
  needs,
  schema: z.unknown(),
  summary: 'Hands on what it was given.',
  run: async ({ output }: StepContext) => {
    ran.push(name);
    await during(name);
    return { name, saw: output, nothing: undefined };
  },
});

beforeAll(async () => {
  emulator = await startEmulator();
  const steps = [step('first'), step('second', ['first']), step('third', ['first', 'second'])];
  here = await openPipeline(emulator, steps);
  there = await openPipeline(emulator, steps);
});
afterAll(() => emulator?.stop());
beforeEach(async () => {
  ran = [];
  during = async () => {};
  await here.empty();
});

let images = 0;
async function dropped() {
  images += 1;
  const batch = `just-${images}`;
  const etag = await here.drop(`${batch}/image.jpg`, await jpeg());
  await here.reconciler.run(here.delivery().log);
  await here.pump(EVENTS_QUEUE);
  return { batch, id: jobIdOf(containers.input, `${batch}/image.jpg`, etag) };
}

/** What `work` reads from the journal's rows, counted. */
async function readsOf(work: () => Promise<unknown>): Promise<number> {
  const get = Table.prototype.get;
  let reads = 0;
  Table.prototype.get = function (partition, row, select) {
    if (partition.startsWith('just-')) reads += 1;
    return get.call(this, partition, row, select);
  };
  try {
    await work();
  } finally {
    Table.prototype.get = get;
  }
  return reads;
}

const rowOf = (job: { id: string }) => here.rows.get(job.id) ?? there.rows.get(job.id);

test('the process that wrote a row needs no look into the table for the next step, but for the output step', async () => {
  const job = await dropped();
  expect(await readsOf(() => here.pump('first'))).toBe(0);
  expect(await readsOf(() => here.pump('second'))).toBe(0);
  expect(await readsOf(() => here.pump('third'))).toBe(0);
  await here.pump('pipelineoutput');
  const first = { name: 'first', saw: {} };
  expect(rowOf(job)?.outputs).toEqual({
    first,
    second: { name: 'second', saw: { first } },
    third: { name: 'third', saw: { first, second: { name: 'second', saw: { first } } } },
  });
  const read = await here.journal.read(job.batch, job.id);
  expect(read?.job.steps.third).toMatchObject({ state: 'done', attempts: 1 });
});

test('the row that people see is written from the table: what another instance has written since stands in it', async () => {
  const job = await dropped();
  await here.pump('first');
  await here.pump('second');
  await here.pump('third');
  const entry = await there.journal.read(job.batch, job.id);
  if (entry)
    await there.journal.update(entry, { end: { kind: 'gone', reason: { code: 'X', message: 'x' } } });
  const ends: (string | undefined)[] = [];
  const { set } = here.rows;
  here.rows.set = (id, row) => {
    ends.push(row.end);
    return set.call(here.rows, id, row);
  };
  await here.pump('pipelineoutput');
  here.rows.set = set;
  // At once, and not only when the write has found the row changed.
  expect(ends).toEqual(['gone']);
});

test('a row that another instance has written since is read, and every outcome is in the end', async () => {
  const job = await dropped();
  await here.pump('first');
  expect(await readsOf(() => there.pump('second'))).toBe(1);
  expect(await readsOf(() => here.pump('third'))).toBe(1);
  await here.drain();
  expect(ran).toEqual(['first', 'second', 'third']);
  expect(Object.values(rowOf(job)?.steps ?? {}).map(({ state }) => state)).toEqual(['done', 'done', 'done']);
});

test('a first message that comes before its job is marked as sent, or twice, finds the row in the table', async () => {
  const update = here.journal.update.bind(here.journal);
  let early: Promise<unknown> | undefined;
  here.journal.update = async (entry, change, sentWith) => {
    if (change.sent) {
      early ??= here.pump('first');
      await early;
    }
    return update(entry, change, sentWith);
  };
  const job = await dropped();
  here.journal.update = update;
  await early;
  expect(ran).toEqual(['first']);
  expect((await here.journal.read(job.batch, job.id))?.job).toMatchObject({
    sent: true,
    steps: { first: { state: 'done' } },
  });
  const second = await dropped();
  const message = await here.take('first');
  await here.deliver('first', message?.text);
  expect(await readsOf(() => here.deliver('first', message?.text))).toBe(1);
  await here.drain();
  expect(ran.filter((name) => name === 'first')).toHaveLength(2);
  expect(rowOf(second)?.steps.third?.state).toBe('done');
});

test('a message delivered twice finds what the first delivery recorded', async () => {
  const job = await dropped();
  await here.pump('first');
  const message = await here.take('second');
  await here.deliver('second', message?.text);
  await here.deliver('second', message?.text);
  await here.drain();
  expect(ran.filter((name) => name === 'second')).toHaveLength(1);
  expect(rowOf(job)?.steps.third?.state).toBe('done');
});

test('a row that changed while its message was under way is noticed at the write', async () => {
  const job = await dropped();
  await here.pump('first');
  during = async (name) => {
    if (name !== 'second') return;
    const entry = await there.journal.read(job.batch, job.id);
    if (entry)
      await there.journal.update(entry, { end: { kind: 'gone', reason: { code: 'X', message: 'x' } } });
  };
  await here.drain();
  expect(ran).toEqual(['first', 'second']);
  expect(rowOf(job)).toMatchObject({ end: 'gone', steps: { second: { state: 'skipped' } } });
});
