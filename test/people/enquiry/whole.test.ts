import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { subject } from '../../../src/audit/subject.ts';
import { raw } from '../../../src/database/sql.ts';
import { columnsOf, toEnquiry } from '../../../src/people/enquiry/enquiry.ts';
import { countSecondLooks } from '../../../src/people/enquiry/hidden.ts';
import { type Known, type Members, sameAsBefore } from '../../../src/people/enquiry/make.ts';
import {
  reviewerAmong,
  reviewerOf,
  type SaidWord,
  wordsThatCount,
} from '../../../src/people/enquiry/standing.ts';
import { ChangedMeanwhileError } from '../../../src/people/errors.ts';
import { box, image } from '../../results/fixtures.ts';
import { limitsOf, RecordingDatabase } from '../../results/recording.ts';
import { EnquiryWorld, enquiryBatch } from './world.ts';

/** Enquiries, their candidates and words as they are told: whole, and where each of their limits lies. */
let world: EnquiryWorld;
beforeEach(async () => {
  world = await EnquiryWorld.open();
});
afterEach(() => world.close());

const rows = async (statement: string) => (await world.store.database.read([raw(statement)]))[0] ?? [];
const execute = (...statements: string[]) =>
  world.store.database.write((session) => session.run(statements.map((one) => raw(one))));
const iso = () => new Date(world.now).toISOString();
const audit = async () =>
  (await world.store.audit.list({ limit: 99 })).map(({ who, action, about, detail }) => ({
    ...{ who, action, about },
    ...(Object.keys(detail).length > 0 && { detail }),
  }));

/** An enquiry with one portrait, and a group of two photographs of the archive that are like it. */
async function usual() {
  await world.photograph('camp', 'a', []);
  await world.photograph('camp', 'b', [{ photograph: 'a', confidence: 0.8 }]);
  const enquiry = await world.enquiry();
  await world.parts.enquiries.addPhotograph(enquiry, 'p', '1998', 'anna');
  await world.photograph(enquiryBatch(enquiry), 'p', [{ photograph: 'a', confidence: 0.7 }]);
  const [candidate] = await world.candidates(enquiry);
  return { enquiry, id: candidate?.id ?? '' };
}
const words = async () => rows('SELECT * FROM candidate_word ORDER BY said_at, word_id');

