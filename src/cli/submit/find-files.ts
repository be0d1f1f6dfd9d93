import { createHash } from 'node:crypto';
import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { batchNameFault } from '../../domain/batch-name.ts';
import { isReserved } from '../../domain/enquiry-batch.ts';
import { batchOf, withoutEndingSpaces } from '../../domain/job-id.ts';
import { systemPart } from '../../domain/system-files.ts';
import { sniffFormat } from '../../imaging/format.ts';
import { CliError, EXIT } from '../errors.ts';
import { type FileName, readFileName } from './file-name.ts';

export interface FoundFile {
  /** As it can be shown. */
  path: string;
  /** As the system knows it, where that is no UTF-8. */
  bytesOfPath?: Buffer;
  /** Its name as it is, percent-encoded, where it had to be stored under another. */
  originalName?: string;
  /** `<batch>/<name>`: the virtual folder is the batch. */
  blobName: string;
  bytes: number;
}

export interface Found {
  files: FoundFile[];
  /** Files of the given folders that are not images by their names. */
  leftOut: string[];
  /** Hidden files and those of the system, by what makes them so: how many were passed over. */
  passedOver: Map<string, number>;
}

/**
 * Names of images, those included that will be rejected with a reason (HEIC, SVG, some camera raw). Only for choosing files in folders:
 * what a file is, the pipeline judges by its bytes.
 */
const IMAGE_NAME =
  /\.(jpe?g|jpe|jfif|png|gif|bmp|dib|webp|tiff?|hei[cf]|avif|jxl|svg|dng|nef|nrw|arw|sr2|cr[23w]|pef|srw|raf|orf|rw2|x3f)$/i;

/**
 * The files to submit: those named, and the images of the folders named, at any depth; hidden files, and what systems
 * keep beside people's own (`systemPart`), are passed over and counted.
 * All files of one folder are one batch, named after it unless `batch` says otherwise; sub-folders become a part of
 * the file's name.
 *
 * @throws {CliError} where a path does not exist, or two files would get the same name
 */
export async function findFiles(paths: readonly string[], batch?: string): Promise<Found> {
  if (batch !== undefined) checkBatch(batch);
  const found: Found = { files: [], leftOut: [], passedOver: new Map() };
  for (const given of paths) {
    const full = await existing(given);
    const info = await stat(full);
    if (info.isDirectory()) await addFolder(full, batch ?? batchName(full), found);
    else if (IMAGE_NAME.test(full) || (await isImage(full)))
      found.files.push(file(full, path.basename(full), batch ?? batchName(path.dirname(full)), info.size));
    else found.leftOut.push(full);
  }
  found.files = withoutDoubles(found.files);
  // The name of a folder may be one, too.
  for (const { blobName } of found.files) if (isReserved(blobName)) checkBatch(batchOf(blobName));
  return found;
}

async function addFolder(root: string, batch: string, found: Found): Promise<void> {
  await addEntries({ bytes: Buffer.from(root), names: [] }, root, batch, found);
  found.files.sort((one, other) => (one.blobName < other.blobName ? -1 : 1));
}

/** A folder below the one that was given. */
interface Below {
  /** The path as the system knows it. */
  bytes: Buffer;
  /** Names of the folders that lead there. */
  names: FileName[];
}

async function addEntries(folder: Below, root: string, batch: string, found: Found): Promise<void> {
  for (const entry of await readdir(folder.bytes, { withFileTypes: true, encoding: 'buffer' })) {
    const names = [...folder.names, readFileName(entry.name)];
    const bytes = Buffer.concat([folder.bytes, SEPARATOR, entry.name]);
    if (entry.isDirectory()) {
      await addEntries({ bytes, names }, root, batch, found);
      continue;
    }
    const texts = names.map(({ text }) => text);
    const system = systemPart(texts);
    if (system !== undefined) {
      found.passedOver.set(system, (found.passedOver.get(system) ?? 0) + 1);
      continue;
    }
    const info = await stat(bytes).catch(() => undefined);
    const shown = path.join(root, ...texts);
    if (!info?.isFile()) {
      // A link that leads nowhere, a pipe: said, for its name may be that of a photograph.
      found.leftOut.push(shown);
    } else if (IMAGE_NAME.test(texts.at(-1) ?? '')) {
      const one = file(shown, texts.join('_'), batch, info.size);
      const isOld = names.some(({ original }) => original !== undefined);
      const originalName = names.map(({ text, original }) => original ?? encodeURIComponent(text)).join('/');
      found.files.push(isOld ? { ...one, bytesOfPath: bytes, originalName } : one);
    } else {
      found.leftOut.push(shown);
    }
  }
}

