import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { OutageError, PermanentError } from '../../../src/domain/errors.ts';
import { batchOf, jobIdOf, jobKey } from '../../../src/domain/job-id.ts';
import type { AnyStep, StepContext } from '../../../src/domain/step.ts';
import { containers, EVENTS_QUEUE } from '../../../src/storage/names.ts';
import { type Azurite, startAzurite } from '../../support/azurite.ts';
import {
  animation,
  cmykJpeg,
  jpeg,
  noise,
  orientedJpeg,
  pngBomb,
  REFUSED,
  sixteenBitPng,
  truncated,
  webp,
} from '../../support/images.ts';
import { openPipeline, type TestPipeline } from '../../support/pipeline.ts';

let azurite: Azurite;
let pipeline: TestPipeline;
let ran: string[];

const seeing: AnyStep = {
  name: 'seeing',
  needs: [],
  schema: z.object({
    width: z.number(),
    height: z.number(),
    first: z.array(z.number()),
    parameters: z.unknown(),
  }),
  summary: 'Looks at the pixels.',
  run: async ({ image, job }: StepContext) => {
    ran.push(job.id);
    const pixels = await image.pixels();
    return {
      width: pixels.width,
      height: pixels.height,
      first: [...pixels.data.subarray(0, 3)],
      parameters: job.parameters,
    };
  },
};
const needing: AnyStep = {
  ...seeing,
  name: 'needing',
  needs: ['seeing'],
  run: async ({ output }: StepContext) => ({ ...(output.seeing as object), parameters: 'from seeing' }),
};

beforeAll(async () => {
  azurite = await startAzurite();
  pipeline = await openPipeline(azurite, [seeing, needing]);
});
afterAll(() => azurite?.stop());
beforeEach(async () => {
  ran = [];
  await pipeline.empty();
});

const event = (name: string, eTag?: string) => ({
  eventType: 'Microsoft.Storage.BlobCreated',
  subject: `/blobServices/default/containers/inputimages/blobs/${name}`,
  data: { ...(eTag !== undefined && { eTag }), url: 'https://elsewhere.example/inputimages/x' },
});

let unique = 0;
async function drop(bytes: Buffer, suffix = 'image.jpg') {
  unique += 1;
  const name = `admission-${unique}/${suffix}`;
  const etag = await pipeline.drop(name, bytes);
  return { name, etag, id: jobIdOf(containers.input, name, etag) };
}

describe('events', () => {
  test('two or three events of one upload, plain, in an array and in base64, are one job run once', async () => {
    const { name, etag, id } = await drop(await jpeg());
    await pipeline.deliver(EVENTS_QUEUE, event(name, etag));
    await pipeline.deliver(EVENTS_QUEUE, [event(name, `"${etag}"`)]);
    await pipeline.deliver(EVENTS_QUEUE, Buffer.from(JSON.stringify(event(name, etag))).toString('base64'));
    expect(await pipeline.depth('seeing')).toBe(1);
    await pipeline.drain();
    await pipeline.deliver(EVENTS_QUEUE, event(name, etag));
    await pipeline.drain();
    expect(ran).toEqual([id]);
  });

  test('a lost event is made up for, once', async () => {
    const { id } = await drop(await jpeg());
    expect(await pipeline.reconciler.run(pipeline.delivery().log)).toBe(1);
    await pipeline.drain();
    pipeline.reconciler.forget();
    expect(await pipeline.reconciler.run(pipeline.delivery().log)).toBe(0);
    expect(pipeline.rows.has(id)).toBe(true);
  });

  test('a crash between the journal row and the first message is made up for by the event, delivered again', async () => {
    const { name, etag, id } = await drop(await jpeg());
    const send = pipeline.storage.queues.send.bind(pipeline.storage.queues);
    pipeline.storage.queues.send = () => Promise.reject(new Error('killed here'));
    await expect(pipeline.deliver(EVENTS_QUEUE, event(name, etag))).rejects.toThrow('killed here');
    pipeline.storage.queues.send = send;
    await pipeline.deliver(EVENTS_QUEUE, event(name, etag), 2);
    await pipeline.drain();
    expect(pipeline.rows.has(id)).toBe(true);
  });

  test('other events and other containers are left alone, and what is no event is a dead letter', async () => {
    await pipeline.deliver(EVENTS_QUEUE, {
      ...event('a/b.jpg', 'x'),
      eventType: 'Microsoft.Storage.BlobDeleted',
    });
    await pipeline.deliver(EVENTS_QUEUE, {
      ...event('a', 'x'),
      subject: '/blobServices/default/containers/faces/blobs/a',
    });
    await pipeline.deliver(EVENTS_QUEUE, { hello: 1 });
    expect(await pipeline.depth('seeing')).toBe(0);
    const letters = [];
    for await (const letter of pipeline.deadLetters.list(EVENTS_QUEUE)) letters.push(letter);
    expect(letters).toMatchObject([{ error: { code: 'NotAnEvent' }, message: '{"hello":1}' }]);
  });

  test.each(['sp ace/ü 😀.jpg', 'a%2fb/c%20d.jpg', 'dots../x..y.jpg', "quote'#?&.jpg"])(
    'the blob name %s is one image like any other',
    async (name) => {
      const etag = await pipeline.drop(name, await jpeg());
      await pipeline.reconciler.run(pipeline.delivery().log);
      await pipeline.drain();
      const id = jobIdOf(containers.input, name, etag);
      expect(pipeline.rows.get(id)?.steps.seeing).toMatchObject({ state: 'done' });
      const row = await pipeline.journal.read(batchOf(name), id);
      expect(pipeline.storage.blobs.nameIn(containers.input, row?.job.imageUrl ?? '')).toBe(name);
    },
  );
});