describe('an enquiry', () => {
  const terms = { purpose: 'tracing', legalBasis: 'public interest', minor: true };
  const whole = {
    ...terms,
    ...{ caseReference: '17', askedBy: 'x', sought: 'y', relation: 'mother', owner: 'anna', office: 'Bern' },
    expires: '2027-01-01T00:00:00.000Z',
  };

  test('is kept whole, changed value by value, ended and taken up again, and all of it told', async () => {
    const opened = await world.parts.enquiries.open(whole, 'anna');
    const { id } = opened;
    const first = {
      ...whole,
      id,
      state: 'open',
      openedBy: 'anna',
      openedAt: iso(),
      changedAt: iso(),
      version: 1,
    };
    expect(opened).toEqual(first);
    world.now += 1000;
    const changed = await world.parts.enquiries.change(id, { owner: null, minor: false }, 'ben', 1);
    const { owner: _, ...unowned } = first;
    const second = { ...unowned, minor: false, changedAt: iso(), version: 2 };
    expect(changed).toEqual(second);
    expect(await world.parts.enquiries.change(id, {}, 'ben')).toEqual(second);
    await expect(world.parts.enquiries.change(id, { office: 'x' }, 'ben', 1)).rejects.toThrow(
      ChangedMeanwhileError,
    );
    world.now += 1000;
    expect(await world.parts.enquiries.note(id, 'she called', 'ben')).toEqual(second);
    world.now += 1000;
    const ended = await world.parts.enquiries.end(id, 'closed', 'no answer', 'carl', 2);
    const third = {
      ...second,
      state: 'closed',
      ended: 'closed',
      reason: 'no answer',
      changedAt: iso(),
      version: 3,
    };
    expect(ended).toEqual(third);
    expect(await world.parts.enquiries.end(id, 'closed', 'again', 'carl')).toEqual(third);
    await expect(world.parts.enquiries.end(id, 'reunited', 'x', 'carl')).rejects.toMatchObject({
      ...{ code: 'EnquiryState', message: /^Nobody was found yet/ },
    });
    world.now += 1000;
    await world.parts.enquiries.end(id, 'open', 'a letter', 'carl');
    await expect(world.parts.enquiries.end(id, 'reunited', 'x', 'carl')).rejects.toThrow(/Nobody was found/);
    const about = [subject.enquiry(id)];
    expect(await audit()).toEqual([
      { who: 'carl', action: 'enquiry.reopened', about, detail: { from: 'closed', to: 'open' } },
      { who: 'carl', action: 'enquiry.ended', about, detail: { from: 'open', to: 'closed' } },
      { who: 'ben', action: 'enquiry.noted', about },
      { who: 'ben', action: 'enquiry.changed', about, detail: { changed: ['minor', 'owner'] } },
      { who: 'anna', action: 'enquiry.opened', about },
    ]);
    const events = await world.parts.enquiries.events(id, { limit: 9 });
    expect(events.map(({ id: __, at: ___, ...event }) => event)).toEqual([
      { who: 'carl', kind: 'state', from: 'closed', to: 'open', note: 'a letter' },
      { who: 'carl', kind: 'state', from: 'open', to: 'closed', note: 'no answer' },
      { who: 'ben', kind: 'note', note: 'she called' },
      { who: 'ben', kind: 'changed', note: 'minor, owner' },
      { who: 'anna', kind: 'opened' },
    ]);
  });

  test('is found by how it stands, its case and whose it is, and by when it expires', async () => {
    const ids: string[] = [];
    for (const values of [whole, { ...terms, owner: 'ben' }, { ...terms, caseReference: '17' }]) {
      world.now += 1000;
      ids.push((await world.parts.enquiries.open(values, 'anna')).id);
    }
    const found = async (query: object) =>
      (await world.parts.enquiries.list({ limit: 9, ...query })).map(({ id }) => ids.indexOf(id));
    expect(await found({})).toEqual([2, 1, 0]);
    expect(await found({ limit: 2 })).toEqual([2, 1]);
    expect(await found({ caseReference: '17' })).toEqual([2, 0]);
    expect(await found({ owner: 'ben' })).toEqual([1]);
    expect(await found({ state: 'closed' })).toEqual([]);
    expect([await found({ ended: true }), await found({ ended: false })]).toEqual([[], [2, 1, 0]]);
    const second = await world.parts.enquiries.get(ids[1] ?? '');
    expect(await found({ after: { openedAt: second?.openedAt ?? '', id: second?.id ?? '' } })).toEqual([0]);
    const expired = async (at: string) =>
      (await world.parts.enquiries.expired(at, 9)).map(({ id }) => ids.indexOf(id));
    expect(await expired('2026-12-31T23:59:59.999Z')).toEqual([]);
    expect(await expired(whole.expires)).toEqual([0]);
    expect(await world.parts.enquiries.get('nobody')).toBeUndefined();
    await expect(world.parts.enquiries.note('nobody', 'x', 'anna')).rejects.toMatchObject({
      what: 'enquiry',
    });
  });

  test('is searched for by a part of its case, or of the name of who is sought, whatever its case and accents', async () => {
    const { id: sought } = await world.people.persons.make(
      { fullName: 'Amál 100%_[x] Haddad' },
      { by: 'anna' },
    );
    const ids: string[] = [];
    for (const values of [
      { caseReference: 'TR-2026\\17' },
      { sought },
      { caseReference: 'TR-2027-18' },
      {},
      { caseReference: 'ИВАНОВ/7' },
      { caseReference: 'Ὀδυσσεύς É-3' },
      { caseReference: 'İZMİR-IŞIK 9' },
    ]) {
      world.now += 1000;
      ids.push((await world.parts.enquiries.open({ ...terms, ...values }, 'anna')).id);
    }
    await world.parts.enquiries.end(ids[2] ?? '', 'closed', 'over', 'anna');
    const found = async (search: string, query: object = {}) =>
      (await world.parts.enquiries.list({ limit: 9, search, ...query })).map(({ id }) => ids.indexOf(id));
    expect(await found('tr-202')).toEqual([2, 0]);
    expect(await found('tr-202', { ended: false })).toEqual([0]);
    expect(await found('tr-202', { ended: true })).toEqual([2]);
    expect(await found(' hadd ')).toEqual([1]);
    expect(await found('AMAL')).toEqual([1]);
    // Signs of a pattern stand for themselves.
    for (const [words, wanted] of [
      ['0%_[x] h', [1]],
      ['2026\\1', [0]],
      ['%', [1]],
      ['a_a', []],
      ['[tr]', []],
      ['иванов', [4]],
      ['Иванов/7', [4]],
      ['οδυσσευς', [5]],
      ['ΟΔΥΣΣΕΎΣ é', [5]],
      ['E-3', [5]],
      ['izmir', [6]],
      ['İzmir-Işık', [6]],
      ['isik 9', [6]],
    ] as const)
      expect(await found(words), words).toEqual(wanted);
  });

  test('has its photographs in the order in which they came, each once, with when they were taken', async () => {
    const enquiry = await world.enquiry();
    const at = iso();
    await world.parts.enquiries.addPhotograph(enquiry, 'q', undefined, 'anna');
    world.now += 1000;
    await world.parts.enquiries.addPhotograph(enquiry, 'p', '1998', 'ben');
    const events = async () => (await world.parts.enquiries.events(enquiry, { limit: 9 })).length;
    const before = await events();
    await world.parts.enquiries.addPhotograph(enquiry, 'p', undefined, 'carl');
    await world.parts.enquiries.addPhotograph(enquiry, 'q', '2001-02', 'carl');
    expect(await events()).toBe(before);
    expect(await world.parts.enquiries.photographs(enquiry)).toEqual([
      { imageId: 'q', taken: '2001-02', addedBy: 'anna', addedAt: at },
      { imageId: 'p', taken: '1998', addedBy: 'ben', addedAt: iso() },
    ]);
    await world.parts.enquiries.seekFace(enquiry, { key: 'p-0', imageId: 'p' }, false, 'ben');
    expect(await world.parts.enquiries.leftOut(enquiry)).toEqual(new Set(['p-0']));
    await world.parts.enquiries.seekFace(enquiry, { key: 'p-0', imageId: 'p' }, true, 'ben');
    expect(await world.parts.enquiries.leftOut(enquiry)).toEqual(new Set());
    const about = [subject.enquiry(enquiry), subject.face('p-0')];
    const chosen = { who: 'ben', action: 'enquiry.face.chosen', about };
    expect((await audit()).slice(0, 3)).toEqual([
      { ...chosen, detail: { isSought: true } },
      { ...chosen, detail: { isSought: false } },
      {
        who: 'ben',
        action: 'enquiry.photograph.added',
        about: [subject.enquiry(enquiry), subject.image('p')],
      },
    ]);
  });

  test('of values that are taken away says nothing, and writes what it is given', () => {
    expect(
      columnsOf({ caseReference: null, owner: 'x', minor: false }).map(([name, { value }]) => [name, value]),
    ).toEqual([
      ['case_reference', null],
      ['owner', 'x'],
      ['minor', 0],
    ]);
    expect(columnsOf({ minor: true }).map(([, { value }]) => value)).toEqual([1]);
    expect(columnsOf({})).toEqual([]);
    const nulls = {
      case_reference: null,
      asked_by: null,
      sought: null,
      relation: null,
      owner: null,
      office: null,
    };
    const row = {
      enquiry_id: 'e',
      purpose: 'p',
      legal_basis: 'l',
      expires: null,
      minor: 0,
      state: 'open',
      ended: null,
    };
    const told = { id: 'e', purpose: 'p', legalBasis: 'l', minor: false, state: 'open' };
    const made = { reason: null, opened_by: 'a', opened_at: 'T', changed_at: 'U', version: 3 };
    expect(toEnquiry({ ...nulls, ...row, ...made })).toEqual({
      ...{ ...told, openedBy: 'a', openedAt: 'T', changedAt: 'U', version: 3 },
    });
  });
});

