import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raw } from '../../src/database/sql.ts';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { enquiryBatch } from '../../src/domain/enquiry-batch.ts';
import { ContradictionError } from '../../src/people/contradiction.ts';
import {
  ChangedMeanwhileError,
  PeopleRefusedError,
  UnknownDecisionError,
  UnknownNodeError,
} from '../../src/people/errors.ts';
import { personNode } from '../../src/people/node.ts';
import { People } from '../../src/people/people.ts';
import type { GroupChange } from '../../src/people/solve.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { face, image, match, matching } from '../results/fixtures.ts';

/** What one act of deciding does, refuses and leaves alone; each test has photographs of its own in one archive. */
const [ANN, BEN] = [{ by: 'ann' }, { by: 'ben' }];

let folder: string;
let store: SqlResultStore;
let people: People;
let alone: People;
let now = Date.parse('2026-11-30T00:00:00.000Z');
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deciding-'));
  store = new SqlResultStore(await SqliteDatabase.open(join(folder, 'results.db')), () => now);
  const options = { clock: () => ++now, figures: 'engine' } as const;
  people = new People(store.database, options);
  alone = new People(store.database, { ...options, alone: true });
  await store.migrate();
});
afterAll(async () => {
  await store?.close();
  await rm(folder, { recursive: true, force: true });
});

const rows = async (statement: string) => (await store.database.read([raw(statement)]))[0] ?? [];
const photographs = async (ids: readonly string[], batchId = 'batch') => {
  for (const id of ids) await store.save(matching(id, [], { batchId }));
};
const oneGroup = async (...faces: string[]) =>
  new Set((await people.groups.idsOf(faces)).values()).size === 1 && faces.length > 1;
const idOf = async (said: Promise<{ id: string } | undefined>) => (await said)?.id ?? '';
const anchors = async (face: string) =>
  (await rows(`SELECT 1 AS one FROM face_anchor WHERE face_key = '${face}'`)).length;

describe('whoever has seen something else than what counts', () => {
  test('is refused, but for one who says what they said before', async () => {
    await photographs(['seen-a', 'seen-b']);
    const pair = ['seen-a-0', 'seen-b-0'] as const;
    // Nothing counts, and somebody has seen a word: to take it back is done.
    expect(await people.decide(...pair, 'undecided', ANN, 'earlier')).toBeUndefined();
    for (const kind of ['same', 'different'] as const)
      await expect(people.decide(...pair, kind, ANN, 'earlier')).rejects.toThrow(ChangedMeanwhileError);
    const said = await people.decide(...pair, 'same', ANN, null);
    expect(said).toMatchObject({ kind: 'same', by: 'ann' });
    // Now they have seen nothing, and ann's word counts.
    expect(await people.decide(...pair, 'same', ANN, null)).toEqual(said);
    for (const [kind, who] of [
      ['same', BEN],
      ['different', ANN],
      ['undecided', ANN],
    ] as const)
      await expect(people.decide(...pair, kind, who, null)).rejects.toThrow(ChangedMeanwhileError);
    expect(await people.decisions({ face: pair[0], limit: 9 })).toEqual([said]);
    // One who has seen it may say it once more, as their own.
    const second = await people.decide(...pair, 'same', BEN, said?.at ?? '');
    expect(second).toMatchObject({ by: 'ben', supersedes: said?.id });
    expect(await anchors(pair[0])).toBe(1);
  });

  test('leaves no trace in the archive', async () => {
    await photographs(['trace-a', 'trace-b']);
    await people.decide('trace-a-0', 'trace-b-0', 'undecided', ANN, 'earlier');
    await people.decide('trace-a-0', 'trace-b-0', 'undecided', ANN);
    expect([await anchors('trace-a-0'), await anchors('trace-b-0')]).toEqual([0, 0]);
  });
});

