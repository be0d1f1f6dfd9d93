import { expect, test } from 'vitest';
import { parseSchedule } from '../../../../src/local/host/timer/schedule.ts';

const next = (expression: string, after: string, timeZone = 'UTC') =>
  parseSchedule(expression, timeZone).next(new Date(after))?.toISOString();

test('six fields are second, minute, hour, day, month, day of week', () => {
  expect(next('30 */5 9-17 * * Mon-Fri', '2026-11-20T17:55:31Z')).toBe('2026-11-23T09:00:30.000Z');
  expect(next('0 0 0 1 1 *', '2026-11-20T00:00:00Z')).toBe('2027-01-01T00:00:00.000Z');
});

test('five fields fire at second 0', () => {
  expect(next('*/5 * * * *', '2026-11-20T10:01:02Z')).toBe('2026-11-20T10:05:00.000Z');
});

test('day and day of week must both hold', () => {
  expect(next('0 0 0 13 * 5', '2026-01-01T00:00:00Z')).toBe('2026-02-13T00:00:00.000Z');
});

test('the occurrence is in the time zone', () => {
  expect(next('0 0 12 * * *', '2026-07-01T00:00:00Z', 'Europe/Rome')).toBe('2026-07-01T10:00:00.000Z');
});

test('an occurrence is after the given time, never at it', () => {
  expect(next('* * * * * *', '2026-11-20T10:00:00Z')).toBe('2026-11-20T10:00:01.000Z');
});

test('a time span counts from the given time', () => {
  expect(next('00:00:30', '2026-11-20T10:00:01.500Z')).toBe('2026-11-20T10:00:31.500Z');
});

test('a date that never comes has no occurrence', () => {
  expect(next('0 0 0 30 2 *', '2026-11-20T10:00:00Z')).toBeUndefined();
});

test.each([
  '',
  'soon',
  '* * * *',
  '61 * * * * *',
  '0 0 0 L * *',
  '@daily',
  '0 0 0 ? * *',
  '00:00:00',
  '99:99',
])('"%s" is refused', (expression) => {
  expect(() => parseSchedule(expression, 'UTC')).toThrow(/neither a cron expression/);
});
