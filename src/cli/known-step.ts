import type { Registry } from '../pipeline/definition/registry.ts';
import { CliError, EXIT } from './errors.ts';
import { printable } from './format/printable.ts';

/** @throws {CliError} wrong usage, with the steps there are, where one of these is not a step */
export function refuseUnknownSteps(steps: readonly string[], registry: Registry): void {
  const stranger = steps.find((step) => !registry.get(step));
  if (stranger === undefined) return;
  throw new CliError(
    `There is no step "${printable(stranger)}": choose among ${registry.names.join(', ')}.`,
    EXIT.usage,
  );
}
