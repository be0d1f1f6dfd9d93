import type { Metadata } from 'sharp';
import { PermanentError } from '../domain/errors.ts';
import { readBmpHeader } from './bmp.ts';
import { IMAGE_FORMATS, type ImageFormat, sniffFormat } from './format.ts';
import { needsRendition, type RenditionReason } from './rendition-rules.ts';
import { decodingError, openImage } from './sharp.ts';
import { checkStructure } from './structure.ts';

export interface ImageLimits {
  /** Largest file, in bytes: `MAX_IMAGE_BYTES`. */
  maxBytes: number;
  /** Largest width times height: `MAX_IMAGE_PIXELS`. */
  maxPixels: number;
}

/** What is known of an image that was accepted. */
export interface Inspection {
  accepted: true;
  format: ImageFormat;
  /** By content, whatever the upload said. */
  contentType: string;
  /** Bytes of the file. */
  size: number;
  /** Pixels of the upright image. */
  width: number;
  height: number;
  /** EXIF orientation, 1 (upright) to 8. */
  orientation: number;
  /** Frames or pages in the file; only the first is ever looked at. */
  pages: number;
  /** Colour space, as libvips names it: `srgb`, `b-w`, `cmyk`, `rgb16`, `grey16`, `lab`, ... */
  space: string;
  /** Type of a sample, as libvips names it: `uchar` is 8 bits. */
  depth: string;
  hasAlpha: boolean;
  /** Present when the vision services could not take the file as it is: see `makeRendition`. */
  rendition?: { reason: RenditionReason };
}

/**
 * Looks at the bytes of an upload: what they are, how large the image is, and whether it can be decoded to its end.
 * The header is judged before any pixel is decoded. Memory stays near a few rows of the image, except for interlaced or
 * progressive files, which cannot be decoded by rows.
 *
 * A PNG or GIF that lacks only its closing marker has all of its pixels and is accepted.
 *
 * @throws {PermanentError} EmptyImage, NotAnImage, UnsupportedImageFormat, ImageTooManyBytes, ImageTooManyPixels,
 *   ImageTooManyPages, ImageTooMuchMetadata, BrokenImage, ImageTooSlow
 */
export async function inspectImage(bytes: Buffer, limits: ImageLimits): Promise<Inspection> {
  if (bytes.length === 0) {
    throw new PermanentError('EmptyImage', 'The file is empty: nothing was uploaded. Upload it again.');
  }
  if (bytes.length > limits.maxBytes) {
    throw new PermanentError(
      'ImageTooManyBytes',
      `The file has ${count(bytes.length)} bytes; at most ${count(limits.maxBytes)} are accepted. Make it smaller, or raise MAX_IMAGE_BYTES.`,
    );
  }
  const format = acceptedFormat(bytes);
  checkStructure(bytes, format);
  const facts = format === 'bmp' ? bmpFacts(bytes) : await headerFacts(bytes, format);
  if (facts.width * facts.height > limits.maxPixels) {
    throw new PermanentError(
      'ImageTooManyPixels',
      `The image says it has ${count(facts.width)} x ${count(facts.height)} pixels; at most ${count(limits.maxPixels)} in all are accepted. Scale it down, or raise MAX_IMAGE_PIXELS.`,
    );
  }
  // The BMP header has already been held against the length of the file: uncompressed, there is no more to check.
  if (format !== 'bmp') await decodeOnce(bytes, format);

  const reason = needsRendition(facts);
  return { accepted: true, ...facts, ...(reason === undefined ? {} : { rendition: { reason } }) };
}

type Facts = Omit<Inspection, 'accepted' | 'rendition'>;

function acceptedFormat(bytes: Buffer): ImageFormat {
  const sniffed = sniffFormat(bytes);
  if (sniffed.kind === 'accepted') return sniffed.format;
  const accepted = 'JPEG, PNG, GIF, BMP, WebP and TIFF are accepted.';
  if (sniffed.kind === 'otherImage') {
    throw new PermanentError(
      'UnsupportedImageFormat',
      `This is an image in the format ${sniffed.name}. ${accepted} Save it as one of those, JPEG for a photograph, and upload that.`,
    );
  }
  throw new PermanentError(
    'NotAnImage',
    `This is not an image: the file holds ${sniffed.name}, whatever its name says. ${accepted}`,
  );
}

function bmpFacts(bytes: Buffer): Facts {
  const { width, height } = readBmpHeader(bytes);
  return {
    ...common('bmp', bytes),
    width,
    height,
    orientation: 1,
    pages: 1,
    space: 'srgb',
    depth: 'uchar',
    hasAlpha: false,
  };
}

async function headerFacts(bytes: Buffer, format: ImageFormat): Promise<Facts> {
  const header = await readHeader(bytes, format);
  const orientation = header.orientation ?? 1;
  return {
    ...common(format, bytes),
    width: header.autoOrient.width,
    height: header.autoOrient.height,
    orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
    pages: header.pages ?? 1,
    space: header.space,
    depth: header.depth,
    hasAlpha: header.hasAlpha,
  };
}

const common = (format: ImageFormat, bytes: Buffer) => ({
  format,
  contentType: IMAGE_FORMATS[format].contentType,
  size: bytes.length,
});

async function readHeader(bytes: Buffer, format: ImageFormat): Promise<Metadata> {
  try {
    return await (await openImage(bytes)).metadata();
  } catch (thrown) {
    throw decodingError(thrown, IMAGE_FORMATS[format].name);
  }
}

/** Shrinks to a stamp: every byte of pixel data is read, a JPEG by an eighth of the work, and next to nothing is kept. */
async function decodeOnce(bytes: Buffer, format: ImageFormat): Promise<void> {
  try {
    const image = await openImage(bytes);
    await image.resize(16, 16, { fit: 'fill', withoutEnlargement: true }).raw().toBuffer();
  } catch (thrown) {
    throw decodingError(thrown, IMAGE_FORMATS[format].name);
  }
}

const count = (value: number) => value.toLocaleString('en');
