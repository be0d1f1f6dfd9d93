import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { AnyStep, StepContext } from '../../src/domain/step.ts';
import { EVENTS_QUEUE } from '../../src/storage/names.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';
import { jpeg } from '../support/images.ts';
import { openPipeline, type TestPipeline } from '../support/pipeline.ts';
import { Recorder } from '../support/recorder.ts';

let emulator: Emulator;
let recorder: Recorder;
let pipeline: TestPipeline;
let behaviour: Record<string, (context: StepContext) => Promise<unknown>>;
let calls: string[];
let fetched: number;
/** What the output step has written last, by job. */
const rows = new Map<string, Record<string, unknown>>();

const step = (name: string): AnyStep => ({
  name,
  needs: [],
  schema: z.unknown(),
  summary: 'Does what the test says.',
  run: async (context: StepContext) => {
    calls.push(name);
    return (await behaviour[name]?.(context)) ?? { from: name };
  },
});
const output: AnyStep = {
  ...step('pipelineoutput'),
  patient: true,
  run: async (context: StepContext) => {
    calls.push('pipelineoutput');
    const written = await context.record.outputs();
    await behaviour.pipelineoutput?.(context);
    rows.set(context.job.id, written);
    return {};
  },
};
beforeAll(async () => {
  emulator = await startEmulator();
  recorder = await Recorder.open(emulator);
  const { connectionString } = recorder;
  const options = {
    fetchImage: async () => {
      fetched += 1;
      return jpeg();
    },
  };
  const env = { ALLOWED_IMAGE_HOSTS: 'images.example' };
  const steps = [step('first'), step('second'), output];
  pipeline = await openPipeline({ ...emulator, connectionString }, steps, env, options);
});
afterAll(async () => {
  await recorder?.close();
  await emulator?.stop();
});
beforeEach(async () => {
  behaviour = {};
  calls = [];
  fetched = 0;
  recorder.meddle = async () => {};
  await pipeline.empty();
});

async function admitted() {
  const { id, batch, event } = await pipeline.upload();
  await pipeline.deliver(EVENTS_QUEUE, event);
  const { text = '' } = (await pipeline.take('first')) ?? {};
  return { id, batch, text };
}

