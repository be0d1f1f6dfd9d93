import { LEAST_NODE } from '../../src/domain/runtime.ts';

/** The parts of package.json and package-lock.json that are read here. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly type: string;
  readonly main: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [more: string]: unknown;
}

export interface Lock {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, LockedPackage>>;
  readonly [more: string]: unknown;
}

interface LockedPackage {
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly [more: string]: unknown;
}

/**
 * The package.json that is deployed: what the Functions host reads, what the app runs on, and the dependencies; no
 * scripts, no tools. The project's own `engines` says less, for npm starts it with the Node that it brings along.
 */
export function productionManifest({ name, version, license, type, main, dependencies }: Manifest) {
  const engines = { node: `>=${LEAST_NODE}` };
  return { name, version, private: true, ...(license && { license }), type, main, engines, dependencies };
}

/**
 * A manifest in which development dependencies are deployed, too: what an optional step needs.
 *
 * @throws {Error} on a name that is not among them
 */
export function alsoDeploying(manifest: Manifest, names: readonly string[]): Manifest {
  const dependencies: Record<string, string> = { ...manifest.dependencies };
  for (const name of names) {
    const range = manifest.devDependencies?.[name];
    if (range === undefined) {
      throw new Error(`--with ${name}: devDependencies of package.json have no such package.`);
    }
    dependencies[name] = range;
  }
  return { ...manifest, dependencies };
}

/** Paths in the lock of the dependencies of a manifest and of all that they depend on. */
function reached(lock: Lock, { dependencies }: Manifest): Set<string> {
  const found = new Set<string>();
  const visit = (name: string, from: string): void => {
    const path = resolvedIn(lock, name, from);
    if (path === undefined || found.has(path)) return;
    found.add(path);
    for (const next of Object.keys(lock.packages[path]?.dependencies ?? {})) visit(next, path);
  };
  for (const name of Object.keys(dependencies)) visit(name, '');
  return found;
}

/** Where Node finds a package from inside another: in its own node_modules, or in one above. */
function resolvedIn({ packages }: Lock, name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (folder === '') return undefined;
  }
}

/**
 * The lock of `productionManifest`: the same versions and hashes without anything that only develops. The Node
 * binaries, which are optional dependencies of the project itself, go with it.
 */
export function productionLock(lock: Lock, manifest: Manifest): Lock {
  const { name, version, dependencies, optionalDependencies = {} } = manifest;
  const packages: Record<string, LockedPackage> = { '': { name, version, dependencies } };
  const needed = reached(lock, manifest);
  for (const [path, { dev, ...locked }] of Object.entries(lock.packages)) {
    if (path === '' || (dev && !needed.has(path))) continue;
    if (Object.hasOwn(optionalDependencies, path.replace(/^node_modules\//, ''))) continue;
    packages[path] = locked;
  }
  return { name, version, lockfileVersion: lock.lockfileVersion, requires: true, packages };
}
