import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PermanentError } from '../../../src/domain/errors.ts';
import type { AnyStep, StepContext } from '../../../src/domain/step.ts';
import { OUTPUT_STEP } from '../../../src/domain/step-name.ts';
import { EVENTS_QUEUE } from '../../../src/storage/names.ts';
import { openPipeline } from '../../support/pipeline.ts';
import { scene } from '../../support/scene.ts';

/** What each step does in the test at hand, and which ran, with what their run was given. */
const does: Record<string, ((context: StepContext) => unknown) | undefined> = {};
let ran: string[] = [];
const step = (name: string, needs: string[], isIdle?: AnyStep['isIdle']): AnyStep => ({
  name,
  needs,
  schema: z.unknown(),
  summary: 'Does what the test says.',
  ...(isIdle && { isIdle }),
  run: async (context: StepContext) => {
    ran.push(name);
    return (await does[name]?.(context)) ?? { n: 0 };
  },
});
const isNothing = (need: string) => (output: Record<string, { n: number }>) => output[need]?.n === 0;

/** `find` finds so many things; `cut` and `know` have nothing to do where these are none; `look` always has. */
const pipeline = await scene((emulator) =>
  openPipeline(emulator, [
    step('find', []),
    step('cut', ['find'], isNothing('find')),
    step('know', ['find'], isNothing('find')),
    step('look', ['know']),
  ]),
);
const begun = async () => {
  const image = await pipeline.upload();
  await pipeline.deliver(EVENTS_QUEUE, image.event);
  return { ...image, text: (await pipeline.take('find'))?.text ?? '' };
};
const jobOf = async ({ batch, id }: { batch: string; id: string }) =>
  (await pipeline.journal.read(batch, id))?.job;
const depths = async () => {
  const found: Record<string, number> = {};
  for (const queue of pipeline.registry.names) {
    const messages = await pipeline.depth(queue);
    if (messages > 0) found[queue] = messages;
  }
  return found;
};

beforeEach(async () => {
  for (const name of Object.keys(does)) delete does[name];
  await pipeline.empty();
  ran = [];
});

