import type { Scenario } from './arm/scenarios.ts';
import type { Template } from './arm/template.ts';
import type { Code } from './code.ts';

/** Something that Azure would refuse, or that the project promised not to do. */
export interface Finding {
  /** Id of the rule that found it. */
  readonly rule: string;
  /** File and place: `azuredeploy.json resources[3].properties.x`. */
  readonly path: string;
  readonly problem: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** What every rule sees. */
export interface Context {
  readonly template: Template;
  readonly scenarios: readonly Scenario[];
  readonly parametersFile: unknown;
  readonly host: unknown;
  readonly localSettings: unknown;
  readonly code: Code;
}

/** A rule is a value: what it demands and why, and how to see whether it holds. */
export interface Rule {
  readonly id: string;
  readonly why: string;
  readonly check: (context: Context) => Iterable<Omit<Finding, 'rule'>>;
}
