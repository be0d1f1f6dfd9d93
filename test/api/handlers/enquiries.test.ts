import { describe, expect, test } from 'vitest';
import { toCursor } from '../../../src/api/cursor.ts';
import { decideCandidate, getCandidate, listCandidates } from '../../../src/api/handlers/candidates.ts';
import {
  changeEnquiryHere,
  endEnquiryHere,
  getEnquiry,
  listEnquiries,
  listEnquiryEvents,
  openEnquiryHere,
} from '../../../src/api/handlers/enquiries.ts';
import { listOutbox, sendAgain } from '../../../src/api/handlers/outbox.ts';
import { subject } from '../../../src/audit/subject.ts';
import {
  ANN,
  call,
  candidate,
  candidateView,
  cursorOf,
  enquiry,
  enquiryView,
  event,
  noted,
  page,
  person,
  place,
  placeView,
  T,
} from './support.ts';

describe('enquiries', () => {
  const app = (did: unknown[]) => ({
    enquiries: async () => ({
      get: async (id: string) => (id === 'e' ? enquiry : undefined),
      photographs: async () => [
        { imageId: 'i', addedBy: 'ann', addedAt: T },
        { imageId: 'j', taken: '1998', addedBy: 'ann', addedAt: T },
      ],
      leftOut: async () => new Set(['f']),
      events: page(did, [{ id: 'v', at: T, who: 'ann', kind: 'opened' }]),
    }),
    candidates: async () => ({ counts: async () => ({ candidates: 2, secondLook: 1 }) }),
    results: async () => ({
      get: async (id: string) =>
        id === 'i'
          ? {
              status: 'done',
              faces: [
                { key: 'f', rectangle: 'r', crop: 'c', quality: 'low', enrolled: true },
                { key: 'g', rectangle: 's', enrolled: false },
              ],
            }
          : undefined,
    }),
  });

  test('are told with their photographs, and who in them is sought', async () => {
    const { answer, did } = await call(getEnquiry, app, { params: { enquiry: 'e' } });
    expect(answer).toEqual({
      ...enquiryView,
      ...{ batchId: '_enquiry/e', candidates: 2, secondLook: 1 },
      photographs: [
        {
          ...{ imageId: 'i', taken: null, addedBy: 'ann', addedAt: T, status: 'done' },
          faces: [
            { face: 'f', rectangle: 'r', hasCrop: true, quality: 'low', enrolled: true, sought: false },
            { face: 'g', rectangle: 's', hasCrop: false, quality: null, enrolled: false, sought: true },
          ],
        },
        { imageId: 'j', taken: '1998', addedBy: 'ann', addedAt: T, status: null, faces: [] },
      ],
    });
    expect(did).toEqual([['ann', 'enquiry.read', [subject.enquiry('e')], undefined]]);
    await expect(call(getEnquiry, app, { params: { enquiry: 'x' } })).rejects.toMatchObject({ status: 404 });
    const whole = {
      ...enquiry,
      reason: 'r',
      caseReference: 'c',
      askedBy: 'a',
      sought: 's',
      relation: 'm',
      owner: 'o',
      office: 'f',
      expires: T,
    };
    const asked: object[] = [];
    const list = (query: object) =>
      call(
        listEnquiries,
        () => ({
          enquiries: async () => ({
            list: async (given: object) => {
              asked.push(given);
              return [whole];
            },
          }),
        }),
        { query },
      );
    expect((await list({ limit: 9 })).answer.enquiries).toEqual([{ ...whole, next: enquiryView.next }]);
    await list({ limit: 9, search: 'amal', ended: 'false' });
    await list({ limit: 9, ended: 'true' });
    expect(asked).toEqual([
      { limit: 9 },
      { limit: 9, search: 'amal', ended: false },
      { limit: 9, ended: true },
    ]);
  });

  test('have a time line, read as a reader may', async () => {
    const read = (query: object, id = 'e') =>
      call(listEnquiryEvents, app, { params: { enquiry: id }, query });
    const { answer, did } = await read({ limit: 1, after: toCursor([T, 'w']) });
    expect(answer.events).toEqual([
      { id: 'v', at: T, who: 'ann', kind: 'opened', candidate: null, from: null, to: null, note: null },
    ]);
    expect(cursorOf(answer.next)).toEqual([T, 'v']);
    expect(did).toEqual([['e', { limit: 1, reader: ANN, after: { at: T, id: 'w' } }]]);
    expect((await read({ limit: 2 })).answer.next).toBeNull();
    await expect(read({ limit: 2 }, 'x')).rejects.toMatchObject({ status: 404 });
  });
});

