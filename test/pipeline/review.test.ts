import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { OutageError, RateLimitedError, UnavailableError } from '../../src/domain/errors.ts';
import { batchOf, jobIdOf } from '../../src/domain/job-id.ts';
import type { AnyStep, RetractContext, StepContext } from '../../src/domain/step.ts';
import { MAX_STEPS } from '../../src/pipeline/definition/registry.ts';
import { containers, tables } from '../../src/storage/names.ts';
import { tableKey } from '../../src/storage/tables.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';
import { jpeg, noise, orientedJpeg, REFUSED } from '../support/images.ts';
import { openPipeline, type TestPipeline } from '../support/pipeline.ts';

/** Sequences that once lost a row, a run or an image; each is named by what must hold. */
let emulator: Emulator;
let pipeline: TestPipeline;
let behaviour: Record<string, (context: StepContext) => Promise<unknown>>;
let retract: (context: RetractContext) => Promise<void>;
let calls: string[];

const step = (name: string): AnyStep => ({
  name,
  needs: [],
  schema: z.unknown(),
  summary: 'Does what the test says.',
  run: async (context: StepContext) => {
    calls.push(name);
    return (await behaviour[name]?.(context)) ?? { from: name };
  },
  retract: (context: RetractContext) => retract(context),
});

beforeAll(async () => {
  emulator = await startEmulator();
  pipeline = await openPipeline(emulator, [step('first'), step('second')]);
});
afterAll(() => emulator?.stop());
beforeEach(async () => {
  behaviour = {};
  calls = [];
  retract = async () => {};
  await pipeline.empty();
});

let images = 0;
async function dropped(bytes?: Buffer) {
  images += 1;
  const name = `review-${images}/image.jpg`;
  const etag = await pipeline.drop(name, bytes ?? (await jpeg()));
  await pipeline.reconciler.run(pipeline.delivery().log);
  await pipeline.pump('inputimages-events');
  const id = jobIdOf(containers.input, name, etag);
  const url = pipeline.storage.blobs.url(containers.input, name);
  return {
    id,
    name,
    batch: batchOf(name),
    definition: { id, batch_id: batchOf(name), input: { image_url: url } },
  };
}
const deleteContainer = (name: string) =>
  BlobServiceClient.fromConnectionString(emulator.connectionString).getContainerClient(name).delete();
const letters = async (queue: string) => {
  const found = [];
  for await (const letter of pipeline.deadLetters.list(queue)) found.push(letter);
  return found;
};
const jobOf = async (about: { batch: string; id: string }) =>
  (await pipeline.journal.read(about.batch, about.id))?.job;