describe('a candidate', () => {
  const place = (id: string, batchId: string, more: object = {}) => ({
    ...{ face: `${id}-0`, imageId: id, batchId, rectangle: box(10), quality: 'high' },
    imageUrl: `http://127.0.0.1:10000/store/inputimages/${batchId}/${id}.jpg`,
    ...more,
  });

  test('is told whole, and to one who is to judge without knowing, without score and words', async () => {
    const { enquiry, id } = await usual();
    const known = {
      ...{ id, enquiry, standing: 'open', blind: false, score: 0.7, model: 'recognition_04' },
      ...{ bestFace: 'a-0', ownFace: 'p-0', faces: 2, firstSeen: iso(), changedAt: iso(), version: 1 },
    };
    const batch = enquiryBatch(enquiry);
    const shown = {
      evidence: [{ own: 'p-0', other: 'a-0', confidence: 0.7 }],
      ...{ proposals: [], unlike: ['b-0'] },
      group: [place('a', 'camp'), place('b', 'camp')],
      own: [place('p', batch, { taken: '1998' })],
      words: [],
    };
    const worth = { faces: 3, falseCandidates: expect.any(Number), atConfidence: 0.5, source: 'engine' };
    expect(await world.parts.candidates.get(id, 'anna')).toEqual({ ...known, ...shown, worth });
    expect(await world.parts.candidates.list({ limit: 9 }, 'anna')).toEqual([known]);
    world.now += 1000;
    const saidAt = iso();
    await world.parts.review.say(id, { word: 'same', reason: 'her scar' }, 'Anna');
    const first = await world.parts.candidates.get(id, 'anna');
    expect(first?.words).toEqual([
      {
        id: expect.any(String),
        word: 'same',
        by: 'Anna',
        at: saidAt,
        reason: 'her scar',
        blind: false,
        score: 0.7,
        model: 'recognition_04',
      },
    ]);
    expect(first).toMatchObject({ standing: 'pending', blind: false, version: 2, changedAt: saidAt });
    const { score: _, model: __, ...hidden } = known;
    expect(await world.parts.candidates.get(id, 'ben')).toEqual({
      ...hidden,
      ...shown,
      ...{
        standing: 'secondLook',
        blind: true,
        version: 2,
        changedAt: saidAt,
        evidence: [{ own: 'p-0', other: 'a-0' }],
      },
    });
    expect(await world.parts.candidates.get('nobody', 'anna')).toBeUndefined();
    // Whoever asks again changes nothing.
    await world.parts.enquiries.refresh(enquiry);
    expect((await world.parts.candidates.get(id, 'anna'))?.version).toBe(2);
    expect((await audit())[0]).toEqual({
      ...{ who: 'Anna', action: 'candidate.decided', detail: { blind: false } },
      about: [subject.candidate(id), subject.enquiry(enquiry)],
    });
  });

  test.each([
    ['2010', undefined, 12],
    ['2010-01', undefined, 11.5],
    ['2010-12-31', undefined, 12.5],
    ['2010-03', undefined, 11.7],
    ['1990', undefined, 8],
    ['not a day', undefined, undefined],
    [null, '2019:07:30 10:11:12', 21.1],
    [null, '2019-07-30 10:11:12', 21.1],
    [null, '    ', undefined],
    ['2010', '2019:07:30 10:11:12', 12],
  ])(
    'whose face was taken in %s, or by its camera at %s, lies so many years from the portrait of 1998: %s',
    async (taken, exif, years) => {
      const { id } = await usual();
      if (taken !== null) await world.people.setTaken('a-0', taken, 'anna');
      if (exif !== undefined)
        await execute(
          `UPDATE pipeline_output SET exif = '${JSON.stringify({ DateTimeOriginal: exif })}' WHERE id = 'a'`,
        );
      expect((await world.parts.candidates.get(id, 'anna'))?.ageGapYears).toBe(years);
    },
  );

  test('has the surest of its pairs first, and its faces up to two hundred', async () => {
    const { enquiry, id } = await usual();
    await world.photograph(enquiryBatch(enquiry), 'q', [
      { photograph: 'a', confidence: 0.75 },
      { photograph: 'b', confidence: 0.6 },
    ]);
    const evidence = async (reader: string) =>
      (await world.parts.candidates.get(id, reader))?.evidence.map(({ own, other }) => `${own} ${other}`);
    expect(await evidence('anna')).toEqual(['q-0 a-0', 'p-0 a-0', 'q-0 b-0']);
    await world.say(id, 'same', 'anna');
    expect(await evidence('ben')).toEqual(['p-0 a-0', 'q-0 a-0', 'q-0 b-0']);
    await execute(
      `INSERT INTO face_group (face_key, image_id, batch_id, component_id, group_id, solid_id, contested)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250) SELECT 'x' || i, 'x', 'camp', 'a-0', 'a-0', 'x' || i, 0 FROM n`,
    );
    const database = new RecordingDatabase(world.store.database);
    const over = new (
      world.parts.candidates.constructor as new (
        ...parts: unknown[]
      ) => typeof world.parts.candidates
    )(
      database,
      () => 'engine',
      async () => 3,
    );
    const asked = await database.during(() => over.get(id, 'anna'));
    const lists = asked.flatMap(
      ({ text }) => /WHERE f\.face_key IN \((.*?)\) ORDER BY f\.face_key/.exec(text)?.[1] ?? [],
    );
    expect(lists.map((list) => list.split(', ').length).sort((a, b) => a - b)).toEqual([2, 200]);
    expect(limitsOf(await database.during(() => countSecondLooks(database, 'ben')))).toEqual(['LIMIT 1000']);
    expect(await countSecondLooks(database, 'ben')).toBe(1);
    expect(await countSecondLooks(database, 'anna')).toBe(0);
    await world.parts.enquiries.end(enquiry, 'closed', 'x', 'anna');
    expect(await countSecondLooks(database, 'ben')).toBe(0);
  });

  test('is listed by enquiry and standing, page by page, those judged without a score last', async () => {
    const { enquiry, id } = await usual();
    for (const [other, confidence] of [
      ['c', 0.6],
      ['d', 0.5],
    ] as const) {
      await world.photograph('camp', other, [{ photograph: 'p', confidence }]);
    }
    const [, c, d] = (await world.candidates(enquiry)).map((one) => one.id) as [string, string, string];
    await world.say(c, 'same', 'anna');
    await world.say(d, 'different', 'anna');
    const list = async (query: object, reader = 'ben') =>
      (await world.parts.candidates.list({ limit: 9, ...query }, reader)).map((one) => one.id);
    expect(await list({})).toEqual([id, d, c]);
    expect(await list({}, 'anna')).toEqual([id, c, d]);
    expect(await list({ limit: 2 })).toEqual([id, d]);
    expect(await list({ standing: 'open' })).toEqual([id]);
    expect(await list({ standing: 'different' })).toEqual([d]);
    expect(await list({ standing: 'pending' })).toEqual([]);
    expect(await list({ standing: 'pending' }, 'anna')).toEqual([c]);
    expect(await list({ standing: 'secondLook' })).toEqual([c]);
    expect(await list({ standing: 'secondLook' }, 'anna')).toEqual([]);
    expect(await list({ enquiry: 'another' })).toEqual([]);
    expect(await list({ after: { blind: false, score: 0.7, id } })).toEqual([d, c]);
    expect(await list({ after: { blind: false, score: 0.5, id: d } })).toEqual([c]);
    expect(await list({ after: { blind: true, score: 0, id: c } })).toEqual([]);
    expect(await world.parts.candidates.counts(enquiry, 'ben')).toEqual({ candidates: 3, secondLook: 1 });
    expect(await world.parts.candidates.counts('another', 'ben')).toEqual({ candidates: 0, secondLook: 0 });
  });
});

