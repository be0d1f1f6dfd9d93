import { beforeEach, describe, expect, test } from 'vitest';
import { foreignCode } from '../../../src/domain/error-codes.ts';
import { PermanentError } from '../../../src/domain/errors.ts';
import { jobIdOf } from '../../../src/domain/job-id.ts';
import type { AnyStep, StepContext } from '../../../src/domain/step.ts';
import { containers } from '../../../src/storage/names.ts';
import { blobCreated } from '../../support/blob-created.ts';
import { jpeg } from '../../support/images.ts';
import { openPipeline } from '../../support/pipeline.ts';
import { scene } from '../../support/scene.ts';
import { openDelivery } from './support.ts';

const pipeline = await scene(openDelivery);
beforeEach(() => pipeline.reset());

describe('redelivery', () => {
  test('defects 3 and 10 of 2017: a message delivered twice does the work once and still sends the next', async () => {
    const job = await pipeline.dropped();
    const message = await pipeline.take('first');
    await pipeline.deliver('first', message?.text);
    expect(await pipeline.depth('second')).toBe(1);
    await pipeline.deliver('first', message?.text, 2);
    expect(pipeline.calls).toEqual(['first']);
    expect(await pipeline.depth('second')).toBe(2);
    const row = await pipeline.rowOf(job.id);
    expect(pipeline.calls.filter((name) => name === 'second')).toHaveLength(1);
    expect(row.steps.first).toMatchObject({ state: 'done', attempts: 1 });
  });

  test('of two workers on one step the first writer wins and the second adopts what is recorded', async () => {
    const job = await pipeline.dropped();
    const message = await pipeline.take('first');
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let worker = 0;
    pipeline.behaviour.first = async () => {
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
    expect((await pipeline.rowOf(job.id)).outputs.first).toEqual({ worker: 1 });
  });

  test('of two workers on one step, one failing late, the success stays', async () => {
    const job = await pipeline.dropped();
    const message = await pipeline.take('first');
    const late = Promise.withResolvers<void>();
    let worker = 0;
    pipeline.behaviour.first = async () => {
      if (worker++ > 0) return { good: true };
      await late.promise;
      throw new PermanentError(foreignCode('Late'), 'Too late to count.');
    };
    const slow = pipeline.deliver('first', message?.text);
    await expect.poll(() => worker).toBe(1);
    await pipeline.deliver('first', message?.text, 2);
    late.resolve();
    await slow;
    expect((await pipeline.rowOf(job.id)).steps.first).toMatchObject({ state: 'done' });
  });

  test('a copy put back twice after a kill multiplies nothing', async () => {
    const job = await pipeline.dropped();
    const message = await pipeline.take('first');
    let failures = 3;
    pipeline.behaviour.first = async () => {
      if (failures-- > 0) throw new Error('not yet');
      return {};
    };
    await pipeline.deliver('first', message?.text);
    await pipeline.deliver('first', message?.text, 2);
    const row = await pipeline.rowOf(job.id);
    expect(row.steps.first).toMatchObject({ state: 'done' });
    expect(pipeline.calls.filter((name) => name === 'second')).toHaveLength(1);
  });

  test('a message of an older run is dropped, and a newer run does its steps again', async () => {
    const job = await pipeline.dropped();
    const first = await pipeline.take('first');
    await pipeline.deliver('first', first?.text);
    await pipeline.rowOf(job.id);
    pipeline.calls.length = 0;
    const again = JSON.parse(first?.text ?? '');
    await pipeline.deliver('first', { ...again, run: 1 });
    const row = await pipeline.rowOf(job.id);
    expect(row.run).toBe(1);
    expect(pipeline.calls).toEqual(['first', 'second', 'third']);
    pipeline.calls.length = 0;
    await pipeline.deliver('first', again);
    expect(pipeline.calls).toEqual([]);
    expect(await pipeline.depth('second')).toBe(0);
  });

  test('a rerun of one step keeps what the others recorded', async () => {
    const job = await pipeline.dropped();
    const first = await pipeline.take('first');
    await pipeline.deliver('first', first?.text);
    await pipeline.rowOf(job.id);
    pipeline.calls.length = 0;
    pipeline.behaviour.second = async ({ previous }) => ({ before: previous });
    const message = JSON.parse(first?.text ?? '');
    message.job_definition.processing_step = 1;
    await pipeline.deliver('second', { ...message, run: 1, rerun_steps: ['second', 'third'] });
    const row = await pipeline.rowOf(job.id);
    expect(pipeline.calls).toEqual(['second', 'third']);
    expect(row.outputs).toMatchObject({ first: { from: 'first' }, second: { before: { from: 'second' } } });
  });
});

test('messages over which a process has died are worked on one at a time', async () => {
  const jobs = [await pipeline.dropped(), await pipeline.dropped()];
  const messages = [await pipeline.take('first'), await pipeline.take('first')];
  let atWork = 0;
  pipeline.behaviour.first = async () => {
    atWork += 1;
    expect(atWork).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    atWork -= 1;
  };
  await Promise.all(
    messages.map((message) => pipeline.deliver('first', { ...JSON.parse(message?.text ?? ''), deaths: 1 })),
  );
  for (const job of jobs)
    expect((await pipeline.rowOf(job.id)).steps.first).toMatchObject({ state: 'done', attempts: 1 });
});

describe('one version of the image', () => {
  test('an image overwritten under way ends as superseded, and the newer one has a row of its own', async () => {
    const job = await pipeline.dropped();
    await pipeline.drop(
      job.name,
      await jpeg({ width: 80, height: 80, data: Buffer.alloc(80 * 80 * 3, 200) }),
    );
    pipeline.behaviour.first = async ({ image }) => ({ size: (await image.bytes()).length });
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
      ...pipeline.step('leaving'),
      run: async ({ image }: StepContext) => ({ size: (await image.bytes()).length }),
      retract: async ({ job }) => {
        retracted.push(job.id);
      },
    };
    const own = await openPipeline(pipeline.emulator, [leaving]);
    const etag = await own.drop('gone/image.jpg', await jpeg());
    const id = jobIdOf(containers.input, 'gone/image.jpg', etag);
    await own.deliver('inputimages-events', blobCreated('gone/image.jpg', etag));
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