const SEPARATOR = Buffer.from(path.sep);

function file(full: string, name: string, batch: string, bytes: number): FoundFile {
  // A blob name may hold neither control characters nor a backslash, which the service reads as a slash.
  const blobName = `${batch}/${name.replace(/[\p{Cc}\\/]/gu, '_')}`;
  return { path: full, blobName, bytes };
}

function batchName(folder: string): string {
  const name = withoutEndingSpaces(path.basename(folder).replace(/[\p{Cc}\\/]/gu, '_'));
  return name === '' || /^\.+$/.test(name) ? 'default' : name;
}

const RESERVED =
  'Batches of this name belong to enquiries: choose another with --batch, or add the photograph with "imaginem enquiry photo".';

/** Bytes by which any format is told. */
const SNIFFED_BYTES = 4096;

/** A file that was named by itself may have any name: what it is its bytes say. */
async function isImage(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SNIFFED_BYTES), 0, SNIFFED_BYTES, 0);
    return sniffFormat(buffer.subarray(0, bytesRead)).kind === 'accepted';
  } finally {
    await handle.close();
  }
}

function checkBatch(batch: string): void {
  const fault = isReserved(batch) ? RESERVED : batchNameFault(batch);
  if (fault !== undefined) throw new CliError(fault, EXIT.usage);
  if (batch.length > MAX_BATCH) {
    throw new CliError(`The name of a batch has at most ${MAX_BATCH} characters here.`, EXIT.usage);
  }
}

/** So that the names of files fit behind it: a blob's whole name may have 1,024. */
const MAX_BATCH = 200;

/** npm runs scripts in the project's folder: what a person typed may be relative to their own. */
export async function existing(given: string): Promise<string> {
  const candidates = [path.resolve(given), path.resolve(process.env.INIT_CWD ?? '.', given)];
  for (const candidate of candidates) {
    if (await stat(candidate).catch(() => undefined)) return candidate;
  }
  throw new CliError(`There is no file or folder "${given}".`, EXIT.usage);
}

/** A file named twice is taken once; two whose old names read alike are told apart by their bytes. */
function withoutDoubles(files: readonly FoundFile[]): FoundFile[] {
  const byName = new Map<string, FoundFile>();
  for (const given of files) {
    const before = byName.get(given.blobName);
    const isOld = given.originalName !== undefined || before?.originalName !== undefined;
    const isSame = before !== undefined && pathOf(before).equals(pathOf(given));
    const file = before && isOld && !isSame ? renamed(given) : given;
    const other = byName.get(file.blobName);
    if (other && !pathOf(other).equals(pathOf(file))) {
      throw new CliError(
        `"${other.path}" and "${file.path}" would both be stored as "${file.blobName}": submit them separately, with different --batch names.`,
        EXIT.usage,
      );
    }
    byName.set(file.blobName, file);
  }
  return [...byName.values()];
}

const pathOf = ({ path: shown, bytesOfPath }: FoundFile): Buffer => bytesOfPath ?? Buffer.from(shown);

function renamed(file: FoundFile): FoundFile {
  const { dir, name, ext } = path.posix.parse(file.blobName);
  const mark = createHash('sha256').update(pathOf(file)).digest('hex').slice(0, 8);
  return { ...file, blobName: `${dir}/${name}-${mark}${ext}` };
}
