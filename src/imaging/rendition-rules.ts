import type { ImageFormat } from './format.ts';

/**
 * What Computer Vision 3.2 and Face take alike, of the stricter in each case: files of less than 4 MB (Face: 6 MB),
 * at most 10,000 pixels a side (Read), JPEG, PNG, GIF or BMP. Neither promises to look at EXIF, 16 bits or CMYK.
 * Megabytes are counted as millions, which is right whichever kind is meant.
 */
export const SERVICE_LIMITS = { bytesBelow: 4_000_000, side: 10_000 } as const;

/** Why the services cannot take the original, the first that applies. */
export type RenditionReason = 'format' | 'orientation' | 'colour' | 'depth' | 'dimensions' | 'bytes';

export interface RenditionFacts {
  format: ImageFormat;
  size: number;
  width: number;
  height: number;
  orientation: number;
  space: string;
  depth: string;
}

/** Whether the services need a rendition in place of the original, and why; `undefined` when they take it as it is. */
export function needsRendition(image: RenditionFacts): RenditionReason | undefined {
  if (image.format === 'webp' || image.format === 'tiff') return 'format';
  if (image.orientation !== 1) return 'orientation';
  if (image.depth !== 'uchar') return 'depth';
  if (image.space !== 'srgb' && image.space !== 'b-w') return 'colour';
  if (image.width > SERVICE_LIMITS.side || image.height > SERVICE_LIMITS.side) return 'dimensions';
  if (image.size >= SERVICE_LIMITS.bytesBelow) return 'bytes';
  return undefined;
}
