import { afterEach, beforeEach, expect, test } from 'vitest';
import { PeopleRefusedError, UnknownNodeError } from '../../../src/people/errors.ts';
import { eventIdOf } from '../../../src/results/outbox.ts';
import { box, image } from '../../results/fixtures.ts';
import { EnquiryWorld, enquiryBatch } from './world.ts';

let world: EnquiryWorld;
beforeEach(async () => {
  world = await EnquiryWorld.open();
});
afterEach(() => world.close());

/** An enquiry with a portrait that is like nobody, and two photographs of one child in the archive. */
async function unlike() {
  await world.photograph('camp', 'a', []);
  await world.photograph('camp', 'b', [{ photograph: 'a', confidence: 0.8 }]);
  await world.photograph('camp', 'z', []);
  const enquiry = await world.enquiry();
  await world.parts.enquiries.addPhotograph(enquiry, 'p', '1998', 'anna');
  await world.photograph(enquiryBatch(enquiry), 'p', []);
  return enquiry;
}

const propose = (
  enquiry: string,
  face: string,
  by = 'anna',
  more: { own?: string; reason?: string } = {},
) => {
  world.now += 1;
  return world.parts.review.propose(enquiry, { face, ...more }, by);
};
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof PeopleRefusedError ? error.code : (error as Error).name),
  );
const detailOf = (id: string, reader = 'anna') => world.parts.candidates.get(id, reader);

test('a face that the machine never proposed is put forward with its group: no score, no word, told of and written down', async () => {
  const enquiry = await unlike();
  const id = await propose(enquiry, 'a-0', 'anna', { reason: 'the scar' });
  const detail = await detailOf(id);
  expect(detail).toMatchObject({
    standing: 'open',
    bestFace: 'a-0',
    ownFace: 'p-0',
    evidence: [{ own: 'p-0', other: 'a-0' }],
    proposals: [{ own: 'p-0', other: 'a-0', by: 'anna', reason: 'the scar' }],
    unlike: ['b-0'],
    words: [],
  });
  expect(detail?.group.map(({ face }) => face)).toEqual(['a-0', 'b-0']);
  expect(detail?.own.map(({ face }) => face)).toEqual(['p-0']);
  for (const kept of ['score', 'margin', 'model', 'worth']) expect(detail).not.toHaveProperty(kept);
  expect((await world.parts.enquiries.get(enquiry))?.state).toBe('candidate');
  const [entry] = await world.people.decisions({ enquiryId: enquiry, limit: 9 });
  expect(entry).toMatchObject({ kind: 'propose', by: 'anna', reason: 'the scar', candidateId: id });
  expect(entry).not.toHaveProperty('score');
  expect(entry).not.toHaveProperty('model');
  const events = await world.parts.enquiries.events(enquiry, { limit: 9 });
  expect(events.find(({ kind }) => kind === 'proposed')).toMatchObject({ who: 'anna', candidate: id });
  expect(
    (await world.store.outbox.list({ limit: 9 })).map(({ type, candidate }) => [type, candidate]),
  ).toEqual([['proposed', id]]);
  expect(JSON.stringify(await world.store.audit.list())).toContain('candidate.proposed');
});

test('whoever puts the same face forward again, or another of its group, makes no second candidate and no second alert', async () => {
  const enquiry = await unlike();
  const id = await propose(enquiry, 'a-0');
  expect(await propose(enquiry, 'a-0', 'ben')).toBe(id);
  expect(await propose(enquiry, 'b-0', 'ben')).toBe(id);
  expect(await world.candidates(enquiry)).toHaveLength(1);
  expect(await world.store.outbox.list({ limit: 9 })).toHaveLength(1);
  expect((await detailOf(id))?.proposals.map(({ other, by }) => [other, by])).toEqual([
    ['a-0', 'anna'],
    ['b-0', 'ben'],
  ]);
});

