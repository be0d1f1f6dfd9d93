import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_RETRY_AFTER_MS, parseRetryAfter } from '../../src/domain/retry-after.ts';

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
