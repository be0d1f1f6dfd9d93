import { expect, test } from 'vitest';
import { FRESH_MS } from '../../src/api/queue-depths.ts';
import { EVERY_MS } from '../../src/dashboard/live/live.ts';

test('an answer is at most two seconds old when the next one comes', () => {
  expect(EVERY_MS + FRESH_MS).toBeLessThan(2000);
});
