import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sampleFaces, sampleOffered } from '../../../src/people/calibration/sampling.ts';
import { membersOf } from '../../../src/people/enquiry/candidate-members.ts';
import { PeopleRefusedError } from '../../../src/people/errors.ts';
import { box, image } from '../../results/fixtures.ts';
import { EnquiryWorld, enquiryBatch } from './world.ts';

let world: EnquiryWorld;
beforeEach(async () => {
  world = await EnquiryWorld.open();
});
afterEach(() => world.close());

const outboxOf = async () =>
  (await world.store.outbox.list({ limit: 99 })).map(({ type, state }) => `${type} ${state}`);

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

test('opening an enquiry finds the group in the archive, once, told of in the same transaction', async () => {
  const { enquiry } = await usual();
  expect(await world.picture(enquiry)).toEqual([
    { standing: 'open', score: 0.7, margin: undefined, faces: ['a-0', 'b-0'] },
  ]);
  expect((await world.parts.enquiries.get(enquiry))?.state).toBe('candidate');
  expect(await outboxOf()).toEqual(['proposed waiting']);
});

test('a photograph that arrives later is a candidate by its own search, or joins the group of one', async () => {
  const { enquiry, id } = await usual();
  await world.photograph('camp', 'c', [{ photograph: 'b', confidence: 0.9 }]);
  await world.photograph('other', 'd', [{ photograph: 'p', confidence: 0.6 }]);
  const all = await world.candidates(enquiry);
  expect(all.map(({ faces }) => faces)).toEqual([['a-0', 'b-0', 'c-0'], ['d-0']]);
  expect(all[0]?.id).toBe(id);
  expect(all[0]?.margin).toBeCloseTo(0.1);
  expect(await outboxOf()).toEqual(['proposed waiting', 'proposed waiting']);
});

test('pairs of an enquiry stand in no list of possible matches, no output and no queue of reviews', async () => {
  await usual();
  const { decisions, counts } = world.store;
  expect((await decisions.ofImage('p')).length).toBe(0);
  expect((await decisions.ofFace('a-0')).map(({ b }) => b.face)).toEqual(['b-0']);
  expect((await decisions.review({ minConfidence: 0, limit: 9 })).length).toBe(1);
  expect((await world.store.get('p'))?.matches).toEqual([]);
  expect((await counts.totals()).toReview).toBe(1);
  const { images } = await world.store.summaries();
  expect(images.find(({ id }) => id === 'p')?.matchCount).toBe(0);
});

