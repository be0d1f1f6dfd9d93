import { trimEndOf, trimOf } from '../domain/trim.ts';
import type { ImageFormat } from '../imaging/format.ts';

/** Longest name of a file or part of a folder, in UTF-16 units; a blob's whole name may have 1,024. */
const MAX_PART = 200;
const MAX_FOLDER = 400;
/** Units of a part that are cleaned at all: a client may send megabytes, and little of them is kept. */
const MAX_CLEANED = 4096;

/** Control characters, what separates paths anywhere, and what address bars and shells stumble over. */
const AWKWARD = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029\\/:*?"<>|#%]+/gu;

/** A file's name or one part of a folder as blob names may hold it; may be empty. */
function part(text: string): string {
  const clean = text
    .slice(0, MAX_CLEANED)
    .toWellFormed()
    .normalize('NFC')
    .replace(AWKWARD, '_')
    .replace(/\s+/gu, ' ');
  // A part that begins or ends in a dot means another folder, or none, to somebody.
  return trimEndOf(trimOf(clean, '. ').slice(0, MAX_PART).toWellFormed(), '\ufffd. ');
}

/** The virtual folder of a batch: its parts cleaned, those that are nothing left out. May be empty. */
export function batchFolder(batch: string): string {
  const folder = batch
    .split('/')
    .map(part)
    .filter((one) => /[\p{L}\p{N}]/u.test(one))
    .join('/');
  return trimEndOf(folder.slice(0, MAX_FOLDER), '\ufffd/. ');
}

/** A file's name in its batch, never empty, ending as its content says if it has no ending of its own. */
export function blobFileName(name: string, format: ImageFormat): string {
  const clean = part(name.split(/[\\/]/).at(-1) ?? '');
  const dot = clean.lastIndexOf('.');
  const ending =
    dot > 0 && clean.length - dot <= 6 ? clean.slice(dot) : `.${format === 'jpeg' ? 'jpg' : format}`;
  const stem = dot > 0 && ending === clean.slice(dot) ? clean.slice(0, dot) : clean;
  return `${stem === '' ? 'image' : stem}${ending}`;
}

/** `a.jpg`, `a (2).jpg`, `a (3).jpg`. */
export function numbered(name: string, number: number): string {
  if (number === 1) return name;
  const dot = name.lastIndexOf('.');
  return `${name.slice(0, dot)} (${number})${name.slice(dot)}`;
}
