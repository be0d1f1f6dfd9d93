import { propose } from './propose.ts';
import type { Registry } from './registry.ts';

/** One step as people and programs are told of it. */
export interface StepInfo {
  name: string;
  summary: string;
  /** Steps whose output it needs. */
  needs: string[];
  /** All that must run before it: its needs, and theirs. */
  needs_in_all: string[];
}

/** What became of steps that somebody asked for. */
interface Resolved {
  asked: string[];
  /** What is wrong with `asked`, each in a sentence that says what to change; empty where nothing is. */
  faults: string[];
  /** The corrected pipeline; `asked` itself where nothing is wrong with it. */
  definition: string[];
  steps: (StepInfo & { added: boolean })[];
}

/** Says what is wrong with a list of steps, and gives the full ordered one. */
export function resolvePipeline(asked: readonly string[], registry: Registry): Resolved {
  const definition = propose(asked, registry);
  const infos = new Map(dependencyMap(registry).map((info) => [info.name, info]));
  return {
    asked: [...asked],
    faults: registry.faults(asked),
    definition,
    steps: definition.flatMap((name) => {
      const info = infos.get(name);
      return info ? [{ ...info, added: !asked.includes(name) }] : [];
    }),
  };
}

/** Every step there is, with what it needs. */
export function dependencyMap(registry: Registry): StepInfo[] {
  return registry.names.map((name) => {
    const step = registry.get(name);
    const inAll = propose([name], registry).slice(0, -1);
    return {
      name,
      summary: step?.summary ?? '',
      needs: [...(step?.needs ?? [])],
      needs_in_all: inAll.filter((other) => other !== name),
    };
  });
}

/** The names in a comma-separated definition, as `PIPELINE_DEFINITION` is written. */
export const namesIn = (definition: string): string[] =>
  definition
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
