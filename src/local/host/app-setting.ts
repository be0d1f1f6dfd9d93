import type { Env } from './host-json.ts';

/** A function's own configuration is wrong: it does not run, the others do. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
}

/**
 * Whether an app setting says that a function does not run: `AzureWebJobs.<function>.Disabled`, or with `__` for each
 * dot where a setting's name may hold none.
 */
export function isDisabled(functionName: string, env: Env): boolean {
  const value =
    env[`AzureWebJobs.${functionName}.Disabled`] ?? env[`AzureWebJobs__${functionName}__Disabled`] ?? '';
  return /^(true|1)$/i.test(value.trim());
}

/**
 * Replaces each `%NAME%` by the app setting NAME.
 *
 * @throws {FunctionError} naming the setting that is missing
 */
export function resolveSettings(text: string, env: Env): string {
  return text.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = env[name];
    if (value === undefined || value === '') {
      throw new FunctionError(`'%${name}%' does not resolve: set the app setting ${name}.`);
    }
    return value;
  });
}
