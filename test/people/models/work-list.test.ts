import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { raw } from '../../../src/database/sql.ts';
import { SqliteDatabase } from '../../../src/database/sqlite.ts';
import { compareModels } from '../../../src/people/models/compare.ts';
import { ModelSwitch } from '../../../src/people/models/switch.ts';
import { ModelWorkList } from '../../../src/people/models/work-list.ts';
import { People } from '../../../src/people/people.ts';
import { planFor, readRecognition, toRecognition } from '../../../src/results/recognition-state.ts';
import { SqlResultStore } from '../../../src/results/sql-result-store.ts';
import { box, face, image, match, matching } from '../../results/fixtures.ts';
import { RecordingDatabase } from '../../results/recording.ts';

const NEXT = 'imaginem_02';
const FIRST = 'recognition_04';

let folder: string;
let database: RecordingDatabase;
let store: SqlResultStore;
let models: ModelSwitch;
let list: ModelWorkList;
let now: number;
const iso = () => new Date(now).toISOString();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'work-list-'));
  now = Date.parse('2026-11-30T00:00:00.000Z');
  database = new RecordingDatabase(await SqliteDatabase.open(join(folder, 'results.db')));
  store = new SqlResultStore(database, () => now);
  models = new ModelSwitch(database, () => now);
  list = new ModelWorkList(database, () => now);
  await store.migrate();
  for (const id of ['a', 'b', 'c']) await store.save(matching(id, []));
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const rows = async (statement: string) => (await database.read([raw(statement)]))[0] ?? [];
const execute = (...statements: string[]) =>
  database.write((session) => session.run(statements.map((one) => raw(one))));
const taskOf = async (id: string) => {
  const task = (await list.next(9)).find(({ imageId }) => imageId === id);
  if (!task) throw new Error(`There is no task of ${id}.`);
  return task;
};
const report = (id: string, model: string, others: string[] = []) => ({
  ...image(id, { faces: [face(`${id}-0`)], matches: others.map((other) => match(id, other, 0.7)) }),
  model,
});
const pairs = async (table: string) =>
  (await rows(`SELECT face_a, face_b FROM ${table} ORDER BY face_a, face_b`)).map(
    (row) => `${row.face_a} ${row.face_b}`,
  );
const marked = async () => (await rows('SELECT image_id FROM people_dirty')).map((row) => row.image_id);

describe('the list of a switch', () => {
  test('has whoever was marked first before the others, with all marks, faces and where they are', async () => {
    await models.start(NEXT, 'ann');
    await execute(
      "UPDATE model_todo SET marked_at = '2026-01-01' WHERE image_id = 'c'",
      "INSERT INTO model_todo (mark, image_id, marked_at) VALUES ('late', 'c', '2027')",
      "INSERT INTO model_todo (mark, image_id, marked_at) VALUES ('rowless', 'z', '2026-02-01')",
      "UPDATE face SET enrolled = 0 WHERE image_id = 'b'",
    );
    const [first, second, ...rest] = await list.next(3);
    const { switchId } = await models.state();
    expect(first).toEqual({
      imageId: 'c',
      marks: expect.arrayContaining(['late', switchId]),
      image: {
        ...{ batchId: 'batch', imageUrl: image('c').imageUrl, run: 0 },
        faces: [{ key: 'c-0', rectangle: box(10) }],
      },
    });
    expect(first?.marks).toHaveLength(2);
    expect(second).toEqual({ imageId: 'z', marks: ['rowless'] });
    expect(rest.map(({ imageId }) => imageId)).toEqual(['a']);
    expect((await taskOf('b')).image?.faces).toEqual([]);
    expect(await list.next(1)).toHaveLength(1);
    if (second) await list.drop(second);
    expect((await list.next(9)).map(({ imageId }) => imageId)).toEqual(['c', 'a', 'b']);
  });

  test('tells how many are left, and why others cannot be done, the most frequent reason first', async () => {
    expect(await list.progress()).toEqual({ left: 0, problems: [] });
    expect(await list.next(9)).toEqual([]);
    await store.save(matching('d', []));
    await models.start(NEXT, 'ann');
    await list.refuse(await taskOf('a'), 'Rare');
    for (const id of ['b', 'c']) await list.refuse(await taskOf(id), 'x'.repeat(129));
    expect(await list.progress()).toEqual({
      left: 1,
      problems: [
        { code: 'x'.repeat(128), images: 2 },
        { code: 'Rare', images: 1 },
      ],
    });
    expect((await list.next(9)).map(({ imageId }) => imageId)).toEqual(['d']);
  });

  test('knows an image that is gone: erased, though its row is there, or without a row', async () => {
    await models.start(NEXT, 'ann');
    const task = await taskOf('a');
    expect(await list.isGone(task)).toBe(false);
    expect(await list.isGone({ imageId: 'z', marks: [] })).toBe(true);
    await store.erasures.entomb(['a'], 'erasure');
    expect(await list.isGone(task)).toBe(true);
  });
});

