import { setTimeout as delay } from 'node:timers/promises';
import { recoverHeld as recover } from '../../admin/recover.ts';
import { workQueues } from '../../storage/names.ts';
import type { Handler } from '../call.ts';
import { ApiError } from '../problem.ts';

/** Well within what proxies wait for an answer. What the host hides for longer takes another call. */
const LIMIT_MS = 20_000;
const LOOK_EVERY_MS = 200;

export const recoverHeld: Handler<'recoverHeld'> = async ({ app, body: { queue }, signal }) => {
  const all = workQueues(app.registry.names);
  if (queue !== undefined && !all.includes(queue)) {
    throw new ApiError(422, 'UnknownQueue', `There is no queue "${queue}": it is one of ${all.join(', ')}.`);
  }
  const queues: Record<string, number> = {};
  const recovered = await recover(
    app,
    {
      queues: queue === undefined ? all : [queue],
      limitMs: LIMIT_MS,
      pause: (end) => delay(LOOK_EVERY_MS, undefined, { signal: end }).catch(() => {}),
      onRecovered: (name, messages) => {
        queues[name] = (queues[name] ?? 0) + messages;
      },
    },
    signal,
  );
  return { recovered, queues };
};
