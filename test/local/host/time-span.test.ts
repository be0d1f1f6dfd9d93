import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTimeSpan } from '../../../src/local/host/time-span.ts';

const two = (value: number) => String(value).padStart(2, '0');

test('a time span is days, hours, minutes, seconds and a fraction', () => {
  const part = (max: number) => fc.nat({ max });
  fc.assert(
    fc.property(part(400), part(23), part(59), part(59), part(999), (days, hours, minutes, seconds, ms) => {
      const fraction = ms === 0 ? '' : `.${String(ms).padStart(3, '0')}`;
      const text = `${days > 0 ? `${days}.` : ''}${two(hours)}:${two(minutes)}:${two(seconds)}${fraction}`;
      const expected = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + ms;
      expect(parseTimeSpan(text)).toBe(expected);
    }),
  );
});

test('a whole number is days, as in .NET; seconds may be left out', () => {
  expect(parseTimeSpan('7')).toBe(7 * 86_400_000);
  expect(parseTimeSpan('01:30')).toBe(5_400_000);
});

test.each(['', '-00:00:01', '24:00:00', '00:60:00', '00:00:60', '1:2:3:4', 'soon', '00:00:00.12345678'])(
  '"%s" is not a time span',
  (text) => {
    expect(parseTimeSpan(text)).toBeUndefined();
  },
);