describe('a word', () => {
  test('is written once however often it is said, and again with another reason or verdict', async () => {
    const { id } = await usual();
    const say = (word: 'same' | 'different' | 'later', reason?: string) => {
      world.now += 1000;
      return world.parts.review.say(id, { word, ...(reason !== undefined && { reason }) }, 'anna');
    };
    await say('same');
    await say('same');
    expect(await words()).toHaveLength(1);
    await say('same', 'her scar');
    await say('same', 'her scar');
    const [first, second] = await words();
    expect(await words()).toHaveLength(2);
    expect([first?.supersedes, second?.supersedes]).toEqual([null, first?.word_id]);
    expect([first?.reason, second?.reason, second?.score]).toEqual([null, 'her scar', 0.7]);
    await say('different');
    expect((await words()).map(({ word }) => word)).toEqual(['same', 'same', 'different']);
    expect(await rows('SELECT face_key FROM candidate_word_face ORDER BY face_key')).toEqual([
      { face_key: 'a-0' },
      { face_key: 'b-0' },
    ]);
  });

  test('about the version that was looked at is taken, about another it is not', async () => {
    const { id } = await usual();
    const seen = (await world.parts.candidates.get(id, 'anna'))?.version ?? 0;
    await expect(
      world.parts.review.say(id, { word: 'same', version: seen + 1 }, 'anna'),
    ).rejects.toMatchObject({ code: 'CandidateChanged' });
    await world.parts.review.say(id, { word: 'same', version: seen }, 'anna');
    // Said once more it changes nothing, and so is not refused.
    await world.parts.review.say(id, { word: 'same', version: seen }, 'anna');
    expect(await words()).toHaveLength(1);
  });

  test.each([
    [0, 1],
    [0.1249, 1],
    [0.125, 0],
    [0.99, 0],
  ])('"different", drawn at %f, is looked at again: %i', async (drawn, controlled) => {
    const { id } = await usual();
    world.drawn = drawn;
    await world.say(id, 'later', 'ben');
    await world.say(id, 'different', 'anna');
    expect((await words()).map((one) => [one.word, one.controlled])).toEqual([
      ['later', 0],
      ['different', controlled],
    ]);
  });

  test('is looked at again only where it is "different", the first verdict, and a find takes two', async () => {
    world.drawn = 0;
    const { id } = await usual();
    await world.say(id, 'same', 'anna');
    await world.say(id, 'different', 'ben');
    expect((await words()).map(({ controlled }) => controlled)).toEqual([0, 0]);
    await world.close();
    world = await EnquiryWorld.open({ needed: 1 });
    world.drawn = 0;
    const other = await usual();
    await world.say(other.id, 'different', 'anna');
    expect((await words()).map(({ controlled }) => controlled)).toEqual([0]);
  });

  test('of a second look is blind, and has no score; said after a verdict of one’s own it is not', async () => {
    const { id } = await usual();
    await world.say(id, 'same', 'anna');
    await world.say(id, 'later', 'ben');
    await world.say(id, 'different', 'ben');
    await world.say(id, 'same', 'ben');
    expect((await words()).map(({ word, said_by, blind, score }) => [word, said_by, blind, score])).toEqual([
      ['same', 'anna', 0, 0.7],
      ['later', 'ben', 1, null],
      ['different', 'ben', 1, null],
      ['same', 'ben', 0, 0.7],
    ]);
  });

  test('is refused where the enquiry has expired, to the moment, and where there is no such candidate', async () => {
    const { enquiry, id } = await usual();
    await world.parts.enquiries.change(
      enquiry,
      { expires: new Date(world.now + 1001).toISOString() },
      'anna',
    );
    await world.say(id, 'later', 'anna');
    world.now += 1;
    await expect(world.parts.review.say(id, { word: 'same' }, 'anna')).rejects.toMatchObject({
      code: 'EnquiryExpired',
    });
    await world.parts.enquiries.change(enquiry, { expires: null }, 'anna');
    await world.say(id, 'same', 'anna');
    await expect(world.say('nobody', 'same', 'anna')).rejects.toMatchObject({ what: 'candidate' });
    await expect(world.parts.review.undo('nothing', 'anna')).rejects.toMatchObject({ what: 'word' });
    await world.parts.enquiries.end(enquiry, 'closed', 'x', 'anna');
    await expect(world.say(id, 'different', 'anna')).rejects.toMatchObject({
      ...{ code: 'EnquiryEnded', message: /The enquiry is closed/ },
    });
  });

  test('that is taken back is so by whoever does it, once, with the reason of that', async () => {
    const { enquiry, id } = await usual();
    await world.parts.review.say(id, { word: 'same', reason: 'her scar' }, 'anna');
    const [word] = await words();
    world.now += 1000;
    expect(
      await world.parts.review
        .undo(word?.word_id as string, 'a'.repeat(300), 'a slip')
        .catch((error) => error.what),
    ).toBe('word');
    expect(await world.parts.review.undo(word?.word_id as string, 'Anna', 'a slip')).toEqual({
      candidate: id,
    });
    const [, undo] = await words();
    expect(undo).toMatchObject({
      ...{
        word: 'undo',
        said_by: 'Anna',
        reviewer: 'anna',
        reason: 'a slip',
        score: null,
        blind: 0,
        controlled: 0,
      },
      ...{ supersedes: word?.word_id, candidate_id: id, lead_face: 'a-0', said_at: iso() },
    });
    expect((await audit())[0]).toEqual({
      ...{ who: 'Anna', action: 'candidate.undone' },
      about: [subject.candidate(id), subject.enquiry(enquiry)],
    });
    await expect(world.parts.review.undo(word?.word_id as string, 'anna')).rejects.toMatchObject({
      what: 'word',
    });
    expect((await world.candidates(enquiry))[0]?.standing).toBe('open');
  });

  test('makes a decision with what was said, and the second verifies it', async () => {
    const { enquiry, id } = await usual();
    await world.parts.review.say(id, { word: 'same', reason: 'her scar' }, 'anna');
    world.now += 1000;
    await world.parts.review.say(id, { word: 'same', reason: 'her voice' }, 'ben');
    const of = { candidateId: id, enquiryId: enquiry, model: 'recognition_04' };
    const faces = { faces: ['a-0', 'p-0'], images: ['a', 'p'], persons: [] };
    const log = await world.people.decisions({ limit: 9 });
    expect(log.find(({ kind }) => kind === 'same')).toEqual({
      ...{ ...of, ...faces, id: expect.any(String), kind: 'same', by: 'anna', at: iso(), reason: 'her scar' },
      ...{ blind: false, score: 0.7 },
    });
    expect(log.find(({ kind }) => kind === 'verify')).toEqual({
      ...{
        ...of,
        ...faces,
        id: expect.any(String),
        kind: 'verify',
        by: 'ben',
        at: iso(),
        reason: 'her voice',
      },
      blind: true,
    });
    // What two have found nobody takes back alone, by any way but the candidate's.
    const refused = { code: 'DecisionOfCandidate' };
    for (const { id: decision } of log.filter(({ kind }) => kind === 'same' || kind === 'verify'))
      await expect(world.people.undo(decision, { by: 'carl' })).rejects.toMatchObject(refused);
    await expect(world.people.split(['a-0'], undefined, { by: 'carl' })).rejects.toMatchObject(refused);
    await expect(world.people.split(['p-0'], undefined, { by: 'carl' })).rejects.toMatchObject(refused);
    await expect(world.people.decidePair('a-0', 'p-0', 'undecided', { by: 'carl' })).rejects.toMatchObject(
      refused,
    );
    expect((await world.candidates(enquiry, 'dora'))[0]?.standing).toBe('found');
    const words = (await world.parts.candidates.get(id, 'ben'))?.words ?? [];
    await world.parts.review.undo(words.find(({ by }) => by === 'ben')?.id ?? '', 'ben');
    expect((await world.candidates(enquiry, 'dora'))[0]?.standing).toBe('secondLook');
    // Nor is what was taken back there brought back by hand.
    const [undone] = (await world.people.decisions({ limit: 9 })).filter(({ kind }) => kind === 'undo');
    await expect(world.people.undo(undone?.id ?? '', { by: 'carl' })).rejects.toMatchObject(refused);
  });
});