describe('what is not an image becomes a rejected row with its reason', () => {
  test.each(Object.entries(REFUSED))('%s', async (_, { bytes, code }) => {
    const { id } = await drop(bytes);
    await pipeline.reconciler.run(pipeline.delivery().log);
    await pipeline.drain();
    expect(pipeline.rows.get(id)).toMatchObject({
      end: 'rejected',
      steps: { seeing: { state: 'skipped', error: { code } } },
    });
    expect(ran).not.toContain(id);
  });

  test('a truncated JPEG and a PNG that would unpack to 30,000 x 30,000', async () => {
    const broken = await drop(truncated(await jpeg()));
    const bomb = await drop(pngBomb());
    const good = await drop(await jpeg());
    await pipeline.reconciler.run(pipeline.delivery().log);
    await pipeline.drain();
    expect(pipeline.rows.get(broken.id)?.steps.seeing?.error?.code).toBe('BrokenImage');
    expect(pipeline.rows.get(bomb.id)?.steps.seeing?.error?.code).toBe('ImageTooManyPixels');
    expect(pipeline.rows.get(good.id)?.steps.seeing?.state).toBe('done');
  });

  test('an image over MAX_IMAGE_BYTES is refused without being read', async () => {
    const small = await openPipeline(azurite, [seeing], { MAX_IMAGE_BYTES: '1024' });
    const { name, etag, id } = await drop(Buffer.alloc(5000, 1));
    await small.deliver(EVENTS_QUEUE, event(name, etag));
    await small.drain();
    expect(small.rows.get(id)).toMatchObject({
      end: 'rejected',
      steps: { seeing: { error: { code: 'ImageTooManyBytes' } } },
    });
  });
});

describe('renditions', () => {
  const rendered = async (bytes: Buffer) => {
    const { id, name } = await drop(bytes);
    await pipeline.reconciler.run(pipeline.delivery().log);
    await pipeline.drain();
    const entry = await pipeline.journal.read(batchOf(name), id);
    const original = await pipeline.storage.blobs.read(containers.input, name);
    expect((original as { bytes: Buffer }).bytes.equals(bytes)).toBe(true);
    return { facts: entry?.job.image, row: pipeline.rows.get(id) };
  };

  test('an image the services take has none', async () => {
    expect((await rendered(await jpeg(noise(96, 64)))).facts?.rendition).toBeUndefined();
    expect(
      (await rendered(await animation('gif', [noise(96, 64), noise(96, 64)]))).facts?.rendition,
    ).toBeUndefined();
  });

  test.each([
    ['WebP', () => webp()],
    ['EXIF-rotated', () => orientedJpeg(6)],
    ['CMYK', () => cmykJpeg()],
    ['16-bit', () => sixteenBitPng()],
  ])('a %s image gets one, upright, and steps see its pixels', async (_, make) => {
    const { facts, row } = await rendered(await make());
    expect(facts).toMatchObject({ contentType: 'image/jpeg', rendition: expect.any(String) });
    expect(row?.outputs.seeing).toMatchObject({ width: facts?.width, height: facts?.height });
  });
});