describe('taking back', () => {
  test('what does not count any more is refused: what was superseded, or taken back', async () => {
    await photographs(['back-a', 'back-b']);
    const pair = ['back-a-0', 'back-b-0'] as const;
    const first = await idOf(people.decide(...pair, 'same', ANN));
    const second = await idOf(people.decide(...pair, 'different', BEN));
    await expect(people.undo(first, ANN)).rejects.toThrow(UnknownDecisionError);
    expect(await oneGroup(...pair)).toBe(false);
    const undone = await idOf(people.undo(second, ANN));
    expect(await oneGroup(...pair)).toBe(true);
    await expect(people.undo(second, ANN)).rejects.toThrow(UnknownDecisionError);
    // An undo is taken back as well; then the first does not count again.
    const again = await idOf(people.undo(undone, BEN));
    expect(await oneGroup(...pair)).toBe(false);
    await expect(people.undo(first, ANN)).rejects.toThrow(UnknownDecisionError);
    await expect(people.undo(undone, ANN)).rejects.toThrow(UnknownDecisionError);
    await people.undo(again, ANN);
    expect(await oneGroup(...pair)).toBe(true);
    await people.undo(first, ANN);
    expect(await oneGroup(...pair)).toBe(false);
    await expect(people.undo('nobody', ANN)).rejects.toThrow(UnknownDecisionError);
  });

  test('keeps whom and what it was about: a person and a face, two persons, an enquiry', async () => {
    await photographs(['kept-a', 'kept-b']);
    const [one, two] = [
      (await people.persons.make({ fullName: 'Amal' }, ANN)).id,
      (await people.persons.make({ fullName: 'Amel' }, ANN)).id,
    ];
    const given = await people.decide('kept-a-0', personNode(one), 'same', { ...ANN, enquiryId: 'e' });
    expect(await oneGroup('kept-a-0', 'kept-b-0')).toBe(false);
    await people.decide('kept-b-0', personNode(two), 'same', ANN);
    const merged = await people.decide(personNode(one), personNode(two), 'same', ANN);
    expect(merged?.persons).toEqual([one, two]);
    expect(await oneGroup('kept-a-0', 'kept-b-0')).toBe(true);
    const apart = await people.undo(merged?.id ?? '', { by: 'eva', reason: 'two girls' });
    expect(apart).toMatchObject({ persons: [one, two], faces: [], reason: 'two girls' });
    expect(await oneGroup('kept-a-0', 'kept-b-0')).toBe(false);
    expect(await people.undo(given?.id ?? '', ANN)).toMatchObject({
      ...{ faces: ['kept-a-0'], images: ['kept-a'], persons: [one], enquiryId: 'e' },
    });
    expect([...(await people.groups.idsOf(['kept-a-0'])).values()]).not.toContain(personNode(one));
  });

  test('everything that counts about two at once leaves nothing of it, whoever said how much', async () => {
    await photographs(['all-a', 'all-b']);
    const pair = ['all-a-0', 'all-b-0'] as const;
    await people.decide(...pair, 'same', ANN);
    await people.decide(...pair, 'different', BEN);
    await people.decide(...pair, 'same', BEN);
    const last = await people.decide(...pair, 'undecided', ANN);
    expect(last?.kind).toBe('undo');
    expect(await oneGroup(...pair)).toBe(false);
    expect(await people.decide(...pair, 'undecided', ANN)).toBeUndefined();
    await expect(people.decide('all-a-0', 'nobody-0', 'undecided', ANN)).rejects.toThrow(UnknownNodeError);
  });
});

test('taking a face out of a chain says nothing of those who stay and hang together all the same', async () => {
  await photographs(['s-a', 's-b', 's-c', 's-d', 's-e']);
  for (const [one, two] of ['ab', 'bc', 'cd', 'ce'].map((pair) => [...pair].map((name) => `s-${name}-0`)))
    await people.decide(one as string, two as string, 'same', ANN);
  const took = await people.split(['s-d-0'], undefined, ANN);
  const said = (await people.decisions({ limit: took.length })).map(({ kind, faces }) => [kind, faces]);
  expect(said.filter(([kind]) => kind === 'same')).toEqual([]);
  expect(said.map(([kind]) => kind).sort()).toEqual(['different', 'undo']);
  expect(await oneGroup('s-a-0', 's-b-0', 's-c-0', 's-e-0')).toBe(true);
  // The one in the middle holds three together: of those who stay each is tied to the rest, and no more than that.
  const bridge = await people.split(['s-c-0'], undefined, ANN);
  const kept = (await people.decisions({ limit: bridge.length })).filter(({ kind }) => kind === 'same');
  expect(kept).toHaveLength(1);
  expect(await oneGroup('s-a-0', 's-b-0', 's-e-0')).toBe(true);
  expect(await oneGroup('s-a-0', 's-c-0')).toBe(false);
});