describe('a find', () => {
  test('takes two people; the second sees neither the word of the first nor the score, whatever they ask', async () => {
    const { enquiry, id } = await usual();
    await world.say(id, 'same', 'Anna');
    expect(await world.picture(enquiry, ' anna ')).toMatchObject([{ standing: 'pending', score: 0.7 }]);
    // Nobody seconds themselves, under whatever spelling of the name.
    await world.say(id, 'same', 'ANNA');
    expect(await world.picture(enquiry)).toMatchObject([{ standing: 'pending' }]);

    for (const reader of ['ben', 'carl']) {
      const detail = await world.parts.candidates.get(id, reader);
      expect(detail).toMatchObject({ standing: 'secondLook', blind: true, words: [] });
      expect(detail).not.toHaveProperty('score');
      expect(detail).not.toHaveProperty('margin');
      expect(detail).not.toHaveProperty('worth');
      expect(detail?.evidence).toEqual([{ own: 'p-0', other: 'a-0' }]);
      const listed = (standing: 'pending' | 'open' | 'secondLook') =>
        world.parts.candidates.list({ standing, limit: 9 }, reader).then((list) => list.length);
      expect([await listed('pending'), await listed('open'), await listed('secondLook')]).toEqual([0, 0, 1]);
    }
    // Everything else that the second may read.
    expect(await world.people.decisions({ limit: 99 })).toEqual([]);
    expect((await world.parts.enquiries.get(enquiry))?.state).toBe('candidate');
    const events = await world.parts.enquiries.events(enquiry, { limit: 99 });
    expect(JSON.stringify(events)).not.toMatch(/same|pending|different/);
    expect(JSON.stringify(await world.store.audit.list())).not.toMatch(/"same"|confirmed|0\.7/);

    await world.say(id, 'same', 'ben');
    expect(await world.picture(enquiry, 'carl')).toMatchObject([{ standing: 'found', score: 0.7 }]);
    expect((await world.parts.enquiries.get(enquiry))?.state).toBe('verified');
    expect(await outboxOf()).toEqual(['found waiting', 'proposed waiting']);
    const log = await world.people.decisions({ limit: 99 });
    expect(log.map(({ kind, by, blind, score }) => ({ kind, by, blind, score }))).toEqual(
      expect.arrayContaining([
        { kind: 'same', by: 'Anna', blind: false, score: 0.7 },
        { kind: 'verify', by: 'ben', blind: true, score: undefined },
      ]),
    );
    expect(log).toHaveLength(2);
    const words = (await world.parts.candidates.get(id, 'carl'))?.words;
    expect(words?.map(({ by, blind }) => [by, blind])).toEqual([
      ['Anna', false],
      ['ben', true],
    ]);
  });

  test('takes one person where there is only one', async () => {
    const alone = await EnquiryWorld.open({ needed: 1 });
    try {
      const enquiry = await alone.enquiry();
      await alone.photograph('camp', 'a', []);
      await alone.photograph(enquiryBatch(enquiry), 'p', [{ photograph: 'a', confidence: 0.7 }]);
      const [candidate] = await alone.candidates(enquiry);
      await alone.say(candidate?.id ?? '', 'same', 'anna');
      expect(await alone.picture(enquiry)).toMatchObject([{ standing: 'found' }]);
    } finally {
      await alone.close();
    }
  });

  test('that one takes back is none, and its decision counts no more; taken up again it is told of again', async () => {
    const { enquiry, id } = await usual();
    await world.say(id, 'same', 'anna');
    await world.say(id, 'same', 'ben');
    const words = (await world.parts.candidates.get(id, 'ben'))?.words ?? [];
    await world.parts.review.undo(words.find(({ by }) => by === 'anna')?.id ?? '', 'anna');
    expect(await world.picture(enquiry, 'ben')).toMatchObject([{ standing: 'pending' }]);
    expect(await world.picture(enquiry, 'anna')).toMatchObject([{ standing: 'secondLook' }]);
    const log = await world.people.decisions({ limit: 99 });
    expect(log.filter(({ kind }) => kind === 'undo')).toHaveLength(1);
    await world.say(id, 'same', 'carl');
    expect(await world.picture(enquiry)).toMatchObject([{ standing: 'found' }]);
    expect((await outboxOf()).filter((one) => one.startsWith('found'))).toHaveLength(2);
  });

  test('is contested where one says the opposite, and then joins nobody', async () => {
    const { enquiry, id } = await usual();
    await world.say(id, 'same', 'anna');
    await world.say(id, 'different', 'ben');
    expect(await world.picture(enquiry, 'carl')).toMatchObject([{ standing: 'contested' }]);
    expect(await world.people.decisions({ limit: 99 })).toEqual([]);
    expect((await world.parts.enquiries.get(enquiry))?.state).toBe('candidate');
  });
});

describe('a second look', () => {
  test('is not given away by how far another candidate lies above', async () => {
    const { enquiry, id } = await usual();
    await world.photograph('camp', 'c', []);
    await world.photograph(enquiryBatch(enquiry), 'p', [
      { photograph: 'a', confidence: 0.7 },
      { photograph: 'c', confidence: 0.9 },
    ]);
    await world.say(id, 'same', 'anna');
    const margins = async (reader: string) => (await world.picture(enquiry, reader)).map((one) => one.margin);
    expect((await margins('anna'))[0]).toBeCloseTo(0.2);
    // 0.9 less the margin would be the score that Ben is to judge without.
    expect(await margins('ben')).toEqual([undefined, undefined]);
  });

  test('is blind only for one who has not given a verdict before', async () => {
    const { id } = await usual();
    const words = async () =>
      ((await world.parts.candidates.get(id, 'anna'))?.words ?? []).map(({ by, word, blind }) => ({
        by,
        word,
        blind,
      }));
    await world.say(id, 'same', 'anna');
    await world.say(id, 'different', 'ben');
    expect((await words())[1]).toEqual({ by: 'ben', word: 'different', blind: true });
    // By now Ben has seen what Anna said.
    const own = (await world.parts.candidates.get(id, 'ben'))?.words.find(({ by }) => by === 'ben');
    await world.parts.review.undo(own?.id ?? '', 'ben');
    await world.say(id, 'same', 'ben');
    expect((await words())[1]).toEqual({ by: 'ben', word: 'same', blind: false });
  });

  test('is not replaced by two who looked at different candidates that the machine has made one', async () => {
    const { enquiry, id } = await usual();
    await world.photograph('camp', 'c', []);
    await world.photograph(enquiryBatch(enquiry), 'p', [
      { photograph: 'a', confidence: 0.7 },
      { photograph: 'c', confidence: 0.6 },
    ]);
    const other = (await world.candidates(enquiry)).find((one) => one.id !== id);
    await world.say(id, 'same', 'anna');
    await world.say(other?.id ?? '', 'same', 'ben');
    await world.photograph('camp', 'c', [{ photograph: 'b', confidence: 0.9 }]);
    expect(await world.picture(enquiry, 'carl')).toMatchObject([
      { standing: 'secondLook', faces: ['a-0', 'b-0', 'c-0'] },
    ]);
    expect((await outboxOf()).filter((one) => one.startsWith('found'))).toEqual([]);
    await world.say(id, 'same', 'ben');
    expect(await world.picture(enquiry, 'carl')).toMatchObject([{ standing: 'found' }]);
  });

  test('that is asked for anew, for a find was taken back, shows no decision of before', async () => {
    const { id } = await usual();
    await world.say(id, 'same', 'anna');
    await world.say(id, 'same', 'ben');
    const found = await world.parts.candidates.get(id, 'carl');
    await world.parts.review.undo(found?.words[1]?.id ?? '', 'ben');
    const read = (reader: string) => world.people.decisions({ limit: 9, reader });
    expect(await read('Carl')).toEqual([]);
    expect((await read('anna')).length).toBeGreaterThan(0);
  });
});

