/**
 * `node scripts/build/prune-dist.ts`, a part of `npm run build`: removes from dist/src what was compiled from a file
 * that is no longer there. The app finds steps and functions by looking into its folders, so that a file left over
 * from before a move would be loaded beside the moved one.
 */
import { existsSync, globSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Compiled files, relative to the project, that have no source any more. */
export function orphans(project: string): string[] {
  return globSync(['dist/src/**/*.js', 'dist/src/**/*.js.map'], { cwd: project }).filter((compiled) => {
    const source = compiled
      .replaceAll('\\', '/')
      .slice('dist/'.length)
      .replace(/\.js(\.map)?$/, '');
    return !['.ts', '.tsx'].some((ending) => existsSync(`${project}${source}${ending}`));
  });
}

if (import.meta.main) {
  const project = fileURLToPath(new URL('../../', import.meta.url));
  for (const file of orphans(project)) rmSync(`${project}${file}`);
}
