import { PermanentError } from '../domain/errors.ts';
import { bmpFacts } from './bmp.ts';
import { type DecodeCost, decodeCost } from './decode-cost.ts';
import { sniffFormat } from './format.ts';
import { type PictureFacts, pictureFacts } from './picture-facts.ts';
import { checkPasses } from './structure.ts';

/** What the header of an image says, and what it takes to decode it. */
interface ImageHeader {
  facts: PictureFacts;
  cost: DecodeCost;
}

/**
 * Reads the header of an image of an accepted format; a decoder sees no other, and no pixel of this one.
 *
 * @throws {PermanentError} NotAnImage, and as `checkPasses` and `pictureFacts`
 */
export async function imageHeader(bytes: Uint8Array): Promise<ImageHeader> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sniffed = sniffFormat(file);
  if (sniffed.kind !== 'accepted')
    throw new PermanentError('NotAnImage', 'This is no image that is read here.');
  const { format } = sniffed;
  checkPasses(file, format);
  const facts = format === 'bmp' ? bmpFacts(file) : await pictureFacts(file, {}, format);
  return { facts, cost: decodeCost(file, {}, format, facts) };
}