test('a decision that is taken back is so by whoever spoke against it', async () => {
  const { id } = await usual();
  await world.say(id, 'same', 'anna');
  await world.say(id, 'same', 'ben');
  await world.say(id, 'different', 'carl');
  const log = await world.people.decisions({ limit: 9 });
  expect(log.filter(({ kind }) => kind === 'undo').map(({ by }) => by)).toEqual(['carl']);
});

describe('"different"', () => {
  test('holds for every face of the group, whatever becomes of it, until it is taken back', async () => {
    const { enquiry, id } = await usual();
    await world.say(id, 'different', 'anna');
    expect(await world.picture(enquiry, 'ben')).toMatchObject([{ standing: 'different', score: 0.7 }]);
    expect((await world.parts.enquiries.get(enquiry))?.state).toBe('open');
    // A new photograph of the same person is no new candidate, nor is one that finds the enquiry itself.
    await world.photograph('camp', 'c', [
      { photograph: 'b', confidence: 0.9 },
      { photograph: 'p', confidence: 0.95 },
    ]);
    expect(await world.picture(enquiry, 'ben')).toMatchObject([
      { standing: 'different', score: 0.95, faces: ['a-0', 'b-0', 'c-0'] },
    ]);
    expect(await outboxOf()).toEqual(['proposed waiting']);
    // The group falls apart: what was said of each of its faces stays said.
    await world.photograph('camp', 'b', []);
    await world.photograph('camp', 'a', []);
    for (const one of await world.picture(enquiry, 'ben'))
      if (one.faces.some((face) => face === 'a-0' || face === 'b-0')) expect(one.standing).toBe('different');
    const [word] = (await world.parts.candidates.get(id, 'ben'))?.words ?? [];
    await world.parts.review.undo(word?.id ?? '', 'ben', 'a mistake');
    expect((await world.picture(enquiry, 'ben')).every(({ standing }) => standing === 'open')).toBe(true);
  });

  test('is looked at again now and then, and whoever does so cannot tell that it is not a find', async () => {
    const same = await usual();
    await world.say(same.id, 'same', 'anna');
    const asked = await world.parts.candidates.get(same.id, 'ben');
    const stateOfSame = (await world.parts.enquiries.get(same.enquiry))?.state;
    await world.close();
    world = await EnquiryWorld.open();
    world.drawn = 0;
    const different = await usual();
    await world.say(different.id, 'different', 'anna');
    const control = await world.parts.candidates.get(different.id, 'ben');
    expect(control?.standing).toBe('secondLook');
    const told = (detail: typeof asked, { enquiry, id }: typeof same) =>
      JSON.parse(JSON.stringify(detail).replaceAll(enquiry, 'enquiry').replaceAll(id, 'candidate'));
    expect(told(control, different)).toEqual(told(asked, same));
    expect((await world.parts.enquiries.get(different.enquiry))?.state).toBe(stateOfSame);
    expect(await world.people.decisions({ limit: 99 })).toEqual([]);
    const hidden = (await world.parts.candidates.get(different.id, 'anna'))?.words[0]?.id ?? '';
    await expect(world.parts.review.undo(hidden, 'ben')).rejects.toThrow('no such word');
    await world.say(different.id, 'different', 'ben');
    expect((await world.people.decisions({ limit: 99 })).map(({ kind }) => kind)).toEqual(['different']);
  });
});

