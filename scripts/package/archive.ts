import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import AdmZip from 'adm-zip';
import { filesOf } from './files.ts';

/** Zip has no time zone and begins in 1980: every file gets this time, so that equal content is an equal package. */
const WHEN = new Date(2000, 0, 1);

/** A regular file that everybody may read, in the upper half of the attributes as Unix writes them. */
const ATTRIBUTES = 0o100644 * 2 ** 16;

/** Version 2.0, made on Unix: what the library writes differs from one system to another. */
const MADE_BY = 0x0314;

export interface Archive {
  readonly bytes: Buffer;
  /** Compressed bytes of each file by path. */
  readonly parts: ReadonlyMap<string, number>;
}

/** Zips a folder. The same files make the same bytes, in the same version of Node. */
export async function archive(folder: string): Promise<Archive> {
  const zip = new AdmZip();
  for (const path of await filesOf(folder)) {
    const entry = zip.addFile(path, await readFile(join(folder, path)), '', ATTRIBUTES);
    entry.header.time = WHEN;
    entry.header.made = MADE_BY;
  }
  const bytes = zip.toBuffer();
  const parts = new Map(
    new AdmZip(bytes).getEntries().map((entry) => [entry.entryName, entry.header.compressedSize]),
  );
  return { bytes, parts };
}
