import { describe, expect, test } from 'vitest';
import { pauseStep, resumeStep } from '../../../src/api/handlers/pauses.ts';
import { failures, live, me, pipeline, queues, throughput } from '../../../src/api/handlers/pipeline.ts';
import { QueueDepths } from '../../../src/api/queue-depths.ts';
import { ANN, call, NOW, noted, T } from './support.ts';

describe('the pipeline', () => {
  const counts = {
    totals: async () => ({ stamp: 's', images: 1, byStatus: {}, faces: 2, toReview: 3, batchId: 'no' }),
  };

  test('is told with each of its steps, and where it stands in it', async () => {
    const steps: Record<string, object | undefined> = {
      ocr: { title: 'Text', summary: 'Reads.', needs: ['x'], view: { kind: 'text' } },
      bare: {},
    };
    const { answer } = await call(pipeline, () => ({
      pipeline: ['ocr'],
      registry: { names: ['bare', 'ocr', 'none'], get: (name: string) => steps[name] },
      settings: { FACE_MATCH_CONFIDENCE: 0.5, MAX_IMAGE_BYTES: 10 },
    }));
    expect(answer).toMatchObject({
      definition: ['ocr'],
      steps: [
        { name: 'bare', title: 'bare', summary: '', view: null, needs: [], position: null },
        { name: 'ocr', title: 'Text', summary: 'Reads.', view: { kind: 'text' }, needs: ['x'], position: 0 },
        { name: 'none', title: 'none', summary: '', view: null, needs: [], position: null },
      ],
      ...{ matchConfidence: 0.5, maxImageBytes: 10, maxUploadBytes: 10 },
    });
    expect((await call(me, () => ({}))).answer).toEqual({ name: 'ann', role: 'operator', local: false });
  });

  test('has queues: how many wait, are taken, were given up; of more than are looked at nobody knows how many are taken', async () => {
    const depth = (name: string, messages: number, ready: number, more: object = {}) => ({
      name,
      messages,
      ready,
      ...more,
    });
    const depths = {
      queues: async () => [
        depth('events', 5, 2),
        depth('ocr', 40, 32, { step: 'ocr', oldestReady: T }),
        depth('x', 1, 2),
        depth('y', 40, 31),
      ],
      poison: async () => new Map([['ocr', 7]]),
      pauses: async () => new Map([['ocr', { step: 'ocr', by: 'ben', at: T, reason: 'r' }]]),
    };
    const { answer } = await call(queues, () => ({}), { parts: { depths } });
    const none = { step: null, oldestReady: null, paused: null, poison: 0 };
    expect(answer).toEqual({
      at: T,
      queues: [
        { ...none, name: 'events', messages: 5, ready: 2, taken: 3 },
        {
          name: 'ocr',
          step: 'ocr',
          messages: 40,
          ready: 32,
          taken: null,
          oldestReady: T,
          paused: { by: 'ben', at: T, reason: 'r' },
          poison: 7,
        },
        { ...none, name: 'x', messages: 1, ready: 2, taken: 0 },
        { ...none, name: 'y', messages: 40, ready: 31, taken: 9 },
      ],
    });
  });

  test.each([
    ['viewer', true, 0],
    ['caseworker', true, 0],
    ['reviewer', true, 4],
    ['operator', true, 4],
    ['administrator', true, 4],
    ['operator', false, 0],
  ])('tells a %s, signed in: %s, of so many second looks: %i', async (role, signedIn, secondLooks) => {
    const database = {
      dialect: { limit: () => ({ parts: [''], parameters: [] }) },
      read: async () => [[{ found: 4 }]],
    };
    const app = {
      results: async () => ({ database, counts }),
      preparation: {},
      troubles: { list: async () => [] },
    };
    const depths = {
      queues: async () => [{ name: 'q', messages: 2, ready: 1 }],
      deadLetters: async () => ({ count: 1 }),
    };
    const { answer } = await call(live, () => app, {
      parts: { depths, app, refusal: undefined, writes: { refusal: async () => undefined } },
      person: { ...ANN, role, signedIn },
    });
    expect(answer).toEqual({
      ...{ stamp: 's', images: 1, byStatus: {}, faces: 2, latest: null, toReview: 3, secondLooks, halts: [] },
      ...{ queues: [{ name: 'q', messages: 2 }], deadLetters: { count: 1, latest: null } },
    });
  });

  test('has figures by the whole minute, the one that has begun included, and failures with their codes', async () => {
    const { answer, did } = await call(
      throughput,
      (all) => ({
        clock: () => NOW + 30_000,
        results: async () => ({
          counts: {
            perMinute: async (...range: string[]) => noted(all, range, new Map([['2026-01-01T00:00', 5]])),
          },
        }),
      }),
      { query: { minutes: 2 } },
    );
    const at = (minute: string) => `${minute}:00.000Z`;
    expect(answer).toEqual({
      ...{ from: at('2025-12-31T23:59'), to: at('2026-01-01T00:01') },
      perMinute: [
        { at: at('2025-12-31T23:59'), images: 0 },
        { at: at('2026-01-01T00:00'), images: 5 },
      ],
    });
    expect(did).toEqual([[at('2025-12-31T23:59'), at('2026-01-01T00:01')]]);
    const found = [
      { step: 'ocr', state: 'failed', images: 1 },
      { step: 'ocr', state: 'failed', images: 1, code: 'X' },
    ];
    const failed = await call(failures, () => ({
      results: async () => ({ counts: { failures: async () => found } }),
    }));
    expect((failed.answer.failures as unknown as { code: unknown }[]).map(({ code }) => code)).toEqual([
      null,
      'X',
    ]);
  });

  test('is looked at no more often than every 450 ms, a failure once', async () => {
    let now = 0;
    let looks = 0;
    let fails = false;
    const depths = new QueueDepths({
      clock: () => now,
      deadLetters: {
        pulse: async () => {
          looks += 1;
          if (fails) throw new Error('away');
          return { count: looks, latest: undefined };
        },
      },
      pauses: { list: async () => [{ step: `s${++looks}` }] },
      pipeline: ['b'],
      registry: { names: ['a', 'b'] },
      storage: {
        queues: {
          look: async (name: string) =>
            name === 'a'
              ? undefined
              : { messages: 3, visible: [1, 2], ...(name === 'b' && { oldestReady: new Date(NOW) }) },
        },
      },
    } as never);
    const seen = async (at: number) => {
      now = at;
      return (await depths.deadLetters()).count;
    };
    expect([await seen(0), await seen(449), await seen(450), await seen(899), await seen(0)]).toEqual([
      1, 1, 2, 2, 3,
    ]);
    fails = true;
    await expect(seen(1000)).rejects.toThrow('away');
    fails = false;
    expect(await seen(1001)).toBe(5);
    expect([...(await depths.pauses()).keys()]).toEqual(['s6']);
    expect([...(await depths.pauses()).keys()]).toEqual(['s6']);
    depths.forgetPauses();
    expect([...(await depths.pauses()).keys()]).toEqual(['s7']);
    expect(await depths.queues()).toEqual([
      { name: expect.any(String), messages: 3, ready: 2 },
      { name: 'b', step: 'b', messages: 3, ready: 2, oldestReady: T },
      { name: 'a', step: 'a', messages: 0, ready: 0 },
    ]);
  });

  test('has steps that are paused and go on: whoever looks next sees it, and a second one is told who was first', async () => {
    const app = (already: object | undefined) => (did: unknown[]) => ({
      registry: { get: (name: string) => (name === 'ocr' ? {} : undefined), names: ['ocr'] },
      pauses: {
        pause: async (...given: unknown[]) => noted(did, given, already),
        get: async () => already,
        resume: async (...given: unknown[]) => noted(did, given, true),
        list: async () => (already ? [already] : []),
      },
    });
    const act = (handler: unknown, step: string, already?: object) => {
      let forgotten = 0;
      const parts = { depths: { forgetPauses: () => (forgotten += 1) } };
      return call(handler, app(already), { params: { step }, body: { reason: 'r' }, parts }).then(
        ({ answer }) => [answer, forgotten],
        (error) => [error.status, error.code, forgotten],
      );
    };
    expect(await act(pauseStep, 'x')).toEqual([404, 'NotFound', 0]);
    expect(await act(resumeStep, 'x')).toEqual([404, 'NotFound', 0]);
    expect(await act(pauseStep, 'ocr')).toEqual([null, 1]);
    expect(await act(pauseStep, 'ocr', { step: 'ocr', by: 'ann', at: T, reason: 'r' })).toEqual([null, 1]);
    expect(await act(pauseStep, 'ocr', { step: 'ocr', by: 'ben', at: T, reason: 'r' })).toEqual([
      409,
      'AlreadyPaused',
      1,
    ]);
    expect(await act(resumeStep, 'ocr')).toEqual([null, 1]);
  });
});
