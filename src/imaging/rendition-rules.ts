import type { ImageFormat } from './format.ts';

/**
 * What Computer Vision 3.2 and Face take alike, of the stricter in each case: files of less than 4 MB (Face: 6 MB) and of
 * 1 kB at least (Face), at most 10,000 pixels a side (Read) and more than 50 (Analyze; Read takes 50), JPEG, PNG, GIF or
 * BMP. Neither promises to look at EXIF, 16 bits or CMYK. Megabytes are counted as millions, which is right whichever
 * kind is meant; a kilobyte as 1,024 bytes.
 */
export const SERVICE_LIMITS = {
  bytesBelow: 4_000_000,
  leastBytes: 1024,
  side: 10_000,
  sideAbove: 50,
} as const;

/** Why the services cannot take the original, the first that applies. */
export type RenditionReason =
  | 'format'
  | 'damage'
  | 'frame'
  | 'orientation'
  | 'colour'
  | 'depth'
  | 'dimensions'
  | 'small'
  | 'bytes';

interface RenditionFacts {
  format: ImageFormat;
  size: number;
  width: number;
  height: number;
  orientation: number;
  space: string;
  depth: string;
  /** What of the file is looked at. */
  pictures: readonly { page?: number; damaged?: boolean }[];
}

/** Whether a picture is smaller than any service looks into. */
export const isSmall = ({ width, height }: { width: number; height: number }): boolean =>
  Math.min(width, height) <= SERVICE_LIMITS.sideAbove;

/** Whether the services need a rendition in place of the original, and why; `undefined` when they take it as it is. */
export function needsRendition(image: RenditionFacts): RenditionReason | undefined {
  if (image.format === 'webp' || image.format === 'tiff') return 'format';
  if (image.pictures.some(({ damaged }) => damaged)) return 'damage';
  if (image.pictures.some(({ page = 0 }) => page > 0)) return 'frame';
  if (image.orientation !== 1) return 'orientation';
  if (image.depth !== 'uchar') return 'depth';
  if (image.space !== 'srgb' && image.space !== 'b-w') return 'colour';
  if (image.width > SERVICE_LIMITS.side || image.height > SERVICE_LIMITS.side) return 'dimensions';
  if (isSmall(image) || image.size < SERVICE_LIMITS.leastBytes) return 'small';
  if (image.size >= SERVICE_LIMITS.bytesBelow) return 'bytes';
  return undefined;
}
