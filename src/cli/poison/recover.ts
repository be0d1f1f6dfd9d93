import { setTimeout as delay } from 'node:timers/promises';
import { recoverHeld } from '../../admin/recover.ts';
import { workQueues } from '../../storage/names.ts';
import type { CommandContext } from '../command.ts';
import { CliError, EXIT } from '../errors.ts';
import { count } from '../format/count.ts';

export interface RecoverOptions {
  step?: string;
  minutes: string;
  json?: boolean;
}

/** The host looks every two seconds at most: so often we are there first, nearly always. */
const LOOK_EVERY_MS = 200;

/** Puts back to work what the host holds back in the poison queues. */
export async function recover(options: RecoverOptions, context: CommandContext): Promise<void> {
  const { screen, signal, connect } = context;
  const minutes = Number(options.minutes);
  if (!(minutes >= 0)) throw new CliError('--minutes takes a number, 0 or more.', EXIT.usage);
  const app = await (await connect()).app();
  const all = workQueues(app.registry.names);
  if (options.step !== undefined && !all.includes(options.step)) {
    throw new CliError(`There is no queue "${options.step}": it is one of ${all.join(', ')}.`, EXIT.usage);
  }
  const byQueue: Record<string, number> = {};
  const recovered = await recoverHeld(
    app,
    {
      queues: options.step === undefined ? all : [options.step],
      limitMs: minutes * 60_000,
      pause: (end) => delay(LOOK_EVERY_MS, undefined, { signal: end }).catch(() => {}),
      onRecovered: (queue, messages) => {
        byQueue[queue] = (byQueue[queue] ?? 0) + messages;
        if (!options.json) screen.line(`${count(messages, 'message')} of ${queue} put back to work.`);
      },
    },
    signal,
  );
  if (options.json) return screen.line(JSON.stringify({ recovered, queues: byQueue }, undefined, 2));
  if (recovered === 0) screen.line('No message was found that the Functions host holds back.');
}