describe('the row appears', () => {
  test('of an image that kills whoever looks at it again, replayed', async () => {
    const about = await dropped(REFUSED.text?.bytes ?? Buffer.from('plain text, no image at all'));
    await pipeline.drain();
    const reexamine = pipeline.admission.reexamine;
    pipeline.admission.reexamine = () => Promise.reject(new Error('the process dies here'));
    await pipeline.poison.step(
      'first',
      { job_definition: about.definition, run: 1, deaths: 3 },
      pipeline.delivery(),
    );
    await pipeline.drain();
    pipeline.admission.reexamine = reexamine;
    expect(pipeline.rows.get(about.id)).toMatchObject({ run: 1, end: 'rejected' });
  });

  test('of a deleted image, though its faces may no longer be taken back', async () => {
    const about = await dropped();
    retract = async () => {
      throw new UnavailableError('LimitedAccessRequired', 'The approval was withdrawn.');
    };
    behaviour.second = async ({ image }) => ({ bytes: (await image.bytes()).length });
    await pipeline.pump('first');
    await pipeline.storage.blobs.delete(containers.input, about.name);
    await pipeline.drain();
    expect(pipeline.rows.get(about.id)).toMatchObject({ end: 'gone' });
  });

  test('though content that was stored apart is gone', async () => {
    const about = await dropped();
    const message = JSON.parse((await pipeline.take('first'))?.text ?? '');
    message.job_output = { weather: { linked_content: 'no/such.json' } };
    await pipeline.deliver('first', message);
    await pipeline.drain();
    expect(pipeline.rows.get(about.id)?.outputs.weather).toMatchObject({
      unavailable: { code: 'LinkedContentMissing' },
    });
  });

  test('though the container of renditions was deleted while it was under way', async () => {
    const about = await dropped(await orientedJpeg(6));
    const image = (await jobOf(about))?.image;
    expect(image?.rendition).toBeDefined();
    await deleteContainer(containers.renditions);
    // As for a process that has not made it itself.
    pipeline.storage.blobs.recent.drop(`${containers.renditions}/${image?.rendition}`);
    const seen: number[] = [];
    behaviour.first = async ({ image: working }) => {
      seen.push((await working.pixels()).width);
      return {};
    };
    await pipeline.drain();
    expect(seen).toEqual([image?.width]);
    expect(pipeline.rows.get(about.id)?.steps).toMatchObject({ first: { state: 'done' } });
    expect(await pipeline.storage.blobs.head(containers.renditions, image?.rendition ?? '')).toBeDefined();
    // A new one needs nobody to make the container, either.
    await deleteContainer(containers.renditions);
    const next = await dropped(await orientedJpeg(8, noise(96, 64, 9)));
    await pipeline.drain();
    expect(pipeline.rows.get(next.id)?.steps).toMatchObject({ first: { state: 'done' } });
  });

  test('though what an earlier step put out, stored apart, was deleted with its container', async () => {
    const needy = await openPipeline(emulator, [step('first'), { ...step('second'), needs: ['first'] }]);
    const large = { text: 'x'.repeat(40_000) };
    const name = 'review-lost/image.jpg';
    const id = jobIdOf(containers.input, name, await needy.drop(name, await jpeg()));
    await needy.reconciler.run(needy.delivery().log);
    await needy.pump('inputimages-events');
    behaviour.first = async () => large;
    await needy.pump('first');
    await deleteContainer(containers.largeMessages);
    const given: unknown[] = [];
    behaviour.second = async ({ output }) => {
      given.push(output.first);
      return {};
    };
    await needy.drain();
    expect(given).toEqual([large]);
    expect(needy.rows.get(id)).toMatchObject({
      steps: { second: { state: 'done' } },
      outputs: { first: { unavailable: { code: 'LinkedContentMissing' } } },
    });
  });

  test('of an image with the longest name in three-byte characters', async () => {
    const name = '写'.repeat(1000);
    const etag = await pipeline.drop(name, await jpeg());
    await pipeline.reconciler.run(pipeline.delivery().log);
    await pipeline.drain();
    expect(pipeline.rows.has(jobIdOf(containers.input, name, etag))).toBe(true);
  });

  test('of a job that 2017 left half-way in the same table', async () => {
    const about = await dropped();
    await pipeline.empty();
    const rows = pipeline.storage.tables.table(tables.journal);
    await rows.upsert(tableKey('default'), tableKey('guid-2017'), {
      first: '2017-11-01T00:00:00Z',
      first_output: '{}',
    });
    const definition = { id: 'guid-2017', input: about.definition.input };
    await pipeline.deliver('first', { job_definition: definition });
    await pipeline.drain();
    expect(pipeline.rows.get('guid-2017')?.steps.first).toMatchObject({ state: 'done' });
  });
});

describe('runs', () => {
  test('a newer run with a pipeline that cannot be is a dead letter, and makes no queue of its own', async () => {
    const about = await dropped();
    await pipeline.drain();
    const definition = {
      ...about.definition,
      processing_pipeline: ['first', 'nosuchstep', 'pipelineoutput'],
    };
    await pipeline.deliver('first', { job_definition: definition, run: 1 });
    expect((await letters('first')).map((letter) => letter.error.code)).toContain('BadPipeline');
    await expect(pipeline.depth('nosuchstep')).rejects.toMatchObject({ statusCode: 404 });
  });

  test('a rerun that is delayed still knows what the step put out before', async () => {
    const about = await dropped();
    await pipeline.drain();
    const seen: unknown[] = [];
    let refusals = 1;
    behaviour.first = async ({ previous }) => {
      seen.push(previous);
      if (refusals-- > 0) throw new RateLimitedError('Slow down.', 10);
      return { again: true };
    };
    await pipeline.deliver('first', { job_definition: about.definition, run: 1, rerun_steps: ['first'] });
    await pipeline.drain();
    expect(seen).toEqual([{ from: 'first' }, { from: 'first' }]);
    expect(pipeline.rows.get(about.id)?.outputs.first).toEqual({ again: true });
  });

  test('of two reruns in one run, a delay of the one does not drop the other', async () => {
    const about = await dropped();
    await pipeline.drain();
    calls = [];
    let refusals = 1;
    behaviour.first = async () => {
      if (refusals-- > 0) throw new RateLimitedError('Slow down.', 10);
      return { again: true };
    };
    const message = (position: number, rerun: string) => ({
      job_definition: { ...about.definition, processing_step: position },
      run: 1,
      rerun_steps: [rerun],
    });
    await pipeline.deliver('first', message(0, 'first'));
    await pipeline.deliver('second', message(1, 'second'));
    await pipeline.drain();
    expect(calls.filter((name) => name === 'second')).toHaveLength(1);
    expect((await jobOf(about))?.steps).toMatchObject({
      first: { run: 1, state: 'done' },
      second: { run: 1, state: 'done' },
    });
  });
});

