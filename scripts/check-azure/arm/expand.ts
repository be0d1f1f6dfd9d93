import { evaluate, type Scope } from './evaluate.ts';
import { ExpressionError } from './parse.ts';
import { deployedState } from './reference-shapes.ts';
import { declaredId } from './resource-functions.ts';
import type { Resource, Template } from './template.ts';
import { integer, text, truth } from './values.ts';

/** A resource as it would be deployed: copy loops unrolled, expressions evaluated. */
export interface Deployed {
  /** Where the template declares it: `resources[3]`. */
  readonly path: string;
  readonly declared: Resource;
  readonly type: string;
  readonly apiVersion: string;
  readonly name: string;
  readonly id: string;
  /** False when its condition keeps it out of the deployment. */
  readonly active: boolean;
  /** The whole resource, evaluated; empty when it is not active or does not evaluate. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Ids of resources, or names of copy loops. */
  readonly dependsOn: readonly string[];
}

interface Problem {
  readonly path: string;
  readonly problem: string;
}

/** What one set of parameters makes of a template. */
export interface Expansion {
  readonly resources: readonly Deployed[];
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

/** Evaluates a template with the given parameters. What does not evaluate becomes a problem, never a throw. */
export function expand(template: Template, parameters: Readonly<Record<string, unknown>>): Expansion {
  const problems: Problem[] = [];
  const attempt = <T>(path: string, compute: () => T, fallback: T): T => {
    try {
      return compute();
    } catch (error) {
      if (!(error instanceof ExpressionError || error instanceof SyntaxError || error instanceof TypeError))
        throw error;
      problems.push({ path, problem: error.message });
      return fallback;
    }
  };
  const variables = new Map<string, unknown>();
  const early: Scope = {
    parameter: (name) => {
      if (!Object.hasOwn(parameters, name)) throw new ExpressionError(`unknown parameter ${name}`);
      return parameters[name];
    },
    variable: (name) => {
      if (!Object.hasOwn(template.variables, name)) throw new ExpressionError(`unknown variable ${name}`);
      if (!variables.has(name)) variables.set(name, evaluate(template.variables[name], early));
      return variables.get(name);
    },
    reference: () => {
      throw new ExpressionError('reference() may stand only in the properties of a resource and in outputs');
    },
  };
  const resources = template.resources.flatMap((declared, index) => {
    const path = `resources[${index}]`;
    return turns(declared, path, early, attempt).map((scope) => place(declared, path, scope, attempt));
  });
  const byId = new Map(resources.map(({ deployed }) => [deployed.id.toLowerCase(), deployed]));
  const reference: Scope['reference'] = (id, full) => {
    const target = byId.get(id.toLowerCase());
    if (target === undefined)
      throw new ExpressionError(`reference() of a resource the template does not declare: ${id}`);
    if (!target.active)
      throw new ExpressionError(`reference() of ${target.name}, which is not deployed here`);
    return deployedState(target.type, target.name, target.declared, full);
  };
  const late = { ...early, reference };
  return {
    resources: resources.map(({ deployed, scope }) => {
      if (!deployed.active) return deployed;
      // Evaluated already, by rules of their own: names and conditions may not read the state of other resources.
      const {
        name: _,
        condition: __,
        copy: ___,
        dependsOn: ____,
        comments: _____,
        ...rest
      } = deployed.declared;
      const body = attempt(
        deployed.path,
        () => evaluate(rest, { ...scope, reference }) as Record<string, unknown>,
        {},
      );
      return { ...deployed, body };
    }),
    outputs: Object.fromEntries(
      Object.entries(template.outputs).map(([name, output]) => [
        name,
        attempt(`outputs.${name}`, () => evaluate(output.value, late), undefined),
      ]),
    ),
    problems,
  };
}

type Attempt = <T>(path: string, compute: () => T, fallback: T) => T;

/** One scope for each turn of the resource's copy loop. */
function turns(declared: Resource, path: string, scope: Scope, attempt: Attempt): Scope[] {
  if (declared.copy === undefined) return [scope];
  const { count } = declared.copy;
  const length = attempt(`${path}.copy.count`, () => integer(evaluate(count, scope), 'copy.count'), 0);
  return Array.from({ length }, (_, copyIndex) => ({ ...scope, copyIndex }));
}

function place(declared: Resource, path: string, scope: Scope, attempt: Attempt) {
  const read = (key: 'name' | 'scope') =>
    attempt(`${path}.${key}`, () => text(evaluate(declared[key] ?? '', scope), key), '');
  const name = read('name');
  const standsOn = declared.scope === undefined ? undefined : read('scope');
  const deployed: Deployed = {
    path,
    declared,
    type: declared.type,
    apiVersion: declared.apiVersion,
    name,
    id: attempt(`${path}.name`, () => declaredId(declared.type, name, standsOn), ''),
    active: attempt(
      `${path}.condition`,
      () => truth(evaluate(declared.condition ?? true, scope), 'condition'),
      false,
    ),
    body: {},
    dependsOn: (declared.dependsOn ?? []).map((item, index) =>
      attempt(`${path}.dependsOn[${index}]`, () => text(evaluate(item, scope), 'dependsOn'), ''),
    ),
  };
  return { deployed, scope };
}
