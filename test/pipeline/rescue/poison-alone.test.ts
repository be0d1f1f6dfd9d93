import { describe, expect, test } from 'vitest';
import { jobIdOf } from '../../../src/domain/job-id.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import { Poison } from '../../../src/pipeline/rescue/poison.ts';
import { blobCreated } from '../../support/blob-created.ts';

/** What becomes of a message that the host gave up, with all that is asked about it in memory. */
const posted = (deaths: number) => ({
  job_definition: { id: 'j', batch_id: 'b', input: { image_url: 'u' } },
  deaths,
});

function world({
  erased = [] as string[],
  settled = false,
  moved = true,
  patient = false,
  fails = new Set<string>(),
  left = {} as Record<string, string[]>,
} = {}) {
  const calls: unknown[][] = [];
  const note = (...given: unknown[]) => {
    calls.push(given);
    if (fails.has(String(given[0]))) throw Object.assign(new Error('x'), { code: 'Odd' });
  };
  const poison = new Poison({
    storage: {
      queues: {
        send: async (queue: string, text: string, delayMs: number) =>
          note('send', queue, JSON.parse(text).deaths ?? text, delayMs),
        takeLeft: async (queue: string, deliveries: number, work: (text: string) => Promise<void>) => {
          calls.push(['take', queue, deliveries]);
          for (const text of left[queue] ?? []) await work(text);
          return left[queue]?.length ?? 0;
        },
      },
    },
    claimCheck: { encode: async (_: string, message: object) => JSON.stringify(message) },
    deadLetters: {
      record: async ({ queue, error, attempts, jobId, batchId }: Record<string, unknown>) =>
        note('dead', queue, (error as { code: string }).code, attempts, jobId, batchId),
    },
    admission: {
      refuseBlob: async (name: string, etag: string, reason: { code: string }) =>
        note('refuse', name, etag, reason.code),
    },
    helper: {
      erased: {
        discardWhere: async ({ job_definition: { id } }: { job_definition: { id: string } }) => {
          const is = erased.includes(id);
          if (is) note('discard', id);
          return is;
        },
        isErased: async (id: string) => erased.includes(id),
      },
      isSettled: async () => settled,
      blame: async (step: string, _: object, error: { code: string }) => {
        note('blame', step, error.code);
        return moved;
      },
    },
    registry: { get: () => ({ patient }), names: ['one', 'two'] },
    ...{ settings: readSettings({}), random: () => 0.5 },
  } as never);
  const told: unknown[][] = [];
  const log = {
    ...silentLog,
    error: (...given: unknown[]) => void told.push(given),
    warn: (...given: unknown[]) => void told.push(given),
    info: (...given: unknown[]) => void told.push(given),
  };
  const delivery = (dequeueCount = 1) => ({ dequeueCount, log, signal: new AbortController().signal });
  return { poison, calls, told, delivery, log };
}

describe('a message of a step', () => {
  test('is put back with one death more, later each time; after three it is blamed, and kept', async () => {
    for (const [deaths, delayMs] of [
      [0, 2500],
      [2, 10_000],
    ] as const) {
      const { poison, calls, delivery } = world();
      await poison.step('one', posted(deaths), delivery());
      expect(calls).toEqual([['send', 'one', deaths + 1, delayMs]]);
    }
    const { poison, calls, told, delivery } = world();
    await poison.step('one', posted(3), delivery());
    expect(calls).toEqual([
      ['dead', 'one', 'ProcessDied', 4, 'j', 'b'],
      ['blame', 'one', 'ProcessDied'],
    ]);
    expect(told).toEqual([['poison.blamed', { job: 'j', step: 'one', moved: true }]]);
    const patient = world({ patient: true });
    await patient.poison.step('one', posted(99), patient.delivery());
    expect(patient.calls[0]?.slice(0, 3)).toEqual(['send', 'one', 100]);
  });

  test('whose work is done is not blamed, and its job moved on; of an erased job nothing is kept', async () => {
    const settled = world({ settled: true });
    await settled.poison.step('one', posted(3), settled.delivery());
    expect(settled.calls).toEqual([['blame', 'one', 'ProcessDied']]);
    expect(settled.told).toEqual([['poison.settled', { job: 'j', step: 'one' }]]);
    const erased = world({ erased: ['j'] });
    await erased.poison.step('one', posted(3), erased.delivery());
    expect(erased.calls).toEqual([['discard', 'j']]);
  });

  test('that is none is kept, with what it says; delivered again, or met by trouble, it is put back into its own queue', async () => {
    const none = world();
    await none.poison.step('one', 'none', none.delivery());
    expect(none.calls).toEqual([['dead', 'one', 'NotJson', 0, undefined, undefined]]);
    const again = world();
    await again.poison.step('one', posted(1), again.delivery(2));
    expect(again.calls).toEqual([['send', 'one-poison', 1, 337_500]]);
    expect(again.told).toEqual([['poison.put-back', { queue: 'one-poison', code: 'ProcessDied' }]]);
    const trouble = world({ fails: new Set(['blame']) });
    await trouble.poison.step('one', posted(3), trouble.delivery());
    expect(trouble.calls.at(-1)).toEqual(['send', 'one-poison', 3, 337_500]);
    expect(trouble.told.at(-1)).toEqual([
      'poison.put-back',
      { queue: 'one-poison', code: 'UnexpectedError' },
    ]);
  });
});

