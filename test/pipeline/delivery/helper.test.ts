import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { foreignCode } from '../../../src/domain/error-codes.ts';
import {
  OutageError,
  PermanentError,
  RateLimitedError,
  UnavailableError,
} from '../../../src/domain/errors.ts';
import type { AnyStep } from '../../../src/domain/step.ts';
import { tables } from '../../../src/storage/names.ts';
import { jpeg } from '../../support/images.ts';
import { openPipeline } from '../../support/pipeline.ts';
import { scene } from '../../support/scene.ts';
import { openDelivery } from './support.ts';

const pipeline = await scene(openDelivery);
beforeEach(() => pipeline.reset());

test('an image goes through every step once and ends in one row', async () => {
  const job = await pipeline.dropped();
  pipeline.behaviour.third = async ({ output, image, job: about }) => ({
    saw: output,
    url: image.url,
    batch: about.batchId,
  });
  const row = await pipeline.rowOf(job.id);
  expect(pipeline.calls).toEqual(['first', 'second', 'third']);
  expect(row.steps).toMatchObject({
    first: { state: 'done' },
    second: { state: 'done' },
    third: { state: 'done' },
  });
  expect(row.outputs).toMatchObject({
    first: { from: 'first' },
    third: { saw: { second: { from: 'second' } }, batch: job.batch },
  });
  expect(await pipeline.journalOf(job)).toMatchObject({
    steps: { first: { state: 'done', attempts: 1, run: 0 }, pipelineoutput: { state: 'done' } },
  });
});

describe('defect 1 of 2017: a failed step enqueued the next without its output', () => {
  test('a permanent error is recorded, steps that need the output are skipped, the rest go on', async () => {
    const job = await pipeline.dropped();
    pipeline.behaviour.second = async () => {
      throw new PermanentError(foreignCode('BadImage'), 'The image is bad.');
    };
    const row = await pipeline.rowOf(job.id);
    expect(pipeline.calls).toEqual(['first', 'second']);
    expect(row.steps.second).toEqual({
      state: 'failed',
      attempts: 1,
      error: { code: 'BadImage', message: 'The image is bad.' },
    });
    expect(row.steps.third).toMatchObject({
      state: 'skipped',
      error: { code: 'NeedMissing', message: expect.stringContaining('BadImage') },
    });
    expect(row.outputs).not.toHaveProperty('second');
  });

  test('a step that may not run by policy is unavailable, and so is what needs it', async () => {
    const job = await pipeline.dropped();
    pipeline.behaviour.second = async () => {
      throw new UnavailableError('LimitedAccessRequired', 'Not approved.');
    };
    const row = await pipeline.rowOf(job.id);
    expect(row.steps.second).toMatchObject({
      state: 'unavailable',
      error: { code: 'LimitedAccessRequired' },
    });
    expect(row.steps.third).toMatchObject({ state: 'unavailable', error: { code: 'LimitedAccessRequired' } });
    expect(row.outputs.second).toEqual({
      unavailable: { code: 'LimitedAccessRequired', message: 'Not approved.' },
    });
  });
});

