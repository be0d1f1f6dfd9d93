import { expect, test } from 'vitest';
import { OutageError, PermanentError } from '../../src/domain/errors.ts';
import { silentLog } from '../../src/domain/ports.ts';
import type { ModelTask } from '../../src/people/models/work-list.ts';
import type { RecognitionState } from '../../src/results/recognition-state.ts';
import { type EnrolAnewParts, enrolAnew } from '../../src/steps/enrol-anew.ts';

/** The parts of a switch of models, each of which notes what it is asked: what is done, in which order, and what is not. */
const { signal } = new AbortController();
const NOW = Date.parse('2026-11-30T12:00:00.000Z');
const rectangle = { left: 1, top: 2, width: 30, height: 40 };
const steady: RecognitionState = {
  ...{ active: 'old', phase: 'steady', paused: false, changedAt: new Date(NOW).toISOString(), images: 0 },
};
const enrolling = { ...steady, next: 'new', phase: 'enrolling' } as const;
const task = (imageId: string, faces = [`${imageId}-1`], batchId = 'b'): ModelTask => ({
  imageId,
  marks: ['m'],
  image: {
    ...{ batchId, imageUrl: `u/${imageId}`, run: 3 },
    faces: faces.map((key, index) => ({ key, rectangle: { ...rectangle, left: index * 200 } })),
  },
});

function world(state: RecognitionState, todo: ModelTask[] = []) {
  const calls: string[] = [];
  const kept: object[] = [];
  const looked: object[] = [];
  const warned: unknown[][] = [];
  const left = new Map(todo.map((one) => [one.imageId, one]));
  const it = {
    calls,
    kept,
    looked,
    warned,
    now: NOW,
    /** Calls that fail, by what they are noted as. */
    fails: new Map<string, Error>(),
    barred: (_: string): boolean => false,
    gone: new Set<string>(),
    lost: new Set<string>(),
    keeps: (_: string): 'kept' | 'gone' | 'later' => 'kept',
    known: true,
    removesAll: true,
    enrolled: [] as string[],
    rows: new Set<string>(),
    prints: undefined as object[] | undefined,
  };
  const note = (call: string) => {
    calls.push(call);
    const error = it.fails.get(call);
    if (error) throw error;
  };
  const of = (model: string) => ({
    face: {
      model,
      detect: async (_: Buffer, options: { faceId?: boolean }) => {
        note(`print ${model} ${options.faceId}`);
        return (
          it.prints ??
          [0, 200].map((left) => ({ faceId: `id${left}`, faceRectangle: { ...rectangle, left } }))
        );
      },
    },
    gallery: {
      keepOnly: async (key: string, keys: readonly string[]) =>
        note(`${model} keeps of ${key}: ${keys.join()}`),
      enrol: async ({ key, ...about }: { key: string }, bytes: Buffer) => {
        looked.push({ key, ...about, bytes: bytes.toString() });
        note(`${model} enrols ${key}`);
      },
      find: async (
        faceId: string,
        { isBarred, ...options }: { isBarred(batch: string): Promise<boolean> },
      ) => {
        note(`${model} finds ${faceId}`);
        looked.push({ ...options, closed: await isBarred('closed') });
        const found = {
          faceKey: 'o-1',
          jobId: 'o',
          batchId: 'x',
          imageUrl: 'u/o',
          rectangle,
          confidence: 0.9,
        };
        return [found, { ...found, faceKey: 'p-1', margin: 0.1 }];
      },
      removeFaces: async (job: string, keys: readonly string[]) =>
        note(`${model} removes of ${job}: ${keys.join()}`),
      removeAll: async () => {
        note(`${model} removes all`);
        return it.removesAll;
      },
      async *enrolled() {
        for (const key of it.enrolled) yield { key, at: 0 };
      },
    },
  });
  const parts = {
    models: {
      state: async () => state,
      exchange: async () => {
        note('exchange');
        return { ...state, active: 'new', next: undefined, former: 'old', phase: 'retiring' };
      },
      retired: async (model: string) => note(`retired ${model}`),
    },
    list: {
      next: async (limit: number) => {
        note(`next ${limit}`);
        if (calls.length > 400) throw new Error('It does not come to an end.');
        return [...left.values()].slice(0, limit);
      },
      drop: async ({ imageId }: ModelTask) => {
        note(`drop ${imageId}`);
        left.delete(imageId);
      },
      refuse: async ({ imageId }: ModelTask, code: string) => {
        note(`refuse ${imageId} ${code}`);
        left.delete(imageId);
      },
      isGone: async ({ imageId }: ModelTask) => it.gone.has(imageId),
      keep: async ({ imageId }: ModelTask, report: object, given: RecognitionState) => {
        const end = it.keeps(imageId);
        note(`${end} ${imageId} ${given === state}`);
        kept.push(report);
        if (end === 'kept') left.delete(imageId);
        return end;
      },
    },
    galleries: {
      of,
      use: async (model: string, others: string[]) => note(`use ${model}, ${others.join()}`),
      isKnown: async (model: string, settleMs?: number) => {
        note(`known ${model} ${settleMs}`);
        return it.known;
      },
    },
    people: { settle: async (images: string[]) => note(`settle ${images.join()}`) },
    batches: {
      get: async (batchId: string) => ({
        consent: { doNotMatch: batchId === 'closed' || it.barred(batchId) },
      }),
    },
    results: {
      faces: async (keys: string[]) => {
        note(`look for ${keys.length}`);
        return keys.filter((key) => it.rows.has(key)).map((face) => ({ face }));
      },
    },
    clock: () => it.now,
    log: { ...silentLog, warn: (...given: unknown[]) => warned.push(given) },
    imageOf: async (batchId: string, id: string) => {
      note(`image ${batchId} ${id}`);
      return it.lost.has(id) ? undefined : Buffer.from(id);
    },
    until: () => false,
  } as unknown as EnrolAnewParts;
  const run = (more: Partial<EnrolAnewParts> = {}, by = signal) => enrolAnew({ ...parts, ...more }, by);
  /** What was done about images: not how the list was read. */
  const done = () => calls.filter((call) => !/^(next|use|known)/.test(call));
  return { it, run, done };
}

