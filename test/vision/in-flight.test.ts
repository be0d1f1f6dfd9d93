import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimitedError } from '../../src/domain/errors.ts';
import { InFlight } from '../../src/vision/in-flight.ts';
import { settle, VirtualTime } from './support/virtual-time.ts';

const PROMPT_MS = 7500;

function open(maxWaitMs?: number) {
  const time = new VirtualTime();
  const inFlight = new InFlight({
    service: 'Face',
    promptMs: PROMPT_MS,
    after: time.after,
    ...(maxWaitMs !== undefined && { maxWaitMs }),
  });
  return { time, inFlight };
}

const step = () => new AbortController().signal;

test('prompt answers to a full house let more in; a slow one, or a refusal, fewer, and never none', async () => {
  const { inFlight } = open();
  const fill = async () => {
    const calls = inFlight.limit;
    for (let n = 0; n < calls; n++) await inFlight.enter(step());
    return calls;
  };
  const first = await fill();
  for (let n = 0; n < first; n++) {
    inFlight.leave(100);
    await inFlight.enter(step());
  }
  expect(inFlight.limit).toBeGreaterThan(first);
  const before = inFlight.limit;
  inFlight.leave(PROMPT_MS + 1);
  expect(inFlight.limit).toBeLessThan(before);
  for (let n = 1; n < first; n++) inFlight.leave('refused');
  expect(inFlight.limit).toBe(1);
  await inFlight.enter(step());
  inFlight.leave(100);
  expect(inFlight.limit).toBe(2);
});

test('a service that has nothing to do says nothing of how much it could', async () => {
  const { inFlight } = open();
  const before = inFlight.limit;
  for (let n = 0; n < 50; n++) {
    await inFlight.enter(step());
    inFlight.leave(100);
  }
  expect(inFlight.limit).toBe(before);
});

test('the step that began first goes first, with each of its calls', async () => {
  const { inFlight } = open();
  const oldest = step();
  await inFlight.enter(oldest);
  for (let n = 1; n < inFlight.limit; n++) await inFlight.enter(step());
  const went: string[] = [];
  void inFlight.enter(step()).then(() => went.push('younger'));
  void inFlight.enter(step()).then(() => went.push('youngest'));
  void inFlight.enter(oldest).then(() => went.push('oldest'));
  for (const expected of ['oldest', 'younger', 'youngest']) {
    inFlight.leave(undefined);
    await settle();
    expect(went.at(-1)).toBe(expected);
  }
});

test('who is aborted leaves; who waits in vain is put back, without having called', async () => {
  const { inFlight, time } = open(1000);
  for (let n = 0; n < inFlight.limit; n++) await inFlight.enter(step());
  const aborted = new AbortController();
  const first = inFlight.enter(aborted.signal);
  const second = inFlight.enter(step());
  aborted.abort(new Error('stopping'));
  await expect(first).rejects.toThrow('stopping');
  const refused = expect(second).rejects.toBeInstanceOf(RateLimitedError);
  await time.advance(1000);
  await refused;
  const third = inFlight.enter(step());
  inFlight.leave(100);
  await third;
});

test('never more under way than allowed at the start of a call, and everybody gets a turn', async () => {
  const ends = fc.oneof(
    fc.integer({ min: 0, max: 20_000 }),
    fc.constant('refused' as const),
    fc.constant(undefined),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(ends, { minLength: 1, maxLength: 60 }), async (calls) => {
      const { inFlight } = open();
      let running = 0;
      const waiting = calls.map(async (end) => {
        await inFlight.enter(step());
        running++;
        expect(running).toBeLessThanOrEqual(inFlight.limit);
        await settle();
        running--;
        inFlight.leave(end);
      });
      await Promise.all(waiting);
      expect(running).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test('four are under way at first; who waits longer than two minutes is put back for five seconds', async () => {
  const { inFlight, time } = open();
  expect(inFlight.limit).toBe(4);
  for (let n = 0; n < 4; n++) await inFlight.enter(step());
  const refused = inFlight.enter(step()).catch((error: unknown) => error);
  await time.advance(119_999);
  expect(time.pending).toEqual([1]);
  await time.advance(1);
  expect(await refused).toMatchObject({ retryAfterMs: 5000 });
});

test('an answer is prompt up to the very moment; one whose end says nothing changes nothing', async () => {
  const after = async (took: number | undefined) => {
    const { inFlight } = open();
    for (let n = 0; n < 4; n++) await inFlight.enter(step());
    inFlight.leave(took);
    return inFlight.limit;
  };
  expect([await after(PROMPT_MS), await after(PROMPT_MS + 1), await after(undefined)]).toEqual([5, 3, 4]);
});

test('whoever finds room goes in, several at once, in the order in which a step called; nothing is left of the wait', async () => {
  const { inFlight, time } = open();
  for (let n = 0; n < 4; n++) await inFlight.enter(step());
  const one = step();
  const went: number[] = [];
  for (let n = 0; n < 3; n++) void inFlight.enter(one).then(() => went.push(n));
  await settle();
  expect(getEventListeners(one, 'abort')).toHaveLength(3);
  // One has ended, and one more is let in.
  inFlight.leave(100);
  await settle();
  expect(went).toEqual([0, 1]);
  inFlight.leave(undefined);
  await settle();
  expect(went).toEqual([0, 1, 2]);
  expect([getEventListeners(one, 'abort').length, time.pending.length]).toEqual([0, 0]);
});

test('whoever has left, by his own will or not, holds no place that another waits for', async () => {
  const { inFlight, time } = open(1000);
  for (let n = 0; n < 4; n++) await inFlight.enter(step());
  const stop = new AbortController();
  const left = [inFlight.enter(stop.signal), inFlight.enter(step())].map((entering) =>
    entering.catch(() => 'left'),
  );
  stop.abort(new Error('stopping'));
  expect(time.pending).toEqual([1000]);
  await time.advance(1000);
  expect(await Promise.all(left)).toEqual(['left', 'left']);
  const next = inFlight.enter(step());
  inFlight.leave(undefined);
  await next;
  expect(time.pending).toEqual([]);
});
