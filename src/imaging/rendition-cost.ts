import { bmpFacts } from './bmp.ts';
import { decodeCost } from './decode-cost.ts';
import type { ImageFormat } from './format.ts';
import { stackPages } from './page-stack.ts';
import type { Picture } from './picture.ts';
import { pictureFacts } from './picture-facts.ts';

/**
 * Bytes of memory that making a rendition takes at most.
 *
 * @throws {PermanentError} BrokenImage
 */
export async function renditionCost(
  bytes: Buffer,
  format: ImageFormat,
  pictures: readonly Picture[],
): Promise<number> {
  const facts = await Promise.all(
    pictures.map((picture) => (format === 'bmp' ? bmpFacts(bytes) : pictureFacts(bytes, picture, format))),
  );
  const each = facts.map((one, index) => {
    const { load, turn } = decodeCost(bytes, pictures[index] ?? {}, format, one);
    return load + turn;
  });
  const stack = pictures.length > 1 ? stackPages(facts) : undefined;
  return Math.max(...each) + (stack ? 2 * stack.width * stack.height * 3 : 0);
}
