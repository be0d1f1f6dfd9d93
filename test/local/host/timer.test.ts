import { expect, test } from 'vitest';
import { eventually, startHost } from './support.ts';

const main = 'timer.js';

test('a timer fires by its cron schedule, with the timer information in camel case', async () => {
  const host = await startHost({ main, env: { SCHEDULE: '* * * * * *' } });
  const [first, second] = await host.reported('tick', 2);
  expect(first?.timer).toEqual({
    isPastDue: false,
    schedule: { adjustForDST: true },
    scheduleStatus: {
      last: '0001-01-01T00:00:00+00:00',
      next: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      lastUpdated: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    },
  });
  expect(second?.timer.scheduleStatus.last).toBe(
    new Date(Math.floor((first?.at ?? 0) / 1000) * 1000).toISOString(),
  );
  expect(await host.stop()).toBe(0);
});

test('a timer fires by a time span', async () => {
  const host = await startHost({ main, env: { SCHEDULE: '00:00:00.2' } });
  const [first, second] = await host.reported('tick', 2);
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(190);
  expect(await host.stop()).toBe(0);
});

test('runOnStartup fires at once, whatever the schedule', async () => {
  const host = await startHost({ main, env: { SCHEDULE: '0 0 0 1 1 *', RUN_ON_STARTUP: 'true' } });
  await host.reported('tick');
  expect(await host.stop()).toBe(0);
});

test('a timer never overlaps itself, and goes on when its invocation has ended', async () => {
  const host = await startHost({ main, env: { SCHEDULE: '00:00:00.05', HOLD_TIMER: 'true' } });
  const [held] = await host.reported('tick');
  await eventually(() => Date.now() - (held?.at ?? Number.NaN)).toBeGreaterThan(500);
  expect(host.reports).toHaveLength(1);
  host.go('tick');
  const reports = await host.reported('tick', 4);
  expect(reports.every((report) => report.running === 1)).toBe(true);
  expect(await host.stop()).toBe(0);
});

test('a failed invocation does not end the timer', async () => {
  const host = await startHost({ main, env: { SCHEDULE: '00:00:00.1', FAIL_TIMER: 'true' } });
  await host.reported('tick', 3);
  expect(await host.stop()).toBe(0);
});
