import type { Clock, Random } from '../../domain/ports.ts';
import type { BindingInfo, FunctionMetadata } from './app/core-api.ts';
import type { Invoke } from './app/invoke.ts';
import type { RegisteredFunction } from './app/registry.ts';
import { FunctionError, isDisabled, resolveSettings } from './app-setting.ts';
import type { Env, QueueOptions } from './host-json.ts';
import { parseRoute } from './http/route.ts';
import type { HttpFunction } from './http/server.ts';
import type { HostLog } from './log.ts';
import { createQueueTrigger } from './queue/trigger.ts';
import { createTimerTrigger } from './timer/trigger.ts';
import type { Trigger } from './trigger.ts';

const FUNCTION_NAME = /^[a-z][a-z0-9_-]{0,127}$/i;
const BINDING_NAME = /^(?:[a-z][a-z0-9]{0,127}|\$return)$/i;

/** A function as the launcher and people see it. */
export interface FunctionInfo {
  readonly name: string;
  /** `queueTrigger`, `timerTrigger`, `httpTrigger`, or one this host does not run. */
  readonly trigger: string;
  /** Queue, schedule or route. */
  readonly source?: string;
  /** Why it does not run. */
  readonly error?: string;
}

interface SetUpOptions {
  readonly queues: QueueOptions;
  readonly routePrefix: string;
  readonly invisibilitySeconds: number;
  readonly env: Env;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: HostLog;
  readonly invoke: Invoke;
}

interface SetUp {
  readonly functions: readonly FunctionInfo[];
  readonly triggers: readonly Trigger[];
  readonly httpFunctions: readonly HttpFunction[];
}

/** Checks and wires every registered function. One that is wrong gets an `error` and a line in the log; the others run. */
export async function setUpFunctions(
  registered: readonly RegisteredFunction[],
  options: SetUpOptions,
): Promise<SetUp> {
  const functions: FunctionInfo[] = [];
  const triggers: Trigger[] = [];
  const httpFunctions: HttpFunction[] = [];

  for (const fn of registered) {
    const { metadata } = fn;
    const trigger = triggerOf(metadata);
    const type = trigger?.binding.type ?? 'none';
    const info = { name: metadata.name, trigger: type, ...sourceOf(trigger?.binding, options.env) };
    try {
      checkNames(metadata);
      if (trigger === undefined) throw new FunctionError('It has no trigger.');
      refuseOutputs(metadata);
      if (isDisabled(metadata.name, options.env)) {
        options.log.system('information', 'The function is disabled by an app setting.', metadata.name);
        continue;
      }
      const { name, binding } = trigger;
      switch (binding.type?.toLowerCase()) {
        case 'queuetrigger':
          triggers.push(await createQueueTrigger(fn, name, binding, options));
          break;
        case 'timertrigger':
          triggers.push(createTimerTrigger(fn, name, binding, options));
          break;
        case 'httptrigger':
          httpFunctions.push(httpFunction(fn, name, binding, options));
          break;
        default:
          throw new FunctionError(`This host runs queue, timer and HTTP triggers, no ${binding.type}.`);
      }
      if (metadata.retryOptions !== undefined) {
        const text = `Its retry policy is ignored: ${ignoredRetry(trigger.binding)}.`;
        options.log.system('warning', text, metadata.name);
      }
      functions.push(info);
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      options.log.system('error', `The function is in error: ${error.message}`, metadata.name);
      functions.push({ ...info, error: error.message });
    }
  }
  return { functions, triggers, httpFunctions };
}

function triggerOf({ bindings }: FunctionMetadata): { name: string; binding: BindingInfo } | undefined {
  const found = Object.entries(bindings).find(([, binding]) => /trigger$/i.test(binding.type ?? ''));
  return found === undefined ? undefined : { name: found[0], binding: found[1] };
}

function ignoredRetry({ type }: BindingInfo): string {
  return type?.toLowerCase() === 'queuetrigger'
    ? 'queue triggers do not support one, host.json says how messages are retried'
    : 'this host has none';
}

function sourceOf(binding: BindingInfo | undefined, env: Env): { source?: string } {
  const source = binding?.queueName ?? binding?.schedule ?? binding?.route;
  if (typeof source !== 'string') return {};
  // A setting that is missing makes the function an error, which says more than this.
  return { source: source.replace(/%([^%]+)%/g, (text, name: string) => env[name] || text) };
}

function checkNames({ name, bindings }: FunctionMetadata): void {
  if (!FUNCTION_NAME.test(name) || name.toLowerCase() === 'host') {
    throw new FunctionError(
      `"${name}" is not a valid function name: a letter, then letters, digits, "_" or "-", at most 128, and not "host".`,
    );
  }
  const wrong = Object.keys(bindings).find((binding) => !BINDING_NAME.test(binding));
  if (wrong !== undefined) {
    throw new FunctionError(`"${wrong}" is not a valid binding name: a letter, then letters and digits.`);
  }
}

/** The platform would write to these; to run without them would lose what the function puts out. */
function refuseOutputs({ bindings }: FunctionMetadata): void {
  const others = Object.values(bindings).filter(
    ({ type = '', direction }) => !/trigger$/i.test(type) && !(direction === 'out' && /^http$/i.test(type)),
  );
  if (others.length > 0) {
    const types = others.map(({ type }) => type).join(', ');
    throw new FunctionError(
      `This host has no input and output bindings (${types}): use a client of the service.`,
    );
  }
}

function httpFunction(
  fn: RegisteredFunction,
  bindingName: string,
  binding: BindingInfo,
  { env, routePrefix }: SetUpOptions,
): HttpFunction {
  const given = String(binding.route ?? '').trim();
  const route = resolveSettings(given === '' ? fn.metadata.name : given, env);
  const methods = (binding.methods as string[] | undefined) ?? ['GET', 'POST'];
  return {
    fn,
    bindingName,
    route: parseRoute(routePrefix, route),
    methods: new Set(methods.map((method) => method.toUpperCase())),
  };
}
