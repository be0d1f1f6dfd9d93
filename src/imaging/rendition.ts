import { PermanentError } from '../domain/errors.ts';
import { openUpright } from './decode.ts';
import { decodeBudget } from './decode-budget.ts';
import { IMAGE_FORMATS, sniffFormat } from './format.ts';
import type { Inspection } from './inspect.ts';
import { jpegQuality } from './jpeg-quality.ts';
import { jpegExtent } from './jpeg-scans.ts';
import { stackPages } from './page-stack.ts';
import type { Picture } from './picture.ts';
import { pictureFacts } from './picture-facts.ts';
import { renditionCost } from './rendition-cost.ts';
import { isSmall, SERVICE_LIMITS } from './rendition-rules.ts';
import { decodingError, openImage, type Sharp } from './sharp.ts';

interface Rendition {
  bytes: Buffer;
  contentType: 'image/jpeg';
  /** Pixels of the picture, which stands at the top left of a larger white ground where it is too small by itself. */
  width: number;
  height: number;
}

type Inspected = Pick<Inspection, 'width' | 'height' | 'chromaSubsampling'> & {
  pictures?: readonly Picture[];
};

/** Pixels are worth more to the vision models than the last of JPEG's quality, so quality gives way first. */
const QUALITIES = [92, 85, 75] as const;
/** Of colour a JPEG gets no more than the original has: nearly all photographs of telephones have a quarter of it. */
const QUARTER = '4:2:0';
/** What the last quality leaves of the bytes of the finest, and what it leaves at least. */
const LEFT = 0.45;
const LEAST_LEFT = 0.37;
/** Of what a file is thought to come to: a quality more is worth a try in vain. */
const CAUTION = 0.9;
/** Each round shrinks by a tenth at least, so this is far more than any image needs. */
const MAX_ROUNDS = 24;
/** Side of the ground under a picture that is too small by itself. */
const GROUND = 64;

/**
 * Makes what the vision services can take from an image that they cannot: a JPEG, upright, 8-bit sRGB, flattened on
 * white, without any metadata, of 1,024 to 3,999,999 bytes and 51 to 10,000 pixels a side. It has the pixels of the
 * upright original unless they do not fit, and is never enlarged: too small a picture gets a white ground to its right
 * and below, so that every coordinate stays what it is. Pages stand under one another.
 *
 * @throws {PermanentError} BrokenImage, ImageTooSlow, ImageNeedsTooMuchMemory
 */
export async function makeRendition(bytes: Buffer, inspection: Inspected): Promise<Rendition> {
  const sniffed = sniffFormat(bytes);
  const format = sniffed.kind === 'accepted' ? sniffed.format : 'jpeg';
  const cost = await renditionCost(bytes, format, inspection.pictures ?? [{}]);
  return decodeBudget.within(cost, () => render(bytes, inspection, IMAGE_FORMATS[format].name));
}

async function render(bytes: Buffer, inspection: Inspected, name: string): Promise<Rendition> {
  const { pictures: [picture = {}, ...more] = [] } = inspection;
  const isLikeTheOriginal = more.length === 0 && !isSmall(inspection);
  const chromaSubsampling = isLikeTheOriginal && inspection.chromaSubsampling === QUARTER ? QUARTER : '4:4:4';
  const open =
    more.length === 0
      ? () => openUpright(bytes, inspection.width * inspection.height, picture)
      : await openStack(bytes, [picture, ...more], name);
  let form = firstForm(bytes, inspection);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const coding = { quality: QUALITIES[form.step] as number, chromaSubsampling };
    const rendition = await encode(await open(), inspection, form.scale, coding, name);
    const size = rendition.bytes.length;
    if (size < SERVICE_LIMITS.bytesBelow) return rendition;
    form = smaller(form, size);
  }
  throw new PermanentError(
    'ImageNotRenderable',
    'The image could not be brought below 4,000,000 bytes for the vision services. Save it smaller and upload that.',
  );
}

/** What is tried: which of the qualities, and what of each side. */
interface Form {
  step: number;
  scale: number;
}