test('an image is enrolled and searched for with the model that comes, each thing in its order', async () => {
  const { it, run } = world(enrolling, [task('a', ['a-1', 'a-2', 'a-3'])]);
  expect(await run()).toEqual({ images: 1, through: true });
  expect(it.calls).toEqual([
    'use old, new',
    'known new undefined',
    'next 20',
    'image b a',
    'new keeps of a: a-1,a-2,a-3',
    ...['new enrols a-1', 'new enrols a-2', 'new enrols a-3'],
    'print new true',
    // The third is not seen again.
    ...['new finds id0', 'new finds id200'],
    'kept a true',
    'next 20',
  ]);
  const about = { jobId: 'a', batchId: 'b', imageUrl: 'u/a', bytes: 'a' };
  const search = { jobKey: 'a', imageUrl: 'u/a', max: 100, closed: true };
  const at = (left: number) => ({ ...rectangle, left });
  expect(it.looked).toEqual([
    { key: 'a-1', ...about, rectangle: at(0) },
    { key: 'a-2', ...about, rectangle: at(200) },
    { key: 'a-3', ...about, rectangle: at(400) },
    ...[search, search],
  ]);
  const match = (face: string, otherFace: string) => ({
    ...{ face, otherFace, otherImage: 'o', otherImageUrl: 'u/o', otherRectangle: rectangle, confidence: 0.9 },
  });
  expect(it.kept).toEqual([
    {
      ...{ id: 'a', imageUrl: 'u/a', model: 'new', finishedAt: new Date(NOW).toISOString() },
      faces: [0, 200, 400].map((left, index) => ({
        key: `a-${index + 1}`,
        rectangle: at(left),
        enrolled: true,
      })),
      matches: ['a-1', 'a-2'].flatMap((face) => [match(face, 'o-1'), { ...match(face, 'p-1'), margin: 0.1 }]),
    },
  ]);
  expect(it.warned).toEqual([]);
});

