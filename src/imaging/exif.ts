import type { ExifValue } from '../domain/job.ts';
import { placeValue, UNITS } from './exif-place.ts';
import { EXIF_TIMES, type ExifTimeName, exifTimes } from './exif-time.ts';
import { sniffFormat } from './format.ts';
import { readMetadata } from './sharp.ts';

/** Longest text and list of numbers that are kept of one field: a maker's note is no place and no camera. */
const MAX_TEXT = 500;
const MAX_NUMBERS = 64;

/** Fields that the standard calls texts, and people write in their own script. */
const TEXTS: ReadonlySet<string> = new Set(
  'ImageDescription Make Model Software Artist HostComputer Copyright DocumentName CameraOwnerName'.split(
    ' ',
  ),
);

/**
 * The fields of an image's EXIF that are asked for, by their names in the standard (`Model`, `GPSLatitude`,
 * `DateTimeOriginal`), each with what its meaning needs of another: a coordinate signed, a time with its offset, a number
 * beside its unit. Nothing else is looked at. EXIF that cannot be read is as good as none: it says nothing about the
 * picture.
 *
 * @param names in any case
 * @returns undefined where none of them is there
 */
export async function readExif(
  bytes: Buffer,
  names: readonly string[],
): Promise<Record<string, ExifValue> | undefined> {
  if (names.length === 0) return undefined;
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const found: Record<string, ExifValue> = {};
  try {
    const exif = await exifOf(bytes);
    if (!exif) return undefined;
    const { default: parse } = await import('exif-reader');
    const { Image, Photo, GPSInfo } = parse(exif);
    const fields: Record<string, unknown> = { ...Image, ...Photo, ...GPSInfo };
    const times = exifTimes(exif);
    const keep = (name: string) => {
      const value = fieldValue(name, fields, times);
      if (value !== undefined) found[name] = value;
    };
    for (const name of Object.keys(fields)) {
      if (!wanted.has(name.toLowerCase())) continue;
      keep(name);
      const unit = UNITS[name];
      if (unit !== undefined && found[name] !== undefined) keep(unit);
    }
  } catch {
    return undefined;
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

/** A TIFF, and a camera raw file, is itself what EXIF is in others. */
async function exifOf(bytes: Buffer): Promise<Buffer | undefined> {
  const sniffed = sniffFormat(bytes);
  if (sniffed.kind === 'accepted' && sniffed.format === 'tiff') return bytes;
  return (await readMetadata(bytes)).exif;
}

const isTime = (name: string): name is ExifTimeName => EXIF_TIMES.some((time) => time === name);

function fieldValue(
  name: string,
  fields: Readonly<Record<string, unknown>>,
  times: Readonly<Partial<Record<ExifTimeName, string>>>,
): ExifValue | undefined {
  if (isTime(name)) return times[name];
  const place = placeValue(name, fields);
  if (place !== undefined) return place === 'absent' ? undefined : place;
  const value = fields[name];
  // A text that is no ASCII comes as bytes: a name in its own script.
  return TEXTS.has(name) && Buffer.isBuffer(value) ? utf8(value) : plainValue(value);
}

function plainValue(value: unknown): ExifValue | undefined {
  if (typeof value === 'string') return plainText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (!Array.isArray(value) || value.length > MAX_NUMBERS) return undefined;
  return value.every((one) => typeof one === 'number' && Number.isFinite(one)) ? value : undefined;
}

const plainText = (text: string): string =>
  text.replaceAll('\0', '').trim().slice(0, MAX_TEXT).toWellFormed();

function utf8(bytes: Buffer): string | undefined {
  try {
    return plainText(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
