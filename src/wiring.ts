import { setTimeout as delay } from 'node:timers/promises';
import { app as functions, type InvocationContext } from '@azure/functions';
import type { App } from './app.ts';
import type { Log } from './domain/ports.ts';
import { DefinitionError } from './pipeline/definition/registry.ts';
import type { Delivery } from './pipeline/delivery/delivery.ts';
import { keepQueueTexts, queueText } from './queue-text.ts';
import { ownFunctionFiles, startUp } from './start-up.ts';
import { EVENTS_QUEUE, poisonQueue } from './storage/names.ts';
import { causeOf } from './storage/preparation.ts';

/** The connection of all triggers: the storage account that also holds the images. */
const CONNECTION = 'AzureWebJobsStorage';

/**
 * How long the start waits for containers, tables and queues, in milliseconds: the Functions host gives a worker ten
 * seconds to start, loading its files included. They are made meanwhile, and later, in the background.
 */
const PREPARATION_LIMIT_MS = 3000;

const shutdown = new AbortController();

/** Settled while this module loads: which functions are registered depends on it. */
export const standing = await startUp({
  env: process.env,
  nodeVersion: process.versions.node,
  functionFiles: ownFunctionFiles(),
});

/** The app of this process. @throws where it could not be put together, with the sentence that says why */
export function theApp(): App {
  if (standing.app === undefined) throw new Error(standing.refusal);
  return standing.app;
}

const stepFunctions = new Set<string>();

/** Functions that are not registered, each in a sentence: a load error would take the whole app down. */
export const leftOut: string[] = [];

/** The log of an invocation: one JSON object a line, ids and codes only. */
export function logOf(context: InvocationContext): Log {
  const line = (event: string, fields: Record<string, unknown> = {}) => JSON.stringify({ event, ...fields });
  return {
    info: (event, fields) => context.log(line(event, fields)),
    warn: (event, fields) => context.warn(line(event, fields)),
    error: (event, fields) => context.error(line(event, fields)),
  };
}

/** Ends with the process, so that no call outlives a host that stops. */
export const shutdownSignal = shutdown.signal;

function deliveryOf(context: InvocationContext): Delivery {
  return {
    // The host hands it over as text; a message body of the same name could stand in its place.
    dequeueCount: Math.max(1, Number(context.triggerMetadata?.dequeueCount) || 1),
    log: logOf(context),
    signal: shutdown.signal,
    traceparent: context.traceContext?.traceParent,
  };
}

/**
 * Registers a step: the function of its queue, and the one of its poison queue; neither where no image is worked on,
 * for every delivery would fail and each message end among the dead ones.
 *
 * @throws {DefinitionError} when another file has registered it
 */
export function registerStep(name: string): void {
  if (stepFunctions.has(name)) {
    throw new DefinitionError(`Two files of src/functions register the step "${name}": remove one.`);
  }
  stepFunctions.add(name);
  if (standing.app?.registry.names.includes(name) === false) {
    const sentence = `The function "${name}" has no step: add src/steps/${name}.ts, or remove src/functions/${name}.ts.`;
    leftOut.push(sentence);
    console.error(sentence);
    return;
  }
  if (standing.refusal !== undefined) return;
  functions.storageQueue(name, {
    queueName: name,
    connection: CONNECTION,
    handler: async (message: unknown, context) => {
      await theApp().helper.process(name, queueText(context.invocationId, message), deliveryOf(context));
    },
  });
  keepQueueTexts();
  functions.storageQueue(poisonQueue(name), {
    queueName: poisonQueue(name),
    connection: CONNECTION,
    handler: async (message: unknown, context) => {
      await theApp().poison.step(name, queueText(context.invocationId, message), deliveryOf(context));
    },
  });
}

/** Registers the functions of the events queue and of its poison queue. */
export function registerEvents(): void {
  if (standing.refusal !== undefined) return;
  functions.storageQueue(EVENTS_QUEUE, {
    queueName: EVENTS_QUEUE,
    connection: CONNECTION,
    handler: async (message: unknown, context) => {
      const { takeIn } = await import('./pipeline/delivery/intake.ts');
      await takeIn(queueText(context.invocationId, message), deliveryOf(context), theApp());
    },
  });
  keepQueueTexts();
  functions.storageQueue(poisonQueue(EVENTS_QUEUE), {
    queueName: poisonQueue(EVENTS_QUEUE),
    connection: CONNECTION,
    handler: async (message: unknown, context) => {
      await theApp().poison.events(queueText(context.invocationId, message), deliveryOf(context));
    },
  });
}

/**
 * Registers work that is done by the clock.
 *
 * @param schedule six fields, seconds first
 * @param kind `administration` is done even where no image is worked on
 */
export function registerTimer(
  name: string,
  schedule: string,
  work: (app: App, log: Log, signal: AbortSignal) => Promise<void>,
  kind: 'pipeline' | 'administration' = 'pipeline',
): void {
  if (standing.app === undefined || (standing.refusal !== undefined && kind === 'pipeline')) return;
  functions.timer(name, {
    schedule,
    handler: async (_, context) => work(theApp(), logOf(context), shutdown.signal),
  });
}

/**
 * Registers what happens when the host starts and stops. The start never fails: see `startUp`. It has no invocation
 * whose log its words could go to.
 */
export function registerLifecycle(): void {
  functions.hook.appStart(async () => {
    const { app, refusal } = standing;
    if (refusal !== undefined) console.error(`No image is worked on: ${refusal}`);
    if (app === undefined) return;
    const { describeRetention } = await import('./erasure/retention.ts');
    console.log(JSON.stringify({ event: 'retention', ...describeRetention(app.settings) }));
    const prepared = app.preparation.begin(shutdown.signal, (error) => {
      console.error(JSON.stringify({ event: 'storage.not.prepared', cause: causeOf(error) }));
    });
    await Promise.race([prepared, delay(PREPARATION_LIMIT_MS, undefined, { ref: false })]);
  });
  functions.hook.appTerminate(async () => {
    shutdown.abort(new Error('The Functions host is stopping.'));
    await standing.app?.close();
  });
}
