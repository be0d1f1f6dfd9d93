/** A value that this project insists on, with the reason. */
interface Demand {
  readonly value: unknown;
  readonly why: string;
}

/** What is known of a resource type. Paths are dotted (`properties.sku.name`, `rules.0.x`). */
interface ResourceType {
  /** API versions that exist and that this project has looked at. */
  readonly versions: readonly string[];
  /** What the last part of a name must look like, in a pattern and in words. */
  readonly name: readonly [pattern: RegExp, words: string];
  /** Paths without which Azure refuses the resource, or makes another one than meant. */
  readonly required: readonly string[];
  /** The values that Azure takes at a path: what its published schemas leave open. */
  readonly allowed?: Readonly<Record<string, readonly unknown[]>>;
  /** Lowest and highest number at a path. */
  readonly range?: Readonly<Record<string, readonly [number, number]>>;
  readonly demands?: Readonly<Record<string, Demand>>;
}

export type ResourceTypes = Readonly<Record<string, ResourceType>>;

/** Names that Azure fixes: `default`, `appsettings`. */
export const fixedName = (...names: string[]): ResourceType['name'] => [
  new RegExp(`^(${names.join('|')})$`),
  names.join(' or '),
];