test('reviewers are told apart by their account: another name seconds nobody, the same name may', async () => {
  const { enquiry, id } = await usual();
  const say = (word: 'same' | 'different', by: { name: string; id?: string }) => {
    world.now += 1000;
    return world.parts.review.say(id, { word }, by);
  };
  await say('same', { name: 'Anna Berg', id: 'account-1' });
  // Married since, and the directory says so.
  await say('same', { name: 'Anna Hill', id: 'account-1' });
  expect((await world.candidates(enquiry, 'carl'))[0]?.standing).toBe('secondLook');
  // A namesake is somebody else.
  await say('same', { name: 'Anna Berg', id: 'account-2' });
  expect((await world.candidates(enquiry, 'carl'))[0]?.standing).toBe('found');
});

test('a word from before accounts were known is still that of whoever has its name', async () => {
  const { enquiry, id } = await usual();
  await world.say(id, 'same', 'anna berg');
  world.now += 1000;
  await world.parts.review.say(id, { word: 'same' }, { name: 'Anna Berg', id: 'account-1' });
  expect((await world.candidates(enquiry, 'carl'))[0]?.standing).toBe('secondLook');
});

test('nobody decides alone, past the candidate, that a face of the archive is who an enquiry looks for', async () => {
  const { enquiry, id } = await usual();
  const refused = { code: 'EnquiryPair' };
  const by = { by: 'anna' };
  await expect(world.people.decidePair('p-0', 'a-0', 'confirmed', by)).rejects.toMatchObject(refused);
  await expect(world.people.decidePair('a-0', 'p-0', 'notSame', by)).rejects.toMatchObject(refused);
  // Nor by way of a person to whom both are given.
  const { id: person } = await world.people.persons.make({ fullName: 'Amal' }, by, ['p-0']);
  await expect(world.people.decide(`person:${person}`, 'b-0', 'same', by)).rejects.toMatchObject(refused);
  expect((await world.candidates(enquiry))[0]?.standing).toBe('open');
  // Two people have found her: then other photographs of the archive may follow.
  for (const name of ['anna', 'ben']) await world.say(id, 'same', name);
  await world.photograph('camp', 'c', []);
  await world.people.decide(`person:${person}`, 'c-0', 'same', by);
  await world.close();
  world = await EnquiryWorld.open({ needed: 1 });
  await usual();
  await world.people.decidePair('p-0', 'a-0', 'confirmed', by);
});

test('a word about a candidate that has changed since is refused where its version is given', async () => {
  const { id } = await usual();
  const seen = await world.parts.candidates.get(id, 'anna');
  await world.photograph('camp', 'c', [{ photograph: 'b', confidence: 0.9 }]);
  const saying = world.parts.review.say(id, { word: 'same', version: seen?.version ?? 0 }, 'anna');
  await expect(saying).rejects.toThrow(/has changed since/);
});

test('an enquiry that ended takes no words; what is not told by then is told when it is reopened', async () => {
  const { enquiry, id } = await usual();
  await world.parts.enquiries.end(enquiry, 'closed', 'no answer', 'anna');
  await expect(world.say(id, 'same', 'ben')).rejects.toThrow(PeopleRefusedError);
  await expect(world.parts.enquiries.end(enquiry, 'reunited', 'x', 'anna')).rejects.toThrow(
    /Nobody was found/,
  );
  const [event] = await world.store.outbox.list({ limit: 9 });
  const claimed = await world.store.outbox.claim(event?.id ?? '', 1000);
  expect(claimed?.withhold).toBe('EnquiryEnded');
  await world.store.outbox.withheld(event?.id ?? '', claimed?.sent ?? 0, 'EnquiryEnded');
  const reopened = await world.parts.enquiries.end(enquiry, 'open', 'she called', 'anna');
  expect(reopened.state).toBe('candidate');
  expect(await outboxOf()).toEqual(['proposed waiting']);
  await world.parts.enquiries.end(enquiry, 'withdrawn', 'asked for', 'anna');
  await expect(world.parts.enquiries.end(enquiry, 'open', 'x', 'anna')).rejects.toThrow(/withdrawn/);
});

