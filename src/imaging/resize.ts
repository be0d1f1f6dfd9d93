import type { Pixels } from '../domain/pixels.ts';
import { decodeBudget } from './decode-budget.ts';
import { openImage } from './sharp.ts';

/**
 * The image at another size, stretched where the proportions differ; shrinking averages, so that nothing aliases.
 *
 * @returns RGB, or one grey byte a pixel (luma of sRGB) with `grey`
 */
export async function resizePixels(
  pixels: Pixels,
  width: number,
  height: number,
  options: { grey?: boolean } = {},
): Promise<Buffer> {
  return decodeBudget.within(pixels.data.length + width * height * 3, async () => {
    const image = await openImage(pixels.data, {
      raw: { width: pixels.width, height: pixels.height, channels: 3 },
    });
    const resized = image.resize(width, height, { fit: 'fill', kernel: 'lanczos3' });
    return (options.grey ? resized.toColourspace('b-w') : resized).raw({ depth: 'uchar' }).toBuffer();
  });
}
