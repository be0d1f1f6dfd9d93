import { describe, expect, test } from 'vitest';
import { drawPairs } from '../../src/admin/draw-pairs.ts';
import { assign, EditError, parseAssignment } from '../../src/admin/edit.ts';
import { findImage, jobsNamed } from '../../src/admin/find-image.ts';
import { lostDerived } from '../../src/admin/lost-derived.ts';
import { nearImages, rowNamed } from '../../src/admin/near-images.ts';
import { pipelineWith, stepsToRun } from '../../src/admin/new-run.ts';
import { recoverHeld } from '../../src/admin/recover.ts';
import { keysOf } from '../../src/admin/select-letters.ts';
import { goOnWithSwitch, type ModelAct, modelStatus, startSwitch } from '../../src/admin/switch-model.ts';
import { RateLimitedError } from '../../src/domain/errors.ts';
import { jobIdOf } from '../../src/domain/job-id.ts';
import { HOST_DELIVERIES } from '../../src/domain/retry-policy.ts';
import { strataOf } from '../../src/people/calibration/strata.ts';

/** What administration is made of, by itself: whom it asks, and where it ends. */
const { signal } = new AbortController();
async function* each<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* all;
}
const address = (name: string) => `http://127.0.0.1:10000/store/inputimages/${name}`;

describe('an edit', () => {
  test.each([
    ['a=1', ['a'], 1],
    ['a.b=text', ['a', 'b'], 'text'],
    ['a="1"', ['a'], '1'],
    ['a=b=c', ['a'], 'b=c'],
    ['a=', ['a'], ''],
    ['a={"b":[1]}', ['a'], { b: [1] }],
  ])('%j sets %j to %j', (text, path, value) => {
    expect(parseAssignment(text)).toEqual({ path, value });
  });

  test.each(['', 'a', '=1', 'a..b=1', '.a=1', 'a.=1'])('%j is none', (text) => {
    expect(() => parseAssignment(text)).toThrow(EditError);
  });

  test('makes what is missing on the way, leaves the message as it was, and goes nowhere that there is not', () => {
    const message = { list: [{ a: 1 }], text: 'x', none: null };
    const edit = (...texts: string[]) => assign(message, texts.map(parseAssignment));
    expect(edit('a.b.c=1', 'list.0.a=2', 'list.1=3', 'text=y')).toEqual({
      ...{ a: { b: { c: 1 } }, list: [{ a: 2 }, 3], text: 'y', none: null },
    });
    expect(message).toEqual({ list: [{ a: 1 }], text: 'x', none: null });
    for (const bad of [
      'text.a=1',
      'none.a=1',
      'list.2=1',
      'list.x=1',
      'list.-1=1',
      '__proto__.a=1',
      'a.constructor=1',
    ])
      expect(() => edit(bad), bad).toThrow(EditError);
    for (const bad of [null, 'text', 1]) expect(() => assign(bad, [])).toThrow(EditError);
  });
});

describe('a step done again', () => {
  const needs: Record<string, string[]> = { b: ['a'], c: ['b'], d: [], e: ['x'] };
  const registry = { get: (name: string) => ({ needs: needs[name] ?? [] }), names: [] } as never;
  const done = { state: 'done' };
  const job = (pipeline: string[], steps: object) => ({ pipeline, steps }) as never;

  test('stands in the pipeline with all it needs, but for what came along', () => {
    expect(pipelineWith(job(['d', 'pipelineoutput'], {}), 'c', registry)).toEqual([
      'd',
      'a',
      'b',
      'c',
      'pipelineoutput',
    ]);
    expect(pipelineWith(job(['d'], { b: done }), 'c', registry)).toEqual(['d', 'c', 'pipelineoutput']);
    expect(pipelineWith(job(['d'], {}), 'd', registry)).toEqual(['d', 'pipelineoutput']);
    expect(pipelineWith(job(['d'], {}), 'pipelineoutput', registry)).toEqual(['d', 'pipelineoutput']);
  });

  test('brings what it lacks, what needs it, and what never came to an outcome', () => {
    const pipeline = ['a', 'b', 'c', 'd', 'pipelineoutput'];
    const run = (steps: object, ...wanted: string[]) =>
      stepsToRun(job(pipeline, steps), pipeline, wanted, registry);
    const all = { a: done, b: done, c: done, d: done };
    expect(run(all, 'b')).toEqual(['b', 'c']);
    expect(run(all, 'd')).toEqual(['d']);
    expect(run({ ...all, a: { state: 'failed' } }, 'c')).toEqual(['c']);
    expect(run({ ...all, a: { state: 'failed' }, b: { state: 'skipped' } }, 'c')).toEqual(['a', 'b', 'c']);
    expect(run({ ...all, d: { state: 'waiting' } }, 'c')).toEqual(['c', 'd']);
    expect(run({ a: done, b: done, c: done }, 'c')).toEqual(['c', 'd']);
    expect(run(all)).toEqual([]);
  });
});