describe('it is refused', () => {
  test('to say that somebody is themselves, and to name faces or persons that there are not', async () => {
    await photographs(['self-a']);
    const known = (await people.persons.make({ fullName: 'Amal' }, ANN)).id;
    for (const [one, two] of [
      ['self-a-0', 'self-a-0'],
      ['self-a-0', 'nobody-0'],
      ['self-a-0', personNode('nobody')],
      [personNode(known), personNode('nobody')],
      [personNode(known), personNode(known)],
    ] as const)
      for (const kind of ['same', 'different'] as const)
        await expect(people.decide(one, two, kind, ANN)).rejects.toThrow(UnknownNodeError);
    expect(await people.decisions({ face: 'self-a-0', limit: 9 })).toEqual([]);
  });

  test('to contradict what follows from other words, from either side; not to say anew what was said of the two', async () => {
    await photographs(['x-a', 'x-b', 'x-c', 'x-d']);
    const [a, b, c, d] = ['x-a-0', 'x-b-0', 'x-c-0', 'x-d-0'] as const;
    await people.decide(a, b, 'same', ANN);
    await people.decide(c, d, 'same', ANN);
    await people.decide(b, d, 'different', ANN);
    // By way of b and of d, though nobody has spoken of these two.
    for (const [one, two] of [
      [a, c],
      [c, a],
      [a, d],
    ] as const)
      await expect(people.decide(one, two, 'same', ANN)).rejects.toThrow(ContradictionError);
    await people.decide(b, d, 'same', ANN);
    expect(await oneGroup(a, b, c, d)).toBe(true);
    await expect(people.decide(a, c, 'different', ANN)).rejects.toThrow(ContradictionError);
    await expect(people.decide(d, a, 'different', ANN)).rejects.toThrow(ContradictionError);
    await people.decide(d, b, 'different', ANN);
    expect(await oneGroup(a, b)).toBe(true);
    expect(await oneGroup(a, c)).toBe(false);
  });

  test('with why: a word to the contrary, whichever way round it was said, one photograph twice, or two persons', async () => {
    await photographs(['y-a', 'y-b', 'y-c']);
    await store.save(image('y-two', { faces: [face('y-two-0', 10), face('y-two-1', 300)] }));
    const [a, b, c] = ['y-a-0', 'y-b-0', 'y-c-0'] as const;
    const why = (one: string, two: string) =>
      people.decide(one, two, 'same', ANN).then(
        () => undefined,
        ({ because }) => because,
      );
    await people.decide(a, b, 'same', ANN);
    await people.decide(b, c, 'different', ANN);
    expect([await why(a, c), await why(c, a)]).toEqual(['different', 'different']);
    await people.decide('y-two-0', a, 'same', ANN);
    expect([await why('y-two-1', b), await why(b, 'y-two-1')]).toEqual(['photograph', 'photograph']);
    await people.persons.make({ fullName: 'Amal' }, ANN, [a]);
    await people.persons.make({ fullName: 'Zahra' }, ANN, [c]);
    await people.decide(b, c, 'undecided', ANN);
    expect([await why(b, c), await why(c, b)]).toEqual(['persons', 'persons']);
  });

  test('what the machine alone has joined contradicts nobody', async () => {
    await photographs(['m-a', 'm-c']);
    await store.save(matching('m-b', [], { matches: [match('m-b', 'm-a', 0.95)] }));
    await people.settleAll();
    expect(await oneGroup('m-a-0', 'm-b-0')).toBe(true);
    await people.decide('m-a-0', 'm-c-0', 'different', ANN);
    await people.decide('m-b-0', 'm-c-0', 'same', ANN);
    expect(await oneGroup('m-b-0', 'm-c-0')).toBe(true);
    expect(await oneGroup('m-a-0', 'm-c-0')).toBe(false);
  });

  test('to say alone who an enquiry looks for, and to take alone what it took two to find; not where one is enough', async () => {
    const batch = enquiryBatch('00000000-0000-0000-0000-0000000000aa');
    await photographs(['sought'], batch);
    await photographs(['archive', 'other']);
    const pair = ['sought-0', 'archive-0'] as const;
    for (const kind of ['same', 'different'] as const)
      await expect(people.decide(...pair, kind, ANN)).rejects.toThrow(PeopleRefusedError);
    const found = await people.decide(...pair, 'same', { ...ANN, candidateId: 'c', enquiryId: 'e' });
    expect(found?.kind).toBe('same');
    await expect(people.undo(found?.id ?? '', ANN)).rejects.toThrow(PeopleRefusedError);
    await expect(people.decide(...pair, 'undecided', ANN)).rejects.toThrow(PeopleRefusedError);
    expect(await oneGroup(...pair)).toBe(true);
    // A find has joined them: others may follow.
    await people.decide('archive-0', 'other-0', 'same', ANN);
    const undone = await people.undo(found?.id ?? '', { ...ANN, candidateId: 'c' });
    expect(undone).toMatchObject({ candidateId: 'c', enquiryId: 'e', images: ['archive', 'sought'] });
    // That it is taken back is not undone by hand either: with it the find would come back.
    await expect(people.undo(undone.id, ANN)).rejects.toThrow(PeopleRefusedError);
    expect(await oneGroup(...pair)).toBe(false);
    await alone.undo(undone.id, ANN);
    expect(await oneGroup(...pair)).toBe(true);
    await alone.decide(...pair, 'undecided', ANN);
    expect(await oneGroup(...pair)).toBe(false);
    await alone.decide(...pair, 'different', ANN);
    expect((await people.decisions({ face: 'sought-0', limit: 1 }))[0]).toMatchObject({ kind: 'different' });
  });
});

