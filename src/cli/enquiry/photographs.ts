import { readFile } from 'node:fs/promises';
import { addPhotograph } from '../../admin/enquiry.ts';
import type { CommandContext } from '../command.ts';
import { CliError, EXIT } from '../errors.ts';
import { count } from '../format/count.ts';
import { printable } from '../format/printable.ts';
import { existing } from '../submit/find-files.ts';
import { whoIsThis } from '../who.ts';

/** Adds photographs of who is sought. */
export async function photo(
  id: string,
  files: readonly string[],
  { taken, json }: { taken?: string; json?: boolean },
  { connect, screen }: CommandContext,
): Promise<void> {
  const app = await (await connect()).app();
  const images: string[] = [];
  for (const file of files) {
    const bytes = await readPhotograph(file);
    images.push(await addPhotograph(id, { bytes, ...(taken !== undefined && { taken }) }, whoIsThis(), app));
  }
  if (json) return screen.line(JSON.stringify(images, undefined, 2));
  screen.line(`Added ${count(images.length, 'photograph')}: the archive is searched for their faces.`);
}

/** @throws {CliError} where it is not there or cannot be read */
export async function readPhotograph(file: string): Promise<Buffer> {
  const full = await existing(file);
  return readFile(full).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`${printable(file)} cannot be read (${error.code}).`, EXIT.usage);
  });
}
