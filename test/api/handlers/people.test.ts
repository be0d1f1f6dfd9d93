import { describe, expect, test } from 'vitest';
import { toCursor } from '../../../src/api/cursor.ts';
import {
  changePerson,
  decidePersonFace,
  getGroup,
  getPerson,
  groupOfFace,
  listDecisions,
  listGroups,
  listPeople,
  mergePerson,
  split,
  undoDecision,
  undoDecisions,
} from '../../../src/api/handlers/people.ts';
import { subject } from '../../../src/audit/subject.ts';
import {
  ANN,
  call,
  cursorOf,
  decision,
  entry,
  group,
  groupsApp,
  groupView,
  page,
  person,
  place,
  placeView,
  withPeople,
} from './support.ts';

describe('groups', () => {
  test('are shown with a few of their faces, and why the machine joins what it joins', async () => {
    const { answer, did } = await call(
      listGroups,
      (all) => groupsApp(all, [group('g', { person: { id: 'p' } })]),
      {
        query: { limit: 5, batch: 'camp' },
      },
    );
    expect(did[1]).toBe(6);
    expect(answer).toEqual({
      groups: [
        {
          ...{ ...group('g'), person: { id: 'p', fullName: null } },
          some: [{ ...placeView('f'), quality: null, decided: true, taken: null }],
        },
      ],
      threshold: { faces: 50, confidence: 0.43, basis: 'none', why: expect.stringMatching(/^In this batch/) },
      next: null,
    });
    const whole = await call(listGroups, (all) => groupsApp(all, []), {
      query: { limit: 5, named: 'false', contested: 'true' },
    });
    expect(whole.did[0]).toEqual({ limit: 5, named: false, contested: true });
    expect(whole.answer.threshold).toMatchObject({
      confidence: null,
      why: expect.stringMatching(/^In the whole archive/),
    });
  });

  test('of an enquiry’s photograph are not shown to one who may only look', async () => {
    const hidden = { batchId: '_enquiry/e', decided: false };
    const app = () =>
      withPeople({
        groups: {
          list: async () => [group('g')],
          someFaces: async () => new Map([['g', [place('f', hidden), place('o', { decided: false })]]]),
          threshold: async () => ({ faces: 50, basis: 'none' }),
          get: async () => group('g'),
          faces: async () => [place('f', hidden), place('o', { decided: false })],
        },
      });
    const seen = async (role: string) => {
      const viewer = { person: { ...ANN, role } };
      const { answer } = await call(listGroups, app, { query: { limit: 5 }, ...viewer });
      const one = await call(getGroup, app, { query: { limit: 5 }, params: { group: 'g' }, ...viewer });
      const [first] = answer.groups as unknown as { lead: string; some: object[] }[];
      return [first?.lead, first?.some.length, (one.answer.members as unknown as object[]).length];
    };
    expect(await seen('viewer')).toEqual(['o', 1, 1]);
    expect(await seen('operator')).toEqual(['f', 2, 2]);
  });

  test('tell their members page by page, and who has read them', async () => {
    const members = [
      place('f', { decided: true, quality: 'high', taken: '2019', crop: 'c' }),
      place('f2', { decided: false }),
    ];
    const app = (did: unknown[]) =>
      withPeople({
        groups: {
          get: async (id: string) => (id === 'g' ? group('g') : undefined),
          faces: async (_: object, how: object) => {
            did.push(how);
            return members;
          },
          idsOf: async ([face]: string[]) => new Map(face === 'f' ? [['f', 'g']] : []),
        },
      });
    const read = (query: object, id = 'g') => call(getGroup, app, { query, params: { group: id } });
    const { answer, did } = await read({ limit: 2, after: toCursor(['e']) });
    expect(answer.members).toEqual([
      { ...placeView('f', { hasCrop: true }), quality: 'high', decided: true, taken: '2019' },
      { ...placeView('f2'), quality: null, decided: false, taken: null },
    ]);
    expect(cursorOf(answer.next)).toEqual(['f2']);
    expect(did).toEqual([
      { limit: 2, after: 'e' },
      ['ann', 'group.read', ['f', 'f2'].map(subject.face), { faces: 2 }],
    ]);
    expect((await read({ limit: 3 })).answer.next).toBeNull();
    await expect(read({ limit: 3 }, 'x')).rejects.toMatchObject({ status: 404 });
    expect((await call(groupOfFace, app, { params: { face: 'f' } })).answer).toEqual(groupView('g'));
    await expect(call(groupOfFace, app, { params: { face: 'x' } })).rejects.toMatchObject({ status: 404 });
  });
});

