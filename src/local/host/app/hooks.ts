import type { CoreInvocationContext, FunctionCallback, HookName, LogCategory, LogLevel } from './core-api.ts';
import type { AppRegistry } from './registry.ts';

/** Properties with getters alone: hooks read them; assigning to one throws, as modules run in strict mode. */
function readOnly<Shape extends object>(shape: Shape): Readonly<Shape> {
  const context = {};
  for (const [name, value] of Object.entries(shape)) {
    Object.defineProperty(context, name, {
      enumerable: true,
      get: () => value,
      set() {
        throw new Error(`Cannot assign to read only property "${name}" of a hook's context.`);
      },
    });
  }
  return context as Readonly<Shape>;
}

async function run(registry: AppRegistry, name: HookName, context: object): Promise<void> {
  for (const callback of registry.hooks(name)) await callback(context as never);
}

/** Runs the `appStart` or `appTerminate` hooks, one after another. */
export function runAppHooks(
  registry: AppRegistry,
  name: 'appStart' | 'appTerminate',
  functionAppDirectory: string,
): Promise<void> {
  const { appLevelHookData: hookData, appHookData } = registry;
  const shared = name === 'appStart' ? { functionAppDirectory } : {};
  return run(registry, name, readOnly({ hookData, appHookData, ...shared }));
}

/** What pre-invocation hooks may replace. */
interface Call {
  inputs: unknown[];
  functionCallback: FunctionCallback;
}

/** What post-invocation hooks may set. */
interface Outcome {
  result: unknown;
  error: unknown;
}

interface InvocationHooks {
  before(call: Call): Promise<Call>;
  after(inputs: unknown[], outcome: Outcome): Promise<Outcome>;
}

/** The hooks around one invocation: they share one `hookData`. */
export function invocationHooks(
  registry: AppRegistry,
  core: CoreInvocationContext,
  invocationContext: unknown,
): InvocationHooks {
  const shared = { hookData: {}, appHookData: registry.appHookData, invocationContext };
  return {
    async before(call) {
      const context = Object.assign(readOnly(shared), call);
      core.state = 'preInvocationHooks';
      await run(registry, 'preInvocation', context).finally(() => {
        core.state = undefined;
      });
      return { inputs: context.inputs, functionCallback: context.functionCallback };
    },
    async after(inputs, outcome) {
      const context = Object.assign(readOnly(shared), { inputs }, outcome);
      core.state = 'postInvocationHooks';
      await run(registry, 'postInvocation', context).finally(() => {
        core.state = undefined;
      });
      return { result: context.result, error: context.error };
    },
  };
}

interface LogEntry {
  level: LogLevel;
  category: LogCategory;
  message: string;
}

/** Lets the `log` hooks change the level or the message of one line. They are synchronous by contract. */
export function runLogHooks(registry: AppRegistry, entry: LogEntry, invocationContext?: unknown): LogEntry {
  const callbacks = registry.hooks('log');
  if (callbacks.length === 0) return entry;
  const { appLevelHookData: hookData, appHookData } = registry;
  const { category } = entry;
  const context = Object.assign(readOnly({ hookData, appHookData, category, invocationContext }), {
    level: entry.level,
    message: entry.message,
  });
  for (const callback of callbacks) callback(context as never);
  return { level: context.level, category, message: context.message };
}
