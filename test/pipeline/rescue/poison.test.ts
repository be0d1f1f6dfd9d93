import { beforeEach, expect, test } from 'vitest';
import { EVENTS_QUEUE } from '../../../src/storage/names.ts';
import { blobCreated } from '../../support/blob-created.ts';
import { jpeg } from '../../support/images.ts';
import { scene } from '../../support/scene.ts';
import { openAdmission } from '../admission/support.ts';

const pipeline = await scene(openAdmission);
beforeEach(() => pipeline.reset());

test('a message whose process died is put back three times, then blamed, and its row still appears', async () => {
  const { name, etag, id } = await pipeline.dropped(await jpeg());
  await pipeline.deliver(EVENTS_QUEUE, blobCreated(name, etag));
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
  const { name, etag, id } = await pipeline.dropped(await jpeg());
  await pipeline.deliver(EVENTS_QUEUE, blobCreated(name, etag));
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
  const { name, etag, id } = await pipeline.dropped(await jpeg());
  for (let death = 1; death <= 3; death += 1) {
    const message =
      death === 1 ? blobCreated(name, etag) : JSON.parse((await pipeline.take(EVENTS_QUEUE))?.text ?? '');
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
  const { name, etag } = await pipeline.dropped(await jpeg());
  for (const [queue, deliver] of [
    ['seeing-poison', (message: object) => pipeline.poison.step('seeing', message, pipeline.delivery(2))],
    [`${EVENTS_QUEUE}-poison`, (message: object) => pipeline.poison.events(message, pipeline.delivery(5))],
  ] as const) {
    const message = blobCreated(name, etag);
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