describe('what a search has found', () => {
  test('with the next model stands beside, and makes no group again; with the one in use it counts, and does', async () => {
    await models.start(NEXT, 'ann');
    const state = await models.state();
    expect(await list.keep(await taskOf('a'), report('a', NEXT, ['b']), state)).toBe('kept');
    expect([await pairs('model_pair'), await pairs('face_match'), await marked()]).toEqual([
      ['a-0 b-0'],
      [],
      [],
    ]);
    expect((await list.next(9)).map(({ imageId }) => imageId)).toEqual(['b', 'c']);
    expect(await list.keep(await taskOf('b'), report('b', FIRST, ['c']), state)).toBe('kept');
    expect([await pairs('model_pair'), await pairs('face_match'), await marked()]).toEqual([
      ['a-0 b-0'],
      ['b-0 c-0'],
      ['b'],
    ]);
    // Like none: there is no group to be made again.
    expect(await list.keep(await taskOf('c'), report('c', FIRST), state)).toBe('kept');
    expect(new Set(await marked())).toEqual(new Set(['b', 'c']));
  });

  test('of an image or with one that was erased is not kept', async () => {
    await models.start(NEXT, 'ann');
    const state = await models.state();
    const [a, b] = [await taskOf('a'), await taskOf('b')];
    await store.erasures.entomb(['a'], 'erasure');
    expect(await list.keep(a, report('a', NEXT, ['b']), state)).toBe('gone');
    expect(await list.keep(b, report('b', NEXT, ['a', 'c']), state)).toBe('kept');
    expect(await pairs('model_pair')).toEqual(['b-0 c-0']);
    expect(await list.keep({ imageId: 'z', marks: [] }, report('z', NEXT), state)).toBe('gone');
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ['nothing', async () => {}, 'kept'],
    ['that it was paused', () => models.pause(true), 'kept'],
    ['another run of the image', () => store.save(matching('a', [], { run: 1 })), 'later'],
    ['that the switch was given up', () => models.abandon(), 'later'],
    ['that it is being exchanged', () => execute("UPDATE recognition SET phase = 'exchanging'"), 'later'],
    ['that another is in use', () => execute("UPDATE recognition SET active_model = 'x'"), 'later'],
    ['that another is next', () => execute("UPDATE recognition SET next_model = 'x'"), 'later'],
    ['another switch to the same', () => execute("UPDATE recognition SET switch_id = 'x'"), 'later'],
  ])('is kept or not by what has happened meanwhile: %s', async (_, meanwhile, outcome) => {
    await models.start(NEXT, 'ann');
    const state = await models.state();
    const task = await taskOf('a');
    await meanwhile();
    const before = await rows('SELECT * FROM model_todo');
    expect(await list.keep(task, report('a', NEXT, ['b']), state)).toBe(outcome);
    if (outcome === 'kept') expect(await pairs('model_pair')).toEqual(['a-0 b-0']);
    else {
      expect(await pairs('model_pair')).toEqual([]);
      expect(await rows('SELECT * FROM model_todo')).toEqual(before);
    }
  });

  test('where no switch is under way, the last one is no matter', async () => {
    await execute("INSERT INTO model_todo (mark, image_id, marked_at) VALUES ('m', 'a', '2026')");
    const state = await models.state();
    const task = await taskOf('a');
    await execute("UPDATE recognition SET switch_id = 'x'");
    expect(await list.keep(task, report('a', FIRST, ['b']), state)).toBe('kept');
    expect(await pairs('face_match')).toEqual(['a-0 b-0']);
  });

  test('of a fault of ours is told as such', async () => {
    await models.start(NEXT, 'ann');
    const task = await taskOf('a');
    const state = await models.state();
    database.meddle = (text) => {
      if (text.startsWith('DELETE FROM model_todo')) throw new TypeError('ours');
    };
    await expect(list.keep(task, report('a', NEXT), state)).rejects.toThrow('ours');
  });

  test('is read once more for erasures when all is written', async () => {
    await models.start(NEXT, 'ann');
    const state = await models.state();
    const task = await taskOf('a');
    const asked = await database.during(() => list.keep(task, report('a', NEXT, ['b']), state));
    const looks = asked.flatMap(({ text }, at) => (text.includes('FROM erased_image') ? [at] : []));
    const writes = asked.flatMap(({ text }, at) =>
      /model_pair|model_todo|UPDATE recognition/.test(text) ? [at] : [],
    );
    expect(looks).toHaveLength(2);
    expect(Math.max(...looks)).toBeGreaterThan(Math.max(...writes));
  });
});