test('it takes two people like every other: putting forward is no word, and the second does not learn of it', async () => {
  const enquiry = await unlike();
  const id = await propose(enquiry, 'a-0', 'anna');
  await world.say(id, 'same', 'anna');
  await world.say(id, 'same', 'ANNA ');
  expect(await world.picture(enquiry)).toMatchObject([{ standing: 'pending' }]);
  const blind = await detailOf(id, 'ben');
  expect(blind).toMatchObject({
    standing: 'secondLook',
    evidence: [{ own: 'p-0', other: 'a-0' }],
    proposals: [],
  });
  expect(blind).not.toHaveProperty('model');
  const seen = await world.parts.enquiries.events(enquiry, { limit: 99, reader: 'ben' });
  expect(seen.map(({ kind }) => kind)).not.toContain('proposed');
  const own = await world.parts.enquiries.events(enquiry, { limit: 99, reader: 'anna' });
  expect(own.map(({ kind }) => kind)).toContain('proposed');
  expect(await world.people.decisions({ enquiryId: enquiry, reader: 'ben', limit: 9 })).toEqual([]);
  expect(await world.people.decisions({ enquiryId: enquiry, reader: 'anna', limit: 9 })).toHaveLength(1);

  await world.say(id, 'same', 'ben');
  expect(await world.picture(enquiry)).toMatchObject([{ standing: 'found' }]);
  const log = await world.people.decisions({ enquiryId: enquiry, limit: 9 });
  expect(log.map(({ kind, by, score, model }) => [kind, by, score, model])).toEqual(
    expect.arrayContaining([
      ['propose', 'anna', undefined, undefined],
      ['same', 'anna', undefined, undefined],
      ['verify', 'ben', undefined, undefined],
    ]),
  );
  // The guard lets the two be one person now: a find says so.
  expect(await world.people.groups.decidedSame('p-0')).toEqual(['a-0']);
});

test('the one who put it forward may give the second word on what another said first: these are two people', async () => {
  const enquiry = await unlike();
  const id = await propose(enquiry, 'a-0', 'anna');
  await world.say(id, 'same', 'ben');
  expect(await detailOf(id, 'anna')).toMatchObject({ standing: 'secondLook', proposals: [] });
  await world.say(id, 'same', 'anna');
  expect(await world.picture(enquiry)).toMatchObject([{ standing: 'found' }]);
});

test('reruns, a face that gets another key, a group that grows and a score that comes later: the same candidate', async () => {
  const enquiry = await unlike();
  const id = await propose(enquiry, 'z-0');
  await world.photograph('camp', 'z', []);
  await world.photograph(enquiryBatch(enquiry), 'p', []);
  expect((await world.candidates(enquiry)).map((one) => [one.id, one.faces])).toEqual([[id, ['z-0']]]);
  await world.say(id, 'same', 'anna');

  // Found a little elsewhere, under another key.
  await world.store.save(
    image('z', {
      batchId: 'camp',
      imageUrl: 'http://127.0.0.1:10000/store/inputimages/camp/z.jpg',
      faces: [{ key: 'z-9', rectangle: { ...box(10), left: box(10).left + 12 }, enrolled: true }],
      run: 2,
      finishedAt: new Date(world.now + 1000).toISOString(),
    }),
  );
  await world.people.settle(['z']);
  expect(
    (await world.candidates(enquiry)).map(({ id: now, ...one }) => [now, one.faces, one.standing]),
  ).toEqual([[id, ['z-9'], 'pending']]);
  expect(await world.store.outbox.list({ limit: 9 })).toHaveLength(1);
  expect((await world.parts.candidates.list({ enquiry, limit: 9 }, 'anna'))[0]?.bestFace).toBe('z-9');

  await world.photograph(enquiryBatch(enquiry), 'p', [{ photograph: 'a', confidence: 0.6 }]);
  const other = await propose(enquiry, 'b-0', 'ben');
  const scored = await detailOf(other);
  expect(scored).toMatchObject({ score: 0.6, bestFace: 'a-0', proposals: [{ other: 'b-0', by: 'ben' }] });
  await world.photograph(enquiryBatch(enquiry), 'p', []);
  expect((await world.candidates(enquiry)).map(({ faces }) => faces).sort()).toEqual([
    ['a-0', 'b-0'],
    ['z-9'],
  ]);
  expect(await detailOf(other)).not.toHaveProperty('score');
});

test('what was put forward can be taken back, and that as well', async () => {
  const enquiry = await unlike();
  const id = await propose(enquiry, 'a-0');
  const [proposal] = (await detailOf(id))?.proposals ?? [];
  const undo = await world.people.undo(proposal?.id ?? '', { by: 'ben' });
  expect(await world.candidates(enquiry)).toEqual([]);
  expect(await world.store.outbox.list({ limit: 9 })).toEqual([]);
  await world.people.undo(undo.id, { by: 'ben' });
  expect(await world.candidates(enquiry)).toHaveLength(1);
  expect(await world.store.decisions.ofFace('a-0')).toHaveLength(1);
  await world.people.rebuild();
  // Neither act was a word about the two faces.
  const [rows] = await world.store.database.read([
    { parts: ["SELECT face_a FROM match_decision WHERE face_b = 'p-0' OR face_a = 'p-0'"], parameters: [] },
  ]);
  expect(rows).toEqual([]);
});

