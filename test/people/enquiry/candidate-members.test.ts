import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isReserved } from '../../../src/domain/enquiry-batch.ts';
import { ContradictionError } from '../../../src/people/contradiction.ts';
import { membersOf } from '../../../src/people/enquiry/candidate-members.ts';
import { PeopleRefusedError, UnknownNodeError } from '../../../src/people/errors.ts';
import { box, image, imageUrl } from '../../results/fixtures.ts';
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

test.each([
  ['the enquiry finds nobody alike', 'p', true],
  ['the enquiry finds no face', 'p', false],
  ['the archive finds nobody alike', 'a', true],
  ['the archive finds no face', 'a', false],
])('where the other look at the photograph of %s, nobody is shown as alike any more', async (_, id, face) => {
  await world.photograph('camp', 'a', []);
  const enquiry = await lookingFor({ photograph: 'a', confidence: 0.8 });
  expect(await world.candidates(enquiry)).toHaveLength(1);
  const batch = id === 'p' ? enquiryBatch(enquiry) : 'camp';
  if (face) await world.photograph(batch, id, []);
  else {
    await world.store.save(image(id, { batchId: batch, run: 1, faces: [], matches: [] }));
    await world.people.settle([id]);
  }
  const shown = await world.candidates(enquiry);
  await world.parts.enquiries.refresh(enquiry);
  expect(shown).toEqual(await world.candidates(enquiry));
});

test('where an undo has two groups exchange faces, and they stay as large as they were, the candidate is whom its face is with now', async () => {
  for (const [id, ...others] of ['a', 'b', 'ca', 'db', 'ec', 'fb'])
    await world.photograph(
      'camp',
      id as string,
      others.map((photograph) => ({ photograph, confidence: 0.9 })),
    );
  const enquiry = await lookingFor({ photograph: 'e', confidence: 0.8 });
  expect(await world.candidates(enquiry)).toMatchObject([{ faces: ['a-0', 'c-0', 'e-0'] }]);
  const said = [
    await world.people.decide('a-0', 'c-0', 'different', { by: 'anna' }),
    await world.people.decide('a-0', 'b-0', 'same', { by: 'anna' }),
    await world.people.decide('c-0', 'd-0', 'same', { by: 'anna' }),
  ];
  expect(await world.candidates(enquiry)).toMatchObject([{ faces: ['c-0', 'd-0', 'e-0'] }]);
  await world.people.undoAll(
    said.map((one) => one?.id ?? ''),
    { by: 'anna' },
  );
  expect(await world.candidates(enquiry)).toMatchObject([{ faces: ['a-0', 'c-0', 'e-0'] }]);
  expect(await groups()).toEqual([['a-0', 3]]);
});

test('every enquiry that looks for somebody in a photograph is named when it goes', async () => {
  await world.photograph('camp', 'm', []);
  const enquiries = [await lookingFor({ photograph: 'm', confidence: 0.8 })];
  const other = await world.enquiry();
  await world.photograph(enquiryBatch(other), 'q', [{ photograph: 'm', confidence: 0.7 }]);
  enquiries.push(other);
  expect((await world.store.erasures.enquiries.about(['m'])).sort()).toEqual(enquiries.sort());
});

test('two faces of one photograph, found anew in other places, stay the candidates that they are', async () => {
  const enquiry = await lookingFor();
  const look = async (run: number, keys: readonly [string, string]) => {
    const faces = keys.map((key, at) => ({ key, rectangle: box(10 + 200 * at + run), enrolled: true }));
    const matches = faces.map(({ key }, at) => ({
      ...{
        face: key,
        otherFace: 'p-0',
        otherImage: 'p',
        otherImageUrl: imageUrl('p').replace('/batch/', `/${enquiryBatch(enquiry)}/`),
      },
      ...{ otherRectangle: box(10), confidence: 0.9 - at / 10 },
    }));
    await world.store.save(image('m', { batchId: 'camp', run, faces, matches }));
    await world.people.settle(['m']);
  };
  await look(0, ['m-0', 'm-1']);
  for (const { id } of await world.candidates(enquiry)) await world.say(id, 'different', 'anna');
  const before = await world.candidates(enquiry);
  expect(before.map(({ faces }) => faces)).toEqual([['m-0'], ['m-1']]);
  await look(1, ['m-00', 'm-11']);
  expect(await world.candidates(enquiry)).toEqual([
    { ...before[0], faces: ['m-00'] },
    { ...before[1], faces: ['m-11'] },
  ]);
});

