/** The parts of package.json and package-lock.json that are read here. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly type: string;
  readonly main: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [more: string]: unknown;
}

export interface Lock {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, LockedPackage>>;
  readonly [more: string]: unknown;
}

export interface LockedPackage {
  readonly dev?: boolean;
  readonly [more: string]: unknown;
}

/** The package.json that is deployed: what the Functions host reads, and the dependencies; no scripts, no tools. */
export function productionManifest({ name, version, license, type, main, dependencies }: Manifest) {
  return { name, version, private: true, ...(license && { license }), type, main, dependencies };
}

/**
 * The lock of `productionManifest`: the same versions and hashes without anything that only develops. The Node
 * binaries, which are optional dependencies of the project itself, go with it.
 */
export function productionLock(lock: Lock, manifest: Manifest): Lock {
  const { name, version, dependencies, optionalDependencies = {} } = manifest;
  const packages: Record<string, LockedPackage> = { '': { name, version, dependencies } };
  for (const [path, locked] of Object.entries(lock.packages)) {
    if (path === '' || locked.dev) continue;
    if (Object.hasOwn(optionalDependencies, path.replace(/^node_modules\//, ''))) continue;
    packages[path] = locked;
  }
  return { name, version, lockfileVersion: lock.lockfileVersion, requires: true, packages };
}
