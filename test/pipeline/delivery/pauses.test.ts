import { expect, test } from 'vitest';
import { z } from 'zod';
import { jobIdOf } from '../../../src/domain/job-id.ts';
import type { AnyStep } from '../../../src/domain/step.ts';
import { Pauses } from '../../../src/pipeline/delivery/pauses.ts';
import { containers } from '../../../src/storage/names.ts';
import { jpeg } from '../../support/images.ts';
import { openPipeline } from '../../support/pipeline.ts';
import { scene } from '../../support/scene.ts';

const calls: string[] = [];
const step = (name: string): AnyStep => ({
  name,
  needs: [],
  schema: z.unknown(),
  summary: 'For this test.',
  run: async () => {
    calls.push(name);
    return {};
  },
});
const pipeline = await scene((emulator) => openPipeline(emulator, [step('first'), step('second')]));

test('messages of a paused step wait, without an attempt and without a loss, and go on when it is resumed', async () => {
  const etag = await pipeline.drop('camp/one.jpg', await jpeg());
  const id = jobIdOf(containers.input, 'camp/one.jpg', etag);
  await pipeline.reconciler.run(pipeline.delivery().log);
  await pipeline.pump('inputimages-events');
  await pipeline.pauses.pause('second', 'me', 'a test');
  await pipeline.pump('first');
  const before = (await pipeline.take('second')) ?? { text: '' };
  for (let delivered = 0; delivered < 7; delivered++) {
    await pipeline.deliver('second', before.text, 4);
    expect(await pipeline.depth('second')).toBe(delivered + 1);
  }
  expect(calls).toEqual(['first']);
  expect((await pipeline.journal.read('camp', id))?.job.steps.second).toBeUndefined();
  await pipeline.pauses.resume('second');
  await pipeline.deliver('second', before.text);
  await pipeline.pump('pipelineoutput');
  expect(pipeline.rows.get(id)?.steps).toMatchObject({ second: { state: 'done', attempts: 1 } });
  expect(calls).toEqual(['first', 'second']);
  await pipeline.empty();
});

test('the message that is put back is the one that came, byte for byte, whatever it is', async () => {
  await pipeline.pauses.pause('first', 'me', '');
  const delay = (await pipeline.pauses.delayOf('first')) ?? 0;
  expect(delay).toBeGreaterThanOrEqual(5000);
  await pipeline.deliver('first', 'no message at all');
  expect(await pipeline.depth('first')).toBe(1);
  const letters = [];
  for await (const letter of pipeline.deadLetters.list()) letters.push(letter);
  expect(letters).toEqual([]);
  await pipeline.pauses.resume('first');
  await pipeline.empty();
});

test('other processes notice within five seconds, and wait longer the longer a pause lasts, up to a minute', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const [here, there] = [0, 1].map(() => new Pauses(pipeline.storage, () => now)) as [Pauses, Pauses];
  expect(await there.delayOf('first')).toBeUndefined();
  expect(await here.pause('first', 'me', 'why')).toBeUndefined();
  expect(await here.pause('first', 'you', 'other')).toMatchObject({ by: 'me', reason: 'why' });
  expect(await there.delayOf('first')).toBeUndefined();
  now += 5000;
  expect(await there.delayOf('first')).toBe(5000);
  now += 55_000;
  expect(await there.delayOf('first')).toBe(30_000);
  now += 3_600_000;
  expect(await there.delayOf('first')).toBe(60_000);
  expect(await there.delayOf('second')).toBeUndefined();
  await here.resume('first');
  expect(await here.delayOf('first')).toBeUndefined();
  now += 5000;
  expect(await there.delayOf('first')).toBeUndefined();
});
