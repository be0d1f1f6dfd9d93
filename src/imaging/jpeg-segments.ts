/** A marker segment of a JPEG. Source: ITU-T T.81, B.1.1.4. */
interface JpegSegment {
  marker: number;
  /** What stands behind its length; shorter than that says where the file breaks off. */
  content: Buffer;
}

const SOI = 0xffd8;
const EOI = 0xd9;
const SOS = 0xda;

/** Markers without a length: stuffed zeros, TEM, RST0 to RST7, SOI. */
export const isBare = (marker: number): boolean =>
  marker === 0 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

export const isJpeg = (bytes: Buffer): boolean => bytes.length >= 2 && bytes.readUInt16BE(0) === SOI;

/** The segments before the first scan: none of what is no JPEG, and as far as they can be followed. */
export function* jpegSegments(bytes: Buffer): Generator<JpegSegment> {
  if (!isJpeg(bytes)) return;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] as number;
    if (marker === SOS || marker === EOI) return;
    if (marker === 0xff) at += 1;
    else if (isBare(marker)) at += 2;
    else {
      const next = at + 2 + Math.max(2, bytes.readUInt16BE(at + 2));
      yield { marker, content: bytes.subarray(at + 4, next) };
      at = next;
    }
  }
}
