import { app as functions, type InvocationContext } from '@azure/functions';
import type { Api, Invocation } from './api/api.ts';
import { type OperationName, operations } from './api/contract.ts';
import type { Health } from './api/health/health.ts';
import { KEYED_PREFIX, PAGE_ROOT } from './api/routes.ts';
import { type App, openApp } from './app.ts';
import type { Log } from './domain/ports.ts';
import { DefinitionError } from './pipeline/definition/registry.ts';
import type { Delivery } from './pipeline/delivery/delivery.ts';
import { EVENTS_QUEUE, poisonQueue } from './storage/names.ts';

/** The connection of all triggers: the storage account that also holds the images. */
const CONNECTION = 'AzureWebJobsStorage';

const shutdown = new AbortController();
let opening: Promise<App> | undefined;

/** The app of this process, opened at the first use. */
export function theApp(): Promise<App> {
  opening ??= openApp(process.env).then((app) => {
    checkFunctions(app.registry.names);
    return app;
  });
  // A failure is not kept: what it met may have passed by the next invocation.
  opening.catch(() => {
    opening = undefined;
  });
  return opening;
}

const stepFunctions = new Set<string>();

/**
 * A step without a function would let its messages wait for ever; a function without a step would refuse them all.
 *
 * @throws {DefinitionError}
 */
function checkFunctions(steps: readonly string[]): void {
  for (const name of steps) {
    if (stepFunctions.has(name)) continue;
    throw new DefinitionError(
      `Step "${name}" has no function: add src/functions/${name}.ts with the line registerStep('${name}').`,
    );
  }
  for (const name of stepFunctions) {
    if (steps.includes(name)) continue;
    throw new DefinitionError(
      `The function "${name}" has no step: add src/steps/${name}.ts, or remove src/functions/${name}.ts.`,
    );
  }
}

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
 * Registers a step: the function of its queue, and the one of its poison queue.
 *
 * @throws {DefinitionError} when another file has registered it
 */
export function registerStep(name: string): void {
  if (stepFunctions.has(name)) {
    throw new DefinitionError(`Two files of src/functions register the step "${name}": remove one.`);
  }
  stepFunctions.add(name);
  functions.storageQueue(name, {
    queueName: name,
    connection: CONNECTION,
    handler: async (message: unknown, context) => {
      const app = await theApp();
      await app.helper.process(name, message, deliveryOf(context));
    },
  });
  functions.storageQueue(poisonQueue(name), {
    queueName: poisonQueue(name),
    connection: CONNECTION,
    handler: async (message: unknown, context) => {
      const app = await theApp();
      await app.poison.step(name, message, deliveryOf(context));
    },
  });
}

/** Registers the functions of the events queue and of its poison queue. */
export function registerEvents(): void {
  functions.storageQueue(EVENTS_QUEUE, {
    queueName: EVENTS_QUEUE,
    connection: CONNECTION,
    handler: async (message: unknown, context) => {
      const { takeIn } = await import('./pipeline/delivery/intake.ts');
      await takeIn(message, deliveryOf(context), await theApp());
    },
  });
  functions.storageQueue(poisonQueue(EVENTS_QUEUE), {
    queueName: poisonQueue(EVENTS_QUEUE),
    connection: CONNECTION,
    handler: async (message: unknown, context) => {
      const app = await theApp();
      await app.poison.events(message, deliveryOf(context));
    },
  });
}

/** Registers work that is done by the clock. `schedule` has six fields, seconds first. */
export function registerTimer(
  name: string,
  schedule: string,
  work: (app: App, log: Log, signal: AbortSignal) => Promise<void>,
): void {
  functions.timer(name, {
    schedule,
    handler: async (_, context) => work(await theApp(), logOf(context), shutdown.signal),
  });
}

let asking: Promise<() => Promise<Health>> | undefined;

/** Opened at the first question, which on most instances never comes. */
function theHealth(): Promise<() => Promise<Health>> {
  asking ??= (async () => {
    const [app, { healthOf }, { checksOf }] = await Promise.all([
      theApp(),
      import('./api/health/health.ts'),
      import('./api/health/checks.ts'),
    ]);
    return healthOf(checksOf(app), app.clock);
  })();
  return asking;
}

/** Registers the health endpoint: whether all is well for anybody, what is wrong for holders of a function key. */
export function registerHealth(): void {
  const answer = async (whole: boolean) => {
    const health = await (await theHealth())();
    return {
      status: health.status === 'ok' ? 200 : 503,
      headers: { 'cache-control': 'no-store' },
      jsonBody: whole ? health : { status: health.status },
    };
  };
  functions.http('health', {
    route: 'api/health',
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: () => answer(false),
  });
  functions.http('health-details', {
    route: 'api/health/details',
    methods: ['GET'],
    authLevel: 'function',
    handler: () => answer(true),
  });
}

let serving: Promise<Api> | undefined;

/** Loaded at the first call, which on most instances never comes. */
function theApi(): Promise<Api> {
  serving ??= (async () => {
    const [app, { Api }, { readPlatform }] = await Promise.all([
      theApp(),
      import('./api/api.ts'),
      import('./api/platform.ts'),
    ]);
    return new Api(app, () => readPlatform(process.env));
  })();
  return serving;
}

const invocationOf = (context: InvocationContext): Invocation => ({
  log: logOf(context),
  signal: shutdown.signal,
});

/**
 * Registers every operation of the HTTP API. `anonymous` is what the host is told, for people have no function keys: the
 * API's own gate (`api/access.ts`) stands in every call.
 */
export function registerApi(): void {
  for (const [name, { method, path }] of Object.entries(operations)) {
    functions.http(`api-${name}`, {
      route: path,
      methods: [method],
      authLevel: 'anonymous',
      handler: async (request, context) =>
        (await theApi()).serve(name as OperationName, request, invocationOf(context)),
    });
  }
  functions.http('api-openapi', {
    route: 'api/openapi.json',
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: async (request, context) => {
      const [api, { serveOpenapi }] = await Promise.all([theApi(), import('./api/openapi.ts')]);
      return api.guard(request, invocationOf(context), { role: 'viewer' }, () => serveOpenapi(request));
    },
  });
  // For machines: the same operations behind a key that the host itself checks.
  functions.http('api-machine', {
    route: `${KEYED_PREFIX}{*operation}`,
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    authLevel: 'function',
    handler: async (request, context) => (await theApi()).serveKeyed(request, invocationOf(context)),
  });
}

/** Registers the page: the files that the build has put into `dist/dashboard`. */
export function registerDashboard(): void {
  functions.http('dashboard', {
    route: `${PAGE_ROOT.slice(1)}{*file}`,
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: async (request, context) => {
      const [api, { servePage }] = await Promise.all([theApi(), import('./api/page.ts')]);
      return api.guard(request, invocationOf(context), { role: 'viewer', linkable: true }, () =>
        servePage(request),
      );
    },
  });
}

/** Registers what happens when the host starts and stops. */
export function registerLifecycle(): void {
  functions.hook.appStart(async () => {
    const [app, { describeRetention }] = await Promise.all([theApp(), import('./erasure/retention.ts')]);
    // Start-up has no invocation whose log it could go to.
    console.log(JSON.stringify({ event: 'retention', ...describeRetention(app.settings) }));
    await app.ensure();
  });
  functions.hook.appTerminate(async () => {
    shutdown.abort(new Error('The Functions host is stopping.'));
    if (opening) await (await opening).close();
  });
}