describe('messages posted by hand, or from 2017', () => {
  const posted = async (extra: object = {}, input: object = {}) => {
    const { name } = await drop(await jpeg());
    unique += 1;
    return {
      job_definition: {
        id: `2017-${unique}`,
        input: { image_url: pipeline.storage.blobs.url(containers.input, name), ...input },
        ...extra,
      },
    };
  };

  test('no batch_id, no pipeline: runs, and image_parameters reach the steps', async () => {
    const message = await posted({}, { image_parameters: { camera: 'left' }, image_classifiers: ['x'] });
    await pipeline.deliver('seeing', message);
    await pipeline.drain();
    expect(pipeline.rows.get(message.job_definition.id)?.outputs.seeing).toMatchObject({
      parameters: { camera: 'left' },
    });
    expect(await pipeline.journal.batchOf(message.job_definition.id)).toBe('default');
  });

  test('a pipeline without pipelineoutput gets it at the end', async () => {
    const message = await posted({ processing_pipeline: ['seeing'] });
    await pipeline.deliver('seeing', message);
    await pipeline.drain();
    expect(pipeline.rows.has(message.job_definition.id)).toBe(true);
  });

  /** A message about a blob that its event makes a job, too, at the second step with the output of the first. */
  const byHand = (name: string, id: string) => ({
    job_definition: {
      ...{ id, batch_id: batchOf(name), processing_step: 1 },
      input: { image_url: pipeline.storage.blobs.url(containers.input, name) },
    },
    job_output: { seeing: { width: 1, height: 1, first: [7], parameters: null } },
  });

  test('an event that is quicker than the message takes no output from it, and there is one row', async () => {
    const { name, etag, id } = await drop(await jpeg());
    await pipeline.deliver(EVENTS_QUEUE, event(name, etag));
    await pipeline.deliver('needing', byHand(name, id));
    await pipeline.drain();
    expect(ran).toEqual([]);
    expect(pipeline.rows.get(id)).toMatchObject({
      steps: { seeing: { state: 'done' }, needing: { state: 'done' } },
      outputs: { needing: { first: [7] } },
    });
  });

  test('what a step has recorded stands, whatever a message brings', async () => {
    const { name, etag, id } = await drop(await jpeg());
    await pipeline.deliver(EVENTS_QUEUE, event(name, etag));
    await pipeline.pump('seeing');
    await pipeline.deliver('needing', byHand(name, id));
    await pipeline.drain();
    expect(ran).toEqual([id]);
    expect(pipeline.rows.get(id)?.outputs).not.toMatchObject({ needing: { first: [7] } });
  });

  test('a job_output that already holds another step meets the need, and what it does not know survives', async () => {
    const message = await posted({ processing_pipeline: ['seeing', 'needing'], processing_step: 1 });
    const seen = { width: 1, height: 2, first: [], parameters: null };
    await pipeline.deliver('needing', { ...message, job_output: { seeing: seen, weather: { rain: true } } });
    await pipeline.drain();
    expect(ran).toEqual([]);
    expect(pipeline.rows.get(message.job_definition.id)?.outputs).toMatchObject({
      needing: { width: 1, parameters: 'from seeing' },
      weather: { rain: true },
    });
  });

  const dead = async (queue: string, message: unknown) => {
    await pipeline.deliver(queue, message);
    const letters = [];
    for await (const letter of pipeline.deadLetters.list(queue)) letters.push(letter);
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    const letter = letters.find((candidate) => candidate.message === text);
    if (!letter) throw new Error('There is no dead letter of this message.');
    return letter.error;
  };

  test('each bad message is a dead letter that says why, and disturbs nothing', async () => {
    const good = await posted();
    expect(await dead('seeing', 'not json')).toMatchObject({ code: 'NotJson' });
    expect(await dead('seeing', { some: 'thing' })).toMatchObject({
      code: 'ContractError',
      message: expect.stringContaining('job_definition'),
    });
    expect(await dead('seeing', await posted({ processing_pipeline: ['seeing', 'colour'] }))).toMatchObject({
      code: 'BadPipeline',
      message: expect.stringContaining('"colour"'),
    });
    expect(await dead('needing', await posted({ processing_pipeline: ['needing'] }))).toMatchObject({
      code: 'BadPipeline',
      message: expect.stringContaining('"needing" needs "seeing"'),
    });
    expect(await dead('needing', await posted())).toMatchObject({ code: 'WrongQueue' });
    expect(await dead('seeing', await posted({ processing_step: 9 }))).toMatchObject({ code: 'WrongQueue' });
    await pipeline.deliver('seeing', good);
    await pipeline.drain();
    expect(pipeline.rows.size).toBe(1);
  });

  test('a known id with another image_url, another pipeline or another batch is refused', async () => {
    const message = await posted();
    await pipeline.deliver('seeing', message);
    const other = await posted();
    const { id } = message.job_definition;
    const asked = message.job_definition.input;
    expect(await dead('seeing', { job_definition: { ...other.job_definition, id } })).toMatchObject({
      code: 'OtherImage',
    });
    expect(
      await dead('seeing', { job_definition: { id, input: asked, processing_pipeline: ['seeing'] } }),
    ).toMatchObject({ code: 'OtherPipeline' });
    expect(
      await dead('seeing', { job_definition: { id, input: asked, batch_id: 'elsewhere' } }),
    ).toMatchObject({ code: 'JobIdTaken' });
  });

  test('a missing blob ends in a row that says so', async () => {
    const message = await posted();
    const name =
      pipeline.storage.blobs.nameIn(containers.input, message.job_definition.input.image_url) ?? '';
    await pipeline.storage.blobs.delete(containers.input, name);
    await pipeline.deliver('seeing', message);
    await pipeline.drain();
    expect(pipeline.rows.get(message.job_definition.id)).toMatchObject({ end: 'gone' });
  });

  test.each([
    'https://elsewhere.example/a.jpg',
    'http://169.254.169.254/latest/meta-data',
    'https://127.0.0.1/a.jpg',
    'file:///etc/passwd',
    'http://127.0.0.1:1/devstoreaccount1/inputimages/a.jpg',
    'not a url',
  ])('defect 5 of 2017: %s, which no setting allows, is a dead letter that says why', async (image_url) => {
    const message = await posted({}, { image_url });
    expect(await dead('seeing', message)).toMatchObject({
      code: 'ForeignImageRefused',
      message: expect.stringMatching(/./),
    });
    await pipeline.drain();
    expect(pipeline.rows.size).toBe(0);
  });

  test('an image of an allowed host is copied in once and runs like any other', async () => {
    let fetched = 0;
    const bytes = await jpeg();
    const open = await openPipeline(
      azurite,
      [seeing],
      {},
      {
        fetchImage: async () => {
          fetched += 1;
          return bytes;
        },
      },
    );
    const message = {
      job_definition: { id: 'foreign-1', input: { image_url: 'https://friends.example/a.jpg' } },
    };
    await open.deliver('seeing', message);
    await open.deliver('seeing', message, 2);
    await open.drain();
    expect(fetched).toBe(1);
    expect(open.rows.get('foreign-1')?.steps.seeing).toMatchObject({ state: 'done' });
  });

  test('a foreign host that is away delays the message, and one without the image ends in a row', async () => {
    let away = true;
    const open = await openPipeline(
      azurite,
      [seeing],
      {},
      {
        fetchImage: async () => {
          if (away) throw new OutageError('The host does not answer.', { retryAfterMs: 10 });
          throw new PermanentError('ForeignImageNotFound', 'The host has no such image.');
        },
      },
    );
    await open.deliver('seeing', {
      job_definition: { id: 'foreign-2', input: { image_url: 'https://friends.example/b.jpg' } },
    });
    expect(await open.depth('seeing')).toBe(1);
    away = false;
    await open.drain();
    expect(open.rows.get('foreign-2')).toMatchObject({ end: 'gone' });
  });

  test('a foreign host that never returns ends in a row after OUTAGE_LIMIT; a rerun asks it once more', async () => {
    const bytes = await jpeg();
    let away = true;
    let asked = 0;
    const open = await openPipeline(
      azurite,
      [seeing],
      { OUTAGE_LIMIT: '2' },
      {
        fetchImage: async () => {
          asked += 1;
          if (away) throw new OutageError('The host does not answer.', { code: 'ForeignImageUnavailable' });
          return bytes;
        },
      },
    );
    const job_definition = { id: 'foreign-3', input: { image_url: 'https://friends.example/c.jpg' } };
    await open.deliver('seeing', { job_definition });
    const first = JSON.parse((await open.take('seeing'))?.text ?? '');
    expect(first).toMatchObject({ job_definition, away_since: new Date(open.clock()).toISOString() });
    open.advance(3_600_000);
    await open.deliver('seeing', first);
    const second = JSON.parse((await open.take('seeing'))?.text ?? '');
    expect(second.away_since).toBe(first.away_since);
    open.advance(3_600_001);
    await open.deliver('seeing', second);
    await open.drain();
    expect(asked).toBe(3);
    expect(open.rows.get('foreign-3')).toMatchObject({
      end: 'rejected',
      steps: { seeing: { error: { code: 'ForeignImageUnavailable' } } },
    });
    away = false;
    await open.deliver('seeing', { job_definition, run: 1 });
    await open.drain();
    expect(open.rows.get('foreign-3')).toMatchObject({
      run: 1,
      end: undefined,
      steps: { seeing: { state: 'done' } },
    });
  });

  test('an id of any form is safe in blob names', async () => {
    expect(jobKey('a1b2')).toBe('a1b2');
    for (const id of ['../../x', 'a/b', 'ü', 'x'.repeat(200), `x${'0'.repeat(32)}`])
      expect(jobKey(id)).toMatch(/^x[0-9a-f]{32}$/);
    expect(batchOf(`${'long/'.repeat(200)}x.jpg`).length).toBeLessThanOrEqual(450);
  });
});