test('nobody is put forward for an enquiry that is over, of a photograph that forbids it, or out of another enquiry', async () => {
  const enquiry = await unlike();
  const other = await world.enquiry();
  await world.photograph(enquiryBatch(other), 'q', []);
  await world.photograph('camp', 'n', [], { doNotMatch: true });
  expect(await refusal(propose(enquiry, 'q-0'))).toBe('FaceOfEnquiry');
  expect(await refusal(propose(enquiry, 'p-0'))).toBe('FaceOfEnquiry');
  expect(await refusal(propose(enquiry, 'n-0'))).toBe('MatchingForbidden');
  expect(await refusal(propose(enquiry, 'nobody-0'))).toBe(UnknownNodeError.name);
  expect(await refusal(propose(enquiry, 'a-0', 'anna', { own: 'b-0' }))).toBe('NotSought');
  expect(await refusal(propose('00000000-0000-4000-8000-000000000000', 'a-0'))).toBe('UnknownEnquiryError');

  await world.photograph(enquiryBatch(enquiry), 'p2', []);
  expect(await refusal(propose(enquiry, 'a-0'))).toBe('ChooseFaceSought');
  await world.parts.enquiries.seekFace(enquiry, { key: 'p2-0', imageId: 'p2' }, false, 'anna');
  expect(await refusal(propose(enquiry, 'a-0', 'anna', { own: 'p2-0' }))).toBe('NotSought');
  expect(await refusal(propose(enquiry, 'a-0'))).toBe('done');

  const empty = await world.enquiry({ expires: new Date(world.now + 1000).toISOString() });
  expect(await refusal(propose(empty, 'a-0'))).toBe('NoFaceSought');
  world.now += 2000;
  expect(await refusal(propose(empty, 'a-0'))).toBe('EnquiryExpired');
  for (const end of ['closed', 'withdrawn'] as const) {
    await world.parts.enquiries.end(enquiry, end, 'over', 'anna');
    expect(await refusal(propose(enquiry, 'z-0'))).toBe('EnquiryEnded');
  }
});

test('a face that is not who is sought any more, and a batch that forbids matching later, take it away while they last', async () => {
  const enquiry = await unlike();
  await propose(enquiry, 'z-0');
  const seek = (isSought: boolean) =>
    world.parts.enquiries.seekFace(enquiry, { key: 'p-0', imageId: 'p' }, isSought, 'anna');
  await seek(false);
  expect(await world.candidates(enquiry)).toEqual([]);
  await seek(true);
  expect(await world.candidates(enquiry)).toHaveLength(1);
  const options = { keepSuggestions: <T>(outputs: T) => outputs };
  await world.store.applyConsent('camp', { doNotMatch: true }, options);
  await world.people.settleAll();
  expect(await world.candidates(enquiry)).toEqual([]);
  expect(await world.store.outbox.list({ limit: 9 })).toEqual([]);
  await world.store.applyConsent('camp', { doNotMatch: false }, options);
  await world.people.settleAll();
  expect(await world.candidates(enquiry)).toHaveLength(1);
});

test('no alert is sent of it after a withdrawal', async () => {
  const enquiry = await unlike();
  const id = await propose(enquiry, 'a-0');
  await world.parts.enquiries.end(enquiry, 'withdrawn', 'they asked', 'anna');
  const claimed = await world.store.outbox.claim(eventIdOf('proposed', id, ''), 1000);
  expect(claimed?.withhold).toBe('EnquiryEnded');
});

test('it is erased with either photograph, and with the enquiry', async () => {
  const enquiry = await unlike();
  await propose(enquiry, 'z-0', 'anna', { reason: 'x' });
  const left = async () => (await world.people.decisions({ enquiryId: enquiry, limit: 9 })).length;
  await world.erase('z');
  expect([await world.candidates(enquiry), await left()]).toEqual([[], 0]);
  expect(await world.store.outbox.list({ limit: 9 })).toEqual([]);
  await propose(enquiry, 'a-0');
  await world.erase('p');
  expect([await world.candidates(enquiry), await left()]).toEqual([[], 0]);
  await world.photograph(enquiryBatch(enquiry), 'q', []);
  await propose(enquiry, 'a-0');
  expect(await left()).toBe(1);
  await world.store.erasures.enquiries.remove([enquiry]);
  expect(await left()).toBe(0);
  expect(await world.people.decisions({ face: 'a-0', limit: 9 })).toEqual([]);
});
