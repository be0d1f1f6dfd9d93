import { readdirSync } from 'node:fs';
import { parse } from 'node:path';
import { type App, openForAdministration } from './app.ts';
import { runtimeFault } from './domain/runtime.ts';
import { SettingsError } from './domain/settings.ts';
import { DefinitionError } from './pipeline/definition/registry.ts';

/** What this process may do, settled once, before its functions are registered. */
export interface StartUp {
  /** Undefined where nothing can be put together: a setting is wrong, or the runtime is. */
  readonly app: App | undefined;
  /** Why no image is worked on, for people; undefined where all is well. */
  readonly refusal: string | undefined;
}

interface Outside {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** As `process.versions.node` has it. */
  readonly nodeVersion: string;
  /** Names, without their ending, of the files that register functions. */
  readonly functionFiles: readonly string[];
}

/**
 * Puts the app together, and never throws: the Functions host answers a failed start with three restarts of the worker,
 * then with an app of no functions, whose log says "Exceeded language worker restart retry count" and nothing else. So
 * a wrong setting leaves health and administration standing, to say what is wrong; no step is registered, and so no
 * message is taken that could only end in a poison queue.
 */
export async function startUp({ env, nodeVersion, functionFiles }: Outside): Promise<StartUp> {
  const fault = runtimeFault(nodeVersion);
  if (fault !== undefined) return { app: undefined, refusal: fault };
  let app: App;
  try {
    app = await openForAdministration(env);
  } catch (error) {
    return { app: undefined, refusal: sentenceOf(error) };
  }
  return { app, refusal: app.refusal?.message ?? missingFunction(app.registry.names, functionFiles) };
}

/** The files beside this one that register functions: `functions/*.js`, or `*.ts` where nothing is compiled. */
export const ownFunctionFiles = (): string[] =>
  readdirSync(new URL('./functions/', import.meta.url)).map((file) => parse(file).name);

/** A step without a function would let its messages wait for ever. */
function missingFunction(steps: readonly string[], files: readonly string[]): string | undefined {
  const name = steps.find((step) => !files.includes(step));
  return name === undefined
    ? undefined
    : `Step "${name}" has no function: add src/functions/${name}.ts with the line registerStep('${name}').`;
}

/** Errors made for people speak for themselves; of others the stack is wanted, and only those who run the app see it. */
function sentenceOf(error: unknown): string {
  if (error instanceof SettingsError || error instanceof DefinitionError) return error.message;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return `The app could not be put together: ${name}: ${message}`;
}
