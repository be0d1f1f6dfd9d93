import type { Metadata, Sharp, SharpOptions } from 'sharp';
import { PermanentError } from '../domain/errors.ts';
import { decodeBudget } from './decode-budget.ts';
import { slim } from './slim.ts';
import { isSrgbProfile } from './srgb-profile.ts';

export type { Sharp };

/** Seconds after which libvips gives one image up: far above what the largest accepted image takes. */
const TIMEOUT_SECONDS = 120;

let loaded: Promise<typeof import('sharp')> | undefined;

/**
 * Loads sharp on first use: it maps a native library of 20 MB, which functions that touch no image should not wait for.
 * The operation cache is off, for images are seen once, and the pixels of people's photographs should not linger.
 */
async function loadSharp(): Promise<typeof import('sharp')['default']> {
  loaded ??= import('sharp').then((module) => {
    module.default.cache(false);
    return module;
  });
  return (await loaded).default;
}

/**
 * Opens encoded bytes (or raw pixels, with `raw`): first page only, any error in the data is an error. The one door to
 * the decoders, within the budget only.
 */
export async function openImage(bytes: Buffer | Uint8Array, options: SharpOptions = {}): Promise<Sharp> {
  decodeBudget.assertHeld();
  if (options.raw) return open(bytes, options);
  const given = decoderInput(bytes);
  return open(given, { ...options, ...((await needsNoConversion(given, options)) && { ignoreIcc: true }) });
}

/** Whether the colours are those of sRGB as they stand, and converting them would be for nothing. */
async function needsNoConversion(given: Buffer | Uint8Array, options: SharpOptions): Promise<boolean> {
  const header = await (await open(given, options)).metadata().catch(() => undefined);
  return header?.space === 'srgb' && header.icc !== undefined && isSrgbProfile(header.icc);
}

/** What the header says: no pixel is decoded, so that it needs no part of the budget. */
export async function readMetadata(bytes: Buffer, options: SharpOptions = {}): Promise<Metadata> {
  return (await open(decoderInput(bytes), options)).metadata();
}

const decoderInput = (bytes: Buffer | Uint8Array) => (Buffer.isBuffer(bytes) ? slim(bytes) : bytes);

async function open(given: Buffer | Uint8Array, options: SharpOptions): Promise<Sharp> {
  const sharp = await loadSharp();
  return sharp(given, { failOn: 'error', limitInputPixels: false, pages: 1, ...options }).timeout({
    seconds: TIMEOUT_SECONDS,
  });
}

/**
 * Says what an error of libvips means. Its text stays in `cause`: it is written for programmers.
 * Running out of memory says nothing about the image, so that stays what it is: transient.
 */
export function decodingError(thrown: unknown, format: string): unknown {
  const text = thrown instanceof Error ? thrown.message : '';
  if (/out of memory|unable to allocate|cannot allocate/i.test(text)) return thrown;
  if (/^timeout:/i.test(text)) {
    return new PermanentError(
      'ImageTooSlow',
      `Decoding this ${format} image took longer than ${TIMEOUT_SECONDS} seconds. Save it anew as a baseline JPEG and upload that.`,
      { cause: thrown },
    );
  }
  if (format === 'TIFF' && /^tiff2vips: .*(not (supported|configured|implemented)|unsupported)/i.test(text)) {
    return new PermanentError(
      'UnsupportedImageFormat',
      'This TIFF image is of a kind that is not read here; the file itself may be sound. Save it as PNG, as JPEG, or as a TIFF with LZW compression, and upload that.',
      { cause: thrown },
    );
  }
  return new PermanentError(
    'BrokenImage',
    `The ${format} image is truncated or corrupt: it could not be decoded to its end. Upload the original file again.`,
    { cause: thrown },
  );
}
