import { z } from 'zod';
import { planReplay, sendReplay } from '../../src/admin/replay.ts';
import { foreignCode } from '../../src/domain/error-codes.ts';
import { PermanentError, RateLimitedError } from '../../src/domain/errors.ts';
import { jobKey } from '../../src/domain/job-id.ts';
import type { AnyStep, StepContext } from '../../src/domain/step.ts';
import { toSafeJson } from '../../src/pipeline/message/codec.ts';
import { containers, EVENTS_QUEUE, poisonQueue } from '../../src/storage/names.ts';
import type { Emulator } from '../support/emulator.ts';
import { orientedJpeg } from '../support/images.ts';
import { openPipeline } from '../support/pipeline.ts';
import { Recorder } from '../support/recorder.ts';
import type { Way } from './table.ts';

/** The pipeline, what passes on the wire below it, and every way that a message can go through it. */
export async function openPipelineWays(emulator: Emulator) {
  const recorder = await Recorder.open(emulator);
  const behaviour: { first?: (context: StepContext) => Promise<unknown> } = {};
  const step = (name: string): AnyStep => ({
    name,
    needs: [],
    schema: z.unknown(),
    summary: 'Does what the way says.',
    run: async (context: StepContext) => {
      recorder.note(`step ${name}`);
      return (name === 'first' && (await behaviour.first?.(context))) || {};
    },
    retract: async () => recorder.note('retract'),
  });
  const output = { ...step('pipelineoutput'), patient: true };
  const pipeline = await openPipeline(
    { ...emulator, connectionString: recorder.connectionString },
    [step('first'), step('second'), output],
    { ALLOWED_IMAGE_HOSTS: 'images.example' },
    {
      fetchImage: async () => {
        recorder.note('fetch');
        return orientedJpeg(6);
      },
    },
  );
  const big = { text: 'x'.repeat(40_000) };
  let images = 0;

  async function dropped() {
    const { name, event, batch, id } = await pipeline.upload('way', await orientedJpeg(6));
    const url = pipeline.storage.blobs.url(containers.input, name);
    return { name, event, batch, url, id };
  }
  async function admitted() {
    const image = await dropped();
    await pipeline.deliver(EVENTS_QUEUE, image.event);
    const { text = '' } = (await pipeline.take('first')) ?? {};
    return { ...image, text };
  }
  const first = (text: string, count = 1) => recorder.during(() => pipeline.deliver('first', text, count));
  const letter = async (jobId?: string) => {
    const about = jobId === undefined ? {} : { jobId, batchId: 'default' };
    const error = { code: 'WrongQueue', message: 'for the test' };
    const message = JSON.stringify({ job_definition: { id: jobId ?? `letter-${images++}` }, ...big });
    const id = await pipeline.deadLetters.record({ queue: 'first', error, message, ...about });
    return { queue: 'first', id };
  };
  const letterEntry = async (key: { queue: string; id: string }) => {
    const entry = await pipeline.deadLetters.get(key);
    if (!entry) throw new Error('The letter is not there.');
    return entry;
  };

  const ways = {
    'a blob is admitted': async () => {
      const { event } = await dropped();
      return recorder.during(() => pipeline.deliver(EVENTS_QUEUE, event));
    },
    'a message posted by hand is admitted': async () => {
      const { url } = await dropped();
      const definition = { id: `by-hand-${images}`, input: { image_url: url }, processing_step: 0 };
      return first(JSON.stringify({ job_definition: definition }));
    },
    'a foreign image is copied in': async () => {
      const input = { image_url: 'https://images.example/a.jpg' };
      return first(
        JSON.stringify({ job_definition: { id: `foreign-${images++}`, input, processing_step: 0 } }),
      );
    },
    'a step is done': async () => {
      behaviour.first = async () => big;
      return first((await admitted()).text);
    },
    'a step is done a second time': async () => {
      const { text } = await admitted();
      await first(text);
      return first(text, 2);
    },
    'a step fails for good': async () => {
      behaviour.first = async () => {
        throw new PermanentError(foreignCode('BadImage'), 'It is bad.');
      };
      return first((await admitted()).text);
    },
    'a step is throttled and put back': async () => {
      behaviour.first = async () => {
        throw new RateLimitedError('Slow down.', 10);
      };
      return first((await admitted()).text);
    },
    'a step meets what nobody foresaw and is put back': async () => {
      behaviour.first = async () => {
        throw new Error('unforeseen');
      };
      return first((await admitted()).text);
    },
    'an image is gone': async () => {
      behaviour.first = async ({ image }) => ({ size: (await image.bytes()).length });
      const { name, text } = await admitted();
      await pipeline.storage.blobs.delete(containers.input, name);
      return first(text);
    },
    'the row of an image that is gone is written': async () => {
      behaviour.first = async ({ image }) => ({ size: (await image.bytes()).length });
      const { name, text } = await admitted();
      await pipeline.storage.blobs.delete(containers.input, name);
      await first(text);
      const last = await pipeline.take('pipelineoutput');
      return recorder.during(() => pipeline.deliver('pipelineoutput', last?.text));
    },
    'the row is written': async () => {
      await first((await admitted()).text);
      await pipeline.pump('second');
      const last = await pipeline.take('pipelineoutput');
      return recorder.during(() => pipeline.deliver('pipelineoutput', last?.text));
    },
    'a paused message is put back': async () => {
      const { text } = await admitted();
      await pipeline.pauses.pause('first', 'somebody', 'for the test');
      const calls = await first(text);
      await pipeline.pauses.resume('first');
      return calls;
    },
    'a message is refused': async () => first(JSON.stringify({ nothing: 'of ours', ...big })),
    'a poisoned message is put back': async () => {
      const { text } = await admitted();
      return recorder.during(() => pipeline.poison.step('first', text, pipeline.delivery()));
    },
    'a poisoned message is blamed': async () => {
      const text = toSafeJson({ ...JSON.parse((await admitted()).text), deaths: 3 });
      return recorder.during(() => pipeline.poison.step('first', text, pipeline.delivery()));
    },
    'a dead letter is dropped': async () => {
      const entry = await letterEntry(await letter());
      return recorder.during(() => pipeline.deadLetters.remove(entry));
    },
    'a dead letter of an erased image is discarded': async () => {
      const key = await letter();
      return recorder.during(() => pipeline.deadLetters.discard(key));
    },
    'a dead letter is replayed': async () => {
      const image = await admitted();
      await pipeline.poison.step(
        'first',
        toSafeJson({ ...JSON.parse(image.text), deaths: 3 }),
        pipeline.delivery(),
      );
      let found: { queue: string; id: string } | undefined;
      for await (const one of pipeline.deadLetters.list()) if (one.jobId === image.id) found = one;
      const entry = await letterEntry(found ?? { queue: '', id: '' });
      const plan = await planReplay(entry.letter, pipeline);
      if ('refused' in plan) throw new Error(plan.refused.message);
      return recorder.during(() => sendReplay(entry, plan, pipeline));
    },
    'a held poison message is sent anew': async () => {
      const queue = poisonQueue('first');
      await pipeline.storage.queues.send(queue, 'held');
      return recorder.during(() => pipeline.storage.queues.renew(queue));
    },
    'a message of an erased job is discarded': async () => {
      behaviour.first = async () => big;
      const { id, batch, text } = await admitted();
      await first(text);
      const crop = `${jobKey(id)}/face.jpg`;
      await pipeline.storage.blobs.write(containers.faces, crop, Buffer.from('x'), 'image/jpeg');
      const at = new Date().toISOString();
      await pipeline.journal.tombstones.set(id, 'erasure', at);
      await pipeline.journal.markErased(batch, id, at);
      const next = await pipeline.take('second');
      return recorder.during(() => pipeline.deliver('second', next?.text));
    },
  } satisfies Partial<Record<Way, () => Promise<unknown>>>;

  return {
    pipeline,
    recorder,
    ways,
    dropped,
    admitted,
    /** Between two ways: nothing of the one before is in the other's. */
    reset: async () => {
      delete behaviour.first;
      await pipeline.empty();
    },
    close: () => recorder.close(),
  };
}