describe('poison', () => {
  test('a message whose process died is put back three times, then blamed, and its row still appears', async () => {
    const { name, etag, id } = await drop(await jpeg());
    await pipeline.deliver(EVENTS_QUEUE, event(name, etag));
    for (let death = 1; death <= 3; death += 1) {
      const message = await pipeline.take('seeing');
      await pipeline.poison.step('seeing', JSON.parse(message?.text ?? ''), pipeline.delivery());
      expect(await pipeline.depth('seeing')).toBe(1);
    }
    const message = await pipeline.take('seeing');
    await pipeline.poison.step('seeing', JSON.parse(message?.text ?? ''), pipeline.delivery());
    await pipeline.drain();
    expect(pipeline.rows.get(id)).toMatchObject({
      steps: { seeing: { state: 'failed', error: { code: 'ProcessDied' } }, needing: { state: 'skipped' } },
    });
  });

  test('a copy given up after its step was done by another is not blamed: no dead letter, and the job goes on', async () => {
    const { name, etag, id } = await drop(await jpeg());
    await pipeline.deliver(EVENTS_QUEUE, event(name, etag));
    const message = JSON.parse((await pipeline.take('seeing'))?.text ?? '');
    await pipeline.deliver('seeing', message);
    // The one that did the work died before it could send the next message.
    await pipeline.take('needing');
    await pipeline.poison.step('seeing', { ...message, deaths: 3 }, pipeline.delivery());
    await pipeline.drain();
    expect(pipeline.rows.get(id)).toMatchObject({
      steps: { seeing: { state: 'done' }, needing: { state: 'done' } },
    });
    const blamed: string[] = [];
    for await (const { jobId } of pipeline.deadLetters.list()) blamed.push(jobId ?? '');
    expect(blamed).not.toContain(id);
  });

  test('an image that kills its admission ends as a rejected row', async () => {
    const { name, etag, id } = await drop(await jpeg());
    for (let death = 1; death <= 3; death += 1) {
      const message =
        death === 1 ? event(name, etag) : JSON.parse((await pipeline.take(EVENTS_QUEUE))?.text ?? '');
      await pipeline.poison.events(message, pipeline.delivery());
    }
    const message = await pipeline.take(EVENTS_QUEUE);
    await pipeline.poison.events(JSON.parse(message?.text ?? ''), pipeline.delivery());
    await pipeline.drain();
    expect(pipeline.rows.get(id)).toMatchObject({
      end: 'rejected',
      steps: { seeing: { error: { code: 'ProcessDied' } } },
    });
  });

  test('a poison message met while storage is away is put back into its own queue, for the host would never hand it over again', async () => {
    const table = pipeline.deadLetters;
    const record = table.record;
    table.record = () => Promise.reject(new Error('tables are away'));
    await pipeline.poison.step('seeing', 'not json', pipeline.delivery());
    table.record = record;
    expect(await pipeline.depth('seeing-poison')).toBe(1);
  });

  test('a poison message delivered again is put back as a new one, before anything else: of deaths in a row the host would hold it back for ever', async () => {
    const { name, etag } = await drop(await jpeg());
    for (const [queue, deliver] of [
      ['seeing-poison', (message: object) => pipeline.poison.step('seeing', message, pipeline.delivery(2))],
      [`${EVENTS_QUEUE}-poison`, (message: object) => pipeline.poison.events(message, pipeline.delivery(5))],
    ] as const) {
      const message = event(name, etag);
      const { journal } = pipeline;
      const read = journal.read;
      journal.read = () => Promise.reject(new Error('the process dies here'));
      await deliver(message);
      journal.read = read;
      expect(await pipeline.take(queue)).toEqual({ text: JSON.stringify(message), dequeueCount: 1 });
    }
    expect(await pipeline.depth('seeing')).toBe(0);
    expect(await pipeline.depth(EVENTS_QUEUE)).toBe(0);
  });

  test('a poison message that is no message is kept whole', async () => {
    await pipeline.poison.step('seeing', 'garbage'.repeat(9000), pipeline.delivery());
    const letters = [];
    for await (const letter of pipeline.deadLetters.list('seeing')) letters.push(letter);
    expect(letters.map((letter) => letter.message)).toContain('garbage'.repeat(9000));
  });
});