const ARCHIVE = ['a', 'b', 'c', 'd'];
const any = fc.constantFrom(...ARCHIVE);
const confidence = fc.integer({ min: 45, max: 99 }).map((hundredths) => hundredths / 100);
const likes = fc.uniqueArray(fc.record({ photograph: any, confidence }), {
  maxLength: 3,
  selector: ({ photograph }) => photograph,
});
const deed = fc.oneof(
  fc.record({ kind: fc.constant('arrives' as const), id: any, likes }),
  fc.record({ kind: fc.constant('is looked for' as const), likes }),
  fc.record({ kind: fc.constant('is decided' as const), one: any, two: any, same: fc.boolean() }),
  fc.record({ kind: fc.constant('is named' as const), id: any }),
  fc.record({
    kind: fc.constant('is judged' as const),
    same: fc.boolean(),
    by: fc.constantFrom('anna', 'ben'),
  }),
  fc.record({ kind: fc.constant('is erased' as const), id: any }),
);
type Deed = typeof deed extends fc.Arbitrary<infer D> ? D : never;

/** As far as it can be done: what is refused changes nothing. */
async function attempt(one: Deed, enquiry: string, prefix: string): Promise<void> {
  const known = (some: readonly { photograph: string; confidence: number }[], but: string) =>
    some.flatMap(({ photograph, confidence: sure }) =>
      photograph === but ? [] : [{ photograph: prefix + photograph, confidence: sure }],
    );
  const face = (id: string) => `${prefix}${id}-0`;
  world.now += 1000;
  try {
    if (one.kind === 'arrives') await world.photograph(prefix, prefix + one.id, known(one.likes, one.id));
    else if (one.kind === 'is looked for')
      await world.photograph(enquiryBatch(enquiry), `${prefix}p`, known(one.likes, ''));
    else if (one.kind === 'is decided')
      await world.people.decide(face(one.one), face(one.two), one.same ? 'same' : 'different', {
        by: 'anna',
      });
    else if (one.kind === 'is named')
      await world.people.persons.make({ fullName: one.id }, { by: 'anna' }, [face(one.id)]);
    else if (one.kind === 'is erased') await world.erase(prefix + one.id);
    else {
      const [first] = await world.candidates(enquiry);
      if (first) await world.say(first.id, one.same ? 'same' : 'different', one.by);
    }
  } catch (error) {
    if (![ContradictionError, PeopleRefusedError, UnknownNodeError].some((kind) => error instanceof kind))
      throw error;
  }
}

test('whatever happens, each candidate is one group of the archive, whole, and solving again changes nothing (property)', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 3, maxLength: 12 }), async (deeds) => {
      runs += 1;
      const prefix = `r${runs}x`;
      const enquiry = await world.enquiry();
      const rows = () =>
        world.store.query(`SELECT * FROM candidate WHERE enquiry_id = '${enquiry}' ORDER BY candidate_id`);
      for (const one of deeds) {
        await attempt(one, enquiry, prefix);
        const candidates = await rows();
        const members = await membersOf(
          world.store.database,
          candidates.map(({ candidate_id }) => String(candidate_id)),
        );
        const places = await world.store.query('SELECT face_key, group_id, batch_id FROM face_group');
        for (const { candidate_id, best_face, group_id, faces } of candidates) {
          const own = places.find(({ face_key }) => face_key === best_face);
          expect(group_id, one.kind).toBe(own?.group_id ?? best_face);
          const group = places.filter(
            (place) => place.group_id === group_id && !isReserved(String(place.batch_id)),
          );
          const keys = own === undefined ? [best_face] : group.map(({ face_key }) => face_key).sort();
          expect(
            members.get(String(candidate_id))?.map(({ face }) => face),
            one.kind,
          ).toEqual(keys);
          expect(faces, one.kind).toBe(keys.length);
        }
        expect(new Set(candidates.map(({ group_id }) => group_id)).size).toBe(candidates.length);
        await world.parts.enquiries.refresh(enquiry);
        expect(await rows(), one.kind).toEqual(candidates);
      }
    }),
    { numRuns: 40 },
  );
}, 120_000);
