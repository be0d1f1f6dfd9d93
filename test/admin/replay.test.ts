import { beforeEach, describe, expect, test } from 'vitest';
import { assign, EditError, parseAssignment } from '../../src/admin/edit.ts';
import { planReplay, sendReplay } from '../../src/admin/replay.ts';
import { keysOf, selectLetters } from '../../src/admin/select-letters.ts';
import type { DeadLetter } from '../../src/pipeline/journal/dead-letters.ts';
import { containers, EVENTS_QUEUE } from '../../src/storage/names.ts';
import { blobCreated } from '../support/blob-created.ts';
import { jpeg } from '../support/images.ts';
import { scene } from '../support/scene.ts';
import { openAdmin } from './support.ts';

const admin = await scene(openAdmin);
beforeEach(() => admin.reset());

async function only(): Promise<DeadLetter> {
  const letters = await admin.letters();
  expect(letters).toHaveLength(1);
  return letters[0] as DeadLetter;
}

/** Replays a letter as the command line does. @returns why not, where it is refused */
async function replay(letter: DeadLetter, edited?: unknown) {
  const entry = await admin.deadLetters.get(letter);
  if (!entry) throw new Error('The dead letter is gone.');
  const plan = await planReplay(entry.letter, admin, edited);
  if ('refused' in plan) return plan.refused;
  await sendReplay(entry, plan, admin);
  return undefined;
}

/** Lets a message die of its process as often as it takes to be blamed. */
async function die(queue: string) {
  let message = await admin.take(queue);
  for (let deaths = 0; deaths <= 3; deaths += 1) {
    await admin.poison.step(queue, message?.text, admin.delivery());
    if (deaths < 3) message = await admin.take(queue);
  }
}

describe('a step that killed its process', () => {
  test('leaves a dead letter with job, step, code, attempts and the whole message', async () => {
    const job = await admin.dropped('deadly');
    await die('first');
    expect(await only()).toMatchObject({
      queue: 'first',
      jobId: job.id,
      batchId: 'deadly',
      error: { code: 'ProcessDied' },
      times: 1,
      attempts: 4,
      firstSeen: '2026-01-01T00:00:00.000Z',
      lastSeen: '2026-01-01T00:00:00.000Z',
      message: expect.stringContaining(job.id),
    });
  });

  test('replayed, opens a new run of that step and keeps what the others did', async () => {
    const job = await admin.dropped('deadly');
    await admin.pump('first');
    await die('second');
    await admin.drain();
    expect(admin.rows.get(job.id)?.steps).toMatchObject({
      second: { state: 'failed', error: { code: 'ProcessDied' } },
      third: { state: 'skipped' },
    });
    admin.calls.length = 0;
    expect(await replay(await only())).toBeUndefined();
    expect(await admin.letters()).toEqual([]);
    await admin.drain();
    expect(admin.calls).toEqual(['second', 'third']);
    expect(admin.rows.get(job.id)).toMatchObject({
      run: 1,
      outputs: { first: { run: 0 }, second: { run: 1 }, apart: { run: 0 } },
    });
  });

  test('replayed while the original run is still alive, ends in one row of the new run', async () => {
    const job = await admin.dropped('deadly');
    await die('first');
    expect(await admin.depth('second')).toBe(1);
    await replay(await only());
    await admin.drain();
    const row = admin.rows.get(job.id);
    expect(row?.run).toBe(1);
    for (const step of ['first', 'second', 'third', 'apart'])
      expect(row?.steps[step]).toMatchObject({ state: 'done' });
    expect(await admin.letters()).toEqual([]);
  });

  test('replayed, counts its deaths and its delays anew', async () => {
    await admin.dropped('deadly');
    await die('first');
    await replay(await only());
    const { seq = 0, deaths = 0, away_since } = JSON.parse((await admin.take('first'))?.text ?? '');
    expect({ seq, deaths, away_since }).toEqual({ seq: 0, deaths: 0, away_since: undefined });
  });

  test('dying again after its replay, is one dead letter seen again, with its first time kept', async () => {
    await admin.dropped('deadly');
    await die('first');
    const before = await only();
    for (const times of [2, 3]) {
      admin.advance(60_000);
      await replay(await only());
      await die('first');
      const after = await only();
      expect(after).toMatchObject({ id: before.id, times, firstSeen: before.firstSeen });
      expect(after.lastSeen > before.lastSeen).toBe(true);
    }
  });
});

test('replay adds before it deletes: stopped in between, both are there, and nothing is done twice', async () => {
  const job = await admin.dropped();
  await die('first');
  await admin.drain();
  const entry = await admin.deadLetters.get(await only());
  if (!entry) throw new Error('The dead letter is gone.');
  const plan = await planReplay(entry.letter, admin);
  if ('refused' in plan) throw new Error(plan.refused.message);
  for (const { queue, text } of plan.sends) await admin.storage.queues.send(queue, text);
  // The process ended here: the person replays again.
  expect(await admin.letters()).toHaveLength(1);
  await replay(await only());
  admin.calls.length = 0;
  await admin.drain();
  expect(admin.calls).toEqual(['first']);
  expect(admin.rows.get(job.id)).toMatchObject({ run: 1, steps: { first: { state: 'done' } } });
});