describe('a switch', () => {
  test('is told whole, from its beginning to when the former model has gone', async () => {
    expect(await models.state()).toEqual({
      ...{ active: FIRST, phase: 'steady', paused: false, images: 0 },
      changedAt: expect.any(String),
    });
    now += 1000;
    const started = {
      ...{
        active: FIRST,
        next: NEXT,
        phase: 'enrolling',
        paused: false,
        images: 3,
        switchId: expect.any(String),
      },
      ...{ startedAt: iso(), startedBy: 'ann', changedAt: iso() },
    };
    expect(await models.start(NEXT, 'ann')).toEqual(started);
    now += 1000;
    expect(await models.pause(true)).toEqual({ ...started, paused: true });
    expect(await models.pause(false)).toEqual(started);
    expect(await models.exchange(), 'there is nothing to exchange yet').toEqual(started);
    expect(await models.retired(FIRST), 'nothing has retired').toEqual(started);
    for (const { imageId } of await list.next(9)) {
      const rest = (await list.next(9)).length;
      await expect(models.finish()).rejects.toMatchObject({
        code: 'ModelSwitchUnfinished',
        message: `${rest} ${rest === 1 ? 'photograph is' : 'photographs are'} not enrolled with ${NEXT} yet: wait, or give the switch up.`,
      });
      await list.drop(await taskOf(imageId));
    }
    const { next: _, ...ended } = started;
    const retiring = { ...ended, active: NEXT, former: FIRST, phase: 'retiring', changedAt: iso() };
    expect(await models.finish()).toEqual(retiring);
    await expect(models.start('recognition_03', 'ann')).rejects.toMatchObject({
      code: 'ModelSwitchUnderWay',
      message: `What was enrolled with ${FIRST} is still being removed: a switch can begin some minutes from now.`,
    });
    await expect(models.start(NEXT, 'ann')).rejects.toMatchObject({ code: 'ModelInUse' });
    for (const refused of [models.pause(true), models.finish(), models.abandon()])
      await expect(refused).rejects.toMatchObject({
        ...{ code: 'ModelSwitchNone', message: 'No switch of models is under way.' },
      });
    expect(await models.retired('another')).toEqual(retiring);
    now += 1000;
    const { former: __, ...steady } = { ...retiring, phase: 'steady', changedAt: iso() };
    expect(await models.retired(FIRST)).toEqual(steady);
    expect(await models.state()).toEqual(steady);
  });

  test('that is given up leaves the one in use, and what is being exchanged cannot be called back', async () => {
    await models.start(NEXT, 'ann');
    await list.keep(await taskOf('a'), report('a', NEXT, ['b']), await models.state());
    expect(await models.abandon()).toMatchObject({ active: FIRST, former: NEXT, phase: 'retiring' });
    expect([await pairs('model_pair'), await list.next(9)]).toEqual([[], []]);
    await models.retired(NEXT);
    await models.start(NEXT, 'ann');
    await execute('DELETE FROM model_todo', "UPDATE recognition SET phase = 'exchanging'");
    for (const refused of [models.pause(true), models.abandon()])
      await expect(refused).rejects.toMatchObject({ code: 'ModelSwitchNone', message: /is being finished/ });
    await expect(models.start('recognition_03', 'ann')).rejects.toMatchObject({
      message: /finish it or give it up/,
    });
    expect(await models.exchange()).toMatchObject({ active: NEXT, former: FIRST, phase: 'retiring' });
  });

  test('marks all who stand in a pair of either model, and exchanges pairs with the words on them', async () => {
    await store.save(matching('b', ['a'], { run: 1 }));
    const people = new People(database, { clock: () => now });
    await people.decidePair('a-0', 'c-0', 'notSame', { by: 'ann' }).catch(() => {});
    await models.start(NEXT, 'ann');
    const state = await models.state();
    await list.keep(await taskOf('a'), report('a', NEXT, ['c']), state);
    for (const id of ['b', 'c']) await list.drop(await taskOf(id));
    await execute('DELETE FROM people_dirty');
    await models.finish();
    expect(new Set(await marked())).toEqual(new Set(['a', 'b', 'c']));
    expect(await rows('SELECT face_a, face_b, verdict, model FROM face_match')).toEqual([
      { face_a: 'a-0', face_b: 'c-0', verdict: 'notSame', model: NEXT },
    ]);
    expect(await rows('SELECT DISTINCT faces FROM group_scope')).toEqual(
      (await rows('SELECT 1 FROM group_scope')).length > 0 ? [{ faces: 0 }] : [],
    );
  });
});

