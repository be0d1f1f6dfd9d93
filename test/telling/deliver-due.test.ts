import { expect, test } from 'vitest';
import { OutageError, PermanentError } from '../../src/domain/errors.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { deliver } from '../../src/telling/deliver.ts';
import { Telling } from '../../src/telling/telling.ts';

/** What is asked of an outbox, and in which order: over one that answers as the test says. */
function world(
  pages: string[][],
  { taken = (_: string): boolean => false, sends = async (_: string) => {} } = {},
) {
  const calls: string[] = [];
  const outbox = {
    due: async (limit: number) => {
      calls.push(`due ${limit}`);
      return pages.shift() ?? [];
    },
    claim: async (id: string, leaseMs: number) => {
      calls.push(`claim ${id} ${leaseMs}`);
      const event = { id, type: 'found', enquiry: 'e', candidate: 'c', at: '2026-01-01T00:00:00.000Z' };
      return taken(id) ? undefined : { event, sent: 1, batches: [] };
    },
    delivered: async (id: string) => void calls.push(`delivered ${id}`),
    failed: async (id: string, sent: number, _: unknown, delayMs?: number) =>
      void calls.push(`failed ${id} ${sent} ${delayMs}`),
    withheld: async (id: string) => void calls.push(`withheld ${id}`),
  };
  const receiver = { kind: 'webhook', send: ({ id }: { id: string }) => sends(id) };
  const parts = { outbox, receiver, isBarred: async () => false, random: () => 0, log: silentLog };
  const run = (signal = new AbortController().signal) => deliver(parts as never, signal);
  return { calls, run };
}
const ids = (count: number, prefix = 'e') => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

test('an outbox is looked into until a look finds fewer than there could be, fifty at a time, each taken for a minute', async () => {
  const { calls, run } = world([ids(50), ids(50, 'f'), ids(49, 'g'), ids(1, 'h')]);
  expect(await run()).toEqual({ delivered: 149, failed: 0, dead: 0, withheld: 0 });
  expect(calls.filter((call) => call.startsWith('due'))).toEqual(Array(3).fill('due 50'));
  expect(calls.slice(1, 3)).toEqual(['claim e0 60000', 'delivered e0']);
});

test('what others have taken is left to them; where that is all there is, nobody looks again', async () => {
  const all = world([ids(50), ids(50)], { taken: () => true });
  expect(await all.run()).toEqual({ delivered: 0, failed: 0, dead: 0, withheld: 0 });
  expect(all.calls.filter((call) => call.startsWith('due'))).toHaveLength(1);
  const one = world([ids(50), []], { taken: (id) => id !== 'e49' });
  expect(await one.run()).toMatchObject({ delivered: 1 });
  expect(one.calls.filter((call) => call.startsWith('due'))).toHaveLength(2);
});

test('whoever is stopped takes no more, and what was told stands', async () => {
  const stop = new AbortController();
  const { calls, run } = world([ids(3)], {
    sends: async () => stop.abort(),
  });
  expect(await run(stop.signal)).toMatchObject({ delivered: 1 });
  expect(calls).toEqual(['due 50', 'claim e0 60000', 'delivered e0']);
  const failing = world([ids(3)], {
    sends: async (id) => {
      if (id === 'e1') throw new PermanentError('WebhookGone', 'Gone.');
      if (id === 'e2') throw new OutageError('Away.');
    },
  });
  expect(await failing.run()).toEqual({ delivered: 1, failed: 1, dead: 1, withheld: 0 });
  expect(failing.calls.filter((call) => call.startsWith('failed'))).toEqual([
    'failed e1 1 undefined',
    'failed e2 1 5000',
  ]);
});

test('an event that is cut off by the end of its process is nobody’s failure: it is sent again after its lease', async () => {
  const stop = new AbortController();
  const { calls, run } = world([ids(3)], {
    sends: async () => {
      stop.abort();
      throw new OutageError('Cut off.');
    },
  });
  expect(await run(stop.signal)).toEqual({ delivered: 0, failed: 0, dead: 0, withheld: 0 });
  expect(calls).toEqual(['due 50', 'claim e0 60000']);
});

/** Telling over an outbox with one event, of two batches. */
function telling(barred: readonly string[]) {
  const calls: string[] = [];
  const event = { id: 'e0', type: 'found', enquiry: 'e', candidate: 'c', at: '2026-01-01T00:00:00.000Z' };
  const outbox = {
    due: async () => ['e0'],
    claim: async () => ({ event, sent: 3, batches: ['ours', 'theirs'] }),
    delivered: async (_: string, sent: number) => void calls.push(`delivered ${sent}`),
    withheld: async (_: string, sent: number, code: string) => void calls.push(`withheld ${sent} ${code}`),
  };
  const of = new Telling({
    open: async () => ({ kind: 'webhook', send: async () => {} }),
    outbox: async () => outbox as never,
    isBarred: async (batch) => barred.includes(batch),
    random: () => 0,
  });
  return { of, calls };
}
const { signal } = new AbortController();

test.each([
  ['of nothing', [], 'delivered 3'],
  ['of the enquiry’s own batch', ['ours'], 'withheld 3 MatchingForbidden'],
  ['of the other batch', ['theirs'], 'withheld 3 MatchingForbidden'],
])(
  'nobody is told of a photograph whose batch forbids it since, whatever its row says: it is said %s',
  async (_, barred, end) => {
    const { of, calls } = telling(barred);
    await of.deliver(silentLog, signal);
    expect(calls).toEqual([end]);
  },
);