test('a reviewer’s name and account are kept up to so many characters, and one is known by either', () => {
  expect(reviewerOf('x'.repeat(300))).toBe('x'.repeat(256));
  expect(reviewerOf({ name: 'Anna', id: 'A-1' })).toBe('account:a-1');
  expect(reviewerOf({ name: 'Anna', id: 'a'.repeat(300) })).toHaveLength(256);
  expect(reviewerOf({ name: ' Anna ' })).toBe('anna');
  const said = (reviewer: string) => [{ reviewer: 'other' }, { reviewer }];
  const speaker = { name: 'Anna', id: 'a-1' };
  expect(reviewerAmong(said('anna'), speaker)).toBe('anna');
  expect(reviewerAmong(said('ben'), speaker)).toBe('account:a-1');
});

test('of two words said at one moment the later by its id is the last', () => {
  const at = '2026-11-30T00:00:00.000Z';
  const word = (id: string, one: SaidWord['word']): SaidWord => ({
    id,
    word: one,
    reviewer: 'anna',
    candidate: 'c',
    at,
  });
  expect(wordsThatCount([word('w2', 'same'), word('w1', 'different')]).map(({ id }) => id)).toEqual(['w2']);
  expect(wordsThatCount([word('w1', 'different'), word('w2', 'same')]).map(({ id }) => id)).toEqual(['w2']);
});

