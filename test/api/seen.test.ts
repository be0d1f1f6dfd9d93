import { describe, expect, test } from 'vitest';
import { AcceptedCounts } from '../../src/api/accepted.ts';
import { drawnAmong, knownOneIn, mixed, withKnown } from '../../src/api/blind-pairs.ts';
import { fromCursor, queueAndId, reviewPosition, toCursor } from '../../src/api/cursor.ts';
import { listDeadLetters } from '../../src/api/handlers/dead-letters.ts';
import { listOutbox, sendAgain } from '../../src/api/handlers/outbox.ts';
import { matchesSeenFrom } from '../../src/api/matches.ts';
import { QueueDepths } from '../../src/api/queue-depths.ts';
import { Thumbnails } from '../../src/api/thumbnails.ts';
import { looksLikeCopies } from '../../src/results/copies.ts';
import { jpeg } from '../support/images.ts';

/** What handlers show, over parts of the app that say what the test says. */
describe('pairs of faces', () => {
  const place = (more = {}) => ({
    ...{ face: 'f', imageId: 'i', imageUrl: 'http://x/a.jpg', imageWidth: 100, imageHeight: 200 },
    rectangle: { left: 10, top: 20, width: 30, height: 40 },
    ...more,
  });
  const scaled = (factor: number) => ({
    ...{ imageWidth: 100 * factor, imageHeight: 200 * factor },
    rectangle: { left: 10 * factor, top: 20 * factor, width: 30 * factor, height: 40 * factor },
  });

  test('look like copies where shape and place are the same, whatever their sizes', () => {
    const copies = (more: object, of = place()) => looksLikeCopies(of as never, place(more) as never);
    expect(copies({})).toBe(true);
    expect(copies(scaled(3))).toBe(true);
    expect([copies({ imageWidth: 101 }), copies({ imageWidth: 102 })]).toEqual([true, false]);
    expect(copies({ imageWidth: 98 })).toBe(false);
    for (const side of ['left', 'width']) {
      const at = (by: number) =>
        copies({ rectangle: { ...place().rectangle, [side]: (side === 'left' ? 10 : 30) + by } });
      expect([at(1.4), at(1.6), at(-1.6)], side).toEqual([true, false, false]);
    }
    for (const side of ['top', 'height']) {
      const at = (by: number) =>
        copies({ rectangle: { ...place().rectangle, [side]: (side === 'top' ? 20 : 40) + by } });
      expect([at(2.9), at(3.1), at(-3.1)], side).toEqual([true, false, false]);
    }
    expect(copies({ imageWidth: undefined })).toBe(false);
    expect(copies({}, place({ imageHeight: 0 }))).toBe(false);
  });

  test('that were drawn stand among the offered ones, one in five, the rest at the end', () => {
    expect(mixed<unknown>([1, 2, 3, 4, 5, 6, 7, 8], ['a', 'b', 'c'])).toEqual([
      1,
      2,
      3,
      4,
      'a',
      5,
      6,
      7,
      8,
      'b',
      'c',
    ]);
    expect(mixed([], ['a'])).toEqual(['a']);
    expect(mixed([1], [])).toEqual([1]);
  });

  test('that were drawn are given where both faces are still there, and how far that is', async () => {
    const asked: unknown[] = [];
    const app = {
      clock: () => 0,
      calibration: async () => ({
        ledger: {
          undecided: async (how: object) => {
            asked.push(how);
            return [
              { faces: ['f', 'g'], score: 0.7, position: 4 },
              { faces: ['f', 'gone'], score: 0.6, position: 5 },
            ];
          },
        },
      }),
      results: async () => ({ faces: async () => [place(), place({ face: 'g', imageWidth: 300 })] }),
    } as never;
    expect(await drawnAmong(app, 0, 3)).toEqual({ pairs: [], last: 3 });
    expect(asked).toEqual([]);
    const { pairs, last } = await drawnAmong(app, 2, undefined);
    expect(last).toBe(5);
    expect(pairs).toMatchObject([
      { a: { face: 'f' }, b: { face: 'g' }, confidence: null, worth: null, margin: null, calibration: true },
    ]);
    await drawnAmong(app, 2, 3);
    expect(asked).toEqual([{ limit: 2 }, { limit: 2, after: 3 }]);
    const none = { calibration: async () => ({ ledger: { undecided: async () => [] } }) } as never;
    expect(await drawnAmong(none, 2, 7), 'the place in the list is kept').toEqual({ pairs: [], last: 7 });
  });

  test('whose answer is known stand anywhere among the others, no more than there is room for, and look like as many of these', async () => {
    const items = Array.from({ length: 40 }, (_, n) => ({
      ...{
        a: { face: `a${n}` },
        b: { face: `b${n}` },
        confidence: 0.5,
        margin: 0.1,
        worth: {},
        copies: false,
      },
      ...{ firstSeen: 'then', calibration: false },
    }));
    const asked: number[][] = [];
    const randoms = [0, 0, 0.999, 0.5];
    const app = {
      clock: () => 0,
      random: () => randoms.shift() ?? 0,
      calibration: async () => ({
        measuring: {
          pairs: {
            plant: async (_: unknown, count: number, skip: number) => {
              asked.push([count, skip]);
              return Array.from({ length: count }, () => ({ faces: ['f', 'g'] }));
            },
          },
        },
      }),
      results: async () => ({ faces: async () => [place(), place({ face: 'g' })] }),
    } as never;
    const reader = { name: 'ann' } as never;
    const shown = await withKnown(app, reader, items as never, { oneIn: 5, skip: 6, most: 3 });
    expect(asked).toEqual([[3, 6]]);
    expect(shown.planted).toBe(3);
    expect(shown.items).toHaveLength(43);
    const blind = shown.items.filter(({ confidence }) => confidence === null);
    expect(new Set(blind.map(({ firstSeen }) => firstSeen))).toEqual(new Set(['1970-01-01T00:00:00.000Z']));
    const real = blind.filter(({ a }) => a.face !== 'f').map(({ a }) => a.face);
    expect(real.length).toBeGreaterThan(0);
    expect(real.length).toBeLessThan(20);
    expect(shown.items.flatMap(({ a }, at) => (a.face === 'f' ? [at] : []))).toEqual([0, 21, 42]);
    // The same ones are shown so the next time, as often as there are pages.
    const again = await withKnown(app, reader, items as never, { oneIn: 5, skip: 0, most: 99 });
    expect(asked[1]).toEqual([10, 0]);
    expect(
      again.items.flatMap(({ a, confidence }) => (confidence === null && a.face !== 'f' ? [a.face] : [])),
    ).toEqual(real);
  });

  test('are passed by up to ten thousand', () => {
    const passes = (skip: number) => fromCursor(toCursor([0.5, 'a', 'b', null, skip]), reviewPosition)[4];
    expect([passes(0), passes(10_000)]).toEqual([0, 10_000]);
    for (const skip of [-1, 10_001, 0.5]) expect(() => passes(skip)).toThrow('start again without it');
  });

  test('are seen from either side, the rejected ones apart and in no margin', () => {
    const pair = (own: string, other: string, confidence: number, verdict?: string) => ({
      ...{ a: place({ face: own }), b: place({ face: other, crop: 'c', batchId: 'b' }), confidence },
      ...{ marginA: undefined, marginB: undefined, firstSeen: 't', decision: verdict && { verdict } },
    });
    const turned = { ...pair('z', 'own', 0.7), a: place({ face: 'z' }), b: place({ face: 'own' }) };
    const groups = new Map([
      ['y', 'same'],
      ['z', 'same'],
    ]);
    const seen = matchesSeenFrom(
      [pair('own', 'x', 0.9), pair('own', 'r', 0.85, 'notSame'), pair('own', 'y', 0.8), turned] as never,
      ({ face }) => face === 'own',
      (confidence) => `worth ${confidence}` as never,
      groups,
    );
    expect(seen.rejectedMatches.map(({ other }) => other.face)).toEqual(['r']);
    expect(
      seen.matches.map(({ other, margin, worth }) => [
        other.face,
        margin && Number(margin.toFixed(3)),
        worth,
      ]),
    ).toEqual([
      ['x', 0.1, 'worth 0.9'],
      ['y', -0.1, 'worth 0.8'],
      ['z', -0.2, 'worth 0.7'],
    ]);
    expect(seen.matches[0]?.other).toMatchObject({
      hasCrop: true,
      batchId: 'b',
      name: 'a.jpg',
      imageWidth: 100,
    });
    expect(seen.matches[2]?.other).toMatchObject({ hasCrop: false, batchId: null });
  });
});

