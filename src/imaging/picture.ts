import type { SharpOptions } from 'sharp';

/** One picture of a file: which, and what has to be known to open it. */
export interface Picture {
  /** Bytes of the file that are a file of their own: an embedded JPEG. */
  part?: { start: number; length: number };
  /** Frame or page, from 0. */
  page?: number;
  /** Which of the page's SubIFDs, from 0. */
  subIfd?: number;
  /** EXIF orientation, where it is said elsewhere in the file than at this picture. */
  orientation?: number;
  /** Whether what can be decoded is taken, though the data end early or are wrong. */
  damaged?: boolean;
}

/** The bytes that a decoder is given. */
export const bytesOf = (file: Buffer, { part }: Picture): Buffer =>
  part === undefined ? file : file.subarray(part.start, part.start + part.length);

/** How a decoder finds it in those bytes. */
export const pictureOptions = ({ page, subIfd, damaged }: Picture): SharpOptions => ({
  ...(page !== undefined && { page }),
  ...(subIfd !== undefined && { tiff: { subifd: subIfd } }),
  ...(damaged && { failOn: 'none' as const }),
});
