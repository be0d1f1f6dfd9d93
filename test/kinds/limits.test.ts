import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { OutageError, RateLimitedError } from '../../src/domain/errors.ts';
import type { AnyStep, StepContext } from '../../src/domain/step.ts';
import { judgeQueues, lookAtQueues } from '../../src/erasure/queues.ts';
import { targetOf } from '../../src/erasure/subjects.ts';
import { JustWritten } from '../../src/pipeline/journal/just-written.ts';
import { containers, EVENTS_QUEUE, poisonQueue } from '../../src/storage/names.ts';
import { Table } from '../../src/storage/tables.ts';
import { jpeg } from '../support/images.ts';
import { openPipeline } from '../support/pipeline.ts';
import { scene } from '../support/scene.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let first: (context: StepContext) => Promise<unknown>;
let fetchImage: () => Promise<Buffer>;
const step = (name: string): AnyStep => ({
  name,
  needs: [],
  schema: z.unknown(),
  summary: 'Does what the test says.',
  run: async (context: StepContext) => (name === 'first' ? await first(context) : {}) ?? {},
});
const pipeline = await scene(async (emulator) => {
  const options = { fetchImage: () => fetchImage() };
  const env = { ALLOWED_IMAGE_HOSTS: 'images.example' };
  return openPipeline(emulator, [step('first'), step('second')], env, options);
});
beforeEach(async () => {
  first = async () => ({});
  fetchImage = () => jpeg();
  await pipeline.empty();
});

async function admitted() {
  const { id, batch, event } = await pipeline.upload();
  await pipeline.deliver(EVENTS_QUEUE, event);
  const state = async () => (await pipeline.journal.read(batch, id))?.job.steps.first?.state;
  return { id, batch, event, state };
}

describe('how long an outage may last', () => {
  test.each([new OutageError('Away.'), new RateLimitedError('Slow down.', 1000)])(
    'a step waits for 24 hours, and not for a moment longer: %s',
    async (error) => {
      first = async () => {
        throw error;
      };
      const { state } = await admitted();
      await pipeline.pump('first');
      pipeline.advance(DAY_MS);
      await pipeline.pump('first');
      expect(await state()).toBe('waiting');
      pipeline.advance(1);
      await pipeline.pump('first');
      expect(await state()).toBe('failed');
    },
  );

  test('since when it waits is since the first refusal of this run, however often it is put back', async () => {
    first = async () => {
      throw new OutageError('Away.');
    };
    const { id, batch } = await admitted();
    const since = new Date(pipeline.clock()).toISOString();
    for (let hours = 0; hours < 3; hours += 1) {
      await pipeline.pump('first');
      const record = (await pipeline.journal.read(batch, id))?.job.steps.first;
      expect(record).toMatchObject({ state: 'waiting', since, attempts: 0, seq: hours + 1 });
      pipeline.advance(HOUR_MS);
    }
  });

  test('a foreign host is waited for as long', async () => {
    fetchImage = async () => {
      throw new OutageError('Away.');
    };
    const id = 'foreign';
    const input = { image_url: 'https://images.example/a.jpg' };
    await pipeline.deliver('first', { job_definition: { id, input, processing_step: 0 } });
    const read = async () => (await pipeline.journal.read('default', id))?.job;
    pipeline.advance(DAY_MS);
    await pipeline.pump('first');
    expect(await read(), 'still asked').toBeUndefined();
    expect(await pipeline.depth('first')).toBe(1);
    pipeline.advance(1);
    await pipeline.pump('first');
    expect((await read())?.end?.kind).toBe('rejected');
  });
});

