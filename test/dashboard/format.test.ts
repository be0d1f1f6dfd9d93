import { afterAll, expect, test, vi } from 'vitest';

// A reader in Bogotá: at midnight in UTC it is still the day before there.
const before = process.env.TZ;
process.env.TZ = 'America/Bogota';
vi.resetModules();
const { day, dateTime } = await import('../../src/dashboard/live/format.ts');
afterAll(() => {
  if (before === undefined) delete process.env.TZ;
  else process.env.TZ = before;
});

test('a day that was chosen in a form reads as that day west of Greenwich, too', () => {
  expect(dateTime('2026-12-15T00:00:00Z')).toContain('Dec 14');
  for (const chosen of ['2026-12-15', '2026-12-15T00:00:00Z', '2026-12-15T00:00:00.000Z'])
    expect(day(chosen)).toBe('Dec 15, 2026');
});

test('a time reads as the day on which it is where the reader is', () => {
  expect(day('2026-12-15T03:00:00Z')).toBe('Dec 14, 2026');
  expect(day('2026-12-15T13:00:00Z')).toBe('Dec 15, 2026');
});

test('what is no day is shown as it was written', () => {
  expect(day('tomorrow')).toBe('tomorrow');
});