describe('what is looked at often', () => {
  test('queues are looked at once in a while, each by its step; a failure is not kept', async () => {
    let now = 0;
    let looks = 0;
    let fails = false;
    const app = {
      clock: () => now,
      ...{ pipeline: ['b'], registry: { names: ['a', 'b'] } },
      storage: {
        queues: {
          look: async (queue: string) => {
            looks += 1;
            if (fails) throw new Error('away');
            return queue === 'a-poison' ? undefined : { messages: queue.length, visible: [] };
          },
        },
      },
      deadLetters: { pulse: async () => ({ count: now, latest: undefined }) },
      pauses: { list: async () => [{ step: 'a', by: `at ${now}` }] },
    };
    const depths = new QueueDepths(app as never);
    const queues = await depths.queues();
    expect(queues.map(({ name, step, messages }) => [name, step, messages])).toEqual([
      ['inputimages-events', undefined, 18],
      ['b', 'b', 1],
      ['a', 'a', 1],
    ]);
    now = 449;
    await depths.queues();
    expect(looks).toBe(3);
    now = 450;
    await depths.queues();
    expect(looks).toBe(6);
    expect(await depths.poison()).toEqual(
      new Map([
        ['inputimages-events', 25],
        ['a', 0],
        ['b', 8],
      ]),
    );
    fails = true;
    now = 2000;
    await expect(depths.queues()).rejects.toThrow('away');
    fails = false;
    expect(await depths.queues()).toHaveLength(3);
    expect((await depths.deadLetters()).count).toBe(2000);
    expect((await depths.pauses()).get('a')?.by).toBe('at 2000');
    now = 2001;
    expect((await depths.pauses()).get('a')?.by).toBe('at 2000');
    depths.forgetPauses();
    expect((await depths.pauses()).get('a')?.by).toBe('at 2001');
    now = 0;
    expect((await depths.deadLetters()).count, 'a clock that was set back').toBe(0);
  });

  test('images of a batch are counted anew while they are few, and rarely where there are many', async () => {
    let now = 0;
    let counted = 0;
    let images = 1000;
    const app = {
      clock: () => now,
      journal: {
        idsOf: async function* () {
          counted += 1;
          now += 10;
          for (let n = 0; n < images; n += 1) yield `${n}`;
        },
      },
    };
    const counts = new AcceptedCounts(app as never);
    const of = () => counts.of('b');
    expect([await of(), await of()]).toEqual(Array(2).fill({ images: 1000, more: false }));
    expect(counted).toBe(2);
    images = 1001;
    expect(await of()).toEqual({ images: 1001, more: false });
    now += 99;
    await of();
    expect(counted).toBe(3);
    now += 1;
    await of();
    expect(counted).toBe(4);
    images = 20_000;
    now += 100;
    expect(await of()).toEqual({ images: 20_000, more: false });
    images = 20_001;
    now += 100;
    expect(await of()).toEqual({ images: 20_000, more: true });
  });

  test('pairs whose answer is known come before nobody but who has signed in and agreed', async () => {
    const measuring = { oneInFor: async ({ name }: { name: string }) => (name === 'ann' ? 9 : 0) };
    const app = { calibration: async () => ({ measuring }) } as never;
    const of = (name: string, signedIn: boolean) =>
      knownOneIn(app, { name, role: 'reviewer', local: false, signedIn });
    expect([await of('ann', true), await of('ben', true), await of('ann', false)]).toEqual([9, 0, 0]);
  });

  test('a thumbnail is made once, small, and never larger than its picture', async () => {
    const thumbnails = new Thumbnails();
    let reads = 0;
    const picture = await jpeg(undefined, { quality: 80 });
    const read = async () => {
      reads += 1;
      return picture;
    };
    const [one, two] = [await thumbnails.of('v', read), await thumbnails.of('v', read)];
    expect(reads).toBe(1);
    expect(two).toBe(one);
    await thumbnails.of('w', read);
    expect(reads).toBe(2);
  });

  test('of thumbnails those are kept that were looked at last', async () => {
    const picture = await jpeg(undefined, { quality: 80 });
    const { length } = await new Thumbnails().of('v', async () => picture);
    const thumbnails = new Thumbnails(2 * length);
    const made: string[] = [];
    const look = (version: string) =>
      thumbnails.of(version, async () => {
        made.push(version);
        return picture;
      });
    for (const version of ['a', 'b', 'a', 'c', 'a', 'b', 'c']) await look(version);
    expect(made).toEqual(['a', 'b', 'c', 'b', 'c']);
  });
});