describe('how often something is tried', () => {
  test('a step five times', async () => {
    first = async () => {
      throw new Error('unforeseen');
    };
    const { state } = await admitted();
    for (let tries = 1; tries < 5; tries += 1) {
      await pipeline.pump('first');
      expect(await state(), `after ${tries}`).toBe('waiting');
    }
    await pipeline.pump('first');
    expect(await state()).toBe('failed');
  });

  test('deliveries that died count as tries', async () => {
    first = async () => {
      throw new Error('unforeseen');
    };
    for (const [count, outcome] of [
      [4, 'waiting'],
      [5, 'failed'],
    ] as const) {
      const { state } = await admitted();
      const message = await pipeline.take('first');
      await pipeline.deliver('first', message?.text, count);
      expect(await state(), `delivered ${count} times`).toBe(outcome);
      await pipeline.empty();
    }
  });

  test('a poisoned message is worked on at its first delivery, and only put back into its queue at the second', async () => {
    const { state } = await admitted();
    const message = await pipeline.take('first');
    await pipeline.poison.step('first', JSON.parse(message?.text ?? ''), pipeline.delivery(2));
    expect(await pipeline.depth(poisonQueue('first'))).toBe(1);
    expect(await pipeline.depth('first')).toBe(0);
    const held = await pipeline.take(poisonQueue('first'));
    await pipeline.poison.step('first', JSON.parse(held?.text ?? ''), pipeline.delivery(1));
    expect(await pipeline.depth(poisonQueue('first'))).toBe(0);
    expect(await pipeline.depth('first')).toBe(1);
    expect(await state()).toBeUndefined();
  });

  test('a message whose process died is put back three times and then blamed; what follows carries no deaths', async () => {
    const { state } = await admitted();
    const { text = '' } = (await pipeline.take('first')) ?? {};
    const died = (deaths: number) =>
      pipeline.poison.step('first', { ...JSON.parse(text), deaths }, pipeline.delivery());
    await died(2);
    expect(JSON.parse((await pipeline.take('first'))?.text ?? '')).toMatchObject({ deaths: 3 });
    expect(await state()).toBeUndefined();
    await died(3);
    expect(await pipeline.depth('first')).toBe(0);
    expect(await state()).toBe('failed');
    const next = JSON.parse((await pipeline.take('second'))?.text ?? '');
    expect(next.deaths ?? 0).toBe(0);
  });

  test('what a message died of is not carried into the next step', async () => {
    await admitted();
    const { text = '' } = (await pipeline.take('first')) ?? {};
    await pipeline.deliver('first', {
      ...JSON.parse(text),
      deaths: 2,
      away_since: new Date(0).toISOString(),
    });
    const next = JSON.parse((await pipeline.take('second'))?.text ?? '');
    expect([next.deaths ?? 0, next.away_since]).toEqual([0, undefined]);
  });

  test('an event whose admission died is put back three times and then ends as a rejected row', async () => {
    const { id, batch, event } = await pipeline.upload();
    const job = async () => (await pipeline.journal.read(batch, id))?.job;
    await pipeline.poison.events({ ...event, deaths: 2 }, pipeline.delivery());
    expect(JSON.parse((await pipeline.take(EVENTS_QUEUE))?.text ?? '')).toMatchObject({ deaths: 3 });
    expect(await job()).toBeUndefined();
    await pipeline.poison.events({ ...event, deaths: 3 }, pipeline.delivery());
    expect(await pipeline.depth(EVENTS_QUEUE)).toBe(0);
    expect((await job())?.end).toMatchObject({ kind: 'rejected', reason: { code: 'ProcessDied' } });
  });
});