describe('what was made of an image and is lost', () => {
  const job = (more: object = {}) =>
    ({
      id: 'i',
      source: { container: 'inputimages', name: 'a.jpg', etag: 'e' },
      steps: {},
      ...more,
    }) as never;
  const lost = async (one: never, there: Record<string, string>) => {
    const asked: string[] = [];
    const blobs = {
      head: async (container: string, name: string) => {
        asked.push(`${container}/${name}`);
        const etag = there[`${container}/${name}`];
        return etag === undefined ? undefined : { etag };
      },
    };
    return { sentences: await lostDerived(one, { blobs } as never), asked };
  };

  test('is told by its kind, and whether it can be made again', async () => {
    const original = { 'inputimages/a.jpg': 'e' };
    const rendition = job({ image: { rendition: 'r' } });
    expect((await lost(job(), {})).sentences).toEqual([]);
    expect((await lost(rendition, { ...original, 'renditions/r': 'x' })).sentences).toEqual([]);
    expect((await lost(rendition, original)).sentences[0]).toMatch(
      /working image is missing.*made again from the original/,
    );
    expect((await lost(rendition, { 'inputimages/a.jpg': 'other' })).sentences[0]).toMatch(
      /cannot be made again/,
    );
    const crops = job({ steps: { facecrop: { output: { crops: [{ name: 'c' }, { name: 1 }, {}] } } } });
    expect((await lost(crops, { 'faces/c': 'x' })).sentences).toEqual([]);
    expect((await lost(crops, original)).sentences[0]).toMatch(/Each is cut out again/);
    expect((await lost(crops, {})).sentences[0]).toMatch(/They cannot be cut out again/);
    expect((await lost(job({ steps: { facecrop: { output: { crops: 'none' } } } }), {})).sentences).toEqual(
      [],
    );
    const linked = { linked_content: 'o' };
    const outputs = job({ steps: { ocr: { output: linked }, other: { output: { text: 'x' } }, bare: {} } });
    const told = (await lost(outputs, {})).sentences;
    expect(told).toEqual([expect.stringContaining('imaginem rerun --step ocr --all --image i')]);
    expect((await lost(outputs, { 'largemessages/o': 'x' })).sentences).toEqual([]);
  });

  test('of a crowd is looked for among the first twenty', async () => {
    const many = Array.from({ length: 30 }, (_, n) => ({ name: `c${n}` }));
    const { asked } = await lost(job({ steps: { facecrop: { output: { crops: many } } } }), {});
    expect(asked.filter((name) => name.startsWith('faces/'))).toHaveLength(20);
  });
});

