import { PermanentError } from '../domain/errors.ts';
import { formatName, openUpright } from './decode.ts';
import type { Inspection } from './inspect.ts';
import { SERVICE_LIMITS } from './rendition-rules.ts';
import { decodingError } from './sharp.ts';

export interface Rendition {
  bytes: Buffer;
  contentType: 'image/jpeg';
  width: number;
  height: number;
}

/** Pixels are worth more to the vision models than the last of JPEG's quality, so quality gives way first. */
const QUALITIES = [92, 85, 75] as const;
/** Each round shrinks by a tenth at least, so this is far more than any image needs. */
const MAX_ROUNDS = 24;

/**
 * Makes what the vision services can take from an image that they cannot: a JPEG, upright, 8-bit sRGB, flattened on
 * white, without any metadata, below 4,000,000 bytes and within 10,000 pixels a side. It has the pixels of the upright
 * original unless they do not fit. Never enlarges.
 *
 * @throws {PermanentError} BrokenImage, ImageTooSlow
 */
export async function makeRendition(
  bytes: Buffer,
  inspection: Pick<Inspection, 'width' | 'height'>,
): Promise<Rendition> {
  let scale = Math.min(1, SERVICE_LIMITS.side / Math.max(inspection.width, inspection.height));
  let step = 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const quality = QUALITIES[Math.min(step, QUALITIES.length - 1)] as number;
    const rendition = await encode(bytes, inspection, scale, quality);
    const size = rendition.bytes.length;
    if (size < SERVICE_LIMITS.bytesBelow) return rendition;
    if (step < QUALITIES.length - 1) {
      // Quality 75 saves at most about 60 %: from far above the limit, 85 would be decoding in vain.
      step = size > SERVICE_LIMITS.bytesBelow * 1.6 ? QUALITIES.length - 1 : step + 1;
    } else {
      scale *= Math.min(0.9, 0.97 * Math.sqrt(SERVICE_LIMITS.bytesBelow / size));
    }
  }
  throw new PermanentError(
    'ImageNotRenderable',
    'The image could not be brought below 4,000,000 bytes for the vision services. Save it smaller and upload that.',
  );
}

async function encode(
  bytes: Buffer,
  upright: { width: number; height: number },
  scale: number,
  quality: number,
): Promise<Rendition> {
  let image = await openUpright(bytes, upright.width * upright.height);
  if (scale < 1) {
    const side = (pixels: number) => Math.max(1, Math.floor(pixels * scale));
    image = image.resize(side(upright.width), side(upright.height), { fit: 'fill' });
  }
  try {
    const { data, info } = await image
      .jpeg({ quality, chromaSubsampling: '4:4:4' })
      .toBuffer({ resolveWithObject: true });
    return { bytes: data, contentType: 'image/jpeg', width: info.width, height: info.height };
  } catch (thrown) {
    throw decodingError(thrown, formatName(bytes));
  }
}
