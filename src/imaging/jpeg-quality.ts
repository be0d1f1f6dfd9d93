/**
 * How finely a JPEG is coded, by the sum of its first quantisation table. Source: ITU-T T.81, B.2.4.1 and K.1; the scale
 * of 1 to 100 is that of the Independent JPEG Group's encoder, which most others follow.
 */

/** Sum of the table of ITU-T T.81, K.1, which is quality 50. */
const SUM_AT_50 = 3688;
const SOI = 0xffd8;
const DQT = 0xdb;
const SOS = 0xda;

/** @returns 1 to 100, or undefined where there is no table before the first scan */
export function jpegQuality(bytes: Buffer): number | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== SOI) return undefined;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === SOS) return undefined;
    if (marker === DQT) return qualityOf(bytes.subarray(at + 4, at + 2 + bytes.readUInt16BE(at + 2)));
    at += 2 + bytes.readUInt16BE(at + 2);
  }
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
