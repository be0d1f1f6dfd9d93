import { readFile, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import AdmZip from 'adm-zip';
import { filesOf } from './files.ts';

/** Zip has no time zone and begins in 1980: every file gets this time, so that equal content is an equal package. */
const WHEN = new Date(2000, 0, 1);

/** Version 2.0, made on Unix: what the library writes differs from one system to another. */
const MADE_BY = 0x0314;

/**
 * Unix permissions: everybody reads, the owner writes. The app runs there as another user than the one who unpacks it,
 * and the umask of this machine is nobody's business there. The library adds the kind of entry and shifts the whole
 * into the upper half of the attributes itself.
 */
const READABLE = 0o644;
const EXECUTABLE = 0o755;

interface Archive {
  readonly bytes: Buffer;
  /** Compressed bytes of each file by path. */
  readonly parts: ReadonlyMap<string, number>;
}

/**
 * Zips a folder, with an entry for each folder in it: without one, unpacking makes folders as the umask there says. The
 * same files make the same bytes, in the same version of Node.
 */
export async function archive(folder: string): Promise<Archive> {
  const zip = new AdmZip();
  const add = (path: string, content: Buffer, permissions: number) => {
    const entry = zip.addFile(path, content, '', permissions);
    entry.header.time = WHEN;
    entry.header.made = MADE_BY;
  };
  const files = await filesOf(folder);
  for (const path of foldersOf(files)) add(`${path}/`, Buffer.alloc(0), EXECUTABLE);
  for (const path of files) {
    const { mode } = await stat(join(folder, path));
    add(path, await readFile(join(folder, path)), mode & 0o100 ? EXECUTABLE : READABLE);
  }
  const bytes = zip.toBuffer();
  const entries = new AdmZip(bytes).getEntries().filter((entry) => !entry.isDirectory);
  return { bytes, parts: new Map(entries.map((entry) => [entry.entryName, entry.header.compressedSize])) };
}

/** Every folder on the way to a file, outer ones first. */
function foldersOf(files: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const file of files) {
    for (let at = posix.dirname(file); at !== '.'; at = posix.dirname(at)) folders.add(at);
  }
  return [...folders].sort();
}
