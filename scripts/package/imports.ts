import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { filesOf } from './files.ts';
import { isLeftOut } from './prune.ts';

/** One import that a file of the package makes, and the file it led to. */
interface Import {
  readonly from: string;
  readonly specifier: string;
  readonly to: string;
}

const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(["'])([^"'\n]+)\1/g;

/** Every import with a literal specifier, in the JavaScript of `folder` that will be deployed, that leads to a file. */
export async function readImports(folder: string): Promise<Import[]> {
  const imports: Import[] = [];
  for (const path of await filesOf(folder)) {
    if (!/\.[cm]?js$/.test(path) || isLeftOut(path)) continue;
    const from = join(folder, path);
    const require = createRequire(from);
    const specifiers = new Set(
      [...(await readFile(from, 'utf8')).matchAll(SPECIFIER)].map(([, , specifier = '']) => specifier),
    );
    for (const specifier of specifiers) {
      if (isBuiltin(specifier)) continue;
      const to = resolved(require, specifier);
      // Comments import types; Node loads no TypeScript from node_modules.
      if (to !== undefined && !/\.[cm]?ts$/.test(to)) imports.push({ from, specifier, to });
    }
  }
  return imports;
}

/** The imports whose target is there no more: each in a sentence. */
export function lostImports(imports: readonly Import[]): string[] {
  return imports
    .filter(({ to }) => !existsSync(to))
    .map(({ from, specifier, to }) => `${from} imports "${specifier}", but ${to} is gone`);
}

function resolved(require: NodeJS.Require, specifier: string): string | undefined {
  try {
    return require.resolve(specifier);
  } catch {
    // An optional peer, or text that only looks like an import.
    return undefined;
  }
}
