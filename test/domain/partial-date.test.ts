import { expect, test } from 'vitest';
import { isPartialDate } from '../../src/domain/partial-date.ts';

test.each(['1998', '1998-07', '1998-07-31', '2024-02-29', '2000-02-29', '0099-12-31'])(
  '%s is a date',
  (text) => {
    expect(isPartialDate(text)).toBe(true);
  },
);

test.each([
  '',
  '98',
  '1998-7',
  '1998-13',
  '1998-00-01',
  '1998-02-29',
  '1900-02-29',
  '1998-04-31',
  '1998-07-32',
  ' 1998',
  '1998-07-30T00:00',
])('"%s" is none', (text) => {
  expect(isPartialDate(text)).toBe(false);
});