describe('persons', () => {
  test('are told with whom they were merged into and the group of that, and that they were read', async () => {
    const app = (of: object | undefined) => () =>
      withPeople({
        persons: { get: async (id: string) => (id === 'p' ? person : undefined), kept: async () => 'q' },
        groups: { get: async (id: string) => (id === 'person:q' ? of : undefined) },
      });
    const { answer, did } = await call(getPerson, app(group('g')), { params: { person: 'p' } });
    expect(answer).toEqual({ ...person, keptAs: 'q', group: groupView('g') });
    expect(did).toEqual([['ann', 'person.read', [subject.person('p')], undefined]]);
    expect((await call(getPerson, app(undefined), { params: { person: 'p' } })).answer.group).toBeNull();
    await expect(call(getPerson, app(undefined), { params: { person: 'x' } })).rejects.toMatchObject({
      status: 404,
    });
    const changing = (did2: unknown[]) =>
      withPeople({ persons: { change: async (...given: unknown[]) => did2.push(given) } });
    const change = await call(changePerson, changing, {
      params: { person: 'p' },
      body: { version: 3, fullName: null, sex: undefined },
    });
    expect(change.did).toEqual([['p', { fullName: null }, 'ann', 3]]);
  });

  test.each([[undefined], ['a slip']])(
    'and what is decided of them are signed, with the reason that was given: %s',
    async (reason) => {
      const saying = { by: 'ann', ...(reason !== undefined && { reason }) };
      const noting = (result: unknown) => (did: unknown[]) => {
        const note = async (...given: unknown[]) => {
          did.push(given);
          return result;
        };
        return withPeople({ split: note, decide: note, undo: note, undoAll: note, persons: { merge: note } });
      };
      const body = (more: object = {}) => ({ ...more, ...(reason !== undefined && { reason }) });
      const splitting = await call(split, noting(['d']), { body: body({ faces: ['f'], person: 'p' }) });
      expect([splitting.answer, splitting.did]).toEqual([{ decisions: ['d'] }, [[['f'], 'p', saying]]]);
      const params = { face: 'f', person: 'p', decision: 'd' };
      const decided = await call(decidePersonFace, noting(decision), {
        params,
        body: body({ verdict: 'same' }),
      });
      expect([decided.answer, decided.did]).toEqual([entry, [['f', 'person:p', 'same', saying]]]);
      expect(
        (await call(decidePersonFace, noting(undefined), { params, body: body({ verdict: 'undecided' }) }))
          .answer,
      ).toBeNull();
      const merged = await call(
        mergePerson,
        noting({
          ...decision,
          reason: 'r',
          score: 0,
          model: 'm',
          candidateId: 'c',
          enquiryId: 'e',
          supersedes: 's',
        }),
        { params, body: body({ into: 'q' }) },
      );
      expect(merged.answer).toEqual({
        ...entry,
        reason: 'r',
        score: 0,
        model: 'm',
        candidate: 'c',
        enquiry: 'e',
        supersedes: 's',
      });
      expect(merged.did).toEqual([['p', 'q', saying]]);
      const undone = await call(undoDecision, noting(decision), { params, body: body() });
      expect([undone.answer, undone.did]).toEqual([entry, [['d', saying]]]);
      const all = await call(undoDecisions, noting([decision]), { body: body({ decisions: ['x'] }) });
      expect([all.answer, all.did]).toEqual([{ decisions: ['d'] }, [[['x'], saying]]]);
    },
  );

  test('are hidden from no list that does not ask for them, and a reader of the archive reads of the archive', async () => {
    const { did } = await call(listPeople, (all) => withPeople({ persons: { list: page(all, []) } }), {
      query: { limit: 2, hidden: 'false' },
    });
    expect(did).toEqual([{ limit: 2 }]);
    const viewer = { ...ANN, role: 'viewer' };
    const read = await call(listDecisions, (all) => withPeople({ decisions: page(all, [decision]) }), {
      person: viewer,
      query: { limit: 2 },
    });
    expect(read.did).toEqual([
      { limit: 2, reader: viewer, archiveOnly: true },
      ['ann', 'decisions.read', undefined, { decisions: 1 }],
    ]);
    expect(read.answer.decisions).toEqual([entry]);
  });
});
