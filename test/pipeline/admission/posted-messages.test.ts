import { beforeEach, describe, expect, test } from 'vitest';
import { OutageError, PermanentError } from '../../../src/domain/errors.ts';
import { batchOf, jobKey } from '../../../src/domain/job-id.ts';
import { containers, EVENTS_QUEUE } from '../../../src/storage/names.ts';
import { blobCreated } from '../../support/blob-created.ts';
import { jpeg } from '../../support/images.ts';
import { openPipeline } from '../../support/pipeline.ts';
import { scene } from '../../support/scene.ts';
import { openAdmission } from './support.ts';

const pipeline = await scene(openAdmission);
beforeEach(() => pipeline.reset());

describe('messages posted by hand, or from 2017', () => {
  let posts = 0;
  const posted = async (extra: object = {}, input: object = {}) => {
    const { name } = await pipeline.dropped(await jpeg());
    posts += 1;
    return {
      job_definition: {
        id: `2017-${posts}`,
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
    const { name, etag, id } = await pipeline.dropped(await jpeg());
    await pipeline.deliver(EVENTS_QUEUE, blobCreated(name, etag));
    await pipeline.deliver('needing', byHand(name, id));
    await pipeline.drain();
    expect(pipeline.ran).toEqual([]);
    expect(pipeline.rows.get(id)).toMatchObject({
      steps: { seeing: { state: 'done' }, needing: { state: 'done' } },
      outputs: { needing: { first: [7] } },
    });
  });

  test('what a step has recorded stands, whatever a message brings', async () => {
    const { name, etag, id } = await pipeline.dropped(await jpeg());
    await pipeline.deliver(EVENTS_QUEUE, blobCreated(name, etag));
    await pipeline.pump('seeing');
    await pipeline.deliver('needing', byHand(name, id));
    await pipeline.drain();
    expect(pipeline.ran).toEqual([id]);
    expect(pipeline.rows.get(id)?.outputs).not.toMatchObject({ needing: { first: [7] } });
  });

  test('a job_output that already holds another step meets the need, and what it does not know survives', async () => {
    const message = await posted({ processing_pipeline: ['seeing', 'needing'], processing_step: 1 });
    const seen = { width: 1, height: 2, first: [], parameters: null };
    await pipeline.deliver('needing', { ...message, job_output: { seeing: seen, weather: { rain: true } } });
    await pipeline.drain();
    expect(pipeline.ran).toEqual([]);
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
      pipeline.emulator,
      [pipeline.seeing],
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
      pipeline.emulator,
      [pipeline.seeing],
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
      pipeline.emulator,
      [pipeline.seeing],
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