describe('lists of the API', () => {
  const letters = Array.from({ length: 3 }, (_, n) => ({
    ...{ id: `${n}`, queue: 'ocr', error: { code: 'X', message: 'x' }, times: 1, attempts: 0 },
    ...{ firstSeen: 'a', lastSeen: 'b', ...(n === 0 && { jobId: 'j', batchId: 'b' }) },
  }));
  const deadLetters = (query: object, role = 'operator') => {
    const asked: unknown[] = [];
    const app = {
      deadLetters: {
        summaries: async function* (range: unknown) {
          asked.push(range);
          yield* letters;
        },
      },
    };
    return listDeadLetters({ app, query, person: { role } } as never).then((answer) => ({
      answer: answer as never as Answer,
      asked,
    }));
  };
  type Answer = {
    deadLetters: { id: string; imageId: string | null; batchId: string | null }[];
    next: string | null;
  };

  test('of dead letters go on behind the last, where there are more', async () => {
    const { answer, asked } = await deadLetters({ limit: 2 });
    expect(answer.deadLetters.map(({ id, imageId, batchId }) => [id, imageId, batchId])).toEqual([
      ['0', 'j', 'b'],
      ['1', null, null],
    ]);
    expect(asked).toEqual([{}]);
    expect(fromCursor(answer.next ?? '', queueAndId)).toEqual(['ocr', '1']);
    letters.push({ ...letters[2], id: '3', batchId: '_enquiry/e' } as never);
    const shown = async (role: string) => (await deadLetters({ limit: 9 }, role)).answer.deadLetters.length;
    expect([await shown('viewer'), await shown('operator')], 'of an enquiry').toEqual([3, 4]);
    letters.pop();
    const whole = await deadLetters({ limit: 3, queue: 'ocr', after: answer.next });
    expect(whole.answer.next).toBeNull();
    expect(whole.asked).toEqual([{ queue: 'ocr', after: { queue: 'ocr', id: '1' } }]);
  });

  const at = '2026-01-01T00:00:00.000Z';
  const event = (id: string, state: string) => ({ id, at, state, nextAt: 'n' });
  const outboxApp = (rows: object[], more = {}) => {
    const did: unknown[] = [];
    const app = {
      audit: { record: async (entry: object) => did.push(entry) },
      results: async () => ({
        outbox: {
          list: async (how: object) => {
            did.push(how);
            return rows;
          },
          counts: async () => ({ waiting: 1 }),
          get: async () => rows[0],
          again: async (id: string) => did.push(`again ${id}`),
        },
      }),
      telling: { kind: async () => undefined, nudge: () => did.push('nudge') },
      ...more,
    };
    return { app, did };
  };

  test('of events go on behind the last of a full page; when one is sent next is said while it waits', async () => {
    const { app, did } = outboxApp([event('a', 'waiting'), event('b', 'dead')]);
    const ask = (query: object) =>
      listOutbox({ app, query } as never) as never as Promise<Record<string, never>>;
    const full = await ask({ limit: 2 });
    expect(full).toMatchObject({
      ...{ receiver: null, counts: { waiting: 1 }, next: toCursor([at, 'b']) },
      events: [
        { id: 'a', nextAt: 'n', endedAt: null, reason: null },
        { id: 'b', nextAt: null },
      ],
    });
    expect((await ask({ limit: 3, state: 'dead', enquiry: 'e', after: full.next })).next).toBeNull();
    expect(did).toEqual([{ limit: 2 }, { limit: 3, state: 'dead', enquiry: 'e', after: { at, id: 'b' } }]);
  });

  test.each([
    ['waiting', true],
    ['dead', true],
    ['sent', false],
    [undefined, false],
  ])('an event that is %s is sent again: %s', async (state, isSent) => {
    const { app, did } = outboxApp(state === undefined ? [] : [event('a', state)]);
    const asked = sendAgain({ app, params: { event: 'a' }, person: { name: 'ann' } } as never);
    if (!isSent) await expect(asked).rejects.toMatchObject({ status: 404 });
    else await asked;
    const record = { who: 'ann', action: 'alert.sent.again', detail: { event: 'a' } };
    expect(did, 'written down first').toEqual(isSent ? [record, 'again a', 'nudge'] : []);
  });
});
