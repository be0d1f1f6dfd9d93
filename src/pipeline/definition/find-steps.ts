import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type AnyStep, isStep } from '../../domain/step.ts';
import { STEP_NAME } from '../../domain/step-name.ts';
import { DefinitionError } from './registry.ts';

/**
 * The steps that the files of a folder define, in the order of their file names, so that a step is a file and every
 * process (host, command line, launcher) knows the same ones without a list that somebody has to keep.
 *
 * A file defines the steps it exports. A step that works with more than the image is exported as a function of
 * `services`, under the name of its file. Any other file is a helper of others and is left alone.
 *
 * @param folder of TypeScript sources, or of what was compiled from them
 * @param known names of files, without their extension, that somebody else loads
 * @throws {DefinitionError} when a file cannot be loaded, or its step is not named as the file is
 */
export async function findSteps<Services>(
  folder: URL,
  known: ReadonlySet<string>,
  services: Services,
): Promise<AnyStep[]> {
  const files = (await readdir(fileURLToPath(folder)))
    .filter((file) => /\.[jt]s$/.test(file) && !file.endsWith('.d.ts'))
    .sort();
  const steps: AnyStep[] = [];
  for (const file of files) {
    const name = file.slice(0, -3);
    if (known.has(name)) continue;
    for (const step of stepsIn(await load(new URL(file, folder), file), name, services)) {
      if (step.name !== name && STEP_NAME.test(step.name)) {
        throw new DefinitionError(
          `File "${file}" defines the step "${step.name}": give both the same name, so that two steps cannot share one.`,
        );
      }
      steps.push(step);
    }
  }
  return steps;
}

async function load(file: URL, name: string): Promise<Record<string, unknown>> {
  try {
    return (await import(/* @vite-ignore */ file.href)) as Record<string, unknown>;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DefinitionError(`The step of file "${name}" could not be loaded: ${reason}`, { cause });
  }
}

function stepsIn<Services>(
  exported: Record<string, unknown>,
  name: string,
  services: Services,
): Set<AnyStep> {
  const found = new Set<AnyStep>(Object.values(exported).filter(isStep));
  const factory = exported[name];
  if (typeof factory === 'function' && found.size === 0 && STEP_NAME.test(name)) {
    const made: unknown = factory(services);
    if (isStep(made)) found.add(made);
  }
  return found;
}
