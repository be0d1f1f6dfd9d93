import type { Clock } from '../../../domain/ports.ts';
import type { BindingInfo } from '../app/core-api.ts';
import type { Invoke } from '../app/invoke.ts';
import type { RegisteredFunction } from '../app/registry.ts';
import { resolveSettings } from '../app-setting.ts';
import type { Env } from '../host-json.ts';
import type { Trigger } from '../trigger.ts';
import { parseSchedule } from './schedule.ts';

/** How often a timer looks at the clock, in milliseconds: one that is set back must not stop it for as long as that was. */
const LOOK_MS = 60_000;
/** What .NET shows for a date that never was. */
const NEVER = '0001-01-01T00:00:00+00:00';

interface TimerTriggerOptions {
  readonly env: Env;
  readonly clock: Clock;
  readonly invoke: Invoke;
}

/**
 * Sets up the timer trigger of a function. The next occurrence is looked for when an invocation has ended, so a timer
 * never overlaps itself; those it ran past are left out. `useMonitor` is accepted and has no effect: nothing is kept
 * from one start of the host to the next.
 *
 * @throws {FunctionError} on a wrong schedule
 */
export function createTimerTrigger(
  fn: RegisteredFunction,
  bindingName: string,
  binding: BindingInfo,
  { env, clock, invoke }: TimerTriggerOptions,
): Trigger {
  const expression = resolveSettings(String(binding.schedule ?? ''), env);
  const schedule = parseSchedule(expression, env.WEBSITE_TIME_ZONE || 'UTC');
  let last: Date | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;

  async function fire(occurrence: Date): Promise<void> {
    const json = JSON.stringify({
      Schedule: { AdjustForDST: true },
      ScheduleStatus: {
        Last: last?.toISOString() ?? NEVER,
        Next: schedule.next(occurrence)?.toISOString() ?? NEVER,
        LastUpdated: (last ?? new Date(clock())).toISOString(),
      },
      IsPastDue: false,
    });
    last = occurrence;
    // A failed invocation is in the log; the timer goes on.
    await invoke(fn, { bindingName, data: { json } }).catch(() => {});
  }

  function fireNow(occurrence: Date): void {
    running = fire(occurrence).then(plan);
  }

  function plan(): void {
    const next = stopped ? undefined : schedule.next(new Date(clock()));
    if (next !== undefined) wait(next);
  }

  function wait(until: Date): void {
    const began = clock();
    const look = () => {
      const now = clock();
      if (now >= until.getTime()) fireNow(until);
      else if (now < began) plan();
      else wait(until);
    };
    timer = setTimeout(look, Math.min(Math.max(until.getTime() - began, 0), LOOK_MS));
  }

  return {
    start: () => (binding.runOnStartup === true ? fireNow(new Date(clock())) : plan()),
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