test('a dead letter that was seen again since it was read stays', async () => {
  await admin.dropped();
  await die('first');
  const letter = await only();
  const entry = await admin.deadLetters.get(letter);
  if (!entry) throw new Error('The dead letter is gone.');
  await admin.deadLetters.record(letter);
  expect(await admin.deadLetters.remove(entry)).toBe(false);
  expect(await only()).toMatchObject({ times: 2 });
});

describe('a message that breaks the contract', () => {
  const posted = async (id: string, more: object = {}) => {
    await admin.drop(`hand/${id}.jpg`, await jpeg());
    return {
      job_definition: {
        id,
        batch_id: 'hand',
        input: { image_url: admin.storage.blobs.url(containers.input, `hand/${id}.jpg`) },
        processing_step: 0,
        ...more,
      },
      of_mine: 'kept',
    };
  };

  test('is refused unedited when it could only die again, and stays', async () => {
    await admin.deliver('first', '{"job_definition": {');
    expect(await replay(await only())).toMatchObject({ code: 'NotJson' });
    expect(await admin.letters()).toHaveLength(1);
    expect(await admin.depth('first')).toBe(0);
  });

  test('edited, runs; in the queue where it now says it stands', async () => {
    const message = await posted('edited', { processing_step: 17 });
    await admin.deliver('first', message);
    const letter = await only();
    expect(letter.error.code).toBe('WrongQueue');
    expect(await replay(letter)).toMatchObject({ code: 'WrongQueue' });
    const edited = assign(JSON.parse(letter.message), [parseAssignment('job_definition.processing_step=1')]);
    expect(await replay(letter, edited)).toBeUndefined();
    expect(await admin.depth('second')).toBe(1);
    await admin.drain();
    expect(admin.rows.get('edited')?.steps).toMatchObject({ second: { state: 'done' } });
  });

  test('of a job that never was counts its deaths and its delays anew', async () => {
    const message = { ...(await posted('anew', { processing_step: 17 })), seq: 4, deaths: 2 };
    await admin.deliver('first', message);
    const letter = await only();
    const edited = assign(JSON.parse(letter.message), [parseAssignment('job_definition.processing_step=1')]);
    expect(await replay(letter, edited)).toBeUndefined();
    const { seq = 0, deaths = 0 } = JSON.parse((await admin.take('second'))?.text ?? '');
    expect({ seq, deaths }).toEqual({ seq: 0, deaths: 0 });
  });

  test('for another image under a known id stays refused; under an id of its own it runs', async () => {
    const known = await admin.finished();
    const message = await posted('other', { id: known.id, batch_id: known.batch });
    await admin.deliver('first', message);
    const letter = await only();
    expect(letter.error.code).toBe('OtherImage');
    expect(await replay(letter)).toMatchObject({ code: 'OtherImage' });
    const own = assign(JSON.parse(letter.message), [parseAssignment('job_definition.id=own')]);
    expect(await replay(letter, own)).toBeUndefined();
    await admin.drain();
    expect(admin.rows.get('own')?.outputs).toMatchObject({ third: { run: 0 } });
  });

  test('with another pipeline than its job, opens a run with that pipeline', async () => {
    const job = await admin.finished();
    const message = await posted('pipe', { id: job.id, batch_id: job.batch, processing_pipeline: ['apart'] });
    message.job_definition.input.image_url = admin.storage.blobs.url(containers.input, job.name);
    await admin.deliver('apart', message);
    const letter = await only();
    expect(letter.error.code).toBe('OtherPipeline');
    expect(await replay(letter)).toBeUndefined();
    await admin.drain();
    expect(admin.calls).toEqual(['apart']);
    expect(await admin.jobOf(job)).toMatchObject({ run: 1, pipeline: ['apart', 'pipelineoutput'] });
  });

  test('for an unknown step is refused until the step is named rightly', async () => {
    await admin.deliver('first', await posted('unknown', { processing_pipeline: ['frist'] }));
    const letter = await only();
    expect(await replay(letter)).toMatchObject({ code: 'BadPipeline' });
    const edited = assign(JSON.parse(letter.message), [
      parseAssignment('job_definition.processing_pipeline.0=first'),
    ]);
    expect(await replay(letter, edited)).toBeUndefined();
    await admin.drain();
    expect(admin.rows.get('unknown')?.steps.first).toMatchObject({ state: 'done' });
  });
});

