import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { batchOf, withoutEndingSpaces } from '../../domain/job-id.ts';
import { CliError, EXIT } from '../errors.ts';

export interface FoundFile {
  path: string;
  /** `<batch>/<name>`: the virtual folder is the batch. */
  blobName: string;
  bytes: number;
}

export interface Found {
  files: FoundFile[];
  /** Files of the given folders that are not images by their names. */
  leftOut: string[];
}

/**
 * Names of images, those included that will be rejected with a reason (HEIC, SVG). Only for choosing files in folders:
 * what a file is, the pipeline judges by its bytes.
 */
const IMAGE_NAME = /\.(jpe?g|jpe|jfif|png|gif|bmp|dib|webp|tiff?|hei[cf]|avif|jxl|svg)$/i;

/**
 * The files to submit: those named, and the images of the folders named, at any depth; hidden files are passed over.
 * All files of one folder are one batch, named after it unless `batch` says otherwise; sub-folders become a part of
 * the file's name.
 *
 * @throws {CliError} where a path does not exist, or two files would get the same name
 */
export async function findFiles(paths: readonly string[], batch?: string): Promise<Found> {
  if (batch !== undefined) checkBatch(batch);
  const found: Found = { files: [], leftOut: [] };
  for (const given of paths) {
    const full = await existing(given);
    const info = await stat(full);
    if (info.isDirectory()) await addFolder(full, batch ?? batchName(full), found);
    else found.files.push(file(full, path.basename(full), batch ?? batchName(path.dirname(full)), info.size));
  }
  found.files = withoutDoubles(found.files);
  return found;
}

async function addFolder(root: string, batch: string, found: Found): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const full = path.join(entry.parentPath, entry.name);
    const relative = path.relative(root, full).split(path.sep);
    if (entry.isDirectory() || relative.some((part) => part.startsWith('.'))) continue;
    const info = await stat(full).catch(() => undefined);
    if (!info?.isFile()) continue;
    if (IMAGE_NAME.test(entry.name)) found.files.push(file(full, relative.join('_'), batch, info.size));
    else found.leftOut.push(full);
  }
  found.files.sort((one, other) => (one.blobName < other.blobName ? -1 : 1));
}

function file(full: string, name: string, batch: string, bytes: number): FoundFile {
  // A blob name may hold neither control characters nor a backslash, which the service reads as a slash.
  const blobName = `${batch}/${name.replace(/[\p{Cc}\\/]/gu, '_')}`;
  return { path: full, blobName, bytes };
}

function batchName(folder: string): string {
  const name = withoutEndingSpaces(path.basename(folder).replace(/[\p{Cc}\\/]/gu, '_'));
  return name === '' || /^\.+$/.test(name) ? 'default' : name;
}

function checkBatch(batch: string): void {
  if (/^[^\p{Cc}\\]{1,200}$/u.test(batch) && batchOf(`${batch}/x`) === batch && !/^\/|\/$|\/\//.test(batch))
    return;
  throw new CliError(
    'A batch is a name of at most 200 characters, without backslashes, a slash at either end, or a space at its end.',
    EXIT.usage,
  );
}

/** npm runs scripts in the project's folder: what a person typed may be relative to their own. */
async function existing(given: string): Promise<string> {
  const candidates = [path.resolve(given), path.resolve(process.env.INIT_CWD ?? '.', given)];
  for (const candidate of candidates) {
    if (await stat(candidate).catch(() => undefined)) return candidate;
  }
  throw new CliError(`There is no file or folder "${given}".`, EXIT.usage);
}

/** A file named twice is taken once. */
function withoutDoubles(files: readonly FoundFile[]): FoundFile[] {
  const byName = new Map<string, FoundFile>();
  for (const file of files) {
    const other = byName.get(file.blobName);
    if (other && other.path !== file.path) {
      throw new CliError(
        `"${other.path}" and "${file.path}" would both be stored as "${file.blobName}": submit them separately, with different --batch names.`,
        EXIT.usage,
      );
    }
    byName.set(file.blobName, file);
  }
  return [...byName.values()];
}
