import type { Metadata } from 'sharp';
import { IMAGE_FORMATS, type ImageFormat } from './format.ts';
import { gifFrames } from './gif-frames.ts';
import { bytesOf, type Picture, pictureOptions } from './picture.ts';
import { decodingError, readMetadata } from './sharp.ts';

/** What the header of a picture says. */
export interface PictureFacts {
  /** Pixels of the upright picture. */
  width: number;
  height: number;
  /** EXIF orientation, 1 (upright) to 8. */
  orientation: number;
  /** Frames or pages in the file. */
  pages: number;
  /** Colour space, as libvips names it: `srgb`, `b-w`, `cmyk`, `rgb16`, `grey16`, `lab`, ... */
  space: string;
  /** Type of a sample, as libvips names it: `uchar` is 8 bits. */
  depth: string;
  /** Samples of a pixel. */
  channels: number;
  hasAlpha: boolean;
  /** Of a JPEG: `4:2:0` has a colour for every four pixels, `4:4:4` for each. */
  chromaSubsampling?: string;
  /** Interlaced or progressive: not stored row by row. */
  interlaced: boolean;
}

/** @throws {PermanentError} BrokenImage, UnsupportedImageFormat */
export async function pictureFacts(
  file: Buffer,
  picture: Picture,
  format: ImageFormat,
): Promise<PictureFacts> {
  const header = await readHeader(file, picture, format);
  // What is no orientation the decoder takes for none.
  const orientation = picture.orientation ?? header.orientation ?? 1;
  const { width, height } = header.autoOrient;
  const onItsSide = picture.orientation === 6 || picture.orientation === 8;
  return {
    width: onItsSide ? height : width,
    height: onItsSide ? width : height,
    orientation,
    // A decoder is given the first of them only.
    pages: format === 'gif' ? Math.max(1, gifFrames(file).frames) : (header.pages ?? 1),
    space: header.space,
    depth: header.depth,
    channels: header.channels,
    hasAlpha: header.hasAlpha,
    interlaced: header.isProgressive,
    ...(header.chromaSubsampling !== undefined && { chromaSubsampling: header.chromaSubsampling }),
  };
}

async function readHeader(file: Buffer, picture: Picture, format: ImageFormat): Promise<Metadata> {
  try {
    return await readMetadata(bytesOf(file, picture), pictureOptions(picture));
  } catch (thrown) {
    throw decodingError(thrown, IMAGE_FORMATS[format].name);
  }
}