test('when a photograph was taken is kept with its face, and taken away again; under the key of now as well', async () => {
  await photographs(['dated']);
  const taken = async () =>
    (await rows("SELECT taken FROM face_anchor WHERE face_key = 'dated-0'"))[0]?.taken;
  await people.setTaken('dated-0', '2019-07', 'ann');
  expect(await taken()).toBe('2019-07');
  await people.setTaken('dated-0', null, 'ann');
  expect(await taken()).toBeNull();
});

test('a word on a group of which a photograph waits tells whoever follows of its face that has gone, which nobody finds later', async () => {
  await photographs(['w-a']);
  await store.save(matching('w-b', [], { matches: [match('w-b', 'w-a', 0.95)] }));
  await store.save(matching('w-c', [], { matches: [match('w-c', 'w-b', 0.95)] }));
  await photographs(['w-d']);
  await people.settleAll();
  expect(await oneGroup('w-a-0', 'w-b-0', 'w-c-0')).toBe(true);
  await store.save(image('w-c', { run: 1, faces: [], matches: [] }));
  const told: GroupChange[] = [];
  const followers = [async (_: unknown, change: GroupChange) => void told.push(change)];
  const followed = new People(store.database, { clock: () => ++now, figures: 'engine', followers });
  await followed.decide('w-a-0', 'w-d-0', 'same', ANN);
  await followed.settleAll();
  expect(told.flatMap(({ concerned }) => [...concerned])).toContain('w-c-0');
  // More than a word has changed there: whoever takes it for no more looks at none of the others.
  expect(told[0]?.onlyDecided).toBe(false);
  expect((await people.groups.get('w-a-0'))?.faces).toBe(3);
});
