import { jpegSegments } from './jpeg-segments.ts';

/**
 * Size and kind of a JPEG, from its frame header. Source: ITU-T T.81, B.1 and B.2.2.
 */
interface JpegHeader {
  width: number;
  height: number;
  /** Of a kind that decoders for photographs read; what cameras store raw is lossless and is not. */
  lossy: boolean;
}

/** SOF0 to SOF15, without DHT, JPG and DAC, which stand among them. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** @returns undefined where the bytes are not those of a JPEG with a frame header */
export function readJpegHeader(bytes: Buffer): JpegHeader | undefined {
  for (const { marker, content } of jpegSegments(bytes)) {
    if (!isFrame(marker)) continue;
    if (content.length < 5) return undefined;
    return { width: content.readUInt16BE(3), height: content.readUInt16BE(1), lossy: marker <= 0xc2 };
  }
  return undefined;
}
