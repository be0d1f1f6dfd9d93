import { expect, test } from 'vitest';
import { marginsToNextPerson } from '../../src/people/margin.ts';

const rounded = (margins: (number | undefined)[]) => margins.map((one) => one && Math.round(one * 100) / 100);

test('the margin is to the next person, not to the next photograph of the same one', () => {
  const amal = { group: 'amal', confidence: 0.9, margin: 0.02 };
  const again = { group: 'amal', confidence: 0.88, margin: 0.28 };
  expect(
    rounded(marginsToNextPerson([amal, again, { group: 'zahra', confidence: 0.6, margin: 0.2 }])),
  ).toEqual([0.3, 0.28, -0.3]);
  // The one below was not offered: nobody knows whose face it is.
  expect(rounded(marginsToNextPerson([amal, { ...again, margin: 0.4 }]))).toEqual([0.42, 0.4]);
  expect(marginsToNextPerson([{ group: 'amal', confidence: 0.9 }])).toEqual([undefined]);
  expect(marginsToNextPerson([])).toEqual([]);
});

test('two persons as sure as each other are none apart', () => {
  const as = (group: string) => ({ group, confidence: 0.7 });
  expect(marginsToNextPerson([as('amal'), as('zahra')])).toEqual([0, 0]);
});

test('another photograph of the very person who is asked about is no rival of anybody', () => {
  const found = [
    { group: 'own', confidence: 0.95 },
    { group: 'amal', confidence: 0.9 },
    { group: 'zahra', confidence: 0.6 },
  ];
  expect(rounded(marginsToNextPerson(found, 'own'))).toEqual([0.05, 0.3, -0.3]);
});
