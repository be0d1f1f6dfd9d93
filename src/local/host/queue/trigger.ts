import type { Random } from '../../../domain/ports.ts';
import type { BindingInfo } from '../app/core-api.ts';
import type { Invoke } from '../app/invoke.ts';
import type { RegisteredFunction } from '../app/registry.ts';
import { FunctionError, resolveSettings } from '../app-setting.ts';
import type { Env, QueueOptions } from '../host-json.ts';
import type { HostLog } from '../log.ts';
import type { Trigger } from '../trigger.ts';
import { connectQueues } from './connection.ts';
import { listen } from './listener.ts';
import { triggerMetadata } from './message.ts';
import { poisonQueueOf } from './poison.ts';
import { createProcessor } from './process-message.ts';

const DEFAULT_CONNECTION = 'AzureWebJobsStorage';
/** Storage's own rule: 3 to 63 small letters, digits and single dashes. */
const QUEUE_NAME = /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/;

interface QueueTriggerOptions {
  readonly queues: QueueOptions;
  /** Seconds for which a received message is invisible; the platform takes 600. */
  readonly invisibilitySeconds: number;
  readonly env: Env;
  readonly random: Random;
  readonly log: HostLog;
  readonly invoke: Invoke;
}

/**
 * Sets up the queue trigger of a function.
 *
 * @throws {FunctionError} on a wrong queue name or a missing connection
 */
export async function createQueueTrigger(
  fn: RegisteredFunction,
  bindingName: string,
  binding: BindingInfo,
  options: QueueTriggerOptions,
): Promise<Trigger> {
  const { env, log, queues, invisibilitySeconds, random, invoke } = options;
  const functionName = fn.metadata.name;
  const queueName = resolveSettings(String(binding.queueName ?? ''), env);
  if (!QUEUE_NAME.test(queueName)) {
    throw new FunctionError(
      `"${queueName}" is not the name of a queue: 3 to 63 small letters, digits and dashes.`,
    );
  }
  const service = await connectQueues(String(binding.connection ?? DEFAULT_CONNECTION), env);
  const queue = service.getQueueClient(queueName);
  const process = createProcessor({
    functionName,
    queue,
    poison: poisonQueueOf(service, queueName),
    options: queues,
    invisibilitySeconds,
    log,
    async call(message, body) {
      await invoke(fn, { bindingName, data: { string: body }, metadata: triggerMetadata(message, body) });
    },
  });
  let listener: ReturnType<typeof listen> | undefined;
  return {
    start() {
      listener ??= listen({ functionName, queue, invisibilitySeconds, random, log, process, ...queues });
    },
    async stop() {
      await listener?.stop();
    },
  };
}