test('whoever is enrolled anew is noted for the day on which that is too old, whoever loses a pair by the exchange at once', async () => {
  const { looks } = store.erasures;
  const noted = async (before: string) => {
    const { claim } = await looks.claim(before);
    const ids = await looks.images(claim, { limit: 9 });
    await looks.done(claim);
    return ids;
  };
  await store.save(matching('a', ['b']));
  await looks.forget();
  await models.start(NEXT, 'ann');
  const state = await models.state();
  for (const id of ['a', 'b', 'c']) {
    now += 1000;
    expect(await list.keep(await taskOf(id), report(id, NEXT), state)).toBe('kept');
  }
  expect(await noted('')).toEqual([]);
  now -= 1000;
  expect(await noted(iso())).toEqual(['a', 'b']);
  await models.finish();
  expect(await noted('')).toEqual(['a', 'b']);
  now += 1000;
  expect(await noted(iso())).toEqual(['c']);
});

test('whoever changes the state of a switch, or keeps what was found with it, takes their turn before they read it', async () => {
  const turn = /^UPDATE recognition SET changes = changes \+ 1/;
  for (const act of [
    () => models.start(NEXT, 'ann'),
    () => models.pause(true),
    () => models.pause(false),
    () => models.abandon(),
  ]) {
    const asked = await database.during(act);
    expect(asked.find(({ transaction }) => transaction > 0)?.text).toMatch(turn);
  }
  await models.retired(NEXT);
  await models.start(NEXT, 'ann');
  const [task, state] = [await taskOf('b'), await models.state()];
  const kept = (await database.during(() => list.keep(task, report('b', NEXT, ['a']), state))).map(
    ({ text }) => text,
  );
  const read = kept.findLastIndex((text) => /^SELECT .*FROM recognition/.test(text));
  expect(kept.findLastIndex((text) => turn.test(text))).toBeGreaterThan(-1);
  expect(kept.findLastIndex((text) => turn.test(text))).toBeLessThan(read);
});

