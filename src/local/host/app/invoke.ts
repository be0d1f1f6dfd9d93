import { randomUUID } from 'node:crypto';
import type { HostLog } from '../log.ts';
import type { CoreInvocationContext, InvocationResponse, TypedData } from './core-api.ts';
import { invocationHooks, runLogHooks } from './hooks.ts';
import type { AppRegistry, RegisteredFunction } from './registry.ts';

/** What a trigger hands to its function. */
interface TriggerInput {
  /** Of the trigger binding. */
  readonly bindingName: string;
  readonly data: TypedData;
  readonly metadata?: Record<string, TypedData>;
  /** Set where the trigger has to know it beforehand. */
  readonly invocationId?: string;
}

export type Invoke = (fn: RegisteredFunction, input: TriggerInput) => Promise<InvocationResponse>;

/** How long an invocation may take, and what happens then: the platform ends the worker process. */
interface TimeLimit {
  /** Milliseconds; infinite for none. */
  readonly functionTimeout: number;
  onTimeout(functionName: string): void;
}

/** Runs one invocation in the order of the platform's worker; throws what the handler, or a hook, ended with. */
export function createInvoke(registry: AppRegistry, log: HostLog, limit: TimeLimit): Invoke {
  async function run(fn: RegisteredFunction, core: CoreInvocationContext, seen: { context?: unknown }) {
    const model = registry.programmingModel();
    if (model === undefined) throw new Error('No programming model is set: is @azure/functions loaded?');
    const invocation = await model.getInvocationModel(core);
    const { context, inputs } = await invocation.getArguments();
    seen.context = context;
    const hooks = invocationHooks(registry, core, context);
    const call = await hooks.before({ inputs, functionCallback: fn.callback });

    const outcome: { result: unknown; error: unknown } = { result: null, error: null };
    core.state = 'invocation';
    try {
      outcome.result = await invocation.invokeFunction(context, call.inputs, call.functionCallback);
    } catch (error) {
      outcome.error = error ?? new Error('The handler threw nothing (null or undefined).');
    } finally {
      core.state = undefined;
    }

    const { result, error } = await hooks.after(call.inputs, outcome);
    if (error !== null && error !== undefined) throw error;
    return await invocation.getResponse(context, result);
  }

  return async function invoke(fn, { bindingName, data, metadata = {}, invocationId = randomUUID() }) {
    const { name } = fn.metadata;
    const seen: { context?: unknown } = {};
    const core: CoreInvocationContext = {
      invocationId,
      request: {
        invocationId,
        functionId: fn.id,
        inputData: [{ name: bindingName, data }],
        triggerMetadata: metadata,
      },
      metadata: fn.metadata,
      log(level, category, message) {
        const entry = runLogHooks(registry, { level, category, message }, seen.context);
        log.write({ ...entry, function: name, invocationId });
      },
    };
    const started = performance.now();
    const timer = Number.isFinite(limit.functionTimeout)
      ? setTimeout(limit.onTimeout, limit.functionTimeout, name)
      : undefined;
    log.write({ level: 'debug', category: 'system', message: 'Executing', function: name, invocationId });
    try {
      const response = await run(fn, core, seen);
      const message = `Executed (Succeeded, ${Math.round(performance.now() - started)} ms)`;
      log.write({ level: 'debug', category: 'system', message, function: name, invocationId });
      return response;
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const message = `Executed (Failed, ${Math.round(performance.now() - started)} ms): ${reason}`;
      log.write({ level: 'error', category: 'system', message, function: name, invocationId });
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
}
