import type { ExifValue } from '../domain/job.ts';
import { openImage } from './sharp.ts';

/** Longest text and list of numbers that are kept of one field: a maker's note is no place and no camera. */
const MAX_TEXT = 500;
const MAX_NUMBERS = 64;

/**
 * The fields of an image's EXIF that are asked for, by their names in the standard (`Model`, `GPSLatitude`,
 * `DateTimeOriginal`); nothing else is looked at. EXIF that cannot be read is as good as none: it says nothing about
 * the picture.
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
    const { exif } = await (await openImage(bytes)).metadata();
    if (!exif) return undefined;
    const { default: parse } = await import('exif-reader');
    const { Image, Photo, GPSInfo } = parse(exif);
    for (const [name, value] of Object.entries({ ...Image, ...Photo, ...GPSInfo })) {
      const plain = wanted.has(name.toLowerCase()) ? plainValue(value) : undefined;
      if (plain !== undefined) found[name] = plain;
    }
  } catch {
    return undefined;
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

function plainValue(value: unknown): ExifValue | undefined {
  if (typeof value === 'string') return value.replaceAll('\0', '').trim().slice(0, MAX_TEXT).toWellFormed();
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  if (!Array.isArray(value) || value.length > MAX_NUMBERS) return undefined;
  return value.every((one) => typeof one === 'number' && Number.isFinite(one)) ? value : undefined;
}