test('the event of an image that killed its admission is replayed as a second look at the image', async () => {
  const name = 'event/image.jpg';
  const etag = await admin.drop(name, await jpeg());
  const event = { ...blobCreated(name, etag), deaths: 3 };
  await admin.poison.events(event, admin.delivery());
  await admin.drain();
  const letter = await only();
  expect(letter).toMatchObject({ queue: EVENTS_QUEUE, batchId: 'event', error: { code: 'ProcessDied' } });
  expect(admin.rows.get(letter.jobId ?? '')).toMatchObject({ end: 'rejected' });
  expect(await replay(letter)).toBeUndefined();
  await admin.drain();
  expect(admin.rows.get(letter.jobId ?? '')).toMatchObject({ run: 1, steps: { third: { state: 'done' } } });
});

test.each(['superseded', 'gone'])(
  'the event of an image that has since ended as %s opens no new run of it',
  async (end) => {
    const job = await admin.dropped('event');
    const { etag } = (await admin.jobOf(job)).source;
    admin.behaviour.first = async ({ image }) => ({ size: (await image.bytes()).length });
    if (end === 'gone') await admin.storage.blobs.delete(containers.input, job.name);
    else
      await admin.drop(job.name, await jpeg({ width: 80, height: 80, data: Buffer.alloc(80 * 80 * 3, 200) }));
    await admin.drain();
    expect((await admin.jobOf(job)).end?.kind).toBe(end);
    const event = { ...blobCreated(job.name, etag), deaths: 3 };
    await admin.deadLetters.record({
      ...{
        queue: EVENTS_QUEUE,
        error: { code: 'ProcessDied', message: '' },
        batchId: job.batch,
        jobId: job.id,
      },
      message: JSON.stringify(event),
    });
    const entry = await admin.deadLetters.get(await only());
    if (!entry) throw new Error('The dead letter is gone.');
    expect(await planReplay(entry.letter, admin)).toEqual({ sends: [] });
  },
);

test('a large message is kept and shown whole, and its blob goes with it', async () => {
  const text = `{"job_definition": {"id": "large"}, "text": "${'x'.repeat(40_000)}"}`;
  await admin.deliver('first', text);
  const letter = await only();
  expect(JSON.parse(letter.message)).toEqual(JSON.parse(text));
  const entry = await admin.deadLetters.get(letter);
  expect(entry && (await admin.deadLetters.remove(entry))).toBe(true);
  const blobs: string[] = [];
  for await (const { name } of admin.storage.blobs.list(containers.largeMessages, 'deadletters/'))
    blobs.push(name);
  expect(blobs).toEqual([]);
});

test('dead letters are found by step, code, batch, job and the beginning of their id', async () => {
  const record = (queue: string, code: string, batchId: string) =>
    admin.deadLetters.record({
      queue,
      error: { code, message: '' },
      batchId,
      jobId: `job-${batchId}`,
      message: '{}',
    });
  const ids = [
    await record('first', 'NotJson', 'a'),
    await record('second', 'NotJson', 'b'),
    await record('third', 'ProcessDied', 'b'),
  ];
  const found = async (filter: Parameters<typeof keysOf>[1]) =>
    (await keysOf(admin.deadLetters, filter)).map(({ id }) => ids.indexOf(id)).sort();
  expect(await found({})).toEqual([0, 1, 2]);
  expect(await found({ step: 'second' })).toEqual([1]);
  expect(await found({ code: 'NotJson' })).toEqual([0, 1]);
  expect(await found({ batch: 'b', code: 'ProcessDied' })).toEqual([2]);
  expect(await found({ job: 'job-a' })).toEqual([0]);
  expect(await found({ ids: [ids[1]?.slice(0, 10) ?? ''] })).toEqual([1]);
  for await (const { id } of selectLetters(admin.deadLetters, { step: 'absent' })) expect(id).toBe('none');
});

describe('an edit', () => {
  test.each([
    ['a.b=2', { a: { b: 2, c: [1] } }],
    ['a.b=two', { a: { b: 'two', c: [1] } }],
    ['a.c.1={"d":true}', { a: { b: 1, c: [1, { d: true }] } }],
    ['x.y=null', { a: { b: 1, c: [1] }, x: { y: null } }],
  ])('%s', (text, expected) => {
    const message = { a: { b: 1, c: [1] } };
    expect(assign(message, [parseAssignment(text)])).toEqual(expected);
    expect(message).toEqual({ a: { b: 1, c: [1] } });
  });

  test.each(['', 'a', '=2', 'a..b=2'])('"%s" is no assignment', (text) => {
    expect(() => parseAssignment(text)).toThrow(EditError);
  });

  test.each(['a.b.c=1', 'a.c.7=1', 'a.c.x=1', '__proto__.polluted=1', 'constructor.x=1'])(
    '%s cannot be made',
    (text) => {
      expect(() => assign({ a: { b: 1, c: [1] } }, [parseAssignment(text)])).toThrow(EditError);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    },
  );
});
