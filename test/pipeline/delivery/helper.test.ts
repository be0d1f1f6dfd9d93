import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { foreignCode } from '../../../src/domain/error-codes.ts';
import {
  OutageError,
  PermanentError,
  RateLimitedError,
  UnavailableError,
} from '../../../src/domain/errors.ts';
import { jobIdOf } from '../../../src/domain/job-id.ts';
import type { AnyStep, StepContext } from '../../../src/domain/step.ts';
import { containers, tables } from '../../../src/storage/names.ts';
import { type Azurite, startAzurite } from '../../support/azurite.ts';
import { jpeg } from '../../support/images.ts';
import { openPipeline, type TestPipeline } from '../../support/pipeline.ts';

let azurite: Azurite;
let pipeline: TestPipeline;
/** What each step does in the test at hand. */
let behaviour: Record<string, (context: StepContext) => Promise<unknown>>;
let calls: string[];

const step = (name: string, needs: string[] = []): AnyStep => ({
  name,
  needs,
  schema: z.unknown(),
  summary: 'Does what the test says.',
  run: async (context: StepContext) => {
    calls.push(name);
    return (await behaviour[name]?.(context)) ?? { from: name };
  },
});

beforeAll(async () => {
  azurite = await startAzurite();
  pipeline = await openPipeline(azurite, [step('first'), step('second'), step('third', ['second'])]);
});
afterAll(() => azurite?.stop());
beforeEach(async () => {
  behaviour = {};
  calls = [];
  await pipeline.empty();
});

let images = 0;
/** Drops an image with a name of its own. @returns its job id and admission's first message */
async function dropped() {
  images += 1;
  const name = `batch-${images}/image.jpg`;
  const etag = await pipeline.drop(name, await jpeg());
  await pipeline.reconciler.run(pipeline.delivery().log);
  await pipeline.pump('inputimages-events');
  return { id: jobIdOf(containers.input, name, etag), batch: `batch-${images}`, name };
}
async function rowOf(id: string) {
  await pipeline.drain();
  const row = pipeline.rows.get(id);
  if (!row) throw new Error('The image has no row.');
  return row;
}
const journalOf = async (job: { batch: string; id: string }) => {
  const entry = await pipeline.journal.read(job.batch, job.id);
  if (!entry) throw new Error('The job has no journal row.');
  return entry.job;
};

test('an image goes through every step once and ends in one row', async () => {
  const job = await dropped();
  behaviour.third = async ({ output, image, job: about }) => ({
    saw: output,
    url: image.url,
    batch: about.batchId,
  });
  const row = await rowOf(job.id);
  expect(calls).toEqual(['first', 'second', 'third']);
  expect(row.steps).toMatchObject({
    first: { state: 'done' },
    second: { state: 'done' },
    third: { state: 'done' },
  });
  expect(row.outputs).toMatchObject({
    first: { from: 'first' },
    third: { saw: { second: { from: 'second' } }, batch: job.batch },
  });
  expect(await journalOf(job)).toMatchObject({
    steps: { first: { state: 'done', attempts: 1, run: 0 }, pipelineoutput: { state: 'done' } },
  });
});

