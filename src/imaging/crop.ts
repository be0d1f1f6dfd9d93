import { PermanentError } from '../domain/errors.ts';
import type { Pixels } from '../domain/pixels.ts';
import type { Rectangle } from '../domain/rectangle.ts';
import { decodeUpright, withPart } from './decode.ts';
import { decodeBudget } from './decode-budget.ts';
import { openImage } from './sharp.ts';

interface FaceCrop {
  /** JPEG without metadata; the same input gives the same bytes. */
  bytes: Buffer;
  contentType: 'image/jpeg';
  width: number;
  height: number;
  /** What of the image the crop shows: whole pixels, margin included, within the image. */
  rectangle: Rectangle;
}

/** Hair, chin and ears are outside of a detector's rectangle, and people recognise people by them. */
const DEFAULT_MARGIN = 0.3;
/** Bytes a pixel of the copy, and of the file that is made of it, at its largest. */
const ENCODING = 6;
/** Optimised, the encoder would keep twelve bytes of every pixel for the sake of a few per cent. */
const FORM = { quality: 92, chromaSubsampling: '4:4:4', optimiseCoding: false } as const;

/**
 * Cuts faces out of a working image, with a margin, clamped to the image. No more of it is unpacked than the rows and
 * columns from the first face to the last: a photograph of 12 megapixels takes 36 MB, a face of it one or two.
 *
 * @param image pixels of the picture in it, as admission found them
 * @param options.margin fraction of the rectangle's larger side that is added at each edge
 * @returns one for each face, in their order
 * @throws {PermanentError} InvalidFaceRectangle; FaceOutsideImage when not a pixel of the rectangle is in the image
 */
export async function cropFaces(
  bytes: Buffer,
  image: { width: number; height: number },
  faces: readonly Rectangle[],
  options: { margin?: number } = {},
): Promise<FaceCrop[]> {
  if (faces.length === 0) return [];
  const cuts = faces.map((face) => cropRectangle(image, face, options.margin ?? DEFAULT_MARGIN));
  const around = boundsOf(cuts);
  const [only] = cuts;
  if (only && cuts.length === 1) return [crop(only, await encodePart(bytes, only))];
  const pixels = await decodeUpright(bytes, around);
  const crops: FaceCrop[] = [];
  for (const cut of cuts) {
    const place = { ...cut, left: cut.left - around.left, top: cut.top - around.top };
    crops.push(crop(cut, await encode(pixels, place)));
  }
  return crops;
}

const crop = (rectangle: Rectangle, bytes: Buffer): FaceCrop => {
  const { width, height } = rectangle;
  return { bytes, contentType: 'image/jpeg', width, height, rectangle };
};

/** Row by row from the file: its pixels are never in memory all at once. */
const encodePart = (file: Buffer, cut: Rectangle): Promise<Buffer> =>
  withPart(file, cut, ENCODING, (image) => image.jpeg(FORM).toBuffer());

function encode(pixels: Pixels, cut: Rectangle): Promise<Buffer> {
  return decodeBudget.within(cut.width * cut.height * ENCODING, async () => {
    const image = await openImage(copyOut(pixels, cut), {
      raw: { width: cut.width, height: cut.height, channels: 3 },
    });
    return image.jpeg(FORM).toBuffer();
  });
}

/** The least rectangle that holds all of them. */
function boundsOf(rectangles: readonly Rectangle[]): Rectangle {
  const left = Math.min(...rectangles.map((one) => one.left));
  const top = Math.min(...rectangles.map((one) => one.top));
  return {
    left,
    top,
    width: Math.max(...rectangles.map((one) => one.left + one.width)) - left,
    height: Math.max(...rectangles.map((one) => one.top + one.height)) - top,
  };
}

/** The rectangle with its margin, in whole pixels within the image: at least one pixel. */
export function cropRectangle(
  image: { width: number; height: number },
  face: Rectangle,
  margin: number,
): Rectangle {
  const { left, top, width, height } = face;
  if (![left, top, width, height].every(Number.isFinite) || width < 0 || height < 0) {
    throw new PermanentError(
      'InvalidFaceRectangle',
      'A face rectangle has a negative size or is not made of numbers: nothing can be cropped.',
    );
  }
  if (left >= image.width || top >= image.height || left + width < 0 || top + height < 0) {
    throw new PermanentError(
      'FaceOutsideImage',
      'A face rectangle lies outside of the image: it was made for another image or another size of it.',
    );
  }
  const edge = Math.max(0, margin) * Math.max(width, height);
  const [x, cropWidth] = clamp(left - edge, left + width + edge, image.width);
  const [y, cropHeight] = clamp(top - edge, top + height + edge, image.height);
  return { left: x, top: y, width: cropWidth, height: cropHeight };
}

/** From a stretch of the axis to whole pixels within [0, length): start and number, the latter never zero. */
function clamp(from: number, to: number, length: number): [start: number, size: number] {
  const start = Math.min(Math.max(0, Math.floor(from)), length - 1);
  const end = Math.min(Math.max(start + 1, Math.ceil(to)), length);
  return [start, end - start];
}

function copyOut({ data, width }: Pixels, cut: Rectangle): Buffer {
  const row = cut.width * 3;
  const out = Buffer.allocUnsafe(row * cut.height);
  for (let y = 0; y < cut.height; y++) {
    const from = ((cut.top + y) * width + cut.left) * 3;
    data.copy(out, y * row, from, from + row);
  }
  return out;
}