test('a row written from an older state of the job than another delivery wrote meanwhile is written again', async () => {
  const { id, text } = await admitted();
  await pipeline.deliver('first', text);
  await pipeline.drain();
  // Two reruns of different steps, asked for at once, are one run.
  const rerun = (name: string, position: number) => {
    const message = JSON.parse(text);
    message.job_definition.processing_step = position;
    behaviour[name] = async () => ({ again: name });
    return pipeline.deliver(name, { ...message, run: 1, rerun_steps: [name] });
  };
  await rerun('first', 0);
  const older = await pipeline.take('pipelineoutput');
  const [reached, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  behaviour.pipelineoutput = async () => {
    reached.resolve();
    await gate.promise;
  };
  const slow = pipeline.deliver('pipelineoutput', older?.text);
  await reached.promise;
  delete behaviour.pipelineoutput;
  await rerun('second', 1);
  await pipeline.pump('pipelineoutput');
  expect(rows.get(id)).toEqual({ first: { again: 'first' }, second: { again: 'second' } });
  gate.resolve();
  await slow;
  expect(rows.get(id)).toEqual({ first: { again: 'first' }, second: { again: 'second' } });
});

test('a foreign image is fetched once, however often its admission ends half-way', async () => {
  const input = { image_url: 'https://images.example/a.jpg' };
  const message = { job_definition: { id: 'foreign-once', input, processing_step: 0 } };
  const insert = pipeline.journal.insert.bind(pipeline.journal);
  for (let tries = 0; tries < 2; tries += 1) {
    pipeline.journal.insert = async () => {
      throw new Error('the process ends here');
    };
    await expect(pipeline.deliver('first', message)).rejects.toThrow('ends here');
  }
  pipeline.journal.insert = insert;
  await pipeline.deliver('first', message);
  await pipeline.drain();
  expect(rows.has('foreign-once')).toBe(true);
  expect(fetched).toBe(1);
});

test('two deliveries over which a process has died are not worked on at the same time', async () => {
  const jobs = [await admitted(), await admitted()];
  // In another process, which reads the row first.
  const suspects = jobs.map(({ text }) => ({ ...JSON.parse(text), row: undefined, deaths: 1 }));
  const done = await recorder.during(() =>
    Promise.all(suspects.map((message) => pipeline.deliver('first', message))),
  );
  const owners = done
    .map(({ what }) => jobs.findIndex(({ id }) => what.includes(id)))
    .filter((owner) => owner >= 0);
  // Everything about the one, then everything about the other.
  expect(owners.length).toBeGreaterThan(3);
  expect(owners.filter((owner, index) => owner !== owners[index - 1])).toHaveLength(2);
});

/** Changes a row in a way that means nothing: only its ETag is another. */
const touch = async (partition: string, row: string, table: string) => {
  const there = pipeline.storage.tables.table(table);
  await there.upsert(partition, row, { Touched: Math.random() });
};

test('whoever finds the job changed under its hand asks again, and nothing is lost: on every way to the row', async () => {
  let touched = 0;
  // Once each: of two who change a row for ever neither gets on.
  const met = new Set<string>();
  recorder.meddle = async ({ what, condition }) => {
    const [, partition = '', row = '', columns = ''] =
      /^table merge pipelinelogs \(PartitionKey='([^']*)',RowKey='([^']*)'\)(.*)$/s.exec(what) ?? [];
    const isOwn = columns.includes('Touched');
    if (row === '' || isOwn || condition === undefined || condition === '*' || met.has(columns)) return;
    met.add(columns);
    touched += 1;
    await touch(partition, row, 'pipelinelogs');
  };
  const tries = { first: 0 };
  behaviour.first = async () => {
    tries.first += 1;
    if (tries.first === 1) throw new Error('unforeseen');
    return { done: true };
  };
  const { id, batch, text } = await admitted();
  await pipeline.deliver('first', text);
  const waiting = (await pipeline.journal.read(batch, id))?.job.steps.first;
  expect(waiting).toMatchObject({ state: 'waiting', attempts: 1, seq: 1 });
  await pipeline.drain();
  expect(touched).toBeGreaterThan(4);
  expect(calls).toEqual(['first', 'first', 'second', 'pipelineoutput']);
  expect(rows.get(id)).toEqual({ first: { done: true }, second: { from: 'second' } });
  const { job } = (await pipeline.journal.read(batch, id)) ?? {};
  expect(job).toMatchObject({ sent: true, steps: { pipelineoutput: { state: 'done' } } });
});

test('every change of the journal is made under the condition that the row is what was read, but for its mark as erased', async () => {
  const { id, batch, text } = await admitted();
  const { calls: seen } = recorder;
  const from = seen.length;
  behaviour.second = async () => {
    throw new Error('unforeseen');
  };
  await pipeline.deliver('first', text);
  await pipeline.drain();
  const entry = await pipeline.journal.read(batch, id);
  if (entry) {
    await pipeline.journal.update(entry, { consent: { doNotMatch: true } });
    expect(await pipeline.journal.update(entry, { end: undefined } as never), 'changed').toBeUndefined();
    expect(await pipeline.journal.reexamined(entry, { source: entry.job.source })).toBe(false);
  }
  await pipeline.journal.outputs.change({ batchId: batch, id }, 'first', () => ({ other: 1 }));
  const merges = seen.slice(from).filter(({ what }) => /^table (merge|insert) pipelinelogs \(/.test(what));
  expect(merges.length).toBeGreaterThan(5);
  for (const { what, condition } of merges) {
    expect(condition, what).toMatch(/^W\/|^"/);
  }
});
