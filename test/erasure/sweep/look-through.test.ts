import { describe, expect, test } from 'vitest';
import { UnavailableError } from '../../../src/domain/errors.ts';
import { SettingsError } from '../../../src/domain/settings.ts';
import { LookThrough, type Member } from '../../../src/erasure/sweep/look-through.ts';
import type { Swept } from '../../../src/erasure/sweep/swept.ts';
import { emptyTally, foundIn, type Tally } from '../../../src/erasure/sweep/tally.ts';

const { signal } = new AbortController();
const member = (receipt: string, ...ids: string[]): Member => ({
  receipt,
  subjects: ids.map((id) => ({ id, batchId: 'b', imageUrl: 'u' })),
});

/** What is left of images in a store, page by page: the ids that each trace is about, and how often it comes back. */
type Pages = { ids: string[]; stays?: number }[][];

function scene(
  stores: Record<string, Pages>,
  members: Member[],
  more: { leads?: boolean; pageMs?: number } = {},
) {
  const calls: string[] = [];
  const tallies = new Map<string, Tally>();
  const clock = { now: 5_000_000 };
  const entry = {
    ...{ id: 's', gathered: true, done: [] as string[], from: '' },
    ...{ unknown: {} as Record<string, string>, workedMs: 0, endedAt: '' },
  };
  const hold = { entry, keep: async () => void calls.push(`keep ${entry.done} ${entry.from}`) };
  const ledger = {
    tally: async (_: string, receipt: string) => structuredClone(tallies.get(receipt) ?? emptyTally()),
    keepTally: async (_: string, receipt: string, tally: Tally) => {
      const counts = Object.entries(foundIn(tally)).map(
        ([name, { found, left }]) => `${name} ${found}/${left}`,
      );
      calls.push(`tally ${receipt} ${counts}`);
      tallies.set(receipt, structuredClone(tally));
    },
  };
  const fails: Record<string, Error> = {};
  const swept = Object.entries(stores).map(
    ([name, pages]): Swept => ({
      name,
      stores: [`${name}!`],
      leads: more.leads ?? false,
      open: (target) => async (from) => {
        calls.push(`look ${name} ${from ?? ''}`);
        const failure = fails[`${name} ${from ?? ''}`];
        if (failure) throw failure;
        clock.now += more.pageMs ?? 0;
        const at = Number(from ?? 0);
        const traces = (pages[at] ?? [])
          .filter(({ ids }) => ids.some((id) => target.ids.has(id)))
          .map((trace) => ({
            ...{ store: `${name}!`, ids: trace.ids },
            erase: async () => void calls.push(`erase ${trace.ids}`),
            isLeft: async () => (trace.stays ?? 0) > 0,
          }));
        return { traces, ...(at + 1 < pages.length && { next: `${at + 1}` }) };
      },
    }),
  );
  const run = (goesOn = () => true, until = signal) =>
    new LookThrough(hold as never, members, {
      ...{ ledger: ledger as never, stores: swept, clock: () => clock.now, signal: until, goesOn },
    }).run();
  return { calls, entry, tallies, run, fails, clock };
}

