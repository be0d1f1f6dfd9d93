import type { AnyStep } from '../../domain/step.ts';
import { OUTPUT_STEP, STEP_NAME } from '../../domain/step-name.ts';
import type { KeepSuggestionsOfJob } from '../../domain/suggestion.ts';

/**
 * Longest pipeline: a journal row has eleven properties for each step and fifteen of its own, and a table takes 252.
 * Source: Azure Table storage, data model.
 */
export const MAX_STEPS = 20;

/** `PIPELINE_DEFINITION`, or the set of steps itself, is wrong: the app must not start. Says what to change. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
}

/** What is wrong with the name of a step, in a sentence, or undefined where nothing is. */
export function nameFault(name: string): string | undefined {
  // What every object has would be taken for the record of such a step.
  if (name in {}) return `Step name "${name}" is taken by JavaScript itself: rename the step.`;
  if (STEP_NAME.test(name)) return undefined;
  return `Step name "${name}" is not allowed: rename it to 3 to 56 lower-case letters and digits, a letter first.`;
}

/** @throws {DefinitionError} when a step needs itself, by whatever detour: no order would suit it */
function refuseCircles(steps: ReadonlyMap<string, AnyStep>): void {
  const fine = new Set<string>();
  const visit = (name: string, way: readonly string[]): void => {
    if (fine.has(name)) return;
    if (way.includes(name)) {
      const circle = [...way.slice(way.indexOf(name)), name].map((one) => `"${one}"`).join(' needs ');
      throw new DefinitionError(`Steps need each other in a circle: ${circle}. Remove one of these needs.`);
    }
    for (const need of steps.get(name)?.needs ?? []) visit(need, [...way, name]);
    fine.add(name);
  };
  for (const name of steps.keys()) visit(name, []);
}

/** The steps this app has, by name. Built once at start-up; refuses what could only fail later. */
export class Registry {
  readonly #steps: ReadonlyMap<string, AnyStep>;

  /** @throws {DefinitionError} on an ill-formed or doubled name, a need that no step meets, or needs in a circle */
  constructor(steps: readonly AnyStep[]) {
    const byName = new Map<string, AnyStep>();
    for (const step of steps) {
      const fault = nameFault(step.name);
      if (fault !== undefined) throw new DefinitionError(fault);
      if (byName.has(step.name)) {
        throw new DefinitionError(
          `Two steps are named "${step.name}": rename one, for its name is its queue.`,
        );
      }
      byName.set(step.name, step);
    }
    for (const step of steps) {
      for (const need of step.needs) {
        if (!byName.has(need)) {
          throw new DefinitionError(
            `Step "${step.name}" needs "${need}", which no step provides: register it or correct the name in "needs".`,
          );
        }
        if (need === OUTPUT_STEP) {
          throw new DefinitionError(
            `Step "${step.name}" needs "${OUTPUT_STEP}", which stands last: remove it from "needs".`,
          );
        }
      }
    }
    refuseCircles(byName);
    this.#steps = byName;
  }

  get names(): string[] {
    return [...this.#steps.keys()];
  }

  get(name: string): AnyStep | undefined {
    return this.#steps.get(name);
  }

  /** Takes possible matches out of the outputs of a job, of every step that suggests some. */
  readonly keepSuggestions: KeepSuggestionsOfJob = (outputs, keep) => {
    let left = outputs;
    for (const { name, keepSuggestions } of this.#steps.values()) {
      if (keepSuggestions === undefined || !Object.hasOwn(outputs, name)) continue;
      const kept = keepSuggestions(outputs[name], keep);
      if (kept !== outputs[name]) left = { ...left, [name]: kept };
    }
    return left;
  };

  /**
   * What is wrong with a pipeline, each fault in a sentence that says what to change; empty where nothing is.
   *
   * @param given names of outputs that the job brings along, which meet a need like an earlier step
   */
  faults(pipeline: readonly string[], given: ReadonlySet<string> = new Set()): string[] {
    if (pipeline.length === 0) return [`it is empty: name at least "${OUTPUT_STEP}".`];
    const faults: string[] = [];
    if (pipeline.length > MAX_STEPS) {
      faults.push(`it has ${pipeline.length} steps: the journal has room for ${MAX_STEPS}.`);
    }
    const known = this.names.join(', ');
    pipeline.forEach((name, position) => {
      const step = this.#steps.get(name);
      if (!step) {
        faults.push(`there is no step "${name}": remove it, or correct it to one of ${known}.`);
        return;
      }
      if (pipeline.indexOf(name) < position) {
        faults.push(`"${name}" stands twice: keep one.`);
        return;
      }
      for (const need of step.needs) {
        if (pipeline.slice(0, position).includes(need) || given.has(need)) continue;
        faults.push(
          pipeline.includes(need)
            ? `"${name}" stands before "${need}", which it needs: move "${need}" in front of it.`
            : `"${name}" needs "${need}": add "${need}" in front of it, or remove "${name}".`,
        );
      }
    });
    if (pipeline.at(-1) !== OUTPUT_STEP) {
      faults.push(
        pipeline.includes(OUTPUT_STEP)
          ? `"${OUTPUT_STEP}" must stand last: move it to the end.`
          : `it does not end in "${OUTPUT_STEP}": add it at the end.`,
      );
    }
    return faults;
  }

  /**
   * Reads the app setting `PIPELINE_DEFINITION`.
   *
   * @throws {DefinitionError} with every fault at once
   */
  definition(setting: string): string[] {
    const pipeline = setting
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    const faults = this.faults(pipeline);
    if (faults.length > 0) {
      throw new DefinitionError(`App setting PIPELINE_DEFINITION: ${faults.join(' Also, ')}`);
    }
    return pipeline;
  }
}