describe('drawing pairs', () => {
  const face = (n: number) => ({ face: `f${n}`, imageId: `i${n}` });
  const near = (faceKey: string, confidence: number) => ({ faceKey, jobId: `of-${faceKey}`, confidence });
  async function draw(
    faces: number,
    search: (face: { face: string }, options: { atLeast: number; max: number }) => Promise<unknown>,
    { perStratum = 10, seed = 1 as number | undefined, offered = [] as object[] } = {},
  ) {
    const did: unknown[] = [];
    const kept: { faces: string[]; images: string[]; score: number; position: number }[] = [];
    const ledger = {
      sampleFaces: async (count: number) => ({
        all: 99,
        sampled: Array.from({ length: Math.min(count, faces) }, (_, n) => face(n)),
      }),
      sampleOffered: async (stratum: { from: number }, count: number) => {
        did.push([stratum.from, count]);
        return stratum.from === 0.5 ? offered : [];
      },
      keepDraw: async (about: object, pairs: typeof kept) => {
        did.push(about);
        kept.push(...pairs);
        return pairs.length;
      },
    };
    const audit = {
      record: async ({ action, detail }: { action: string; detail: object }) => did.unshift([action, detail]),
    };
    const deps = { ledger, model: 'm', threshold: 0.5, audit, search } as never;
    const report = await drawPairs(
      { faces, perStratum, ...(seed !== undefined && { seed }) },
      'ann',
      deps,
      signal,
    );
    return { report, did, kept };
  }
  const foundIn = ({ below }: { below: readonly { from: number; searches: number; found: number }[] }) =>
    Object.fromEntries(below.map(({ from, searches, found }) => [from, [searches, found]]));

  test('searches down to the lowest stratum, 800 neighbours at most, each pair once, the lower key first', async () => {
    const asked: object[] = [];
    const { report, did, kept } = await draw(
      2,
      async ({ face: own }, options) => {
        asked.push(options);
        return own === 'f0'
          ? [near('f1', 0.49), near('a', 0.2), near('z', 0.5), near('y', 0.19)]
          : [near('f0', 0.49)];
      },
      { offered: [{ faces: ['p', 'q'], images: ['x', 'y'], score: 0.5 }] },
    );
    expect(asked).toEqual([
      { atLeast: 0.2, max: 800 },
      { atLeast: 0.2, max: 800 },
    ]);
    expect(did[0]).toEqual(['calibration.drawn', { draw: report.id, faces: 2, perStratum: 10, seed: 1 }]);
    expect(foundIn(report)).toMatchObject({ 0.2: [2, 1], 0.25: [2, 0], 0.45: [2, 1] });
    expect(kept.map(({ faces, images, score }) => [faces, images, score]).sort()).toEqual([
      [['a', 'f0'], ['of-a', 'i0'], 0.2],
      [['f0', 'f1'], ['of-f0', 'i1'], 0.49],
      [['p', 'q'], ['x', 'y'], 0.5],
    ]);
    for (const { position } of kept) expect(Number.isSafeInteger(position)).toBe(true);
    expect(report).toMatchObject({ seed: 1, faces: 99, searched: 2, pairs: 3 });
    const offered = strataOf(0.5)
      .filter(({ from }) => from >= 0.5)
      .map(({ from }) => [from, 10]);
    expect(did.filter((one) => Array.isArray(one) && typeof one[0] === 'number')).toEqual(offered);
    expect(did.at(-1)).toMatchObject({
      by: 'ann',
      model: 'm',
      threshold: 0.5,
      faces: 99,
      searched: 2,
      seed: 1,
    });
  });

  test('takes as many of a stratum as were asked for, and says nothing of what a search did not reach', async () => {
    const many = (count: number, confidence: number) =>
      Array.from({ length: count }, (_, n) => near(`n${n}`, confidence));
    const few = await draw(1, async () => many(30, 0.3), { perStratum: 4 });
    expect([few.kept.length, foundIn(few.report)['0.3']]).toEqual([4, [1, 30]]);
    const reached = async (count: number) => foundIn((await draw(1, async () => many(count, 0.32))).report);
    expect(await reached(799)).toMatchObject({ 0.2: [1, 0], 0.3: [1, 799] });
    // A stratum that was reached in part only is not counted, nor is any below.
    expect(await reached(800)).toMatchObject({ 0.2: [0, 0], 0.3: [0, 0], 0.35: [1, 0] });
    const unseeded = await draw(0, async () => [], { seed: undefined });
    expect(Number.isInteger(unseeded.report.seed)).toBe(true);
  });

  test('waits where a list is being trained, five times, and leaves out a face that is no more', async () => {
    let tries = 0;
    const busy = (until: number) => async () => {
      tries += 1;
      if (tries < until) throw new RateLimitedError('training', 1);
      return [];
    };
    expect((await draw(1, busy(5))).report.searched).toBe(1);
    tries = 0;
    await expect(draw(1, busy(6))).rejects.toThrow('training');
    expect(tries).toBe(5);
    tries = 0;
    await expect(
      draw(1, async () => {
        tries += 1;
        throw new Error('ours');
      }),
    ).rejects.toThrow('ours');
    expect(tries).toBe(1);
    expect((await draw(2, async ({ face: own }) => (own === 'f0' ? undefined : []))).report.searched).toBe(1);
    await expect(
      drawPairs(
        { faces: 1, perStratum: 1 },
        'ann',
        {
          ...{ model: 'm', threshold: 0.5, audit: { record: async () => {} }, search: async () => [] },
          ledger: { sampleFaces: async () => ({ all: 1, sampled: [face(0)] }) },
        } as never,
        AbortSignal.abort(),
      ),
    ).rejects.toThrow(/abort/i);
  });
});

