import { afterAll, beforeAll, expect, test } from 'vitest';
import { leastMargins } from '../../src/api/matches.ts';
import { EnquiryWorld } from '../people/enquiry/world.ts';

let world: EnquiryWorld;
beforeAll(async () => {
  world = await EnquiryWorld.open();
});
afterAll(() => world?.close());

test('the margin in the review list is to the next person: other photographs of either of the two are no rivals', async () => {
  // Below what the machine joins by itself. Two photographs of one person, and one of somebody else, are like a third, from another batch.
  await world.photograph('camp', 'amal1', []);
  await world.photograph('camp', 'amal2', [{ photograph: 'amal1', confidence: 0.95 }]);
  await world.photograph('camp', 'zahra', []);
  await world.photograph('port', 'new', [
    { photograph: 'amal1', confidence: 0.4 },
    { photograph: 'amal2', confidence: 0.38 },
    { photograph: 'zahra', confidence: 0.1 },
  ]);
  const { store, people } = world;
  const app = { results: async () => store, people: async () => people };
  const margins = async () => {
    const pairs = await store.decisions.review({ minConfidence: 0, limit: 9 });
    const least = await leastMargins(app, pairs);
    return Object.fromEntries(
      pairs.map(({ a, b }, index) => [
        [a.face, b.face].sort().join(' '),
        least[index] == null ? null : Math.round(least[index] * 100) / 100,
      ]),
    );
  };
  expect(await people.groups.idsOf(['amal1-0', 'amal2-0'])).toEqual(
    new Map([
      ['amal1-0', 'amal1-0'],
      ['amal2-0', 'amal1-0'],
    ]),
  );
  expect(await margins()).toEqual({
    // To Zahra, not to the next photograph of Amal.
    'amal1-0 new-0': 0.3,
    'amal2-0 new-0': 0.28,
    'new-0 zahra-0': -0.3,
    // Whom each is like beside the other: the new one.
    'amal1-0 amal2-0': 0.55,
  });
  // Somebody takes one of them out: now it is another person, and as near as can be.
  await people.split(['amal2-0'], undefined, { by: 'anna' });
  expect(await margins()).toMatchObject({ 'amal1-0 new-0': 0.02, 'amal2-0 new-0': -0.02 });
});
