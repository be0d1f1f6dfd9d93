import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import type { Case } from './text/sets.ts';

const PICTURES = new Set(['.jpg', '.jpeg', '.png', '.gif', '.bmp']);

/**
 * Pictures of a folder beside which a `.txt` of the same name says what stands in them, lines in reading order; a
 * sub-folder is a class of its own.
 */
export async function textCases(folder: string): Promise<Map<string, Case[]>> {
  const classes = new Map<string, Case[]>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const known = new Set(paths);
  for (const path of paths.sort()) {
    const text = `${path.slice(0, -extname(path).length)}.txt`;
    if (!PICTURES.has(extname(path).toLowerCase()) || !known.has(text)) continue;
    const name = relative(folder, join(path, '..')) || 'texts';
    const found = { picture: await readFile(path), expected: await readFile(text, 'utf8') };
    classes.set(name, [...(classes.get(name) ?? []), found]);
  }
  return classes;
}
