import { beforeEach, expect, test } from 'vitest';
import { explainImage } from '../../src/admin/why.ts';
import { OutageError, PermanentError } from '../../src/domain/errors.ts';
import { containers, EVENTS_QUEUE } from '../../src/storage/names.ts';
import { jpeg } from '../support/images.ts';
import { scene } from '../support/scene.ts';
import { openAdmin } from './support.ts';

const admin = await scene(openAdmin);
beforeEach(() => admin.reset());

const why = (asked: string, clock = admin.clock) => explainImage(asked, { ...admin, clock });

test('a finished image is finished, by job id, blob name and address, with the history of its steps', async () => {
  const job = await admin.finished('why');
  for (const asked of [job.id, job.name, admin.storage.blobs.url(containers.input, job.name)]) {
    const answer = await why(asked);
    expect(answer).toMatchObject({ state: 'finished', job: { id: job.id, batch: 'why', run: 0 } });
    expect(answer.error).toBeUndefined();
    expect(answer.advice).toEqual(['Nothing to do: every step is done.']);
    expect(answer.history.map(({ step, state, attempts }) => [step, state, attempts])).toEqual([
      ...['first', 'second', 'third', 'apart', 'pipelineoutput'].map((step) => [step, 'done', 1]),
    ]);
  }
  expect(JSON.stringify(await why(job.id))).not.toContain('"output"');
});

test('an image held up by an outage: which step, which attempt, when it is visible next, what would fix it', async () => {
  const job = await admin.dropped();
  admin.behaviour.second = async () => {
    throw new OutageError('Face cannot be reached.', { code: 'VisionUnreachable', retryAfterMs: 60_000 });
  };
  await admin.pump('first');
  await admin.withDelays(() => admin.pump('second'));
  const answer = await why(job.id);
  expect(answer).toMatchObject({
    state: 'retrying',
    step: 'second',
    attempt: 1,
    // A minute and half of a quarter of jitter.
    nextAt: new Date(admin.clock() + 67_500).toISOString(),
    error: { code: 'VisionUnreachable', step: 'second', advice: expect.stringContaining('FACE_ENDPOINT') },
    queue: { name: 'second', messages: 1, poison: 0, hasMessage: false },
  });
  expect(answer.advice.join(' ')).toMatch(/tried again by itself at 2026-.*FACE_ENDPOINT/);
});

test('an image at a step that a person has paused says who, why, and how it goes on', async () => {
  const job = await admin.dropped();
  await admin.pauses.pause('first', 'ann', 'account moves');
  const answer = await why(job.id);
  expect(answer).toMatchObject({
    state: 'queued',
    step: 'first',
    paused: { by: 'ann', reason: 'account moves' },
  });
  expect(answer.advice.join(' ')).toMatch(
    /^The step first was paused by ann at 2026-.* \(account moves\): its messages wait\. .*"imaginem resume first"/,
  );
  await admin.pauses.resume('first');
  expect((await why(job.id)).paused).toBeUndefined();
});

test('an image whose attempts fail says which one comes next', async () => {
  const job = await admin.dropped();
  admin.behaviour.first = async () => {
    throw new Error('who knows');
  };
  await admin.pump('first');
  await admin.pump('first');
  expect(await why(job.id)).toMatchObject({ step: 'first', attempt: 3, error: { code: 'UnexpectedError' } });
});

test('a failed step: its error, and the command that runs it again', async () => {
  admin.behaviour.second = async () => {
    throw new PermanentError('FaceOutsideImage', 'A rectangle lies outside.');
  };
  const job = await admin.finished();
  const answer = await why(job.id);
  expect(answer).toMatchObject({ state: 'finished', error: { code: 'FaceOutsideImage', step: 'second' } });
  expect(answer.advice).toEqual([`Run "imaginem rerun --step facedetection --all --image ${job.id}".`]);
});

test('a rejected image: the reason, and what to do about it', async () => {
  await admin.drop('why/text.jpg', Buffer.from('no image at all'));
  await admin.reconciler.run(admin.delivery().log);
  await admin.drain();
  expect(await why('why/text.jpg')).toMatchObject({
    state: 'finished',
    job: { end: { kind: 'rejected' } },
    error: { code: 'NotAnImage', advice: expect.stringContaining('Upload the image itself') },
  });
});

test('queues that nobody empties are told from those that move', async () => {
  const job = await admin.dropped();
  const moving = await why(job.id, Date.now);
  expect(moving).toMatchObject({ state: 'queued', step: 'first', queue: { messages: 1, hasMessage: true } });
  expect(moving.advice).toEqual(['Nothing to do: it is under way.']);
  const later = await why(job.id, () => Date.now() + 10 * 60_000);
  expect(later.queue?.oldestVisibleSeconds).toBeGreaterThan(590);
  expect(later.advice[0]).toMatch(/queue "first" holds 1 messages.*Functions app is not running/);
});

test('an image under way that no queue holds is told as such, with the command that starts it again', async () => {
  const job = await admin.dropped();
  await admin.take('first');
  const answer = await why(job.id);
  expect(answer.state).toBe('lost');
  expect(answer.advice[0]).toContain(`imaginem rerun --missing --image ${job.id}`);
});

test('an image that was never admitted: in the container, its event waiting or lost', async () => {
  const name = 'why/new ü.jpg';
  await admin.drop(name, await jpeg());
  expect(await why(name, Date.now)).toMatchObject({
    state: 'waiting',
    queue: { name: EVENTS_QUEUE, messages: 0 },
    advice: [expect.stringMatching(/has no job yet.*reconcile/)],
  });
  await admin.reconciler.run(admin.delivery().log);
  expect(await why(name, Date.now)).toMatchObject({
    state: 'waiting',
    queue: { messages: 1, hasMessage: true },
    advice: [expect.stringMatching(/has no job yet.*1 events wait in front of it or with it/)],
  });
});

