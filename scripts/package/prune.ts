import { rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { filesOf } from './files.ts';

/** Files of these kinds are for people and for compilers: Node never loads them from node_modules. */
const NEVER_LOADED = new Set([
  ...['.map', '.ts', '.mts', '.cts', '.tsx', '.flow', '.tsbuildinfo', '.coffee'],
  ...['.md', '.markdown', '.html', '.css', '.svg', '.png', '.gif', '.woff', '.woff2', '.ttf', '.eot'],
  ...['.c', '.cc', '.cpp', '.h', '.gyp', '.gypi', '.yml', '.yaml', '.lock', '.sh', '.bat', '.cmd', '.patch'],
]);

/** Builds of a package for other runtimes: chosen by export conditions that Node does not set. */
const OTHER_RUNTIMES = /(^|\/)dist\/(browser|react-native|workerd)(\/|$)/;

/** Native builds for other systems than the one that is deployed to, in packages that carry them all. */
const OTHER_SYSTEMS = /(^|\/)bin\/napi-v\d+\/(darwin|win32|linux\/arm64)$/;

const NEVER_LOADED_FOLDERS = new Set([
  ...['test', 'tests', '__tests__', 'docs', 'example', 'examples', 'benchmark', 'benchmarks', 'coverage'],
]);

const LICENCE = /^(licen[cs]e|copying|notice|third[-_]?party)/i;

/** Why a file or folder of node_modules is not deployed; undefined where it is. `path` has forward slashes. */
function reasonToLeaveOut(path: string, isFolder: boolean): string | undefined {
  const name = basename(path);
  if (LICENCE.test(name)) return undefined;
  if (name.startsWith('.')) return "a tool's own";
  if (!isFolder) return NEVER_LOADED.has(extname(name).toLowerCase()) ? 'not code that runs' : undefined;
  if (OTHER_RUNTIMES.test(path)) return 'a build for another runtime';
  if (OTHER_SYSTEMS.test(path)) return 'a build for another system';
  if (name === '@types') return 'types';
  const isPackage = basename(dirname(path)) === 'node_modules';
  return !isPackage && NEVER_LOADED_FOLDERS.has(name) ? 'not code that runs' : undefined;
}

/** Whether a file of the staged app, or a folder that it is in, is left out. */
export function isLeftOut(path: string): boolean {
  const parts = path.split('/');
  if (parts[0] !== 'node_modules') return false;
  return parts.some((_, depth) => {
    const isFile = depth === parts.length - 1;
    return reasonToLeaveOut(parts.slice(0, depth + 1).join('/'), !isFile) !== undefined;
  });
}

/** Removes from the staged app whatever never runs. `lostImports` proves afterwards that nothing missed it. */
export async function prune(folder: string): Promise<void> {
  for (const path of await filesOf(folder)) if (isLeftOut(path)) await rm(join(folder, path));
}
