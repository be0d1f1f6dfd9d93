import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest';
import { Line } from '../../../../src/local/vision/http/line.ts';
import type { EngineOptions } from '../../../../src/local/vision/options.ts';
import { picture, portrait } from '../fake-analyzer.ts';
import { startEngine } from '../start-engine.ts';

let entered: MockInstance<Line['enter']>;
beforeEach(() => {
  entered = vi.spyOn(Line.prototype, 'enter');
});
afterEach(() => {
  entered.mockRestore();
});

interface Call {
  answer: Promise<Response>;
  leave(): void;
}

/** An engine whose models work on one image at a time, each until the test says that it is done. */
async function slowEngine(options: Partial<EngineOptions> = {}) {
  const engine = await startEngine(options);
  const held: (() => void)[] = [];
  engine.analyzer.gate = () => new Promise((resolve) => held.push(resolve));
  let sent = 0;
  const line = () => entered.mock.contexts[0] as Line;
  const send = async (path: string, body: Buffer): Promise<Call> => {
    const leave = new AbortController();
    const answer = fetch(engine.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(body),
      signal: leave.signal,
    });
    answer.catch(() => {});
    sent++;
    // Only then has it arrived before the next.
    await expect.poll(() => entered.mock.calls.length).toBe(sent);
    return { answer, leave: () => leave.abort() };
  };
  return {
    ...engine,
    /** Calls that wait for their turn. */
    waiting: () => line().length,
    /** Sends a picture of one person; resolves when the call is in the line, or refused. */
    detect: () => send('/face/v1.0/detect', portrait(1)),
    post: (path: string) => send(path, picture()),
    /** Lets the models finish the image they are at, after so many milliseconds. */
    async finish(ms = 0) {
      await expect.poll(() => held.length).toBe(1);
      engine.advance(ms);
      held.shift()?.();
    },
  };
}

type SlowEngine = Awaited<ReturnType<typeof slowEngine>>;

/** One call after which a turn is known to last so long. */
async function measure(engine: SlowEngine, ms: number): Promise<void> {
  const { answer } = await engine.detect();
  await engine.finish(ms);
  expect((await answer).status).toBe(200);
}

test('calls are answered in order of arrival, one at a time', async () => {
  const engine = await slowEngine();
  const answered: number[] = [];
  const calls: Call[] = [];
  for (let n = 0; n < 6; n++) {
    const call = await engine.detect();
    void call.answer.then(() => answered.push(n));
    calls.push(call);
  }
  expect(engine.analyzer.calls).toBe(1);
  for (const [n, { answer }] of calls.entries()) {
    await engine.finish();
    expect((await answer).status).toBe(200);
    expect(answered).toEqual(Array.from({ length: n + 1 }, (_, index) => index));
  }
});

test('as many at once as the analyzer has workers', async () => {
  const engine = await startEngine({ workers: 3 });
  const held: (() => void)[] = [];
  engine.analyzer.gate = () => new Promise((resolve) => held.push(resolve));
  const answers = Array.from({ length: 5 }, () => engine.face.face.detectWithStream(portrait(1)));
  await expect.poll(() => entered.mock.calls.length).toBe(5);
  expect(held).toHaveLength(3);
  while (engine.analyzer.calls < 5 || held.length > 0) {
    await expect.poll(() => held.length).toBeGreaterThan(0);
    held.shift()?.();
  }
  expect(await Promise.all(answers)).toHaveLength(5);
});

test.each(['/face/v1.0/detect', '/vision/v3.2/analyze', '/vision/v3.2/ocr', '/vision/v3.2/read/analyze'])(
  '%s is told at once, and for how long, that the line is longer than a client waits',
  async (path) => {
    const engine = await slowEngine({ answerWithinMs: 20_000 });
    await measure(engine, 5000);
    const kept: Call[] = [];
    for (let n = 0; n < 4; n++) kept.push(await engine.detect());
    const refused = await (await engine.post(path)).answer;
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(await refused.json()).toEqual({
      error: { code: '429', message: 'Rate limit is exceeded. Try again in 5 seconds.' },
    });
    expect(engine.waiting()).toBe(3);
    for (const { answer } of kept) {
      await engine.finish();
      expect((await answer).status).toBe(200);
    }
  },
);

test('a call that finds nobody before it is taken, however long a turn lasts', async () => {
  const engine = await slowEngine({ answerWithinMs: 20_000 });
  await measure(engine, 60_000);
  await measure(engine, 60_000);
});

test('when turns turn out to last longer, the youngest are refused at once and the oldest keep their place', async () => {
  const engine = await slowEngine({ answerWithinMs: 20_000 });
  const calls: Call[] = [];
  for (let n = 0; n < 8; n++) calls.push(await engine.detect());
  await engine.finish(6000);
  const statuses = Promise.all(calls.map(async ({ answer }) => (await answer).status));
  await expect.poll(() => engine.waiting()).toBe(1);
  await engine.finish();
  await engine.finish();
  expect(await statuses).toEqual([200, 200, 200, 429, 429, 429, 429, 429]);
});

test('a turn that lasts and lasts lets nobody behind it time out', async () => {
  const engine = await slowEngine({ answerWithinMs: 200 });
  await measure(engine, 0);
  const first = await engine.detect();
  const second = await engine.detect();
  expect((await second.answer).status).toBe(429);
  await engine.finish();
  expect((await first.answer).status).toBe(200);
});

test('a client that goes away leaves the line: the models never see its image, the next moves up', async () => {
  const engine = await slowEngine();
  const first = await engine.detect();
  const gone = await engine.detect();
  const last = await engine.detect();
  expect(engine.waiting()).toBe(2);
  gone.leave();
  await expect.poll(() => engine.waiting()).toBe(1);
  for (const { answer } of [first, last]) {
    await engine.finish();
    expect((await answer).status).toBe(200);
  }
  expect(engine.analyzer.calls).toBe(2);
});

test('a client that goes away while its image is looked at does not keep the turn', async () => {
  const engine = await slowEngine();
  const gone = await engine.detect();
  const next = await engine.detect();
  gone.leave();
  await expect(gone.answer).rejects.toThrow();
  await engine.finish();
  await engine.finish();
  expect((await next.answer).status).toBe(200);
});

test('Read answers when its turn comes and keeps it until the text is read', async () => {
  const engine = await slowEngine();
  const read = await engine.post('/vision/v3.2/read/analyze');
  const next = await engine.detect();
  await engine.finish();
  expect((await read.answer).status).toBe(202);
  expect(engine.waiting()).toBe(1);
  await engine.finish();
  await engine.finish();
  expect((await next.answer).status).toBe(200);
});