describe('admission', () => {
  test('a message refused for its id overwrites nothing of the job that has it', async () => {
    const about = await dropped(await orientedJpeg(6));
    await pipeline.drain();
    const rendition = (await jobOf(about))?.image?.rendition ?? '';
    const before = await pipeline.storage.blobs.head(containers.renditions, rendition);
    const other = await dropped(await orientedJpeg(8, noise(96, 64, 7)));
    await pipeline.deliver('first', {
      job_definition: { ...other.definition, id: about.id, batch_id: 'elsewhere' },
    });
    expect((await letters('first')).map((letter) => letter.error.code)).toContain('JobIdTaken');
    expect(await pipeline.storage.blobs.head(containers.renditions, rendition)).toEqual(before);
  });

  test('a mark that was lost to another writer is set, and no step runs again for it', async () => {
    const update = pipeline.journal.update;
    let lost = 0;
    pipeline.journal.update = async (entry, change) => {
      if (change.sent && lost++ < 2) return undefined;
      return update.call(pipeline.journal, entry, change);
    };
    const about = await dropped();
    pipeline.journal.update = update;
    expect((await jobOf(about))?.sent).toBe(true);
    await pipeline.drain();
    expect(calls).toEqual(['first', 'second']);
  });

  test('where the mark is lost for good, the next event sets it and runs nothing again', async () => {
    const update = pipeline.journal.update;
    pipeline.journal.update = async (entry, change) =>
      change.sent ? undefined : update.call(pipeline.journal, entry, change);
    const about = await dropped();
    await pipeline.drain();
    pipeline.journal.update = update;
    calls = [];
    pipeline.reconciler.forget();
    await pipeline.reconciler.run(pipeline.delivery().log);
    await pipeline.drain();
    expect(calls).toEqual([]);
    expect((await jobOf(about))?.sent).toBe(true);
  });
});

describe('bounds', () => {
  test('a dead letter says why in a message that can be stored, however long what it complains of', async () => {
    const about = await dropped();
    await pipeline.empty();
    const long = 'x'.repeat(40_000);
    await pipeline.deliver('first', {
      job_definition: about.definition,
      job_output: { [long]: { linked_content: 5 } },
    });
    await pipeline.deliver('first', {
      job_definition: { ...about.definition, id: 'long-name', processing_pipeline: [long] },
    });
    const found = (await letters('first')).filter((letter) => letter.message.includes(long));
    expect(found).toHaveLength(2);
    for (const letter of found) expect(letter.error.message.length).toBeLessThan(1100);
  });

  test('a delay is never shorter than a second, whatever the service says of itself', async () => {
    const about = await dropped();
    for (const error of [
      new RateLimitedError('Slow down.', 0),
      new OutageError('Away.', { retryAfterMs: 0 }),
    ]) {
      behaviour.first = async () => {
        throw error;
      };
      await pipeline.pump('first');
      const { nextAt = '' } = (await jobOf(about))?.steps.first ?? {};
      expect(Date.parse(nextAt) - pipeline.clock()).toBeGreaterThan(0);
    }
  });

  test('a step that the host stops is put back, not counted', async () => {
    const about = await dropped();
    const stopping = new AbortController();
    behaviour.first = async () => {
      stopping.abort(new Error('The Functions host is stopping.'));
      throw new Error('cut off');
    };
    const message = JSON.parse((await pipeline.take('first'))?.text ?? '');
    await pipeline.helper.process('first', message, { ...pipeline.delivery(), signal: stopping.signal });
    expect((await jobOf(about))?.steps.first).toMatchObject({
      state: 'waiting',
      attempts: 0,
      error: { code: 'HostStopping' },
    });
  });

  test('a pipeline with more steps than a journal row has columns for is refused', () => {
    const many = Array.from({ length: MAX_STEPS + 1 }, (_, index) => `step${index}`);
    expect(pipeline.registry.faults(many).join(' ')).toContain(`room for ${MAX_STEPS}`);
  });
});