describe('an event', () => {
  const event = (name: string, deaths?: number, etag?: string) => ({
    ...blobCreated(name, 'e'),
    data: etag === undefined ? {} : { eTag: etag },
    ...(deaths !== undefined && { deaths }),
  });
  const id = jobIdOf('inputimages', 'b/a.jpg', 'e');

  test('is put back, each for itself, with one death more; after three each blob of it is refused, and it is kept', async () => {
    const { poison, calls, delivery } = world();
    await poison.events([event('b/a.jpg'), event('b/c.jpg')], delivery());
    expect(calls).toEqual(Array(2).fill(['send', 'inputimages-events', 1, 2500]));
    const second = world();
    await second.poison.events(event('b/a.jpg', 2, 'e'), second.delivery());
    expect(second.calls).toEqual([['send', 'inputimages-events', 3, 10_000]]);
    const blamed = world();
    await blamed.poison.events(event('b/a.jpg', 3, 'e'), blamed.delivery());
    expect(blamed.calls).toEqual([
      ['dead', 'inputimages-events', 'ProcessDied', 4, id, 'b'],
      ['refuse', 'b/a.jpg', 'e', 'ProcessDied'],
    ]);
    const unversioned = world();
    await unversioned.poison.events(event('b/a.jpg', 3), unversioned.delivery());
    expect(unversioned.calls[0]).toEqual(['dead', 'inputimages-events', 'ProcessDied', 4, undefined, 'b']);
    const odd = world();
    await odd.poison.events({ ...event('b/a.jpg'), deaths: '9' }, odd.delivery());
    expect(odd.calls[0]?.[2]).toBe(1);
  });

  test('of an erased image is not kept, and asked to be admitted all the same, which takes what there is of it', async () => {
    const { poison, calls, delivery } = world({ erased: [id] });
    await poison.events(event('b/a.jpg', 3, 'e'), delivery());
    expect(calls).toEqual([['refuse', 'b/a.jpg', 'e', 'ProcessDied']]);
    const one = world({ erased: [id] });
    // How often they died is said by the message as a whole.
    const two = Object.assign([event('b/a.jpg', 3, 'e'), event('b/c.jpg', 3, 'e')], { deaths: 3 });
    await one.poison.events(two, one.delivery());
    expect(
      one.calls.map(([what]) => what),
      'of two one is not',
    ).toEqual(['dead', 'refuse', 'refuse']);
    const others = world({ erased: ['another'] });
    await others.poison.events(event('b/a.jpg', 3, 'e'), others.delivery());
    expect(others.calls[0]?.[0]).toBe('dead');
  });

  test('that is none is kept; delivered again it is put back', async () => {
    const none = world();
    await none.poison.events({ no: 'event' }, none.delivery());
    expect(none.calls).toEqual([['dead', 'inputimages-events', 'NotAnEvent', 0, undefined, undefined]]);
    const again = world();
    await again.poison.events(event('b/a.jpg', 1, 'e'), again.delivery(2));
    expect(again.calls).toEqual([['send', 'inputimages-events-poison', 1, 337_500]]);
  });
});

test('what stays in a poison queue for good is read from each of them, counted, and told of', async () => {
  const left = { 'inputimages-events-poison': ['none'], 'two-poison': ['none', 'none'] };
  const { poison, calls, told, log } = world({ left });
  expect(await poison.leftBehind(log, new AbortController().signal)).toBe(3);
  expect(calls.filter(([what]) => what === 'take')).toEqual([
    ['take', 'inputimages-events-poison', 5],
    ['take', 'one-poison', 5],
    ['take', 'two-poison', 5],
  ]);
  expect(calls.filter(([what]) => what === 'dead')).toHaveLength(3);
  expect(told.at(-1)).toEqual(['poison.left-behind', { messages: 3 }]);
  const nothing = world();
  expect(await nothing.poison.leftBehind(nothing.log, new AbortController().signal)).toBe(0);
  expect(nothing.told).toEqual([]);
  await expect(nothing.poison.leftBehind(nothing.log, AbortSignal.abort())).rejects.toThrow();
});