test.each<[string, (it: ReturnType<typeof world>['it']) => ModelTask, string[]]>([
  ['has no row any more', () => ({ imageId: 'a', marks: [] }), ['new keeps of a: ', 'drop a']],
  ['shows no face', () => task('a', []), ['new keeps of a: ', 'drop a']],
  ['may not be matched', () => task('a', ['a-1'], 'closed'), ['new keeps of a: ', 'drop a']],
  [
    'has no file any more',
    (it) => {
      it.lost.add('a');
      return task('a');
    },
    ['image b a', 'new keeps of a: ', 'refuse a ImageGone'],
  ],
  [
    'may not be matched any more once it is enrolled',
    (it) => {
      it.barred = () => it.calls.includes('new enrols a-1');
      return task('a');
    },
    ['image b a', 'new keeps of a: a-1', 'new enrols a-1', 'new keeps of a: ', 'drop a'],
  ],
  [
    'is erased once it is enrolled',
    (it) => {
      it.gone.add('a');
      return task('a');
    },
    ['image b a', 'new keeps of a: a-1', 'new enrols a-1', 'new keeps of a: ', 'drop a'],
  ],
])('an image that %s leaves no face behind, and only then leaves the list', async (_, make, expected) => {
  const todo: ModelTask[] = [];
  const { it } = world(enrolling);
  todo.push(make(it));
  const real = world(enrolling, todo);
  make(real.it);
  expect(await real.run()).toEqual({ images: 1, through: true });
  expect(real.done()).toEqual(expected);
});

test('a face that is refused leaves the others; another fault ends the run, and the image stays on the list', async () => {
  const { it, run, done } = world(enrolling, [task('a', ['a-1', 'a-2'])]);
  it.fails.set('new enrols a-1', new PermanentError('NoFace' as never, 'None.'));
  it.prints = [{ faceId: 'id200', faceRectangle: { ...rectangle, left: 200 } }];
  expect(await run()).toMatchObject({ images: 1 });
  expect(done()).toContain('new finds id200');
  expect(it.warned).toEqual([['model.face.refused', { image: 'a', code: 'NoFace' }]]);
  const away = world(enrolling, [task('a', ['a-1', 'a-2'])]);
  away.it.fails.set('new enrols a-1', new OutageError('Away.'));
  await expect(away.run()).rejects.toThrow('Away.');
  expect(away.done()).not.toContain('drop a');
});

test('groups are made anew where the pairs count at once, and are not while another model counts', async () => {
  const now = world(steady, [task('a')]);
  await now.run();
  expect(now.it.calls.slice(0, 2)).toEqual(['use old, ', 'known old undefined']);
  expect(now.done()).toEqual([
    ...['image b a', 'old keeps of a: a-1', 'old enrols a-1', 'print old true'],
    ...['old finds id0', 'kept a true', 'settle a'],
  ]);
  const later = world(enrolling, [task('a')]);
  await later.run();
  expect(later.done().at(-1)).toBe('kept a true');
});

test('what was not kept is left to the next run, without holding up the others; of an erased one nothing stays', async () => {
  const ids = Array.from({ length: 22 }, (_, n) => `i${n}`);
  const { it, run, done } = world(
    enrolling,
    ids.map((id) => task(id)),
  );
  it.keeps = (id) => (id === 'i0' ? 'later' : id === 'i1' ? 'gone' : 'kept');
  expect(await run()).toEqual({ images: 20, through: true });
  expect(it.calls.filter((call) => call.startsWith('next'))).toEqual(['next 20', 'next 22', 'next 22']);
  expect(done().filter((call) => / keeps of i[012]: $/.test(call))).toEqual(['new keeps of i1: ']);
  expect(it.calls.indexOf('new keeps of i1: ')).toBe(it.calls.indexOf('gone i1 true') + 1);
});