describe('candidates', () => {
  const face = placeView('f');
  const detail = {
    ...candidate,
    ...{
      evidence: [{ own: 'o', other: 'f' }],
      unlike: ['u'],
      group: [place('f')],
      own: [],
      words: [],
      proposals: [],
    },
  };
  const app = (did: unknown[]) => ({
    candidates: async () => ({ get: async (id: string) => (id === 'c' ? detail : undefined) }),
    review: async () => ({ say: async (...given: unknown[]) => did.push(given) }),
  });
  const view = {
    ...candidateView,
    ...{ worth: null, evidence: [{ own: 'o', other: 'f', confidence: null }], proposals: [], unlike: ['u'] },
    ...{ group: [{ ...face, quality: null, taken: null }], own: [], words: [], ageGapYears: null },
  };

  test('are told whole, and that they were read', async () => {
    const { answer, did } = await call(getCandidate, app, { params: { candidate: 'c' } });
    expect(answer).toEqual(view);
    expect(did).toEqual([
      ['ann', 'candidate.read', [subject.candidate('c'), subject.enquiry('e')], undefined],
    ]);
    await expect(call(getCandidate, app, { params: { candidate: 'x' } })).rejects.toMatchObject({
      status: 404,
    });
    const last = { ...candidate, blind: true };
    const list = await call(
      listCandidates,
      () => ({ candidates: async () => ({ list: async () => [last] }) }),
      { query: { limit: 1 } },
    );
    expect(cursorOf(list.answer.next)).toEqual([1, 0, 'c']);
    const after = await call(
      listCandidates,
      (all) => ({ candidates: async () => ({ list: (query: object) => page(all, [])(query) }) }),
      {
        query: { limit: 1, after: toCursor([1, 0, 'c']) },
      },
    );
    expect(after.did).toEqual([{ limit: 1, after: { blind: true, score: 0, id: 'c' } }]);
  });

  test('are decided with what was said, and others are told at once', async () => {
    const body = { word: 'same', reason: 'r', version: 3 };
    const said = await call(decideCandidate, app, { params: { candidate: 'c' }, body });
    expect([said.answer, said.did]).toEqual([view, [['c', body, ANN], 'nudged']]);
    const bare = await call(decideCandidate, app, { params: { candidate: 'c' }, body: { word: 'later' } });
    expect(bare.did[0]).toEqual(['c', { word: 'later' }, ANN]);
  });
});

describe('what is told to others', () => {
  test('is listed with when it is sent next while it waits, and how it ended', async () => {
    const ended = { ...event, state: 'dead', endedAt: T, reason: { code: 'X', message: 'x' } };
    const { answer } = await call(
      listOutbox,
      () => ({
        results: async () => ({
          outbox: { list: async () => [event, ended], counts: async () => ({ dead: 1 }) },
        }),
      }),
      { query: { limit: 9 } },
    );
    expect(answer).toEqual({
      ...{ receiver: 'webhook', counts: { dead: 1 }, next: null },
      events: [
        { ...event, endedAt: null, reason: null },
        { ...ended, nextAt: null },
      ],
    });
  });

  test.each([
    ['dead', true],
    ['waiting', true],
    ['delivered', false],
    ['withheld', false],
    [undefined, false],
  ])('is sent again where it is %s: %s, and that is written down before', async (state, isSent) => {
    const asked = call(
      sendAgain,
      (did) => ({
        results: async () => ({
          outbox: { get: async () => state && { state }, again: async () => did.push('again') },
        }),
      }),
      { params: { event: 'v' } },
    );
    if (isSent)
      expect((await asked).did).toEqual([
        ['ann', 'alert.sent.again', undefined, { event: 'v' }],
        'again',
        'nudged',
      ]);
    else await expect(asked).rejects.toMatchObject({ status: 404 });
  });
});

test('what an enquiry is opened, changed and ended with is handed on as it was given', async () => {
  const given: unknown[] = [];
  const write = async (...said: unknown[]) => noted(given, said, enquiry);
  const app = () => ({
    enquiries: async () => ({ open: write, change: write, end: write, get: async () => enquiry }),
    people: async () => ({ persons: { get: async () => person } }),
    batches: { change: async () => ({}), get: async () => undefined },
  });
  const terms = { purpose: 'p', legalBasis: 'l', minor: true };
  await call(openEnquiryHere, app, { body: { ...terms, expires: '2027-01-01T01:00:00+01:00' } }).catch(
    () => {},
  );
  const inUtc = { ...terms, owner: 'ann', expires: '2027-01-01T00:00:00.000Z' };
  expect(given[0]).toEqual([inUtc, 'ann', undefined]);
  given.length = 0;
  const whole = { caseReference: 'c', askedBy: 'a', sought: 's', relation: 'r', office: 'o', owner: 'ben' };
  const id = '0b6e3a52-9d3f-4c39-8a51-0d1c9c0f1f4e';
  await call(openEnquiryHere, app, { body: { ...terms, ...whole, id } }).catch(() => {});
  expect(given[0]).toEqual([{ ...terms, ...whole }, 'ann', id]);
  given.length = 0;
  // Erased tonight, or about somebody of whom nobody knows: neither can be meant.
  const past = call(openEnquiryHere, app, { body: { ...terms, expires: '2020-01-01T00:00:00Z' } });
  await expect(past).rejects.toMatchObject({ code: 'ExpiryPassed' });
  const nobody = () => ({ ...app(), people: async () => ({ persons: { get: async () => undefined } }) });
  const unknown = call(openEnquiryHere, nobody, { body: { ...terms, sought: 'x' } });
  await expect(unknown).rejects.toMatchObject({ code: 'UnknownPerson' });
  const params = { enquiry: 'e' };
  const changed = call(changeEnquiryHere, app, { params, body: { expires: '2020-01-01T00:00:00Z' } });
  await expect(changed).rejects.toMatchObject({ code: 'ExpiryPassed' });
  expect(given).toEqual([]);
  await call(changeEnquiryHere, app, { params, body: { version: 2, office: null, expires: null } }).catch(
    () => {},
  );
  expect(given[0]).toEqual(['e', { office: null, expires: null }, 'ann', 2]);
  given.length = 0;
  const reopened = await call(endEnquiryHere, app, {
    params,
    body: { state: 'open', reason: 'r', version: 2 },
  });
  expect([reopened.did, given[0]]).toEqual([['nudged'], ['e', 'open', 'r', 'ann', 2]]);
  given.length = 0;
  const closed = await call(endEnquiryHere, app, { params, body: { state: 'closed', reason: 'r' } });
  expect([closed.did, given[0]]).toEqual([[], ['e', 'closed', 'r', 'ann', undefined]]);
});
