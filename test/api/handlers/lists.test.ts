import { describe, expect, test } from 'vitest';
import { fromCursor, toCursor } from '../../../src/api/cursor.ts';
import { listAudit } from '../../../src/api/handlers/audit.ts';
import { calibrationState, listCalibrations } from '../../../src/api/handlers/calibration.ts';
import { listCandidates } from '../../../src/api/handlers/candidates.ts';
import { listEnquiries } from '../../../src/api/handlers/enquiries.ts';
import { listOutbox } from '../../../src/api/handlers/outbox.ts';
import { listDecisions, listGroups, listPeople } from '../../../src/api/handlers/people.ts';
import { subject } from '../../../src/audit/subject.ts';
import {
  ANN,
  calibrated,
  call,
  candidate,
  cursorOf,
  decision,
  enquiry,
  event,
  group,
  groupsApp,
  kept,
  page,
  person,
  T,
  withPeople,
} from './support.ts';

/** Every list that goes page by page: what it is asked for, and from where it goes on. */
type List = [
  string,
  unknown,
  (did: unknown[], found: object[]) => object,
  object,
  object,
  object,
  unknown[],
  unknown[],
];
const lists: List[] = [
  [
    'groups',
    listGroups,
    groupsApp,
    { batch: 'b', named: 'true', contested: 'false' },
    { batchId: 'b', named: true, contested: false },
    group('g'),
    ['groups'],
    [3, 'g'],
  ],
  [
    'people',
    listPeople,
    (did, found) => withPeople({ persons: { list: page(did, found) } }),
    { prefix: 'a', hidden: 'true' },
    { prefix: 'a', hidden: true },
    { ...person, nameKey: 'amal' },
    ['people'],
    ['amal', 'p'],
  ],
  [
    'decisions',
    listDecisions,
    (did, found) => withPeople({ decisions: page(did, found) }),
    { face: 'f', image: 'i', person: 'p', candidate: 'c', enquiry: 'e' },
    { face: 'f', image: 'i', person: 'p', candidateId: 'c', enquiryId: 'e', reader: ANN, archiveOnly: false },
    decision,
    ['decisions'],
    [T, 'd'],
  ],
  [
    'enquiries',
    listEnquiries,
    (did, found) => ({ enquiries: async () => ({ list: page(did, found) }) }),
    { state: 'open', caseReference: '17', owner: 'ann' },
    { state: 'open', caseReference: '17', owner: 'ann' },
    enquiry,
    ['enquiries'],
    [T, 'e'],
  ],
  [
    'candidates',
    listCandidates,
    (did, found) => ({ candidates: async () => ({ list: (query: object) => page(did, found)(query) }) }),
    { enquiry: 'e', standing: 'open' },
    { enquiry: 'e', standing: 'open' },
    { ...candidate, score: 0.5 },
    ['candidates'],
    [0, 0.5, 'c'],
  ],
  [
    'what is told',
    listOutbox,
    (did, found) => ({
      results: async () => ({ outbox: { list: page(did, found), counts: async () => ({ dead: 1 }) } }),
    }),
    { state: 'dead', enquiry: 'e' },
    { state: 'dead', enquiry: 'e' },
    event,
    ['events'],
    [T, 'v'],
  ],
  ['calibrations', listCalibrations, calibrated, {}, {}, kept, ['items'], [T, 'k']],
  [
    'the audit',
    listAudit,
    (did, found) => ({ results: async () => ({ audit: { list: page(did, found) } }) }),
    { action: 'x', image: 'i' },
    { action: 'x', about: subject.image('i') },
    { sequence: 7 },
    ['entries'],
    [7],
  ],
];
const AFTER: Record<string, object> = {
  groups: { after: { faces: 3, id: 'g' } },
  people: { after: { nameKey: 'amal', id: 'p' } },
  decisions: { after: { at: T, id: 'd' } },
  enquiries: { after: { openedAt: T, id: 'e' } },
  candidates: { after: { blind: false, score: 0.5, id: 'c' } },
  'what is told': { after: { at: T, id: 'v' } },
  calibrations: { after: { at: T, id: 'k' } },
  'the audit': { before: 7 },
};

describe.each(lists)('the list of %s', (name, handler, app, query, asked, item, [key], position) => {
  const list = (found: object[], given: object) => call(handler, (did) => app(did, found), { query: given });
  test('asks for what it was asked, and for nothing that it was not', async () => {
    const always = name === 'decisions' ? { reader: ANN, archiveOnly: false } : {};
    expect((await list([], { limit: 2, ...query })).did[0]).toEqual({ limit: 2, ...asked });
    expect((await list([], { limit: 2 })).did[0]).toEqual({ limit: 2, ...always });
  });
  test('says where to go on where there may be more, and goes on from there', async () => {
    const full = (await list([item, item], { limit: 2 })).answer;
    expect(full[String(key)]).toHaveLength(2);
    expect(cursorOf(full.next)).toEqual(position);
    expect((await list([item], { limit: 2 })).answer.next).toBeNull();
    const { did } = await list([], { limit: 2, after: toCursor(position as never) });
    expect(did[0]).toMatchObject({ limit: 2, ...AFTER[name] });
  });
});

test('a calibration is told by the faces there are now, and the published figures where there are any', async () => {
  const none = {
    latest: async () => undefined,
    latestDraw: async () => undefined,
    undecided: async () => [],
  };
  const bare = await call(calibrationState, (did) => calibrated(did, [], none));
  expect(bare.answer).toEqual({
    ...{
      model: 'm',
      threshold: 0.5,
      faces: 100,
      basis: null,
      calibration: null,
      latest: null,
      published: [],
      drawn: null,
    },
  });
  const draw = { at: T, faces: 9, searched: 3, seed: 1, strata: [] };
  const some = (waiting: object[]) => ({
    latest: async () => kept,
    latestDraw: async () => draw,
    undecided: async () => waiting,
  });
  const known = await call(calibrationState, (did) => calibrated(did, [], some([])));
  const view = { id: 'k', at: T, by: 'ann', model: 'm', seed: 1, ...kept.result };
  expect(known.answer).toMatchObject({ basis: 'archive', calibration: view, latest: view });
  expect(known.answer.drawn).toEqual({ at: T, faces: 9, searched: 3, undecided: false });
  const waiting = await call(calibrationState, (did) => calibrated(did, [], some([{}])));
  expect(waiting.answer.drawn).toMatchObject({ undecided: true });
});

test('the audit is asked about one thing at a time', async () => {
  const app = (did: unknown[]) => ({ results: async () => ({ audit: { list: page(did, []) } }) });
  const about = async (query: object) =>
    (await call(listAudit, app, { query: { limit: 1, ...query } })).did[0];
  expect(await about({ face: 'f' })).toEqual({ limit: 1, about: subject.face('f') });
  expect(await about({ batch: 'b' })).toEqual({ limit: 1, about: subject.batch('b') });
  await expect(about({ face: 'f', batch: 'b' })).rejects.toMatchObject({ status: 400 });
  expect(
    fromCursor(toCursor([1]), { safeParse: (data: unknown) => ({ success: true, data }) } as never),
  ).toEqual([1]);
});
