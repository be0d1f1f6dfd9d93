import { jpegSegments } from './jpeg-segments.ts';

/**
 * How finely a JPEG is coded, by the sum of its first quantisation table. Source: ITU-T T.81, B.2.4.1 and K.1; the scale
 * of 1 to 100 is that of the Independent JPEG Group's encoder, which most others follow.
 */

/** Sum of the table of ITU-T T.81, K.1, which is quality 50. */
const SUM_AT_50 = 3688;
const DQT = 0xdb;

/** @returns 1 to 100, or undefined where there is no table before the first scan */
export function jpegQuality(bytes: Buffer): number | undefined {
  for (const { marker, content } of jpegSegments(bytes)) if (marker === DQT) return qualityOf(content);
  return undefined;
}

/** @param segment one table or several, of 8 or 16 bits an element: the first counts */
function qualityOf(segment: Buffer): number | undefined {
  const width = (segment[0] ?? 0) >> 4 === 0 ? 1 : 2;
  if (segment.length < 1 + 64 * width) return undefined;
  let sum = 0;
  for (let index = 0; index < 64; index += 1) sum += segment.readUIntBE(1 + index * width, width);
  const scale = (100 * sum) / SUM_AT_50;
  const quality = scale <= 100 ? 100 - scale / 2 : 5000 / scale;
  return Math.max(1, Math.min(100, Math.round(quality)));
}