test('two models stand beside each other by what each offers of what people have decided', async () => {
  await store.save(matching('b', [], { run: 1, matches: [match('b', 'a', 0.6)] }));
  await store.save(matching('c', [], { run: 1, matches: [match('c', 'a', 0.7), match('c', 'b', 0.4)] }));
  const people = new People(database, { clock: () => now });
  await people.decidePair('a-0', 'b-0', 'confirmed', { by: 'ann' });
  await people.decidePair('a-0', 'c-0', 'notSame', { by: 'ann' });
  await people.decidePair('b-0', 'c-0', 'notSame', { by: 'ann' });
  expect(await compareModels(database, 0.6)).toEqual({
    same: { decided: 1, active: 1, next: 0 },
    different: { decided: 2, active: 1, next: 0 },
    offered: { active: 2, next: 0 },
  });
  await models.start(NEXT, 'ann');
  await list.keep(await taskOf('b'), report('b', NEXT, ['a']), await models.state());
  await list.keep(await taskOf('c'), report('c', NEXT, ['b']), await models.state());
  expect(await compareModels(database, 0.7)).toEqual({
    same: { decided: 1, active: 0, next: 1 },
    different: { decided: 2, active: 1, next: 1 },
    offered: { active: 1, next: 2 },
  });
  expect(await compareModels(database, 0.9)).toMatchObject({ offered: { active: 0, next: 0 } });
});

describe('how far models are', () => {
  const state = { active: 'm', phase: 'steady' } as never;
  test.each([
    [{}, undefined, { keeps: true, marks: false }],
    [{}, 'm', { keeps: true, marks: false }],
    [{}, 'other', { keeps: false, marks: true }],
    [{ phase: 'enrolling' }, 'm', { keeps: true, marks: true }],
    [{ phase: 'enrolling' }, 'other', { keeps: false, marks: true }],
    [{ phase: 'exchanging' }, 'm', { keeps: false, marks: true }],
    [{ phase: 'exchanging' }, undefined, { keeps: false, marks: true }],
    [{ phase: 'retiring' }, 'm', { keeps: true, marks: false }],
  ])('with %j the pairs of an image compared with %s are kept, or it is marked: %j', (given, model, plan) => {
    expect(planFor({ ...(state as object), ...given } as never, model)).toEqual(plan);
  });

  test('is what the row says, and in a database without one as in one where nobody has switched', async () => {
    const bare = {
      ...{ active: FIRST, phase: 'steady', paused: false, images: 0 },
      changedAt: '1970-01-01T00:00:00.000Z',
    };
    expect(toRecognition([])).toEqual(bare);
    expect(await readRecognition({ read: async () => [] as never })).toEqual(bare);
    const row = { active_model: 'a', phase: 'enrolling', paused: 1, changed_at: 'T', images: 4 };
    const nulls = {
      next_model: null,
      former_model: null,
      switch_id: null,
      started_at: null,
      started_by: null,
    };
    const told = { active: 'a', phase: 'enrolling', paused: true, changedAt: 'T', images: 4 };
    expect(toRecognition([{ ...row, ...nulls }])).toEqual(told);
    expect(
      toRecognition([
        {
          ...row,
          paused: 0,
          next_model: 'n',
          former_model: 'f',
          switch_id: 's',
          started_at: 'U',
          started_by: 'ann',
        },
      ]),
    ).toEqual({
      ...told,
      paused: false,
      next: 'n',
      former: 'f',
      switchId: 's',
      startedAt: 'U',
      startedBy: 'ann',
    });
  });
});