test('a face that is not who is sought finds nobody', async () => {
  const { enquiry } = await usual();
  await world.parts.enquiries.seekFace(enquiry, { key: 'p-0', imageId: 'p' }, false, 'anna');
  expect(await world.picture(enquiry)).toEqual([]);
  expect(await outboxOf()).toEqual([]);
  await world.parts.enquiries.seekFace(enquiry, { key: 'p-0', imageId: 'p' }, true, 'anna');
  expect(await world.picture(enquiry)).toHaveLength(1);
});

test('what people said outlives a rerun that finds nothing any more, and the person comes back as decided', async () => {
  const { enquiry, id } = await usual();
  await world.say(id, 'same', 'anna');
  await world.say(id, 'same', 'ben');
  await world.photograph(enquiryBatch(enquiry), 'p', []);
  expect(await world.candidates(enquiry)).toMatchObject([{ id, standing: 'found' }]);
  await world.photograph(enquiryBatch(enquiry), 'p', [{ photograph: 'a', confidence: 0.6 }]);
  expect(await world.candidates(enquiry)).toMatchObject([{ id, standing: 'found', score: 0.6 }]);
});

test('what was said of a face holds where a rerun finds it under another key, whatever was said', async () => {
  for (const word of ['same', 'different'] as const) {
    const [photograph, portrait] = [`r-${word}`, `o-${word}`];
    await world.photograph('camp', photograph, []);
    const enquiry = await world.enquiry();
    await world.photograph(enquiryBatch(enquiry), portrait, [{ photograph, confidence: 0.7 }]);
    const [candidate] = await world.candidates(enquiry);
    await world.say(candidate?.id ?? '', word, 'anna');
    const wanted = word === 'same' ? 'pending' : 'different';
    for (const run of [2, 3]) {
      world.now += 1000;
      const key = `${photograph}-${run}`;
      await world.store.save(
        image(photograph, {
          ...{ batchId: 'camp', run, finishedAt: new Date(world.now).toISOString() },
          imageUrl: `http://127.0.0.1:10000/store/inputimages/camp/${photograph}.jpg`,
          faces: [{ key, rectangle: { ...box(10), left: box(10).left + 3 * run }, enrolled: true }],
        }),
      );
      await world.people.settle([photograph]);
      const now = await world.candidates(enquiry);
      expect(now.map(({ faces, standing }) => [faces, standing])).toEqual([[[key], wanted]]);
      if (run === 2) expect(now[0]?.id).toBe(candidate?.id);
    }
  }
});

test('erasing a photograph leaves no trace of it in candidates, words and what is told', async () => {
  const { enquiry, id } = await usual();
  await world.say(id, 'different', 'anna');
  await world.erase('a');
  const everything = await Promise.all(
    ['candidate', 'candidate_word', 'candidate_word_face', 'enquiry_event', 'outbox', 'face_match'].map(
      (table) => world.store.query(`SELECT * FROM ${table}`),
    ),
  );
  expect(JSON.stringify(everything)).not.toMatch(/"a(-0)?"/);
  expect(await world.candidates(enquiry)).toEqual([]);
  await world.erase('p');
  expect(JSON.stringify(await world.store.query('SELECT * FROM enquiry_photo'))).not.toMatch(/"p"/);
});

test('erasing an enquiry leaves nothing of it', async () => {
  const { enquiry, id } = await usual();
  await world.say(id, 'same', 'anna');
  await world.say(id, 'same', 'ben');
  await world.erase('p');
  const { enquiries } = world.store.erasures;
  expect(await enquiries.isThere(enquiry)).toBe(true);
  await enquiries.remove([enquiry]);
  for (const found of Object.values(await enquiries.count([enquiry], ['p']))) expect(found).toBe(0);
  expect(await world.store.query(`SELECT * FROM candidate_word_face`)).toEqual([]);
  expect(await world.people.decisions({ limit: 9 })).toEqual([]);
  // Nor the name of its batch, also where none of its photographs was ever counted.
  expect(await world.store.query(`SELECT * FROM group_scope WHERE batch_id LIKE '%${enquiry}%'`)).toEqual([]);
});

test('an enquiry is erased in turn with those who make candidates, for they could write one that is gone', async () => {
  const { enquiry } = await usual();
  const turns = async () => (await world.store.query('SELECT changes FROM group_lock'))[0]?.changes as number;
  const before = await turns();
  await world.store.erasures.enquiries.remove([enquiry]);
  expect(await turns()).toBe(before + 1);
});