describe('a look through everything', () => {
  test('goes from store to store and page to page, and writes down what it found before and after that goes', async () => {
    const { calls, entry, run, tallies } = scene(
      { one: [[{ ids: ['a'] }], []], two: [[{ ids: ['b'], stays: 1 }]], three: [[{ ids: ['z'] }]] },
      [member('r', 'a'), member('s', 'b')],
    );
    expect(await run()).toBe(true);
    expect(calls).toEqual([
      ...[
        'look one ',
        'tally r one! 1/1',
        'erase a',
        'tally r one! 1/0',
        'keep  1',
        'look one 1',
        'keep one ',
      ],
      ...['look two ', 'tally s two! 1/1', 'erase b', 'tally s two! 1/1', 'keep one,two '],
      ...['look three ', 'keep one,two,three '],
    ]);
    expect(entry).toMatchObject({ done: ['one', 'two', 'three'], from: '', unknown: {} });
    expect([...tallies.values()].map(({ leads }) => leads)).toEqual([false, false]);
  });

  test('counts a trace for every erasure that it is about, once for each', async () => {
    const { run, tallies } = scene({ one: [[{ ids: ['a', 'b'] }, { ids: ['b'] }, { ids: ['a', 'c'] }]] }, [
      member('r', 'a', 'c'),
      member('s', 'b', 'a'),
      member('t', 'x'),
    ]);
    await run();
    const found = (receipt: string) => foundIn(tallies.get(receipt) ?? emptyTally())['one!'];
    expect(found('r')).toEqual({ found: 2, left: 0 });
    expect(found('s')).toEqual({ found: 3, left: 0 });
    expect(tallies.has('t')).toBe(false);
  });

  test('remembers that it found what leads to an image, whatever comes after', async () => {
    const { run, tallies } = scene({ one: [[{ ids: ['a'] }]] }, [member('r', 'a')], { leads: true });
    await run();
    expect(tallies.get('r')?.leads).toBe(true);
    const other = scene({ one: [[{ ids: ['a'] }]] }, [member('r', 'a')]);
    other.tallies.set('r', { ...emptyTally(), leads: true });
    await other.run();
    expect(other.tallies.get('r')?.leads).toBe(true);
  });

  test('stops where there is no more time, and goes on there', async () => {
    const { calls, entry, run } = scene({ one: [[], []], two: [[], [], []] }, [member('r', 'a')]);
    let pages = 0;
    const goesOn = () => {
      pages += 1;
      return pages < 2;
    };
    expect(await run(goesOn)).toBe(false);
    expect(calls).toEqual(['look one ', 'look one 1', 'keep one ', 'look two ']);
    expect(entry).toMatchObject({ done: ['one'], from: '1' });
    calls.length = 0;
    expect(await run()).toBe(true);
    expect(calls).toEqual(['look two 1', 'look two 2', 'keep one,two ']);
  });

  test('writes down where it is once a second, where it finds nothing', async () => {
    for (const [pageMs, kept] of [
      [999, ['keep  2', 'keep one ']],
      [1000, ['keep  1', 'keep  2', 'keep  3', 'keep one ']],
    ] as const) {
      const { calls, run } = scene({ one: [[], [], [], []] }, [member('r', 'a')], { pageMs });
      await run();
      expect(calls.filter((call) => call.startsWith('keep'))).toEqual(kept);
    }
  });

  test('begins a store again where the service no longer knows the place; other errors end it', async () => {
    const refused = (statusCode: number) => Object.assign(new Error(`HTTP ${statusCode}`), { statusCode });
    const { calls, entry, run, fails } = scene({ one: [[]] }, [member('r', 'a')]);
    entry.from = '7';
    fails['one 7'] = refused(400);
    expect(await run()).toBe(true);
    expect(calls).toEqual(['look one 7', 'look one ', 'keep one ']);
    for (const [from, status] of [
      ['', 400],
      ['1', 500],
    ] as const) {
      const other = scene({ one: [[], []] }, [member('r', 'a')]);
      other.entry.from = from;
      other.fails[`one ${from}`] = refused(status);
      await expect(other.run()).rejects.toThrow(`HTTP ${status}`);
      expect(other.calls).toEqual([`look one ${from}`]);
    }
  });

  test('counts what it finds again from the beginning once: a receipt must not report more than there was', async () => {
    const { entry, run, fails, tallies } = scene({ one: [[{ ids: ['a'], stays: 1 }], []] }, [
      member('r', 'a'),
    ]);
    expect(await run(() => false)).toBe(false);
    expect(entry.from).toBe('1');
    fails['one 1'] = Object.assign(new Error('HTTP 400'), { statusCode: 400 });
    expect(await run(() => false)).toBe(false);
    expect(foundIn(tallies.get('r') ?? emptyTally())['one!']).toEqual({ found: 1, left: 1 });
  });

  test('says which stores could not be looked through, and goes on with the others', async () => {
    for (const away of [new UnavailableError('X' as never, 'No approval.'), new SettingsError('No key.')]) {
      const { entry, run, fails } = scene({ one: [[]], two: [[]] }, [member('r', 'a')]);
      fails['one '] = away;
      entry.unknown = { before: 'why' };
      expect(await run()).toBe(true);
      expect(entry.done).toEqual(['one', 'two']);
      expect(entry.unknown).toMatchObject({
        before: 'why',
        'one!': expect.stringMatching(/^It could not be looked through: ./),
      });
    }
  });

  test('ends with its signal', async () => {
    const { calls, run } = scene({ one: [[]] }, [member('r', 'a')]);
    await expect(run(undefined, AbortSignal.abort())).rejects.toThrow();
    expect(calls).toEqual([]);
  });
});
