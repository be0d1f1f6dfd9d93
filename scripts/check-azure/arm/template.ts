/** A parameter as the template declares it. */
export interface Parameter {
  readonly type: string;
  readonly defaultValue?: unknown;
  readonly allowedValues?: readonly unknown[];
  readonly minValue?: number;
  readonly maxValue?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly metadata?: { readonly description?: string };
}

/** A resource as the template declares it: any value may be an expression. */
export interface Resource {
  readonly type: string;
  readonly apiVersion: string;
  readonly name: string;
  readonly condition?: unknown;
  readonly scope?: string;
  readonly comments?: string;
  readonly dependsOn?: readonly string[];
  readonly copy?: { readonly name: string; readonly count: unknown };
  readonly [property: string]: unknown;
}

interface Output {
  readonly type: string;
  readonly value: unknown;
}

/** An ARM deployment template of language version 1. */
export interface Template {
  readonly $schema: string;
  readonly contentVersion: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly resources: readonly Resource[];
  readonly outputs: Readonly<Record<string, Output>>;
}

/** A text somewhere in a JSON document, with its path (`resources[3].properties.x`). */
interface TextAt {
  readonly path: string;
  readonly text: string;
}

/** Every text of a JSON value, keys of objects included, for keys may be expressions too. */
export function* texts(value: unknown, path: string): Generator<TextAt> {
  if (typeof value === 'string') yield { path, text: value };
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* texts(item, `${path}[${index}]`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      const inner = path === '' ? key : `${path}.${key}`;
      yield { path: inner, text: key };
      yield* texts(item, inner);
    }
  }
}

/** The value at a dotted path (`properties.sku.name`, `rules.0.x`), or undefined. */
export function at(value: unknown, path: string): unknown {
  let current = value;
  for (const part of path.split('.')) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string, unknown>)[part];
  }
  return current;
}
