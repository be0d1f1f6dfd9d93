import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_RETRY_AFTER_MS, MAX_RETRY_AFTER_MS, parseRetryAfter } from '../../src/domain/retry-after.ts';

const now = Date.parse('2026-11-23T12:00:00Z');

test('whole seconds and HTTP dates become milliseconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3600 }), (seconds) => {
      expect(parseRetryAfter(String(seconds), now)).toBe(seconds * 1000);
      expect(parseRetryAfter(new Date(now + seconds * 1000).toUTCString(), now)).toBe(seconds * 1000);
    }),
  );
});

test('whatever the header says, the delay is absent or between zero and one hour', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.nat().map(String),
        fc.date({ noInvalidDate: true }).map((d) => d.toUTCString()),
      ),
      (text) => {
        const delay = parseRetryAfter(text, now);
        if (delay === undefined) return;
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(MAX_RETRY_AFTER_MS);
      },
    ),
  );
});

test.each([undefined, '', ' ', '-5', '1.5', 'soon', '2026'.repeat(9)])('%j says nothing', (text) => {
  expect(parseRetryAfter(text, now)).toBeUndefined();
});

test('what is longer than an hour is an hour, what lies in the past is no wait, and silence is a second', () => {
  const at = (ms: number) => new Date(now + ms).toUTCString();
  for (const [text, ms] of [
    ['3600', 3_600_000],
    ['3601', 3_600_000],
    ['999999999999', 3_600_000],
    [at(7_200_000), 3_600_000],
    [at(3_600_000), 3_600_000],
    [at(0), 0],
    [at(-5000), 0],
    [' 7 ', 7000],
  ] as const)
    expect(parseRetryAfter(text, now), text).toBe(ms);
  expect(MAX_RETRY_AFTER_MS).toBe(3_600_000);
  expect(DEFAULT_RETRY_AFTER_MS).toBe(1000);
});