test('it ends between two images: where its time is over, and where the host stops', async () => {
  const two = () => world(enrolling, [task('a'), task('b')]);
  const timed = two();
  const until = () => timed.it.calls.some((call) => call.startsWith('kept'));
  expect(await timed.run({ until })).toEqual({ images: 1, through: false });
  expect(timed.done()).not.toContain('image b b');
  const stopped = two();
  expect(await stopped.run({}, AbortSignal.abort())).toEqual({ images: 0, through: false });
  expect(stopped.done()).toEqual([]);
});

test('nothing is enrolled while it is paused, or before every process knows the models', async () => {
  const paused = world({ ...enrolling, paused: true }, [task('a')]);
  expect(await paused.run()).toEqual({ images: 0, through: false });
  expect(paused.it.calls).toEqual(['use old, new']);
  const unknown = world(enrolling, [task('a')]);
  unknown.it.known = false;
  expect(await unknown.run({ settleMs: 5 })).toEqual({ images: 0, through: false });
  expect(unknown.it.calls).toEqual(['use old, new', 'known new 5']);
});

test('once an archive is through, whoever is enrolled and stands in no row is taken out, in however many looks', async () => {
  const { it, run, done } = world(enrolling, [task('a')]);
  it.enrolled = Array.from({ length: 401 }, (_, n) => `job-${n}`);
  it.rows = new Set(it.enrolled.filter((_, n) => ![3, 4, 250, 400].includes(n)));
  await run();
  expect(done().slice(-7)).toEqual([
    ...['look for 200', 'new removes of job: job-3', 'new removes of job: job-4'],
    ...['look for 200', 'new removes of job: job-250'],
    ...['look for 1', 'new removes of job: job-400'],
  ]);
  const exactly = world(enrolling, [task('a')]);
  exactly.it.enrolled = Array.from({ length: 200 }, (_, n) => `job-${n}`);
  exactly.it.rows = new Set(exactly.it.enrolled);
  await exactly.run();
  expect(exactly.done().filter((call) => call.startsWith('look'))).toEqual(['look for 200']);
  const others: [RecognitionState, ModelTask[], Partial<EnrolAnewParts>][] = [
    [steady, [task('a')], {}],
    [enrolling, [], {}],
    [enrolling, [task('a'), task('b')], {}],
  ];
  for (const [index, [state, todo]] of others.entries()) {
    const other = world(state, todo);
    other.it.enrolled = ['stray-1'];
    const until = () => index === 2 && other.it.calls.some((call) => call.startsWith('kept'));
    await other.run({ until });
    expect(other.done(), `case ${index}`).not.toContain('look for 1');
  }
  const stopping = new AbortController();
  const stopped = world(enrolling, [task('a')]);
  stopped.it.enrolled = ['stray-1', 'stray-2'];
  stopped.it.keeps = () => {
    stopping.abort(new Error('stopping'));
    return 'kept';
  };
  await expect(stopped.run({}, stopping.signal)).rejects.toThrow('stopping');
});

test('an exchange that was begun is gone on with, and the former model goes a quarter of an hour after', async () => {
  const begun = world({ ...enrolling, phase: 'exchanging' });
  await begun.run();
  expect(begun.it.calls.slice(0, 2)).toEqual(['exchange', 'use new, old']);
  const retiring = { ...steady, active: 'new', former: 'old', phase: 'retiring' } as const;
  const after = async (ms: number, more: Partial<EnrolAnewParts> = {}, removesAll = true) => {
    const { it, run } = world(retiring);
    Object.assign(it, { now: NOW + ms, removesAll });
    await run(more);
    return it.calls.slice(3);
  };
  const all = ['old removes all', 'retired old', 'use new, '];
  expect(await after(899_999)).toEqual([]);
  expect(await after(900_000)).toEqual(all);
  expect(await after(4, { settleMs: 5 })).toEqual([]);
  expect(await after(5, { settleMs: 5 })).toEqual(all);
  expect(await after(900_000, {}, false), 'some of it is still there').toEqual(['old removes all']);
  const steadily = world({ ...steady, former: 'old' });
  steadily.it.now = NOW + 900_000;
  await steadily.run();
  expect(steadily.it.calls).not.toContain('old removes all');
});