test('each warning of an image is told with what to do about it', async () => {
  const job = await admin.finished('warned');
  const entry = await admin.journal.read('warned', job.id);
  const warnings = [
    { code: 'FramesNotRead', message: 'One.' },
    { code: 'PagesNotRead', message: 'Two.' },
  ];
  const journal = {
    batchOf: async () => 'warned',
    read: async () => entry && { ...entry, job: { ...entry.job, image: { ...entry.job.image, warnings } } },
  } as unknown as typeof admin.journal;
  const { advice } = await explainImage(job.id, { ...admin, journal });
  expect(advice.map((one) => one.slice(0, 4))).toEqual(['One.', 'Two.']);
});

test('an image whose message was given up is not lost: it is in the poison queue', async () => {
  const job = await admin.dropped();
  const message = await admin.take('first');
  await admin.storage.queues.send('first-poison', message?.text ?? '');
  expect(await why(job.id)).toMatchObject({ state: 'queued', queue: { messages: 0, poison: 1 } });
  await admin.storage.queues.clear('first-poison');
  expect((await why(job.id)).state).toBe('lost');
});

test('dead letters about the image are shown, also where the message never became a job', async () => {
  await admin.deliver('first', {
    job_definition: { id: 'never', input: { image_url: 'https://elsewhere.test/a.jpg' }, processing_step: 9 },
  });
  const answer = await why('never');
  expect(answer).toMatchObject({
    state: 'unknown',
    error: { code: 'WrongQueue' },
    deadLetters: [{ queue: 'first', jobId: 'never', times: 1 }],
  });
  expect(answer.advice[0]).toMatch(
    /Dead letter [0-9a-f]{8} \(WrongQueue\).*imaginem poison replay [0-9a-f]{8} --edit/,
  );
  expect(JSON.stringify(answer)).not.toContain('elsewhere');
});

test('an unknown name is said to be unknown, with names that begin alike', async () => {
  const job = await admin.dropped('why');
  expect(await why('elsewhere/nothing.jpg')).toMatchObject({ state: 'unknown', similar: [] });
  const file = job.name.split('/')[1] ?? '';
  expect((await why(file)).job).toMatchObject({ id: job.id });
  expect((await why(file.replace('image', 'imag'))).similar).toContain(job.name);
});

test('an overwritten image is answered for by the version that is there now; a deleted one by its last', async () => {
  const job = await admin.finished('why');
  const newer = await jpeg({ width: 80, height: 80, data: Buffer.alloc(80 * 80 * 3, 90) });
  await admin.drop(job.name, newer);
  expect((await why(job.name)).state).toBe('waiting');
  expect((await why(job.id)).state).toBe('finished');
  await admin.storage.blobs.delete(containers.input, job.name);
  expect((await why(job.name)).job?.id).toBe(job.id);
});

test('an image whose working rendition was deleted says so, and whether it can be made again', async () => {
  const { blobs } = admin.storage;
  const job = await admin.finished('lost');
  const entry = await admin.journal.read('lost', job.id);
  const rendition = `${job.id}.gone`;
  const journal = {
    batchOf: async () => 'lost',
    read: async () => entry && { ...entry, job: { ...entry.job, image: { ...entry.job.image, rendition } } },
  } as unknown as typeof admin.journal;
  const asked = () => explainImage(job.id, { ...admin, journal });
  await blobs.write(containers.renditions, rendition, await jpeg(), 'image/jpeg');
  expect((await asked()).advice).toEqual(['Nothing to do: every step is done.']);
  await blobs.delete(containers.renditions, rendition);
  expect((await asked()).advice.at(-1)).toMatch(/working image is missing.*made again from the original/);
  await blobs.delete(containers.input, job.name);
  expect((await asked()).advice.at(-1)).toMatch(/working image is missing.*upload the image anew/);
});

test('lost crops and lost outputs are named, each with what brings it back', async () => {
  const { blobs } = admin.storage;
  const crop = { faceKey: 'x-0', name: 'x/0.jpg', rectangle: {} };
  admin.behaviour.second = async () => ({ large: 'x'.repeat(20_000) });
  const job = await admin.finished('derived');
  const entry = await admin.journal.read('derived', job.id);
  // What it put out says which outcomes its row reports: this one is none of them.
  const { output: _, ...pipelineoutput } = entry?.job.steps.pipelineoutput ?? {};
  const facecrop = { state: 'done', run: 0, attempts: 1, output: { facesUrls: [], crops: [crop] } };
  const journal = {
    batchOf: async () => 'derived',
    read: async () =>
      entry && { ...entry, job: { ...entry.job, steps: { ...entry.job.steps, facecrop, pipelineoutput } } },
  } as unknown as typeof admin.journal;
  const advice = async () => (await explainImage(job.id, { ...admin, journal })).advice;
  await blobs.write(containers.faces, crop.name, await jpeg(), 'image/jpeg');
  expect(await advice()).toEqual(['Nothing to do: every step is done.']);
  await blobs.delete(containers.faces, crop.name);
  expect(await advice()).toEqual([expect.stringMatching(/Faces cut out of it are missing.*cut out again/)]);
  for await (const { name } of blobs.list(containers.largeMessages))
    await blobs.delete(containers.largeMessages, name);
  const all = await advice();
  expect(all).toHaveLength(2);
  expect(all[1]).toContain(`imaginem rerun --step second --all --image ${job.id}`);
  await blobs.delete(containers.input, job.name);
  expect((await advice())[0]).toMatch(/upload the image anew/);
});