describe('steps that are left nothing to do', () => {
  test('are done along with the step before them: one write, and one message, to the next that has something to do', async () => {
    const image = await begun();
    await pipeline.deliver('find', image.text);
    expect(ran).toEqual(['find', 'cut', 'know']);
    expect(await depths()).toEqual({ look: 1 });
    const steps = (await jobOf(image))?.steps;
    expect(Object.keys(steps ?? {}).sort()).toEqual(['cut', 'find', 'know']);
    const about = { state: 'done', run: 0, seq: 0, attempts: 1, output: { n: 0 } };
    expect(steps).toMatchObject({ find: about, cut: about, know: about });
    await pipeline.drain();
    const row = pipeline.rows.get(image.id);
    expect(Object.values(row?.steps ?? {}).map(({ state }) => state)).toEqual(Array(4).fill('done'));
    expect(row?.outputs).toMatchObject({ cut: { n: 0 }, know: { n: 0 } });
  });

  test('have a message of their own where there is something', async () => {
    does.find = () => ({ n: 2 });
    const image = await begun();
    await pipeline.deliver('find', image.text);
    expect(ran).toEqual(['find']);
    expect(await depths()).toEqual({ cut: 1 });
  });

  test('delivered again, the step before sends the message that may be missing, and nothing runs twice', async () => {
    const image = await begun();
    await pipeline.deliver('find', image.text);
    await pipeline.deliver('find', image.text, 2);
    expect(ran).toEqual(['find', 'cut', 'know']);
    expect(await depths()).toEqual({ look: 2 });
  });

  test('and whose output is large are kept as any other', async () => {
    const large = { n: 0, text: 'x'.repeat(40_000) };
    does.cut = () => large;
    const image = await begun();
    await pipeline.deliver('find', image.text);
    const output = (await jobOf(image))?.steps.cut?.output;
    expect(output).toEqual({ linked_content: expect.stringMatching(/\/cut-0\./) });
    expect(await pipeline.claimCheck.resolve(output)).toEqual(large);
  });

  test('in a later run they have messages: what an earlier one left may have to be taken back', async () => {
    const image = await begun();
    await pipeline.deliver('find', image.text);
    await pipeline.drain();
    ran = [];
    const again = { ...JSON.parse(image.text), run: 1, job_output: {} };
    await pipeline.deliver('find', JSON.stringify(again));
    expect(ran).toEqual(['find']);
    expect(await depths()).toEqual({ cut: 1 });
  });

  test('that were begun before, and wait, keep their own message', async () => {
    const image = await begun();
    const entry = await pipeline.journal.read(image.batch, image.id);
    const waiting = { state: 'waiting', run: 0, seq: 1, at: '', attempts: 1 } as const;
    if (entry) await pipeline.journal.update(entry, { steps: { cut: waiting } });
    await pipeline.deliver('find', image.text);
    expect(ran).toEqual(['find']);
    expect((await jobOf(image))?.steps.cut).toMatchObject({ state: 'waiting' });
  });

  test('wait where a person has paused them, and those behind them', async () => {
    await pipeline.pauses.pause('cut', 'me', 'a test');
    const image = await begun();
    await pipeline.deliver('find', image.text);
    expect(ran).toEqual(['find']);
    expect(await depths()).toEqual({ cut: 1 });
    await pipeline.pauses.resume('cut');
    await pipeline.drain();
    expect(pipeline.rows.get(image.id)?.steps).toMatchObject({ cut: { state: 'done', attempts: 1 } });
  });

  test('that fail are left to their own message: what was found before them is recorded', async () => {
    does.know = () => {
      throw new PermanentError('NoImage', 'For the test.');
    };
    const image = await begun();
    await pipeline.deliver('find', image.text);
    expect(await depths()).toEqual({ know: 1 });
    expect(Object.keys((await jobOf(image))?.steps ?? {}).sort()).toEqual(['cut', 'find']);
    await pipeline.drain();
    expect(pipeline.rows.get(image.id)?.steps).toMatchObject({
      cut: { state: 'done' },
      know: { state: 'failed', attempts: 1 },
      look: { state: 'skipped' },
    });
  });

  test('have messages where a process has died over the image: the step that is to blame is looked at alone', async () => {
    const image = await begun();
    const suspect = { ...JSON.parse(image.text), deaths: 1 };
    await pipeline.deliver('find', JSON.stringify(suspect));
    expect(ran).toEqual(['find']);
    expect(await depths()).toEqual({ cut: 1 });
  });

  test('count only over the row they were found for: what another delivery has recorded meanwhile stands', async () => {
    const image = await begun();
    does.know = async () => {
      const entry = await pipeline.journal.read(image.batch, image.id);
      const mine = { state: 'done', run: 0, seq: 0, at: '', attempts: 1, output: { n: 7 } } as const;
      if (entry) await pipeline.journal.update(entry, { steps: { cut: mine } });
      return { n: 0 };
    };
    await pipeline.deliver('find', image.text);
    const steps = (await jobOf(image))?.steps;
    expect(steps).toMatchObject({ find: { state: 'done' }, cut: { output: { n: 7 } } });
    expect(steps?.know).toBeUndefined();
    expect(await depths()).toEqual({ know: 1 });
  });

  test('are not told the output of a need that stands elsewhere: they are not asked', async () => {
    does.find = () => ({ n: 0, text: 'x'.repeat(40_000) });
    const image = await begun();
    await pipeline.deliver('find', image.text);
    expect(ran).toEqual(['find']);
    expect(await depths()).toEqual({ cut: 1 });
  });
});

test('steps that lack what they need are skipped along with the first of them, and the row says why of each', async () => {
  does.find = () => {
    throw new PermanentError('NoImage', 'For the test.');
  };
  const image = await begun();
  await pipeline.deliver('find', image.text);
  expect(await depths()).toEqual({ cut: 1 });
  await pipeline.pump('cut');
  expect(await depths()).toEqual({ [OUTPUT_STEP]: 1 });
  await pipeline.drain();
  const row = pipeline.rows.get(image.id);
  const skipped = { state: 'skipped', attempts: 0, error: { code: 'NeedMissing' } };
  expect(row?.steps).toMatchObject({ find: { state: 'failed' }, cut: skipped, know: skipped, look: skipped });
  expect(ran).toEqual(['find']);
});
