import { existsSync, readFileSync } from 'node:fs';

const SAMPLES = new URL('../../../../../samples/', import.meta.url);

/** Photographs of real people, which are not part of the repository. */
const PHOTOGRAPHS = new URL('../../../../../../shared/images/', import.meta.url);

/** A synthetic picture of the repository, by its name without extension. */
export function sample(name: string): Buffer {
  return readFileSync(new URL(`${name}.jpg`, SAMPLES));
}

export const photographsPresent = existsSync(PHOTOGRAPHS);

export function photograph(file: string): Buffer {
  return readFileSync(new URL(file, PHOTOGRAPHS));
}