describe('errors are the retry policy', () => {
  test('an unknown error is tried again up to MAX_ATTEMPTS, then recorded, and the job moves on', async () => {
    const job = await pipeline.dropped();
    pipeline.behaviour.first = async () => {
      throw new Error('who knows, with a secret in it');
    };
    const row = await pipeline.rowOf(job.id);
    expect(pipeline.calls.filter((name) => name === 'first')).toHaveLength(5);
    expect(row.steps.first).toMatchObject({
      state: 'failed',
      attempts: 5,
      error: { code: 'UnexpectedError' },
    });
    expect(JSON.stringify(row)).not.toContain('secret');
    expect(row.steps.third).toMatchObject({ state: 'done' });
  });

  test('a step that recovers leaves nothing of its error in the journal row; one that never erred has no such columns', async () => {
    let tries = 0;
    pipeline.behaviour.second = async () => {
      tries += 1;
      if (tries === 1) throw new Error('not yet');
    };
    const job = await pipeline.dropped();
    await pipeline.rowOf(job.id);
    const { columns = {} } =
      (await pipeline.storage.tables.table(tables.journal).get(job.batch, job.id)) ?? {};
    expect(columns).toMatchObject({
      second: 'done',
      second_attempts: 2,
      second_exception: '',
      second_next: '',
    });
    expect(Object.keys(columns)).not.toContain('first_exception');
    const { second } = (await pipeline.journalOf(job)).steps;
    expect(second).toMatchObject({ state: 'done', attempts: 2 });
    expect(second).not.toHaveProperty('error');
  });

  test('throttling is a delay, not an attempt', async () => {
    const job = await pipeline.dropped();
    let refusals = 8;
    pipeline.behaviour.first = async () => {
      if (refusals-- > 0) throw new RateLimitedError('Slow down.', 10);
      return {};
    };
    const row = await pipeline.rowOf(job.id);
    expect(row.steps.first).toMatchObject({ state: 'done', attempts: 1 });
    expect(pipeline.calls.filter((name) => name === 'first')).toHaveLength(9);
  });

  test('storage that is away inside a step is an outage, not an attempt', async () => {
    const job = await pipeline.dropped();
    let refusals = 8;
    pipeline.behaviour.first = async () => {
      if (refusals-- > 0) throw Object.assign(new Error('Server busy.'), { statusCode: 503 });
      return {};
    };
    await pipeline.pump('first');
    expect((await pipeline.journalOf(job)).steps.first).toMatchObject({
      error: { code: 'StorageUnavailable' },
    });
    expect((await pipeline.rowOf(job.id)).steps.first).toMatchObject({ state: 'done', attempts: 1 });
  });

  test('a step that ran out of its own time made an attempt', async () => {
    const job = await pipeline.dropped();
    pipeline.behaviour.first = async () => {
      throw new DOMException('The operation timed out.', 'TimeoutError');
    };
    const row = await pipeline.rowOf(job.id);
    expect(row.steps.first).toMatchObject({ state: 'failed', attempts: 5 });
  });

  test('an outage only delays until OUTAGE_LIMIT, and a reader sees it waiting and why', async () => {
    const job = await pipeline.dropped();
    pipeline.behaviour.first = async () => {
      throw new OutageError('The service is away.');
    };
    await pipeline.pump('first');
    expect(await pipeline.journalOf(job)).toMatchObject({
      seq: 1,
      steps: {
        first: {
          state: 'waiting',
          attempts: 0,
          error: { code: 'ServiceUnavailable' },
          nextAt: expect.any(String),
        },
      },
    });
    pipeline.advance(25 * 3_600_000);
    const row = await pipeline.rowOf(job.id);
    expect(row.steps.first).toMatchObject({ state: 'failed', error: { code: 'ServiceUnavailable' } });
  });

  test('a process that died counts as an attempt', async () => {
    const job = await pipeline.dropped();
    const message = await pipeline.take('first');
    await pipeline.deliver('first', message?.text, 3);
    expect((await pipeline.journalOf(job)).steps.first?.attempts).toBe(3);
  });

  test('an output of the wrong shape is an error of the step, not of the next one', async () => {
    const strict: AnyStep = { ...pipeline.step('strict'), schema: z.object({ n: z.number() }) };
    const own = await openPipeline(pipeline.emulator, [strict], { MAX_ATTEMPTS: '1' });
    await own.drop('strict/image.jpg', await jpeg());
    await own.reconciler.run(own.delivery().log);
    await own.drain();
    const rows = [...own.rows.values()].filter((row) => row.steps.strict);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row.steps.strict).toMatchObject({ state: 'failed' });
    await pipeline.empty();
  });
});

describe('messages too large for a queue', () => {
  test('outputs travel by claim check, biggest first, and reach steps and row whole', async () => {
    const job = await pipeline.dropped();
    const big = { text: 'ü'.repeat(40_000) };
    const middling = { text: 'x'.repeat(15_000) };
    pipeline.behaviour.first = async () => big;
    pipeline.behaviour.second = async () => middling;
    pipeline.behaviour.third = async ({ output }) => ({
      length: (output.second as typeof middling).text.length,
    });
    await pipeline.pump('first');
    const message = await pipeline.take('second');
    expect(Buffer.byteLength(message?.text ?? '')).toBeLessThan(49_152);
    expect(JSON.parse(message?.text ?? '').job_output.first).toEqual({
      linked_content: expect.stringMatching(`^${job.id}/first`),
    });
    await pipeline.deliver('second', message?.text);
    const row = await pipeline.rowOf(job.id);
    expect(row.outputs).toMatchObject({ first: big, second: middling, third: { length: 15_000 } });
  });

  test('characters that XML cannot carry survive', async () => {
    const job = await pipeline.dropped();
    const odd = { text: '\u0000\u0007\uffff\ufffe\u0085 <&> \ud83d\ude00 \ud800' };
    pipeline.behaviour.first = async () => odd;
    expect((await pipeline.rowOf(job.id)).outputs.first).toEqual(odd);
  });
});