test('a person who is erased is sought, and asks, in no enquiry any more', async () => {
  const [mother, child] = [
    await world.people.persons.make({ fullName: 'Mother' }, { by: 'anna' }),
    await world.people.persons.make({ fullName: 'Child' }, { by: 'anna' }),
  ];
  const enquiry = await world.enquiry({ askedBy: mother.id, sought: child.id });
  const before = await world.parts.enquiries.get(enquiry);
  await world.people.persons.erase(mother.id, 'anna');
  await world.people.persons.erase(child.id, 'anna');
  const after = await world.parts.enquiries.get(enquiry);
  expect(after).not.toHaveProperty('askedBy');
  expect(after).not.toHaveProperty('sought');
  expect(after?.version).toBe((before?.version ?? 0) + 2);
});

test('members of more candidates than a statement has parameters are read in several', async () => {
  const asked: number[] = [];
  const read = async (statements: readonly { parameters: readonly unknown[] }[]) => {
    asked.push(...statements.map(({ parameters }) => parameters.length));
    return statements.map(() => []);
  };
  await membersOf(
    { read },
    Array.from({ length: 3000 }, (_, index) => `candidate-${index}`),
  );
  expect(Math.max(...asked)).toBeLessThanOrEqual(2000);
});

/** Photographs of the archive, who of them is like whom, and which is like the portrait: a small world by chance. */
const worlds = fc.record({
  likes: fc.uniqueArray(
    fc.record({ one: fc.nat(3), two: fc.nat(3), hundredths: fc.integer({ min: 45, max: 99 }) }),
    { maxLength: 5, selector: ({ one, two }) => `${Math.min(one, two)} ${Math.max(one, two)}` },
  ),
  seen: fc.uniqueArray(fc.record({ photograph: fc.nat(3), hundredths: fc.integer({ min: 45, max: 99 }) }), {
    maxLength: 4,
    selector: ({ photograph }) => photograph,
  }),
  order: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
  doubled: fc.nat(4),
});

test('photographs and then the enquiry, or the enquiry and then the photographs, in any order, doubled: the same candidates (property)', async () => {
  let worldsMade = 0;
  await fc.assert(
    fc.asyncProperty(worlds, async ({ likes, seen, order, doubled }) => {
      const pictures: string[] = [];
      for (const turn of [order, [0, 1, 2, 3, 4], [4, 3, 2, 1, 0]]) {
        worldsMade += 1;
        const prefix = `w${worldsMade}x`;
        const names = ['a', 'b', 'c', 'd', 'p'].map((name) => `${prefix}${name}`);
        const enquiry = await world.enquiry();
        const batchOf = (at: number) => (at === 4 ? enquiryBatch(enquiry) : prefix);
        for (const [at, name] of names.entries()) world.announce(batchOf(at), name);
        const pairs = [
          ...likes.flatMap(({ one, two, hundredths }) =>
            one === two ? [] : [[one, two, hundredths] as const],
          ),
          ...seen.map(({ photograph, hundredths }) => [photograph, 4, hundredths] as const),
        ];
        const arrived = new Set<number>();
        // Each finds what was enrolled before it, as the gallery has it.
        for (const at of [...turn, turn[doubled] ?? 0]) {
          const found = pairs.flatMap(([a, b, hundredths]) => {
            const other = a === at ? b : b === at ? a : undefined;
            return other !== undefined && arrived.has(other)
              ? [{ photograph: names[other] ?? '', confidence: hundredths / 100 }]
              : [];
          });
          await world.photograph(batchOf(at), names[at] ?? '', found);
          arrived.add(at);
        }
        pictures.push(JSON.stringify(await world.picture(enquiry)).replaceAll(prefix, ''));
      }
      expect(pictures[1]).toEqual(pictures[0]);
      expect(pictures[2]).toEqual(pictures[0]);
    }),
    { numRuns: 20 },
  );
}, 60_000);

test('nobody draws a face of an enquiry, or a pair of it, to find out what a match is worth', async () => {
  await usual();
  const { database } = world.store;
  const { sampled, all } = await sampleFaces(database, 9, () => 0);
  expect([all, sampled.map(({ face }) => face).sort()]).toEqual([2, ['a-0', 'b-0']]);
  const pairs = await sampleOffered(database, { from: 0, to: 1 }, 9, () => 0);
  expect(pairs.map(({ faces }) => faces)).toEqual([['a-0', 'b-0']]);
});
