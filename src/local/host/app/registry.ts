import {
  type CoreApi,
  Disposable,
  type FunctionCallback,
  type FunctionMetadata,
  HOOK_NAMES,
  type HookCallback,
  type HookName,
  type LogCategory,
  type LogLevel,
  type ProgrammingModel,
} from './core-api.ts';

/** The Node worker and the host whose behaviour this host follows. */
const WORKER_VERSION = '3.9.0';
const HOST_VERSION = '4.1040.0';

export interface RegisteredFunction {
  readonly id: string;
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

export interface AppRegistry {
  /** What `require('@azure/functions-core')` is answered with. */
  readonly coreApi: CoreApi;
  /** Data that one hook may leave for another. */
  readonly appHookData: Record<string, unknown>;
  /** Data that `appStart` and `appTerminate` share. */
  readonly appLevelHookData: Record<string, unknown>;
  functions(): readonly RegisteredFunction[];
  programmingModel(): ProgrammingModel | undefined;
  hooks(name: HookName): readonly HookCallback[];
  /** Start-up has ended: from now on, registering or disposing of a function throws. */
  lock(): void;
}

/** What an app registers while its files load. `log` takes what the app says through the core API. */
export function createAppRegistry(
  log: (level: LogLevel, category: LogCategory, message: string) => void,
): AppRegistry {
  const functions = new Map<string, RegisteredFunction>();
  const hooks = new Map<HookName, HookCallback[]>(HOOK_NAMES.map((name) => [name, []]));
  let programmingModel: ProgrammingModel | undefined;
  let locked = false;

  function registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
    if (locked) throw new Error('A function can only be registered during app startup.');
    const id = metadata.functionId ?? metadata.name;
    // The platform tells functions apart without regard to case.
    const key = id.toLowerCase();
    if (functions.has(key)) throw new Error(`A function with the id "${id}" has already been registered.`);
    functions.set(key, { id, metadata, callback });
    return new Disposable(() => {
      if (locked) throw new Error('A function can only be disposed during app startup.');
      functions.delete(key);
    });
  }

  function registerHook(name: string, callback: HookCallback): Disposable {
    const registered = hooks.get(name as HookName);
    if (registered === undefined) {
      // @azure/functions tells "this host has no such hook" from other errors by this mark.
      const error = new RangeError(`Unrecognized hook "${name}": a hook is one of ${HOOK_NAMES.join(', ')}.`);
      throw Object.assign(error, { isAzureFunctionsSystemError: true });
    }
    registered.push(callback);
    return new Disposable(() => {
      const index = registered.indexOf(callback);
      if (index >= 0) registered.splice(index, 1);
    });
  }

  return {
    coreApi: {
      version: WORKER_VERSION,
      hostVersion: HOST_VERSION,
      Disposable,
      registerFunction,
      registerHook,
      setProgrammingModel(model) {
        programmingModel = model;
      },
      getProgrammingModel: () => programmingModel,
      log,
    },
    appHookData: {},
    appLevelHookData: {},
    functions: () => [...functions.values()],
    programmingModel: () => programmingModel,
    hooks: (name) => [...(hooks.get(name) ?? [])],
    lock() {
      locked = true;
    },
  };
}