describe('defect 1 of 2017: a failed step enqueued the next without its output', () => {
  test('a permanent error is recorded, steps that need the output are skipped, the rest go on', async () => {
    const job = await dropped();
    behaviour.second = async () => {
      throw new PermanentError(foreignCode('BadImage'), 'The image is bad.');
    };
    const row = await rowOf(job.id);
    expect(calls).toEqual(['first', 'second']);
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
    const job = await dropped();
    behaviour.second = async () => {
      throw new UnavailableError('LimitedAccessRequired', 'Not approved.');
    };
    const row = await rowOf(job.id);
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
    const job = await dropped();
    behaviour.first = async () => {
      throw new Error('who knows, with a secret in it');
    };
    const row = await rowOf(job.id);
    expect(calls.filter((name) => name === 'first')).toHaveLength(5);
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
    behaviour.second = async () => {
      tries += 1;
      if (tries === 1) throw new Error('not yet');
    };
    const job = await dropped();
    await rowOf(job.id);
    const { columns = {} } =
      (await pipeline.storage.tables.table(tables.journal).get(job.batch, job.id)) ?? {};
    expect(columns).toMatchObject({
      second: 'done',
      second_attempts: 2,
      second_exception: '',
      second_next: '',
    });
    expect(Object.keys(columns)).not.toContain('first_exception');
    const { second } = (await journalOf(job)).steps;
    expect(second).toMatchObject({ state: 'done', attempts: 2 });
    expect(second).not.toHaveProperty('error');
  });

  test('throttling is a delay, not an attempt', async () => {
    const job = await dropped();
    let refusals = 8;
    behaviour.first = async () => {
      if (refusals-- > 0) throw new RateLimitedError('Slow down.', 10);
      return {};
    };
    const row = await rowOf(job.id);
    expect(row.steps.first).toMatchObject({ state: 'done', attempts: 1 });
    expect(calls.filter((name) => name === 'first')).toHaveLength(9);
  });

  test('storage that is away inside a step is an outage, not an attempt', async () => {
    const job = await dropped();
    let refusals = 8;
    behaviour.first = async () => {
      if (refusals-- > 0) throw Object.assign(new Error('Server busy.'), { statusCode: 503 });
      return {};
    };
    await pipeline.pump('first');
    expect((await journalOf(job)).steps.first).toMatchObject({ error: { code: 'StorageUnavailable' } });
    expect((await rowOf(job.id)).steps.first).toMatchObject({ state: 'done', attempts: 1 });
  });

  test('a step that ran out of its own time made an attempt', async () => {
    const job = await dropped();
    behaviour.first = async () => {
      throw new DOMException('The operation timed out.', 'TimeoutError');
    };
    const row = await rowOf(job.id);
    expect(row.steps.first).toMatchObject({ state: 'failed', attempts: 5 });
  });

  test('an outage only delays until OUTAGE_LIMIT, and a reader sees it waiting and why', async () => {
    const job = await dropped();
    behaviour.first = async () => {
      throw new OutageError('The service is away.');
    };
    await pipeline.pump('first');
    expect(await journalOf(job)).toMatchObject({
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
    const row = await rowOf(job.id);
    expect(row.steps.first).toMatchObject({ state: 'failed', error: { code: 'ServiceUnavailable' } });
  });

  test('a process that died counts as an attempt', async () => {
    const job = await dropped();
    const message = await pipeline.take('first');
    await pipeline.deliver('first', message?.text, 3);
    expect((await journalOf(job)).steps.first?.attempts).toBe(3);
  });

  test('an output of the wrong shape is an error of the step, not of the next one', async () => {
    const strict: AnyStep = { ...step('strict'), schema: z.object({ n: z.number() }) };
    const own = await openPipeline(azurite, [strict], { MAX_ATTEMPTS: '1' });
    await own.drop('strict/image.jpg', await jpeg());
    await own.reconciler.run(own.delivery().log);
    await own.drain();
    const rows = [...own.rows.values()].filter((row) => row.steps.strict);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row.steps.strict).toMatchObject({ state: 'failed' });
    await pipeline.empty();
  });
});

describe('redelivery', () => {
  test('defects 3 and 10 of 2017: a message delivered twice does the work once and still sends the next', async () => {
    const job = await dropped();
    const message = await pipeline.take('first');
    await pipeline.deliver('first', message?.text);
    expect(await pipeline.depth('second')).toBe(1);
    await pipeline.deliver('first', message?.text, 2);
    expect(calls).toEqual(['first']);
    expect(await pipeline.depth('second')).toBe(2);
    const row = await rowOf(job.id);
    expect(calls.filter((name) => name === 'second')).toHaveLength(1);
    expect(row.steps.first).toMatchObject({ state: 'done', attempts: 1 });
  });

  test('of two workers on one step the first writer wins and the second adopts what is recorded', async () => {
    const job = await dropped();
    const message = await pipeline.take('first');
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let worker = 0;
    behaviour.first = async () => {
      const me = worker++;
      await gates[me]?.promise;
      return { worker: me };
    };
    const slow = pipeline.deliver('first', message?.text);
    await expect.poll(() => worker).toBe(1);
    const fast = pipeline.deliver('first', message?.text, 2);
    await expect.poll(() => worker).toBe(2);
    gates[1]?.resolve();
    await fast;
    gates[0]?.resolve();
    await slow;
    expect((await rowOf(job.id)).outputs.first).toEqual({ worker: 1 });
  });

  test('of two workers on one step, one failing late, the success stays', async () => {
    const job = await dropped();
    const message = await pipeline.take('first');
    const late = Promise.withResolvers<void>();
    let worker = 0;
    behaviour.first = async () => {
      if (worker++ > 0) return { good: true };
      await late.promise;
      throw new PermanentError(foreignCode('Late'), 'Too late to count.');
    };
    const slow = pipeline.deliver('first', message?.text);
    await expect.poll(() => worker).toBe(1);
    await pipeline.deliver('first', message?.text, 2);
    late.resolve();
    await slow;
    expect((await rowOf(job.id)).steps.first).toMatchObject({ state: 'done' });
  });

  test('a copy put back twice after a kill multiplies nothing', async () => {
    const job = await dropped();
    const message = await pipeline.take('first');
    let failures = 3;
    behaviour.first = async () => {
      if (failures-- > 0) throw new Error('not yet');
      return {};
    };
    await pipeline.deliver('first', message?.text);
    await pipeline.deliver('first', message?.text, 2);
    const row = await rowOf(job.id);
    expect(row.steps.first).toMatchObject({ state: 'done' });
    expect(calls.filter((name) => name === 'second')).toHaveLength(1);
  });

  test('a message of an older run is dropped, and a newer run does its steps again', async () => {
    const job = await dropped();
    const first = await pipeline.take('first');
    await pipeline.deliver('first', first?.text);
    await rowOf(job.id);
    calls = [];
    const again = JSON.parse(first?.text ?? '');
    await pipeline.deliver('first', { ...again, run: 1 });
    const row = await rowOf(job.id);
    expect(row.run).toBe(1);
    expect(calls).toEqual(['first', 'second', 'third']);
    calls = [];
    await pipeline.deliver('first', again);
    expect(calls).toEqual([]);
    expect(await pipeline.depth('second')).toBe(0);
  });

  test('a rerun of one step keeps what the others recorded', async () => {
    const job = await dropped();
    const first = await pipeline.take('first');
    await pipeline.deliver('first', first?.text);
    await rowOf(job.id);
    calls = [];
    behaviour.second = async ({ previous }) => ({ before: previous });
    const message = JSON.parse(first?.text ?? '');
    message.job_definition.processing_step = 1;
    await pipeline.deliver('second', { ...message, run: 1, rerun_steps: ['second', 'third'] });
    const row = await rowOf(job.id);
    expect(calls).toEqual(['second', 'third']);
    expect(row.outputs).toMatchObject({ first: { from: 'first' }, second: { before: { from: 'second' } } });
  });
});

test('messages over which a process has died are worked on one at a time', async () => {
  const jobs = [await dropped(), await dropped()];
  const messages = [await pipeline.take('first'), await pipeline.take('first')];
  let atWork = 0;
  behaviour.first = async () => {
    atWork += 1;
    expect(atWork).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    atWork -= 1;
  };
  await Promise.all(
    messages.map((message) => pipeline.deliver('first', { ...JSON.parse(message?.text ?? ''), deaths: 1 })),
  );
  for (const job of jobs)
    expect((await rowOf(job.id)).steps.first).toMatchObject({ state: 'done', attempts: 1 });
});

describe('one version of the image', () => {
  test('an image overwritten under way ends as superseded, and the newer one has a row of its own', async () => {
    const job = await dropped();
    await pipeline.drop(
      job.name,
      await jpeg({ width: 80, height: 80, data: Buffer.alloc(80 * 80 * 3, 200) }),
    );
    behaviour.first = async ({ image }) => ({ size: (await image.bytes()).length });
    await pipeline.reconciler.run(pipeline.delivery().log);
    await pipeline.drain();
    expect(pipeline.rows.get(job.id)).toMatchObject({
      end: 'superseded',
      steps: { first: { state: 'skipped', error: { code: 'ImageSuperseded' } } },
    });
    const other = [...pipeline.rows.values()].filter((row) => row.id !== job.id);
    expect(other).toMatchObject([{ end: undefined, steps: { first: { state: 'done' } } }]);
  });

  test('an image deleted under way ends as gone, and what its steps left elsewhere is taken back', async () => {
    const retracted: string[] = [];
    const leaving: AnyStep = {
      ...step('leaving'),
      run: async ({ image }: StepContext) => ({ size: (await image.bytes()).length }),
      retract: async ({ job }) => {
        retracted.push(job.id);
      },
    };
    const own = await openPipeline(azurite, [leaving]);
    const etag = await own.drop('gone/image.jpg', await jpeg());
    const id = jobIdOf(containers.input, 'gone/image.jpg', etag);
    await own.deliver('inputimages-events', event('gone/image.jpg', etag));
    await own.storage.blobs.delete(containers.input, 'gone/image.jpg');
    await own.drain();
    expect(own.rows.get(id)).toMatchObject({
      end: 'gone',
      steps: { leaving: { state: 'skipped', error: { code: 'ImageGone' } } },
    });
    expect(retracted).toEqual([id]);
    const entry = await own.journal.read('gone', id);
    expect(entry?.job.steps.pipelineoutput, 'its row is recorded as written').toMatchObject({
      state: 'done',
    });
  });
});

describe('messages too large for a queue', () => {
  test('outputs travel by claim check, biggest first, and reach steps and row whole', async () => {
    const job = await dropped();
    const big = { text: 'ü'.repeat(40_000) };
    const middling = { text: 'x'.repeat(15_000) };
    behaviour.first = async () => big;
    behaviour.second = async () => middling;
    behaviour.third = async ({ output }) => ({ length: (output.second as typeof middling).text.length });
    await pipeline.pump('first');
    const message = await pipeline.take('second');
    expect(Buffer.byteLength(message?.text ?? '')).toBeLessThan(49_152);
    expect(JSON.parse(message?.text ?? '').job_output.first).toEqual({
      linked_content: expect.stringMatching(`^${job.id}/first`),
    });
    await pipeline.deliver('second', message?.text);
    const row = await rowOf(job.id);
    expect(row.outputs).toMatchObject({ first: big, second: middling, third: { length: 15_000 } });
  });

  test('characters that XML cannot carry survive', async () => {
    const job = await dropped();
    const odd = { text: '\u0000\u0007\uffff\ufffe\u0085 <&> \ud83d\ude00 \ud800' };
    behaviour.first = async () => odd;
    expect((await rowOf(job.id)).outputs.first).toEqual(odd);
  });
});

function event(name: string, etag?: string) {
  return {
    eventType: 'Microsoft.Storage.BlobCreated',
    subject: `/blobServices/default/containers/inputimages/blobs/${name}`,
    data: { eTag: etag },
  };
}