describe('names that are near', () => {
  const blobs = (names: string[], listed: string[] = []) => ({
    list: (_: string, prefix: string) => {
      listed.push(prefix);
      return each(names.filter((name) => name.startsWith(prefix)).map((name) => ({ name })));
    },
  });
  const row = (id: string, name: string, status = 'done') => ({ id, imageUrl: address(name), status });
  const rows =
    (pages: object[][], asked: object[] = []) =>
    async () => ({
      summaries: async (filter: { after?: { id: string } }) => {
        asked.push(filter);
        const at = filter.after ? Number(filter.after.id) : 0;
        return {
          images: pages[at] ?? [],
          ...(at + 1 < pages.length && { next: { finishedAt: 'T', id: `${at + 1}` } }),
        };
      },
    });

  test('are looked for in its folder first, then everywhere, in so many names and rows and no more', async () => {
    const listed: string[] = [];
    const names = ['camp/a.jpg', 'camp/lake.jpg', 'x/lake.jpg'];
    const found = await nearImages(
      'lake.jpg',
      { storage: { blobs: blobs(names, listed) } as never },
      { names: 3, blobs: 0, rows: 1 },
    );
    expect([found.same.sort(), found.partly, listed]).toEqual([
      ['camp/lake.jpg', 'x/lake.jpg'],
      false,
      ['la', ''],
    ]);
    listed.length = 0;
    const folder = await nearImages(
      'camp/lak.jpg',
      { storage: { blobs: blobs(names, listed) } as never },
      { names: 2, blobs: 0, rows: 1 },
    );
    expect([folder.near, folder.same, folder.partly, listed]).toEqual([
      ['camp/lake.jpg'],
      [],
      true,
      ['camp/la', 'camp/', ''],
    ]);
    expect(await nearImages('lake.jpg', {})).toEqual({ same: [], near: [], partly: false });
  });

  test('of jobs are read from their links: of blobs, which cost much more, no more than so many', async () => {
    const names = Array.from({ length: 9000 }, (_, n) => `camp/p${`${n}`.padStart(5, '0')}.jpg`);
    let [read, most] = [0, 0];
    const storage = {
      blobs: {
        async *list(_: string, prefix: string, size: number) {
          most = Math.max(most, size);
          for (const name of names.filter((one) => one.startsWith(prefix))) {
            read += 1;
            yield { name };
          }
        },
      },
    };
    const like = (prefix: string) => each(names.filter((name) => name.startsWith(prefix)));
    const journal = { links: { isComplete: async () => true, pictures: { like } } };
    const deps = { storage: storage as never, journal: journal as never };
    expect((await nearImages('p08999.jpg', deps)).same).toEqual(['camp/p08999.jpg']);
    expect((await nearImages('camp/p08990x.jpg', deps)).near[0]).toBe('camp/p08990.jpg');
    expect(read).toBeLessThan(3010);
    expect(most).toBeLessThanOrEqual(100);
    const older = { ...deps, journal: { links: { isComplete: async () => false } } as never };
    expect((await nearImages('p08999.jpg', older)).same).toEqual(['camp/p08999.jpg']);
  });

  test('are looked for in rows by up to eight words, and among the newest, page by page', async () => {
    const asked: object[] = [];
    const pages = Array.from({ length: 12 }, () => [] as object[]);
    const found = await nearImages(
      'camp/a b c d e f g h i.jpg',
      { results: rows(pages, asked) as never },
      { names: 0, blobs: 0, rows: 1000 },
    );
    expect(found.partly).toBe(true);
    expect(asked[0]).toEqual({ text: 'a b c d e f g h', spelling: 'exact', limit: 500 });
    expect(asked.slice(2)).toEqual([{ limit: 500 }, { limit: 500, after: { finishedAt: 'T', id: '1' } }]);
    asked.length = 0;
    const all = await nearImages('!!!', { results: rows([[row('i', 'x/!!!')]], asked) as never });
    expect([all.same, all.partly, asked]).toEqual([['x/!!!'], false, [{ limit: 500 }]]);
  });

  test('of rows of one name the one that stands is meant, and else the newest', async () => {
    const of = (...found: object[]) => rowNamed('camp/lake.jpg', { results: rows([found]) as never });
    const past = [row('old', 'camp/lake.jpg', 'superseded'), row('older', 'camp/lake.jpg', 'gone')];
    expect((await of(row('other', 'x/lake.jpg'), ...past, row('now', 'camp/lake.jpg')))?.id).toBe('now');
    expect((await of(...past))?.id).toBe('old');
    expect(await of(row('other', 'x/lake.jpg'))).toBeUndefined();
  });
});