test('of candidates that could each be the one of before, the best face, then most faces, then age, then id says which', () => {
  const made = (...groups: string[][]) =>
    groups.map((faces) => ({
      members: faces.map((one) => ({ face: one, image: one })) as unknown as Members,
      score: 0,
    }));
  const known = (id: string, faces: string[], bestFace?: string, since = '2026'): Known => ({
    ...{ id, faces: new Set(faces), bestFace, since },
  });
  expect(sameAsBefore(made(['a', 'b'], ['c']), [known('one', ['a', 'b', 'c'], 'c')])).toEqual([
    undefined,
    'one',
  ]);
  expect(sameAsBefore(made(['a'], ['b', 'c']), [known('one', ['a', 'b', 'c'])])).toEqual([undefined, 'one']);
  expect(
    sameAsBefore(made(['a', 'b']), [
      known('young', ['a'], undefined, '2026'),
      known('old', ['b'], undefined, '2025'),
    ]),
  ).toEqual(['old']);
  expect(sameAsBefore(made(['a', 'b']), [known('y', ['a']), known('x', ['b'])])).toEqual(['x']);
  expect(sameAsBefore(made(['a'], ['b']), [known('one', ['a', 'b'])])).toEqual(['one', undefined]);
  expect(sameAsBefore(made(['a'], ['z']), [known('one', ['a'], 'gone'), known('two', ['q'])])).toEqual([
    'one',
    undefined,
  ]);
  expect(
    sameAsBefore(made(['a', 'b'], ['c', 'd']), [known('one', ['a', 'c', 'd'], 'a'), known('two', ['b'])]),
  ).toEqual(['one', undefined]);
});

test('a find and a contradiction stand in the time line, each once for each time that people came to it', async () => {
  const { enquiry, id } = await usual();
  const kinds = async () =>
    (await world.parts.enquiries.events(enquiry, { limit: 99 }))
      .filter(({ kind }) => ['found', 'contested', 'proposed', 'state'].includes(kind))
      .map(({ who, kind, candidate, from, to }) =>
        [who, kind, candidate === id ? 'it' : `${from} ${to}`].join(' '),
      );
  await world.say(id, 'same', 'anna');
  await world.say(id, 'same', 'ben');
  await world.say(id, 'different', 'carl');
  expect(new Set(await kinds())).toEqual(
    new Set([
      'imaginem proposed it',
      'imaginem found it',
      'imaginem contested it',
      'imaginem state open candidate',
      'imaginem state candidate verified',
      'imaginem state verified candidate',
    ]),
  );
  expect((await kinds()).filter((one) => one.includes(' found '))).toHaveLength(1);
  expect(image('x').id).toBe('x');
});
