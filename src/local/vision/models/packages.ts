import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * The directory of an installed package, found by walking up the `node_modules` folders as Node does.
 * `require.resolve(name + '/package.json')` is no way here: several model packages hide that file, and their models,
 * behind an `exports` map (and that of `@vladmandic/human` is malformed).
 *
 * @throws {Error} if the package is not installed
 */
export function packageDirectory(name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    const candidate = join(folder, name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  throw new Error(
    `The package ${name}, which carries a model of the vision engine, is not installed: run "npm ci".`,
  );
}
