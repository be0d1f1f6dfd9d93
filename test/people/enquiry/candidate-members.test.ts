import { afterEach, beforeEach, expect, test } from 'vitest';
import { EnquiryWorld, enquiryBatch } from './world.ts';

let world: EnquiryWorld;
beforeEach(async () => {
  world = await EnquiryWorld.open();
});
afterEach(() => world.close());

/** An enquiry whose photograph is like these. */
async function lookingFor(...likes: { photograph: string; confidence: number }[]): Promise<string> {
  const enquiry = await world.enquiry();
  await world.photograph(enquiryBatch(enquiry), 'p', likes);
  return enquiry;
}

const groups = async () =>
  (await world.store.query('SELECT group_id, faces FROM candidate ORDER BY group_id')).map(
    ({ group_id, faces }) => [group_id, faces],
  );

test('a face that was alone stays the candidate that it is when it joins others, by whatever key these go', async () => {
  await world.photograph('camp', 'm', []);
  const enquiry = await lookingFor({ photograph: 'm', confidence: 0.7 });
  const [alone] = await world.candidates(enquiry);
  expect(alone?.faces).toEqual(['m-0']);
  for (const [other, all] of [
    ['z', ['m-0', 'z-0']],
    ['a', ['a-0', 'm-0', 'z-0']],
  ] as const) {
    await world.photograph('camp', other, [{ photograph: 'm', confidence: 0.9 }]);
    expect(await world.candidates(enquiry)).toMatchObject([{ id: alone?.id, faces: all }]);
    expect(await groups()).toEqual([[all[0], all.length]]);
  }
});

test.each(['a', 'm'])(
  'erasing photograph %s of a group, the least of it or the most alike, leaves the candidate that the others are',
  async (erased) => {
    await world.photograph('camp', 'a', []);
    await world.photograph('camp', 'm', [{ photograph: 'a', confidence: 0.9 }]);
    await world.photograph('camp', 'z', [
      { photograph: 'a', confidence: 0.9 },
      { photograph: 'm', confidence: 0.9 },
    ]);
    const enquiry = await lookingFor(
      { photograph: 'm', confidence: 0.8 },
      { photograph: 'z', confidence: 0.7 },
    );
    const [before] = await world.candidates(enquiry);
    expect(before?.faces).toEqual(['a-0', 'm-0', 'z-0']);
    await world.say(before?.id ?? '', 'same', 'anna');
    await world.store.erasures.remove([erased], new AbortController().signal);
    // As the eraser does: groups first, for what is left of them bears the name of a face that is gone.
    await world.people.settleAll();
    for (const one of await world.store.erasures.enquiries.about([erased]))
      await world.parts.enquiries.refresh(one);
    const left = ['a-0', 'm-0', 'z-0'].filter((face) => face !== `${erased}-0`);
    expect(await world.candidates(enquiry)).toMatchObject([{ id: before?.id, faces: left }]);
    expect(JSON.stringify(await world.store.query('SELECT * FROM candidate'))).not.toContain(`${erased}-0`);
  },
);

test('what falls apart is two candidates: the one with the most alike face stays, and each has its own', async () => {
  await world.photograph('camp', 'a', []);
  await world.photograph('camp', 'm', [{ photograph: 'a', confidence: 0.9 }]);
  const enquiry = await lookingFor(
    { photograph: 'm', confidence: 0.8 },
    { photograph: 'a', confidence: 0.7 },
  );
  const [one] = await world.candidates(enquiry);
  // Of two that could be the one, it is the older.
  world.now += 1000;
  await world.people.decide('a-0', 'm-0', 'different', { by: 'anna' });
  const parted = await world.candidates(enquiry);
  expect(parted).toMatchObject([{ id: one?.id, faces: ['m-0'] }, { faces: ['a-0'] }]);
  expect(parted[1]?.id).not.toBe(one?.id);
  await world.people.decide('a-0', 'm-0', 'same', { by: 'anna' });
  expect(await world.candidates(enquiry)).toMatchObject([{ id: one?.id, faces: ['a-0', 'm-0'] }]);
  expect(await groups()).toEqual([['a-0', 2]]);
});

test('a face of an enquiry that people joined to a group is no member of its candidates, though the group goes by it', async () => {
  await world.photograph('camp', 'y', []);
  await world.photograph('camp', 'z', [{ photograph: 'y', confidence: 0.9 }]);
  const enquiry = await lookingFor({ photograph: 'z', confidence: 0.8 });
  const [candidate] = await world.candidates(enquiry);
  for (const by of ['anna', 'ben']) await world.say(candidate?.id ?? '', 'same', by);
  expect(await world.candidates(enquiry)).toMatchObject([
    { id: candidate?.id, standing: 'found', faces: ['y-0', 'z-0'] },
  ]);
  expect(await groups()).toEqual([['p-0', 2]]);
});

test('an enquiry that is solved again where nothing has changed is written nothing of: its version stays', async () => {
  await world.photograph('camp', 'a', []);
  await world.photograph('camp', 'm', [{ photograph: 'a', confidence: 0.9 }]);
  const enquiry = await lookingFor({ photograph: 'm', confidence: 0.8 });
  const rows = () => world.store.query('SELECT * FROM candidate');
  const before = await rows();
  expect(before).toHaveLength(1);
  world.now += 1000;
  await world.parts.enquiries.refresh(enquiry);
  expect(await rows()).toEqual(before);
});
