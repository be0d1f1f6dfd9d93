import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_DATA_FOLDER } from './instance.ts';

/** Folder of package.json and host.json: above `src`, or above `dist/src` when compiled. */
export const PROJECT = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../' : '../../../', import.meta.url),
);

/** The data folder: what was asked for, else IMAGINEM_DATA, else `.imaginem` in the project. */
export function dataFolder(asked: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const named = asked ?? env.IMAGINEM_DATA;
  return named === undefined || named === '' ? path.join(PROJECT, DEFAULT_DATA_FOLDER) : path.resolve(named);
}
