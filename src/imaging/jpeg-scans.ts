import { isBare } from './jpeg-segments.ts';

/** A JPEG as far as it can be followed. Source: ITU-T T.81, B.1.1 and B.2. */
interface JpegExtent {
  /** How often a decoder has to pass over it. */
  scans: number;
  /** Bytes up to its end: what a telephone puts behind it, a film or another picture, is no part of it. */
  bytes: number;
  /** Whether its end was found: a file that breaks off has none. */
  ends: boolean;
}

/**
 * How often a decoder has to pass over a JPEG. Each scan of a progressive JPEG refines the whole picture, and may be a
 * hundred bytes long.
 *
 * @returns scans in the file, as far as it can be followed; counting ends behind `most`
 */
export const jpegScans = (bytes: Buffer, most?: number): number => jpegExtent(bytes, most).scans;

/** @param most scans that are followed */
export function jpegExtent(bytes: Buffer, most = Number.POSITIVE_INFINITY): JpegExtent {
  let scans = 0;
  let at = 2;
  while (at + 2 <= bytes.length && scans <= most) {
    if (bytes[at] !== 0xff) {
      at = nextMarker(bytes, at);
      continue;
    }
    const marker = bytes[at + 1] as number;
    if (marker === 0xd9) return { scans, bytes: at + 2, ends: true };
    if (marker === 0xff) at += 1;
    else if (isBare(marker)) at += 2;
    else if (at + 4 > bytes.length) break;
    else {
      if (marker === 0xda) scans++;
      at += 2 + bytes.readUInt16BE(at + 2);
    }
  }
  return { scans, bytes: bytes.length, ends: false };
}

/** What is looked at byte by byte before the rest is searched: asking for a search takes as long as that. */
const NEAR = 32;

/** Entropy-coded data: every 0xff in it is followed by a zero or is a marker. */
function nextMarker(bytes: Buffer, from: number): number {
  const near = Math.min(from + NEAR, bytes.length);
  for (let at = from; at < near; at++) if (bytes[at] === 0xff) return at;
  const found = bytes.indexOf(0xff, near);
  return found < 0 ? bytes.length : found;
}
