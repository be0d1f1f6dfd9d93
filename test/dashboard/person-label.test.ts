import { expect, test } from 'vitest';
import { personLabels } from '../../src/dashboard/views/people/person-label.ts';

test('namesakes are told apart, by their birth where it is known', () => {
  const person = (id: string, fullName: string | null, dateOfBirth: string | null = null) => ({
    id,
    fullName,
    dateOfBirth,
  });
  const labels = personLabels([
    person('11111111-aaaa', 'Amal Haddad'),
    person('22222222-bbbb', 'Amal Haddad'),
    person('33333333-cccc', 'Amal Haddad', '1999-02'),
    person('44444444-dddd', 'Omar'),
    person('55555555-eeee', null),
  ]);
  expect(labels.map(({ label }) => label)).toEqual([
    'Amal Haddad (11111111)',
    'Amal Haddad (22222222)',
    'Amal Haddad, born 1999-02',
    'Omar',
    'A person without a name',
  ]);
});
