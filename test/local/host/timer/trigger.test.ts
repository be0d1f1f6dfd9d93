import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTimerTrigger } from '../../../../src/local/host/timer/trigger.ts';

const NOON = Date.parse('2026-11-01T12:00:00Z');
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

describe('a timer', () => {
  let now: number;
  let fired: number[];
  beforeEach(() => {
    vi.useFakeTimers();
    now = NOON;
    fired = [];
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const start = (schedule: string) => {
    const trigger = createTimerTrigger({ name: 'tick' } as never, 'timer', { schedule } as never, {
      env: {},
      clock: () => now,
      invoke: async () => {
        fired.push(now);
        return undefined as never;
      },
    });
    trigger.start();
    return trigger;
  };
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= MINUTE_MS) {
      now += Math.min(left, MINUTE_MS);
      await vi.advanceTimersByTimeAsync(Math.min(left, MINUTE_MS));
    }
  };

  test('fires at its times, however far off they are', async () => {
    const trigger = start('0 0 0 * * *');
    await pass(3 * DAY_MS);
    expect(fired).toEqual([0.5, 1.5, 2.5].map((days) => NOON + days * DAY_MS));
    await trigger.stop();
  });

  test('that fires by a time span longer than it looks at the clock keeps to it', async () => {
    const trigger = start('00:05:00');
    await pass(11 * MINUTE_MS);
    expect(fired).toEqual([5, 10].map((minutes) => NOON + minutes * MINUTE_MS));
    await trigger.stop();
  });

  test.each(['0 0 * * * *', '01:00:00'])(
    'of %s fires within its hour when the clock is set back by ten years',
    async (schedule) => {
      now += 3650 * DAY_MS;
      const trigger = start(schedule);
      await pass(MINUTE_MS);
      now = NOON;
      await pass(62 * MINUTE_MS);
      expect(fired).toHaveLength(1);
      await trigger.stop();
    },
  );
});