describe('how much is kept where', () => {
  test('an output of 16,000 characters stands in the row, a longer one apart', async () => {
    for (const [length, apart] of [
      [16_000, false],
      [16_001, true],
    ] as const) {
      const text = 'x'.repeat(length - '{"text":""}'.length);
      first = async () => ({ text });
      const { id, batch } = await admitted();
      await pipeline.pump('first');
      const output = (await pipeline.journal.read(batch, id))?.job.steps.first?.output;
      expect('linked_content' in Object(output), `${length}`).toBe(apart);
      await pipeline.empty();
    }
  });

  test('a dead letter of 32,000 characters stands in its row, a longer one apart; both are read whole', async () => {
    const blobs = async () => {
      const names: string[] = [];
      for await (const { name } of pipeline.storage.blobs.list(containers.largeMessages, 'deadletters/'))
        names.push(name);
      return names.length;
    };
    for (const [length, apart] of [
      [32_000, 0],
      [32_001, 1],
    ] as const) {
      const message = 'y'.repeat(length);
      const error = { code: 'X', message: 'x' };
      const id = await pipeline.deadLetters.record({ queue: 'first', error, message });
      expect(await blobs(), `${length}`).toBe(apart);
      const entry = await pipeline.deadLetters.get({ queue: 'first', id });
      expect(entry?.letter.message).toBe(message);
      if (entry) await pipeline.deadLetters.remove(entry);
      expect(await blobs()).toBe(0);
    }
  });

  test('a queue of 32 messages is believed to be without the image, one of 33 is not', async () => {
    const target = targetOf([{ id: 'a', batchId: 'b', imageUrl: 'u' }]);
    const count = async () => judgeQueues(await lookAtQueues(['second'], pipeline.storage.queues), target)[0];
    for (let n = 0; n < 32; n += 1) await pipeline.storage.queues.send('second', JSON.stringify({ n }));
    expect(await count()).toEqual({ queue: 'second', confirmed: true, messages: 32 });
    await pipeline.storage.queues.send('second', JSON.stringify({ n: 32 }));
    expect(await count()).toEqual({ queue: 'second', confirmed: false, messages: 33 });
    await pipeline.empty();
    await pipeline.storage.queues.send('second', JSON.stringify({ job_definition: { id: 'a' } }));
    expect(await count()).toEqual({ queue: 'second', confirmed: false, messages: 1 });
  });
});

describe('how long something is remembered', () => {
  /** Reads of the tables while it works. */
  async function readsOf(work: () => Promise<unknown>): Promise<number> {
    const { get, list } = Table.prototype;
    let reads = 0;
    Table.prototype.get = function (...args) {
      reads += 1;
      return get.apply(this, args);
    };
    Table.prototype.list = function (...args) {
      reads += 1;
      return list.apply(this, args);
    };
    await work().finally(() => Object.assign(Table.prototype, { get, list }));
    return reads;
  }

  test('a row that this process has written, for half a minute; of 201 rows the last 200', async () => {
    const { id, batch } = await admitted();
    const { job } = (await pipeline.journal.read(batch, id)) ?? {};
    if (!job) throw new Error('The job has no row.');
    let now = 0;
    const written = new JustWritten(() => now);
    const taken = (ms: number) => {
      written.keep(job, 'etag');
      now += ms;
      return written.take(batch, id, 'etag') !== undefined;
    };
    expect([taken(30_000), taken(30_001)]).toEqual([true, false]);
    for (let n = 0; n <= 200; n += 1) written.keep({ ...job, id: `${n}` }, 'etag');
    expect(written.take(batch, '0', 'etag')).toBeUndefined();
    expect(written.take(batch, '1', 'etag')).toMatchObject({ job: { id: '1' }, etag: 'etag' });
    expect(written.take(batch, '1', 'etag'), 'given out once').toBeUndefined();
    expect(written.take(batch, '2', 'another')).toBeUndefined();
    expect(written.take('another', '3', 'etag')).toBeUndefined();
    written.keep({ ...job, id: '4' }, 'marked', 'sent');
    expect(written.take(batch, '4', 'sent')?.etag).toBe('marked');
    written.keep({ ...job, id: '4' }, 'marked', 'sent');
    expect(written.take(batch, '4', 'marked'), 'it was sent with another').toBeUndefined();
  });

  test('which steps are paused, for five seconds', async () => {
    pipeline.advance(5000);
    await pipeline.pauses.delayOf('first');
    pipeline.advance(4999);
    expect(await readsOf(() => pipeline.pauses.delayOf('first'))).toBe(0);
    pipeline.advance(1);
    expect(await readsOf(() => pipeline.pauses.delayOf('first'))).toBe(1);
  });
});