/** The finest that may fit. A JPEG that is larger than the services take tells by itself what it would come to. */
function firstForm(bytes: Buffer, { width, height }: Inspected): Form {
  const scale = Math.min(1, SERVICE_LIMITS.side / Math.max(width, height));
  const finest = { step: 0, scale };
  if (scale < 1 || bytes.length < SERVICE_LIMITS.bytesBelow) return finest;
  const quality = jpegQuality(bytes);
  if (quality === undefined) return finest;
  const size = jpegExtent(bytes).bytes * againstFinest(quality) * CAUTION;
  return size < SERVICE_LIMITS.bytesBelow ? finest : smaller(finest, size);
}

/** What comes next, where one came to more bytes than the services take. */
function smaller({ step, scale }: Form, size: number): Form {
  const last = QUALITIES.length - 1;
  const over = size / SERVICE_LIMITS.bytesBelow;
  if (step === last) return { step, scale: scale * Math.min(0.9, 0.97 / Math.sqrt(over)) };
  // From far above the limit the next quality would be decoding in vain, and from farther the last one, too.
  if (over * LEAST_LEFT > 1) return { step: last, scale: scale * Math.min(1, 0.95 / Math.sqrt(over * LEFT)) };
  return { step: over > 1.6 ? last : step + 1, scale };
}

/** Bytes that a JPEG comes to at the finest of the qualities, for one of its own: measured on photographs with noise. */
function againstFinest(quality: number): number {
  if (quality >= 99) return 0.28;
  if (quality >= 97) return 0.4;
  return quality >= 94 ? 0.88 : 1;
}

async function encode(
  opened: Sharp,
  upright: { width: number; height: number },
  scale: number,
  form: { quality: number; chromaSubsampling: string },
  name: string,
): Promise<Rendition> {
  const side = (pixels: number) => (scale < 1 ? Math.max(1, Math.floor(pixels * scale)) : pixels);
  const [width, height] = [side(upright.width), side(upright.height)];
  let image = opened;
  if (scale < 1) image = image.resize(width, height, { fit: 'fill' });
  const [right, bottom] = [groundBeside(width), groundBeside(height)];
  if (right > 0 || bottom > 0) image = image.extend({ right, bottom, background: '#ffffff' });
  try {
    // Optimised, the encoder would keep twelve bytes of every pixel for the sake of a few per cent.
    const data = await image.jpeg({ ...form, optimiseCoding: false }).toBuffer();
    return { bytes: padded(data), contentType: 'image/jpeg', width, height };
  } catch (thrown) {
    throw decodingError(thrown, name);
  }
}

const groundBeside = (side: number): number => (side > SERVICE_LIMITS.sideAbove ? 0 : GROUND - side);

/** With a comment of spaces, where the JPEG is smaller than the services take. Source: ITU-T T.81, B.2.4.5. */
function padded(jpeg: Buffer): Buffer {
  const lacking = SERVICE_LIMITS.leastBytes - jpeg.length;
  if (lacking <= 0) return jpeg;
  const comment = Buffer.alloc(4 + lacking, ' ');
  comment.writeUInt16BE(0xfffe, 0);
  comment.writeUInt16BE(2 + lacking, 2);
  return Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]);
}

/** The pages, decoded once, under one another on white. */
async function openStack(
  bytes: Buffer,
  pictures: readonly Picture[],
  name: string,
): Promise<() => Promise<Sharp>> {
  const sizes = await Promise.all(pictures.map((picture) => pictureFacts(bytes, picture, 'tiff')));
  const { pages, width, height } = stackPages(sizes);
  const ground = Buffer.alloc(width * height * 3, 0xff);
  for (const [index, page] of pages.entries()) {
    const size = sizes[index] ?? page;
    try {
      const image = await openUpright(bytes, size.width * size.height, pictures[index]);
      const rows = await image
        .resize(page.width, page.height, { fit: 'fill' })
        .raw({ depth: 'uchar' })
        .toBuffer();
      for (let y = 0; y < page.height; y++) {
        rows.copy(ground, (page.top + y) * width * 3, y * page.width * 3, (y + 1) * page.width * 3);
      }
    } catch (thrown) {
      throw decodingError(thrown, name);
    }
  }
  return () => openImage(ground, { raw: { width, height, channels: 3 } });
}
