import { evaluate } from './evaluate.ts';
import { type Expansion, expand } from './expand.ts';
import { ExpressionError } from './parse.ts';
import { switches } from './switches.ts';
import type { Parameter, Template } from './template.ts';

/** More combinations than this are a sign that something other than a switch stands behind a condition. */
const MOST_SWITCHES = 10;

const guid = '77777777-7777-4777-8777-777777777777';

/** A value a person might enter, for a parameter without a default or whose default means "off". */
function sampleOf(name: string, parameter: Parameter): unknown {
  if (parameter.allowedValues !== undefined) return parameter.allowedValues[0];
  if (parameter.type === 'bool') return true;
  if (parameter.type === 'int') return Math.max(parameter.minValue ?? 0, 1);
  if (parameter.type === 'array') return [];
  if (/object/i.test(parameter.type)) return {};
  if (parameter.minLength === 36 || /clientid$/i.test(name)) return guid;
  if (/endpoint$|uri$|url$/i.test(name)) return 'https://sample.example/';
  return 'sample';
}

const outside = (what: string) => () => {
  throw new ExpressionError(`${what} may not stand in a default value`);
};

function defaultOf(name: string, parameter: Parameter): unknown {
  if (parameter.defaultValue === undefined) return sampleOf(name, parameter);
  const scope = {
    parameter: outside('parameters()'),
    variable: outside('variables()'),
    reference: outside('reference()'),
  };
  try {
    return evaluate(parameter.defaultValue, scope);
  } catch (error) {
    if (error instanceof ExpressionError) return sampleOf(name, parameter);
    throw error;
  }
}

/** A default that leaves something out of the deployment. */
const isOff = (value: unknown) => value === '' || value === 0;

/** Every combination of on and off of the given parameters, as what differs from the defaults. */
function combinations(names: readonly string[], template: Template, defaults: Record<string, unknown>) {
  let all: Record<string, unknown>[] = [{}];
  for (const name of names) {
    const parameter = template.parameters[name];
    if (parameter === undefined) continue;
    const other = parameter.type === 'bool' ? defaults[name] !== true : sampleOf(name, parameter);
    all = all.flatMap((chosen) => [chosen, { ...chosen, [name]: other }]);
  }
  return all;
}

/** One set of parameters to try. */
export interface Case {
  /** What differs from the defaults: `deployVirtualNetwork=true visionEndpoint="https://..."`. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** A case with what it makes of the template. */
export interface Scenario extends Case, Expansion {}

/**
 * The deployments to try: every combination of the parameters that decide what is deployed (the first is the defaults, the
 * last has them all turned), then each allowed value, the ends of each range and the shortest and longest text of each
 * parameter by itself.
 */
export function cases(template: Template): Case[] {
  const entries = Object.entries(template.parameters);
  const defaults = Object.fromEntries(entries.map(([name, parameter]) => [name, defaultOf(name, parameter)]));
  const single = entries.flatMap(([name, parameter]) =>
    extremes(parameter)
      .filter((value) => value !== defaults[name])
      .map((value) => ({ [name]: value })),
  );
  const decisive = switches(template).filter(
    (name) => isOff(defaults[name]) || template.parameters[name]?.type === 'bool',
  );
  const combined = combinations(decisive.slice(0, MOST_SWITCHES), template, defaults);
  return [...combined, ...single].map((chosen) => ({
    name:
      Object.entries(chosen)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join(' ') || 'the defaults',
    parameters: { ...defaults, ...chosen },
  }));
}

/** The values at the edges of what a parameter takes. */
function extremes({
  allowedValues = [],
  minValue,
  maxValue,
  minLength = 0,
  maxLength,
}: Parameter): unknown[] {
  const texts =
    maxLength === undefined || maxLength === minLength ? [] : ['Z'.repeat(minLength), 'A'.repeat(maxLength)];
  return [...allowedValues, minValue, maxValue, ...texts].filter((value) => value !== undefined);
}

/** Expands a template for each case. */
export const scenarios = (template: Template, chosen: readonly Case[]): Scenario[] =>
  chosen.map((one) => ({ ...one, ...expand(template, one.parameters) }));