describe('the image that is meant', () => {
  const source = (id: string, admittedAt: string, etag = 'e') => ({ id, admittedAt, source: { etag } });
  const journal = (jobs: object[], homes: Record<string, object> = {}, asked: object[] = []) => ({
    batchOf: async (id: string) => (id in homes ? 'b' : undefined),
    read: async (_: string, id: string) => homes[id] && { job: homes[id] },
    sources: (where: object) => {
      asked.push(where);
      return each(jobs);
    },
    links: { isComplete: async () => false },
  });
  const storage = (etags: Record<string, string>) => ({
    blobs: {
      page: async (_: string, { prefix }: { prefix: string }) => ({
        blobs: Object.keys(etags)
          .filter((name) => name.startsWith(prefix))
          .map((name) => ({ name, etag: etags[name], createdAt: new Date(0) })),
      }),
      list: (_: string, prefix: string) =>
        each(
          Object.keys(etags)
            .filter((name) => name.startsWith(prefix))
            .map((name) => ({ name, etag: etags[name], createdAt: new Date(0) })),
        ),
    },
  });

  test('by its id is that version; by its name or address the one that stands', async () => {
    const input = { source: { container: 'inputimages', name: 'b/a.jpg' }, imageUrl: 'u' };
    const elsewhere = { source: { container: 'other', name: 'b/a.jpg' }, imageUrl: 'https://h/a.jpg' };
    const known = journal([], { i: input, j: elsewhere });
    expect(await findImage('i', { journal: known } as never)).toEqual({
      kind: 'image',
      id: 'i',
      name: 'b/a.jpg',
      byId: true,
    });
    expect(await findImage('j', { journal: known } as never)).toMatchObject({ name: 'https://h/a.jpg' });
    const own = jobIdOf('inputimages', 'b/a.jpg', 'e');
    const since = new Date(0);
    const there = storage({ 'b/a.jpg': 'e' });
    const admitted = { journal: journal([], { [own]: input }), storage: there };
    for (const asked of ['b/a.jpg', address('b/a.jpg'), 'a.jpg'])
      expect(await findImage(asked, admitted as never), asked).toEqual({
        kind: 'image',
        id: own,
        name: 'b/a.jpg',
        byId: false,
        since,
      });
    const byHand = { journal: journal([source('old', '1', 'x'), source('hand', '2', 'e')]), storage: there };
    expect(await findImage('b/a.jpg', byHand as never)).toMatchObject({ id: 'hand', since });
    const waiting = { journal: journal([source('old', '1', 'x')]), storage: there };
    expect(await findImage('b/a.jpg', waiting as never)).toMatchObject({ id: own, since });
    const gone = { journal: journal([source('old', '1', 'x'), source('new', '2', 'y')]) };
    expect(await findImage('b/a.jpg', gone as never)).toEqual({
      kind: 'image',
      id: 'new',
      name: 'b/a.jpg',
      byId: false,
    });
  });

  test('of several of one file name five are named, and of none those that are near', async () => {
    const many = storage(Object.fromEntries(Array.from({ length: 7 }, (_, n) => [`b${n}/a.jpg`, 'e'])));
    const several = await findImage('a.jpg', { storage: many } as never);
    expect(several).toEqual({ kind: 'several', names: Array.from({ length: 5 }, (_, n) => `b${n}/a.jpg`) });
    expect(await findImage('b0/b.jpg', { storage: storage({ 'b0/a.jpg': 'e' }) } as never)).toEqual({
      ...{ kind: 'nothing', near: ['b0/a.jpg'], partly: false },
    });
  });

  test('is asked for in the journal by its name or by its address, the newest first', async () => {
    const asked: object[] = [];
    const jobs = [source('a', '1'), source('c', '3'), source('b', '2')];
    const found = await jobsNamed('b/a.jpg', journal(jobs, {}, asked) as never);
    expect(found.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
    await jobsNamed('https://h/a.jpg', journal([], {}, asked) as never);
    expect(asked).toEqual([{ name: 'b/a.jpg' }, { imageUrl: 'https://h/a.jpg' }]);
  });
});

describe('dead letters are chosen', () => {
  const letters = [
    { queue: 'q', id: 'abc', error: { code: 'X' }, batchId: 'b', jobId: 'i' },
    { queue: 'q', id: 'abd', error: { code: 'Y' }, batchId: 'b', jobId: 'j' },
    { queue: 'q', id: 'b', error: { code: 'X' } },
  ];
  test.each([
    [{}, ['abc', 'abd', 'b']],
    [{ code: 'X' }, ['abc', 'b']],
    [{ batch: 'b' }, ['abc', 'abd']],
    [{ job: 'j' }, ['abd']],
    [{ ids: ['ab'] }, ['abc', 'abd']],
    [{ ids: ['abd', 'b'] }, ['abd', 'b']],
    [{ ids: [] }, ['abc', 'abd', 'b']],
    [{ code: 'X', ids: ['ab'], job: 'i' }, ['abc']],
  ])('by %j: %j', async (filter, ids) => {
    const asked: unknown[] = [];
    const list = (step: unknown) => {
      asked.push(step);
      return each(letters);
    };
    expect((await keysOf({ list } as never, { step: 's', ...filter })).map(({ id }) => id)).toEqual(ids);
    expect(asked).toEqual(['s']);
  });
});

describe('what the host holds back', () => {
  async function recover(
    looks: (queue: string, look: number) => object | undefined,
    limitMs = 0,
    abort?: AbortSignal,
  ) {
    const did: string[] = [];
    let look = 0;
    let now = 0;
    const queues = {
      look: async (queue: string) => looks(queue, look),
      renew: async (queue: string) => {
        did.push(`renewed ${queue}`);
        return 1;
      },
    };
    const recovered = await recoverHeld(
      { storage: { queues } as never, clock: () => now },
      {
        ...{ queues: ['a'], limitMs },
        pause: async () => {
          did.push('paused');
          look += 1;
          now += 1000;
        },
        onRecovered: (queue, count) => did.push(`${queue} ${count}`),
      },
      abort ?? signal,
    );
    return [recovered, did];
  }
  const held = (messages: number, dequeueCount = HOST_DELIVERIES) => ({
    messages,
    visible: [{ dequeueCount }],
  });

  test('is put back at once, and what is hidden is waited for up to the limit', async () => {
    expect(await recover(() => held(1))).toEqual([1, ['renewed a-poison', 'a-poison 1']]);
    expect(await recover(() => held(1, HOST_DELIVERIES - 1))).toEqual([0, []]);
    expect(await recover(() => undefined, 9999)).toEqual([0, []]);
    expect(await recover(() => ({ messages: 0, visible: [] }), 9999)).toEqual([0, []]);
    const hidden = { messages: 1, visible: [] };
    expect(await recover(() => hidden, 2000)).toEqual([0, ['paused', 'paused']]);
    expect(await recover(() => hidden, 2000, AbortSignal.abort())).toEqual([0, []]);
    expect(await recover((_, look) => (look === 0 ? hidden : held(1)), 9999)).toEqual([
      1,
      ['paused', 'renewed a-poison', 'a-poison 1'],
    ]);
    // Two are there, and one of them is not visible yet.
    expect(await recover((_, look) => (look === 0 ? held(2) : undefined), 9999)).toEqual([
      1,
      ['renewed a-poison', 'a-poison 1', 'paused'],
    ]);
  });
});

describe('a switch of models', () => {
  const parts = (phase = 'enrolling') => {
    const did: unknown[] = [];
    const act =
      (name: string) =>
      async (...given: unknown[]) =>
        void did.push([name, ...given]);
    const state = { active: 'a', next: 'b', phase };
    const deps = {
      models: {
        state: async () => state,
        start: act('start'),
        finish: act('finish'),
        abandon: act('abandon'),
        pause: act('pause'),
      },
      list: { progress: async () => ({ left: 2, problems: [] }) },
      offered: [{ id: 'b' }, { id: 'c' }],
      compare: async () => 'compared',
      tell: act('told'),
      audit: {
        record: async ({ who, action, detail }: Record<string, unknown>) =>
          void did.push([who, action, detail]),
      },
    };
    const status = { ...state, left: 2, problems: [], offered: deps.offered };
    return { did, deps: deps as never, status };
  };

  test('is begun with a model that answers here, written down first and told last', async () => {
    const { did, deps, status } = parts();
    expect(await startSwitch('ann', 'b', deps)).toEqual({ ...status, comparison: 'compared' });
    expect(did).toEqual([['ann', 'model.switch.started', { model: 'b' }], ['start', 'b', 'ann'], ['told']]);
    const refused = {
      code: 'ModelUnknown',
      message: `"${'x'.repeat(60)}" is no model of the service that answers here. There are: b, c.`,
    };
    await expect(startSwitch('ann', 'x'.repeat(70), deps)).rejects.toMatchObject(refused);
    const none = { ...(deps as object), offered: [] } as never;
    await expect(startSwitch('ann', 'b', none)).rejects.toMatchObject({
      message: expect.stringContaining('There are: none.'),
    });
    expect(did).toHaveLength(3);
  });

  test.each<[ModelAct, string, unknown[]]>([
    ['pause', 'model.switch.paused', ['pause', true]],
    ['resume', 'model.switch.resumed', ['pause', false]],
    ['finish', 'model.switch.finished', ['finish']],
    ['abandon', 'model.switch.abandoned', ['abandon']],
  ])('goes on: %s', async (act, action, done) => {
    const { did, deps } = parts();
    await goOnWithSwitch('ann', act, deps);
    expect(did).toEqual([['ann', action, { model: 'b' }], done, ['told']]);
  });

  test('is compared only while two are enrolled', async () => {
    const { deps, status } = parts('retiring');
    expect(await modelStatus(deps)).toEqual(status);
  });
});
